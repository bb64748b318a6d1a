/* SPDX-License-Identifier: Apache-2.0 */
#include "start/odd-names.h"
#include "core/schema.h"
#include <string.h>

typedef struct {
  guint n;
  char *first[PS_ODD_NAMES_IN_LINE + 1]; /* owned; escaped, sorted; room for one more */
  char *told;                            /* owned, nullable: what was said last */
} Kind;

struct _PsOddNames {
  PsLog *log; /* not owned */
  Kind kinds[PS_N_NAME_KINDS];
};

static const char *const reasons[PS_N_NAME_KINDS] = {
    [PS_NAME_OTHER] = "not mirrored, and " PS_KEY_INIT_DONE " does not wait for them, since their "
                      "names do not begin with Ethernet or hold a dot",
    [PS_NAME_TOO_LONG] = "left out, since a netdev's name has at most 15 bytes",
    [PS_NAME_FORBIDDEN] = "left out, since a netdev's name is not empty, . or .., and ours hold no "
                          "slash, colon, bar, white space or unprintable byte",
    [PS_NAME_MARKER] = "left out, since these names are those of our markers",
};

PsOddNames *
ps_odd_names_new (PsLog *log)
{
  PsOddNames *self = g_new0 (PsOddNames, 1);
  self->log = log;
  return self;
}

void
ps_odd_names_begin (PsOddNames *self)
{
  for (guint k = 0; k < PS_N_NAME_KINDS; k++) {
    for (guint i = 0; i < G_N_ELEMENTS (self->kinds[k].first); i++)
      g_clear_pointer (&self->kinds[k].first[i], g_free);
    self->kinds[k].n = 0;
  }
}

void
ps_odd_names_free (PsOddNames *self)
{
  if (self == NULL)
    return;
  ps_odd_names_begin (self);
  for (guint k = 0; k < PS_N_NAME_KINDS; k++)
    g_free (self->kinds[k].told);
  g_free (self);
}

/* The server lists them in any order: the first ones are so by their names. */
void
ps_odd_names_note (PsOddNames *self, PsNameKind kind, const PsText *name)
{
  Kind *k = &self->kinds[kind];
  g_assert (kind != PS_NAME_PORT && kind < PS_N_NAME_KINDS);
  g_autofree char *text = ps_log_escape (name->data, MIN (name->size, PS_ODD_NAME_BYTES));
  char *shown = g_strconcat (text, name->size > PS_ODD_NAME_BYTES ? "..." : "", NULL);
  guint at = MIN (k->n, PS_ODD_NAMES_IN_LINE);
  k->n++;
  for (; at > 0 && strcmp (k->first[at - 1], shown) > 0; at--)
    k->first[at] = k->first[at - 1];
  k->first[at] = shown;
  g_clear_pointer (&k->first[PS_ODD_NAMES_IN_LINE], g_free);
}

static void
tell_kind (PsOddNames *self, PsNameKind kind)
{
  Kind *k = &self->kinds[kind];
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < MIN (k->n, PS_ODD_NAMES_IN_LINE); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", k->first[i]);
  if (k->n > PS_ODD_NAMES_IN_LINE)
    g_string_append_printf (text, " and %u more", k->n - PS_ODD_NAMES_IN_LINE);
  if (g_strcmp0 (k->told, text->str) == 0)
    return;
  g_free (k->told);
  k->told = g_strdup (text->str);
  if (k->n > 0)
    ps_log_write (self->log, ps_name_is_usable (kind) ? PS_LOG_WARN : PS_LOG_ERROR, __func__,
                  "Rows of CONFIG_DB " PS_TABLE_PORT " are %s: %s", reasons[kind], text->str);
}

void
ps_odd_names_tell (PsOddNames *self)
{
  for (PsNameKind kind = PS_NAME_OTHER; kind < PS_N_NAME_KINDS; kind++)
    tell_kind (self, kind);
}

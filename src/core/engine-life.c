/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine-private.h"
#include <string.h>

#define LIFE_APPENDED_MIN (1024 * 1024) /* bytes that are never too many */

/* Until the start is decided the record of the earlier process must stay as it is. */
static GString *
journal (PsEngine *self)
{
  if (!self->started)
    return NULL;
  if (self->journal == NULL)
    self->journal = g_string_new (NULL);
  return self->journal;
}

void
ps_engine_journal_old_gone (PsEngine *self, guint32 ifindex)
{
  GString *text = journal (self);
  if (text != NULL)
    ps_life_put_old_gone (text, ifindex);
}

void
ps_engine_journal_copied (PsEngine *self)
{
  self->copied = TRUE;
  GString *text = journal (self);
  if (text != NULL)
    ps_life_put_copied (text);
}

void
ps_engine_journal_port (PsEngine *self, PsPort *port)
{
  GString *text = journal (self);
  if (text == NULL)
    return;
  port->journaled_row = port->row.ifindex;
  ps_life_put_port (text, port);
}

void
ps_engine_journal_precleared (PsEngine *self, const PsPort *port)
{
  GString *text = journal (self);
  if (text != NULL)
    ps_life_put_precleared (text, port);
}

void
ps_engine_drop_journal (PsEngine *self)
{
  if (self->journal != NULL)
    g_string_free (g_steal_pointer (&self->journal), TRUE);
}

static void
put_port (GString *text, PsPort *port)
{
  port->journaled_row = port->row.ifindex;
  if (port->row.ifindex != 0 || port->flap.ifindex != 0 || ps_flap_ups (&port->flap) > 0 ||
      ps_flap_downs (&port->flap) > 0)
    ps_life_put_port (text, port);
  if (port->precleared)
    ps_life_put_precleared (text, port);
  /* Should the device be replaced while nobody looks, this much was counted. */
  if (port->flap.ifindex != 0 &&
      memcmp (&port->flap.last, &port->flap.base, sizeof (PsCarrier)) != 0)
    ps_life_put_seen (text, port);
}

void
ps_engine_rewrite_life (PsEngine *self)
{
  g_autoptr (GString) text = g_string_sized_new (4096);
  g_autoptr (GArray) old = ps_links_old (self->links);
  ps_life_put_header (text, self->identity);
  for (guint i = 0; i < old->len; i++)
    ps_life_put_old (text, g_array_index (old, guint32, i));
  if (self->copied)
    ps_life_put_copied (text);
  for (guint i = 0; i < ps_port_table_length (self->table); i++)
    put_port (text, ps_port_table_nth (self->table, i));
  ps_engine_drop_journal (self);
  self->life_size = text->len;
  self->life_appended = 0;
  self->hooks->life_replace (text->str, text->len, self->user_data);
}

void
ps_engine_write_journal (PsEngine *self)
{
  if (self->journal == NULL)
    return;
  self->life_appended += self->journal->len;
  if (self->life_appended > MAX (LIFE_APPENDED_MIN, self->life_size)) {
    ps_engine_rewrite_life (self);
    return;
  }
  self->hooks->life_append (self->journal->str, self->journal->len, self->user_data);
  ps_engine_drop_journal (self);
}

void
ps_engine_write_life (PsEngine *self)
{
  if (self->started)
    ps_engine_rewrite_life (self);
}

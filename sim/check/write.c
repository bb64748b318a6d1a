/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/write.h"
#include "base/log.h"
#include "sim/check/truth.h"
#include <string.h>

gboolean
ps_write_is_verb (const PsSimRedisWrite *write, const char *verb)
{
  return strcmp (write->verb, verb) == 0;
}

/* What follows prefix in the key; NULL if that is not how it begins. */
const char *
ps_write_key_after (const PsSimRedisWrite *write, const char *prefix)
{
  gsize size = strlen (prefix);
  if (write->key.size < size || memcmp (write->key.data, prefix, size) != 0)
    return NULL;
  return write->key.data + size;
}

gboolean
ps_write_is_key (const PsSimRedisWrite *write, const char *key)
{
  return ps_text_equal (write->key, ps_text (key));
}

gboolean
ps_write_has_only (const PsSimRedisWrite *write, const char *const *names)
{
  for (gsize i = 0; i < write->n_fields; i++)
    if (!g_strv_contains (names, write->fields[i].name.data))
      return FALSE;
  return TRUE;
}

const char *
ps_write_value_of (const PsSimRedisWrite *write, const char *name)
{
  for (gsize i = 0; i < write->n_fields; i++)
    if (ps_text_equal (write->fields[i].name, ps_text (name)))
      return write->fields[i].value.data;
  return NULL;
}

static void
append_text (GString *out, char before, const PsText *text)
{
  g_autofree char *safe = ps_log_escape (text->data, text->size);
  g_string_append_printf (out, "%c%s", before, safe);
}

char *
ps_write_describe (gconstpointer data)
{
  const PsSimRedisWrite *write = data;
  gboolean has_values = ps_write_is_verb (write, "HSET");
  g_autofree char *key = ps_log_escape (write->key.data, write->key.size);
  GString *text = g_string_new (key);
  for (gsize i = 0; i < write->n_fields; i++) {
    append_text (text, ' ', &write->fields[i].name);
    if (has_values)
      append_text (text, '=', &write->fields[i].value);
  }
  return g_string_free (text, FALSE);
}

gboolean
ps_write_stages (const PsSimRedisWrite *write, const char *name)
{
  const char *staged = ps_write_key_after (write, PS_SEEN_STAGED_KEY);
  return write->db == PS_SIM_APPL_DB && staged != NULL && strcmp (staged, name) == 0 &&
         ps_write_is_verb (write, "HSET");
}

const char *
ps_write_port_row (const PsSimRedisWrite *write)
{
  static const char *const ours[] = {PS_FIELD_STATE, PS_FIELD_OPER, PS_FIELD_ADMIN, PS_FIELD_MTU,
                                     NULL};
  const char *name =
      write->db == PS_SIM_STATE_DB ? ps_write_key_after (write, PS_SEEN_STATE_KEY) : NULL;
  gboolean fits = name != NULL && ps_truth_is_port_name (name, strlen (name)) &&
                  (ps_write_is_verb (write, "HSET") || ps_write_is_verb (write, "DEL")) &&
                  ps_write_has_only (write, ours);
  return fits ? name : NULL;
}

gboolean
ps_write_is_warm_row (const PsSimRedisWrite *write)
{
  static const char *const warm[] = {PS_FIELD_RESTORE_COUNT, PS_FIELD_STATE, NULL};
  return write->db == PS_SIM_STATE_DB && ps_write_is_key (write, PS_SEEN_RESTORE_KEY) &&
         ps_write_is_verb (write, "HSET") && ps_write_has_only (write, warm);
}

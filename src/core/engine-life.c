/* SPDX-License-Identifier: Apache-2.0 */
#include "core/engine-private.h"

static void
append (PsEngine *self, const GString *text)
{
  /* Until the start is decided the record of the earlier process must stay as it is. */
  if (self->started)
    self->hooks->life_append (text->str, text->len, self->user_data);
}

void
ps_engine_journal_old_gone (PsEngine *self, guint32 ifindex)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ps_life_put_old_gone (text, ifindex);
  append (self, text);
}

void
ps_engine_journal_copied (PsEngine *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  self->copied = TRUE;
  ps_life_put_copied (text);
  append (self, text);
}

void
ps_engine_journal_port (PsEngine *self, PsPort *port)
{
  g_autoptr (GString) text = g_string_sized_new (128);
  port->journaled_row = port->row.ifindex;
  ps_life_put_port (text, port);
  append (self, text);
}

void
ps_engine_journal_precleared (PsEngine *self, const PsPort *port)
{
  g_autoptr (GString) text = g_string_new (NULL);
  ps_life_put_precleared (text, port);
  append (self, text);
}

static void
put_port (GString *text, PsPort *port, gboolean at_exit)
{
  port->journaled_row = port->row.ifindex;
  if (port->row.ifindex != 0 || port->flap.ifindex != 0 || ps_flap_ups (&port->flap) > 0 ||
      ps_flap_downs (&port->flap) > 0)
    ps_life_put_port (text, port);
  if (port->precleared)
    ps_life_put_precleared (text, port);
  if (at_exit && port->presence == PS_PRESENCE_PRESENT)
    ps_life_put_seen (text, port);
}

void
ps_engine_rewrite_life (PsEngine *self, gboolean at_exit)
{
  g_autoptr (GString) text = g_string_sized_new (4096);
  g_autoptr (GArray) old = ps_links_old (self->links);
  ps_life_put_header (text, self->identity);
  for (guint i = 0; i < old->len; i++)
    ps_life_put_old (text, g_array_index (old, guint32, i));
  if (self->copied)
    ps_life_put_copied (text);
  for (guint i = 0; i < ps_port_table_length (self->table); i++)
    put_port (text, ps_port_table_nth (self->table, i), at_exit);
  self->hooks->life_replace (text->str, text->len, self->user_data);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "start/awaited.h"
#include "core/schema.h"

struct _PsAwaited {
  PsPortTable *table; /* not owned */
  PsLog *log;         /* not owned */
  PsMarks readings;   /* of CONFIG_DB: the one under way or last done */
  guint n_configured, n_pending;
};

PsAwaited *
ps_awaited_new (PsPortTable *table, PsLog *log)
{
  PsAwaited *self = g_new0 (PsAwaited, 1);
  self->table = table;
  self->log = log;
  return self;
}

void
ps_awaited_free (PsAwaited *self)
{
  g_free (self);
}

void
ps_awaited_set_precleared (PsPort *port, gboolean precleared)
{
  port->boot.precleared = precleared;
}

static void
stop_waiting_for (PsAwaited *self, PsPort *port)
{
  if (!port->boot.pending)
    return;
  port->boot.pending = FALSE;
  self->n_pending--;
}

static void
wait_for (PsAwaited *self, PsPort *port)
{
  if (port->boot.pending)
    return;
  port->boot.pending = TRUE;
  self->n_pending++;
}

void
ps_awaited_begin (PsAwaited *self)
{
  ps_marks_begin (&self->readings);
  self->n_configured = 0;
}

void
ps_awaited_found (PsAwaited *self, PsPort *port)
{
  gboolean is_new = !ps_mark_is_set (port->boot.configured);
  port->boot.configured = ps_marks_now (&self->readings);
  self->n_configured++;
  if (!is_new || port->boot.precleared || ps_port_is_published (port))
    return;
  wait_for (self, port);
}

void
ps_awaited_leave_out (PsAwaited *self, PsPort *port)
{
  port->boot.configured = (PsMark){0};
  self->n_configured--;
  stop_waiting_for (self, port);
}

void
ps_awaited_give_up (PsAwaited *self, PsPort *port)
{
  port->boot.configured = (PsMark){0};
  if (!port->boot.pending)
    return;
  ps_notice (self->log, "%s left CONFIG_DB: " PS_KEY_INIT_DONE " does not wait for it", port->name);
  stop_waiting_for (self, port);
}

void
ps_awaited_end (PsAwaited *self)
{
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    PsPort *port = ps_port_table_nth (self->table, i);
    if (ps_mark_is_set (port->boot.configured) &&
        !ps_mark_is_current (port->boot.configured, &self->readings))
      ps_awaited_give_up (self, port);
  }
}

void
ps_awaited_port_done (PsAwaited *self, PsPort *port)
{
  if (port->boot.pending && ps_port_is_published (port))
    stop_waiting_for (self, port);
}

void
ps_awaited_stop_all (PsAwaited *self)
{
  for (guint i = 0; i < ps_port_table_length (self->table); i++)
    stop_waiting_for (self, ps_port_table_nth (self->table, i));
}

void
ps_awaited_start_again (PsAwaited *self)
{
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    PsPort *port = ps_port_table_nth (self->table, i);
    if (ps_mark_is_set (port->boot.configured) && !port->boot.precleared &&
        port->device.presence == PS_PRESENCE_PRESENT)
      wait_for (self, port);
  }
}

guint
ps_awaited_length (const PsAwaited *self)
{
  return self->n_pending;
}

guint
ps_awaited_n_configured (const PsAwaited *self)
{
  return self->n_configured;
}

PsMark
ps_awaited_reading (const PsAwaited *self)
{
  return ps_marks_now (&self->readings);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/reconcile.h"
#include "core/port-name.h"
#include "core/schema.h"
#include <string.h>

struct _PsReconcile {
  PsStore *store;       /* owned */
  PsRefusals *refusals; /* not owned */
  PsPortTable *table;   /* not owned */
  PsLinks *links;       /* not owned */
  PsFlush *flush;       /* not owned */
  const PsReconcileSink *sink;
  gpointer user_data;
  guint32 reading; /* number of the current or last reading */
  gboolean under_way, again, done;
  gboolean trusts;      /* rows that stand need no live row */
  gboolean doubts_live; /* of rows that the next reading does not find */
  guint n_rows;
};

PsReconcile *
ps_reconcile_new (PsStore *store, PsRefusals *refusals, PsPortTable *table, PsLinks *links,
                  PsFlush *flush, const PsReconcileSink *sink, gpointer user_data)
{
  PsReconcile *self = g_new0 (PsReconcile, 1);
  self->store = g_object_ref (store);
  self->refusals = refusals;
  self->table = table;
  self->links = links;
  self->flush = flush;
  self->sink = sink;
  self->user_data = user_data;
  return self;
}

void
ps_reconcile_free (PsReconcile *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->store);
  g_free (self);
}

static const PsText *
find_field (const PsRow *row, const char *name)
{
  const PsText wanted = ps_text (name);
  for (gsize i = 0; i < row->n_fields; i++)
    if (ps_text_equal (row->fields[i].name, wanted))
      return &row->fields[i].value;
  return NULL;
}

/* FALSE unless the field holds "up" or "down". */
static gboolean
parse_up (const PsText *value, gboolean *out_up)
{
  if (value == NULL)
    return FALSE;
  *out_up = ps_text_equal (*value, ps_text (PS_VALUE_UP));
  return *out_up || ps_text_equal (*value, ps_text (PS_VALUE_DOWN));
}

/* FALSE unless the field is a decimal as we write it. */
static gboolean
parse_mtu (const PsText *value, guint32 *out_mtu)
{
  guint64 mtu = 0;
  if (value == NULL || value->size == 0 || value->size > 10 ||
      (value->size > 1 && value->data[0] == '0'))
    return FALSE;
  for (gsize i = 0; i < value->size; i++) {
    if (!g_ascii_isdigit (value->data[i]))
      return FALSE;
    mtu = mtu * 10 + (guint64)(value->data[i] - '0');
  }
  *out_mtu = (guint32)mtu;
  return mtu <= G_MAXUINT32;
}

static PsRowState
parse_row (const PsRow *row)
{
  PsRowState state = {0};
  const PsText *ok = find_field (row, PS_FIELD_STATE);
  state.present = ok != NULL;
  if (ok == NULL)
    return state;
  state.exact = ps_text_equal (*ok, ps_text (PS_VALUE_OK));
  state.exact &= parse_up (find_field (row, PS_FIELD_OPER), &state.running);
  state.exact &= parse_up (find_field (row, PS_FIELD_ADMIN), &state.up);
  state.exact &= parse_mtu (find_field (row, PS_FIELD_MTU), &state.mtu);
  return state;
}

/* Something is there, and not what we wrote: it must not outlive its device. */
static void
take_unreadable (PsReconcile *self, const PsRow *row)
{
  PsPort *port = NULL;
  if (ps_name_is_port (row->key.data, row->key.size))
    port = ps_port_table_find (self->table, row->key.data);
  if (port == NULL)
    return;
  port->row = (PsRowState){.present = TRUE, .ifindex = port->row.ifindex};
  port->row_read = self->reading;
}

static void
on_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsReconcile *self = user_data;
  if (row->outcome.result != PS_APPLIED) {
    g_autofree char *name = ps_log_escape (row->key.data, row->key.size);
    /* Any other refusal is that of the whole reading. */
    if (row->outcome.refusal == PS_REFUSAL_WRONGTYPE)
      ps_refusals_tell (self->refusals, PS_TASK_READING, &row->outcome,
                        "Cannot read STATE_DB %s|%s", PS_TABLE_PORT_TABLE, name);
    take_unreadable (self, row);
    return;
  }
  if (!ps_name_is_port (row->key.data, row->key.size))
    return; /* a sub-interface, PortChannel or the like: somebody else's */
  PsRowState state = parse_row (row);
  PsPort *port = ps_port_table_find (self->table, row->key.data);
  if (port == NULL && state.present)
    port = ps_links_add_port (self->links, row->key.data);
  if (port == NULL)
    return;
  self->n_rows++;
  /* The device is not in the row: it is what we wrote it for, here or, by the life record, in an
   * earlier life. */
  state.ifindex = state.present ? port->row.ifindex : 0;
  port->row = state;
  port->row_read = self->reading;
  port->stood = self->trusts && !port->looked_for;
}

static guint
mark_differences (PsReconcile *self)
{
  guint n = 0;
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    PsPort *port = ps_port_table_nth (self->table, i);
    if (port->row_read != self->reading) {
      memset (&port->row, 0, sizeof port->row);
      port->unregistered = FALSE; /* There is nothing to delete. */
      port->live &= !self->doubts_live;
    }
    if (ps_port_must_delete (port) || ps_port_must_put (port) ||
        (self->trusts && port->presence == PS_PRESENCE_PRESENT && !ps_port_is_published (port)))
      n++;
    /* Equal rows too: they count as acknowledged. */
    ps_flush_mark (self->flush, port);
  }
  return n;
}

/* The gate stays closed until a reading ends well: the caller tries again while not done. */
static void
broke_off (PsReconcile *self, const PsOutcome *outcome)
{
  self->done = FALSE;
  if (outcome->result == PS_REFUSED)
    ps_refusals_note (self->refusals, PS_TASK_READING, outcome, "STATE_DB refused to list %s",
                      PS_TABLE_PORT_TABLE);
}

static void
on_read (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsReconcile *self = user_data;
  self->under_way = FALSE;
  if (outcome->result != PS_APPLIED) {
    broke_off (self, outcome);
    return;
  }
  gboolean again = self->again;
  ps_refusals_clear (self->refusals, PS_TASK_READING);
  self->again = FALSE;
  self->done = TRUE;
  guint n = mark_differences (self);
  self->doubts_live = FALSE;
  ps_flush_set_gate (self->flush, TRUE);
  ps_flush_run (self->flush);
  self->sink->done (self->n_rows, n, self->user_data);
  /* Only now: whoever asks once a second must not keep a slow reading from its end. */
  if (again)
    ps_reconcile_read (self);
}

void
ps_reconcile_read (PsReconcile *self)
{
  if (!ps_store_is_db_online (self->store, PS_DB_STATE))
    return;
  if (self->under_way) {
    self->again = TRUE;
    return;
  }
  self->under_way = TRUE;
  self->reading++;
  self->n_rows = 0;
  ps_flush_set_gate (self->flush, FALSE);
  PsRead read = {.db = PS_DB_STATE, .table = PS_TABLE_PORT_TABLE};
  ps_store_read_rows (self->store, &read, on_row, on_read, self);
}

void
ps_reconcile_trust (PsReconcile *self, gboolean trust)
{
  self->trusts = trust;
}

void
ps_reconcile_retry (PsReconcile *self)
{
  if (!self->done && !self->under_way && !ps_refusals_is_waiting (self->refusals, PS_TASK_READING))
    ps_reconcile_read (self);
}

void
ps_reconcile_doubt_live (PsReconcile *self)
{
  self->doubts_live = TRUE;
}

void
ps_reconcile_offline (PsReconcile *self)
{
  self->done = FALSE;
  self->again = FALSE;
  ps_flush_set_gate (self->flush, FALSE);
}

gboolean
ps_reconcile_is_done (const PsReconcile *self)
{
  return self->done;
}

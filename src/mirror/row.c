/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/row.h"
#include "base/decimal.h"
#include "core/schema.h"
#include <string.h>

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

/* FALSE unless the field is a decimal as the daemon writes it. */
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

PsRowState
ps_port_row_parse (const PsRow *row)
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

void
ps_port_row_put (PsBatch *batch, const char *name, const PsRowState *row)
{
  char mtu[PS_DECIMAL_DIGITS];
  gsize n_mtu = ps_decimal_write (mtu, row->mtu);
  ps_batch_op (batch, PS_OP_PUT, PS_TABLE_PORT_TABLE, ps_text (name));
  /* In SONiC's order (docs/sonic-protocol.md 3.2): a reader that prints the row sees no
   * difference. */
  ps_batch_field (batch, ps_text (PS_FIELD_STATE), ps_text (PS_VALUE_OK));
  ps_batch_field (batch, ps_text (PS_FIELD_OPER),
                  ps_text (row->running ? PS_VALUE_UP : PS_VALUE_DOWN));
  ps_batch_field (batch, ps_text (PS_FIELD_ADMIN), ps_text (row->up ? PS_VALUE_UP : PS_VALUE_DOWN));
  ps_batch_field (batch, ps_text (PS_FIELD_MTU), (PsText){mtu, n_mtu});
}

void
ps_port_row_restore (PsPort *port, guint32 ifindex)
{
  port->row.have.ifindex = ifindex;
}

void
ps_port_row_found (PsPort *port, PsRowState state, PsMark reading)
{
  state.ifindex = state.present ? port->row.have.ifindex : 0;
  port->row.have = state;
  port->row.read = reading;
}

void
ps_port_row_not_found (PsPort *port)
{
  memset (&port->row.have, 0, sizeof port->row.have);
  port->row.unregistered = FALSE; /* There is nothing to delete. */
}

void
ps_port_row_unregister (PsPort *port)
{
  port->row.unregistered = TRUE;
}

gboolean
ps_port_row_sent_delete (PsPort *port)
{
  gboolean unregistered = port->row.unregistered;
  port->row.unregistered = FALSE;
  return unregistered;
}

gboolean
ps_port_row_deleted (PsPort *port)
{
  gboolean was_there = port->row.have.present;
  memset (&port->row.have, 0, sizeof port->row.have);
  return was_there;
}

void
ps_port_row_written (PsPort *port, const PsRowState *state)
{
  port->row.have = *state;
  port->row.repaired = FALSE;
}

gboolean
ps_port_row_repair (PsPort *port)
{
  if (port->row.repaired)
    return FALSE;
  port->row.repaired = port->row.unregistered = TRUE;
  return TRUE;
}

void
ps_port_row_adopt (PsPort *port)
{
  if (port->row.have.present && port->row.have.ifindex == 0 && ps_port_is_published (port))
    port->row.have.ifindex = port->device.ifindex;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/rows.h"
#include "sim/check/process.h"
#include "sim/check/write.h"
#include <string.h>

#define ROW_ODD      (PS_TRUTH_ABSENT - 1) /* the value of a row that no device has */
#define FORGOTTEN_US G_USEC_PER_SEC

guint64
ps_facts_count_errors (const PsFacts *self)
{
  return ps_sim_redis_counters (self->redis)->errors;
}

/* --- what stands there ---------------------------------------------------------------------- */

/* The port whose row this is; NULL: it is none's. */
static PsTruthPort *
port_of (PsFacts *self, const char *key)
{
  gsize size = strlen (PS_SEEN_STATE_KEY);
  if (strncmp (key, PS_SEEN_STATE_KEY, size) != 0 ||
      !ps_truth_is_port_name (key + size, strlen (key + size)))
    return NULL;
  return ps_truth_port (self->truth, key + size);
}

static gboolean
parse_up (const char *text, gboolean *out_up)
{
  *out_up = g_strcmp0 (text, PS_VALUE_UP) == 0;
  return *out_up || g_strcmp0 (text, PS_VALUE_DOWN) == 0;
}

/* FALSE unless the row has the four fields with values that a device can have. */
static gboolean
parse_row (const PsSimRedisWrite *write, guint64 *out_value)
{
  gboolean up, running;
  guint64 mtu;
  const char *text = ps_write_value_of (write, PS_FIELD_MTU);
  if (g_strcmp0 (ps_write_value_of (write, PS_FIELD_STATE), PS_VALUE_OK) != 0 ||
      !parse_up (ps_write_value_of (write, PS_FIELD_OPER), &running) ||
      !parse_up (ps_write_value_of (write, PS_FIELD_ADMIN), &up) || text == NULL ||
      !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &mtu, NULL))
    return FALSE;
  *out_value = ps_truth_value ((guint32)mtu, up, running);
  return TRUE;
}

/* As Redis holds it. */
static guint64
read_row (const PsFacts *self, const PsTruthPort *port)
{
  g_autofree char *key = g_strconcat (PS_SEEN_STATE_KEY, port->name, NULL);
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (self->redis, PS_SIM_STATE_DB, key);
  const PsSimRedisWrite row = {.fields = (const PsField *)(gpointer)fields->data,
                               .n_fields = fields->len};
  guint64 value;
  if (ps_write_value_of (&row, PS_FIELD_STATE) == NULL)
    return PS_TRUTH_ABSENT;
  return parse_row (&row, &value) ? value : ROW_ODD;
}

void
ps_row_facts_read_change (PsFacts *self, const PsSimRedisWrite *write, const char *name,
                          PsRowChange *out)
{
  PsTruthPort *port = ps_truth_port (self->truth, name);
  *out = (PsRowChange){.write = write,
                       .port = port,
                       .is_put = ps_write_is_verb (write, "HSET"),
                       .before = port->row_value};
  out->is_row = parse_row (write, &out->value);
  if (!out->is_row)
    out->value = read_row (self, port);
}

/* --- what is read --------------------------------------------------------------------------- */

static void
note_rows (PsFacts *self)
{
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, PS_SIM_STATE_DB, PS_SEEN_STATE_KEY);
  for (guint i = 0; i < ps_truth_length (self->truth); i++)
    ps_truth_nth (self->truth, i)->touched = FALSE;
  for (guint i = 0; i < keys->len; i++) {
    PsTruthPort *port = port_of (self, g_ptr_array_index (keys, i));
    if (port != NULL)
      port->stood_process = self->process.number;
  }
}

/* Rows that stand and are right need no write to be published. After a loss without notice the
 * daemon may hold a device for there that is not. */
static void
take_standing_rows (PsFacts *self)
{
  for (guint i = 0; i < ps_truth_length (self->truth); i++) {
    PsTruthPort *port = ps_truth_nth (self->truth, i);
    g_autofree char *key = g_strconcat (PS_TABLE_PORT_TABLE "|", port->name, NULL);
    if ((ps_truth_now (port)->value != PS_TRUTH_ABSENT ||
         ps_sim_kernel_counters (self->kernel)->silent > 0) &&
        ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, key, PS_FIELD_STATE) != NULL)
      port->put_process = self->process.number;
  }
}

void
ps_row_facts_decided (PsFacts *self)
{
  take_standing_rows (self);
  note_rows (self);
}

void
ps_row_facts_take_command (PsFacts *self, const PsSimRedisCommand *command)
{
  if (command->db != PS_SIM_STATE_DB || command->n_words != 2 ||
      strcmp (command->words[0].data, "HGETALL") != 0)
    return;
  PsTruthPort *port = port_of (self, command->words[1].data);
  if (port != NULL)
    port->read_process = self->process.number;
}

gboolean
ps_facts_is_unread (const PsFacts *self, const PsTruthPort *port)
{
  return port->stood_process == self->process.number && port->read_process != self->process.number;
}

/* --- what is written ------------------------------------------------------------------------ */

gboolean
ps_facts_is_device_known (const PsTruthPort *port)
{
  return port->put_device != 0 && !port->unsure && !port->deleted && !port->vanished;
}

/* The limit behind which a device must have gone for a deletion to be due. When the answer to a
 * deletion and a write was lost, both are tried again, and what went before the first counts. */
static void
note_put (PsFacts *self, const PsSimRedisWrite *write, PsTruthPort *port, guint64 put_before)
{
  if (port->put_connection != write->connection && !port->repeated)
    port->before_event = put_before;
  port->owed |= port->put_connection != 0 && !port->deleted && port->gone_event > put_before;
  port->repeated = port->deleted = FALSE;
  /* Who sent it does not hear the answer: it died, or gave the connection up. */
  port->unsure =
      !ps_sim_world_is_alive (self->world) || write->connection <= self->rows.given_up_connection;
  port->put_connection = write->connection;
  port->put_process = self->process.number;
}

static void
take_put (PsFacts *self, const PsRowChange *change)
{
  PsTruthPort *port = change->port;
  guint64 put_before = port->put_event;
  if (!change->is_row)
    return;
  port->row_process = self->process.number;
  port->row_refusals = ps_facts_count_refusals (self);
  port->put_device = ps_truth_device_with (port, change->value);
  port->put_errors = ps_facts_count_errors (self);
  port->vanished = FALSE;
  if (ps_truth_show (port, change->value))
    note_put (self, change->write, port, put_before);
}

PsRowDelete
ps_facts_delete_reason (const PsFacts *self, const PsRowChange *change)
{
  const PsTruthPort *port = change->port;
  /* What is no hash has to go before it can be written. */
  if (port->spoiled || port->owed || ps_truth_now (port)->value == PS_TRUTH_ABSENT ||
      port->gone_event > port->put_event)
    return PS_ROW_DELETE_DUE;
  gboolean again = port->unsure && port->put_connection != change->write->connection;
  if (again && (port->repaired || port->gone_event >= port->before_event))
    return PS_ROW_DELETE_AGAIN;
  return PS_ROW_DELETE_NO;
}

static void
take_delete (PsFacts *self, const PsRowChange *change)
{
  PsTruthPort *port = change->port;
  PsRowDelete reason = ps_facts_delete_reason (self, change);
  /* A row that was right when the process found it was published without a write of its own. */
  if (port->gone_event > self->process.decided_event)
    port->put_process = self->process.number;
  /* The reason of one that is owed lies behind the write before. */
  port->repeated |= port->owed || reason == PS_ROW_DELETE_AGAIN;
  port->owed = FALSE;
  port->deleted = TRUE;
  port->deleted_us = ps_sim_world_now_us (self->world);
  port->repaired |= port->spoiled;
  port->spoiled = FALSE;
}

void
ps_row_facts_take (PsFacts *self, const PsRowChange *change, gboolean own)
{
  change->port->row_value = change->value;
  if (!own)
    return;
  change->port->stood_process = 0;
  if (change->is_put)
    take_put (self, change);
  else
    take_delete (self, change);
}

void
ps_row_facts_forget_devices (PsFacts *self)
{
  for (guint i = 0; i < ps_truth_length (self->truth); i++)
    ps_truth_nth (self->truth, i)->put_device = 0;
}

/* --- what others write ---------------------------------------------------------------------- */

static void
take_foreign_row (PsFacts *self, PsTruthPort *port)
{
  port->stood_process = 0;
  port->touched = TRUE;
  port->row_value = read_row (self, port);
}

static void
rows_vanished (PsFacts *self, const char *name)
{
  for (guint i = 0; name == NULL && i < ps_truth_length (self->truth); i++)
    take_foreign_row (self, ps_truth_nth (self->truth, i));
  if (name != NULL && ps_truth_is_port_name (name, strlen (name)))
    take_foreign_row (self, ps_truth_port (self->truth, name));
}

static void
device_vanished (PsFacts *self, const char *name)
{
  for (guint i = 0; name == NULL && i < ps_truth_length (self->truth); i++)
    ps_truth_nth (self->truth, i)->vanished = TRUE;
  if (name != NULL)
    ps_truth_port (self->truth, name)->vanished = TRUE;
}

void
ps_row_facts_foreign (PsFacts *self, const PsSimRedisWrite *write)
{
  const char *name = ps_write_key_after (write, PS_SEEN_STATE_KEY);
  if (name != NULL)
    self->rows.needs_audit = TRUE;
  if (name != NULL && ps_truth_is_port_name (name, strlen (name)))
    ps_truth_port (self->truth, name)->spoiled = ps_write_is_verb (write, "SET");
  for (guint i = 0; write->key.size == 0 && i < ps_truth_length (self->truth); i++)
    ps_truth_nth (self->truth, i)->spoiled = FALSE;
  if (name != NULL || write->key.size == 0) {
    device_vanished (self, name);
    rows_vanished (self, name);
  }
}

void
ps_row_facts_see_live (PsFacts *self, const char *name)
{
  if (!ps_truth_is_port_name (name, strlen (name)))
    return;
  PsTruthPort *port = ps_truth_port (self->truth, name);
  port->live_process = self->process.number;
  port->asks_anew = FALSE;
}

void
ps_row_facts_see_all_live (PsFacts *self)
{
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, PS_SIM_APPL_DB, PS_SEEN_LIVE_KEY);
  for (guint i = 0; i < keys->len; i++)
    ps_row_facts_see_live (self,
                           (const char *)g_ptr_array_index (keys, i) + strlen (PS_SEEN_LIVE_KEY));
}

/* What is known of a port that is gone, with its row, for a second is forgotten: its next device
 * waits for the live row like the first. */
void
ps_row_facts_see_device (PsFacts *self, const char *name)
{
  PsTruthPort *port = ps_truth_find (self->truth, name);
  g_autofree char *key = g_strconcat (PS_SEEN_LIVE_KEY, name, NULL);
  if (port != NULL && port->deleted &&
      ps_sim_world_now_us (self->world) - port->deleted_us >= FORGOTTEN_US &&
      !ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, key))
    port->asks_anew = TRUE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon has to know of a port's row before it writes it: what stood there when it
 * started, and that it differs (docs/rules.md 4.1, 6.2). */
#include "core/schema.h"
#include "sim/check/check-private.h"
#include <string.h>

#define STATE_KEY PS_TABLE_PORT_TABLE "|"
#define ROW_ODD   (PS_TRUTH_ABSENT - 1) /* the value of a row that no device has */

static gboolean
is_ours (PsCheck *self)
{
  return ps_sim_world_options (self->world)->actor == PS_SIM_ACTOR_DAEMON;
}

/* The port whose row this is; NULL: it is none's. */
static PsTruthPort *
port_of (PsCheck *self, const char *key)
{
  gsize size = strlen (STATE_KEY);
  if (strncmp (key, STATE_KEY, size) != 0 ||
      !ps_truth_is_port_name (key + size, strlen (key + size)))
    return NULL;
  return ps_truth_port (self->truth, key + size);
}

guint64
ps_check_count_refusals (PsCheck *self)
{
  const PsSimRedisCounters *redis = ps_sim_redis_counters (self->redis);
  return redis->faults[PS_SIM_REDIS_REFUSED] + redis->faults[PS_SIM_REDIS_LOADING];
}

/* --- what stands there ---------------------------------------------------------------------- */

static gboolean
parse_up (const char *text, gboolean *out_up)
{
  *out_up = g_strcmp0 (text, PS_VALUE_UP) == 0;
  return *out_up || g_strcmp0 (text, PS_VALUE_DOWN) == 0;
}

/* FALSE unless the row has the four fields with values that a device can have. */
gboolean
ps_check_parse_row (const PsSimRedisWrite *write, guint64 *out_value)
{
  gboolean up, running;
  guint64 mtu;
  const char *text = ps_check_value_of (write, PS_FIELD_MTU);
  if (g_strcmp0 (ps_check_value_of (write, PS_FIELD_STATE), PS_VALUE_OK) != 0 ||
      !parse_up (ps_check_value_of (write, PS_FIELD_OPER), &running) ||
      !parse_up (ps_check_value_of (write, PS_FIELD_ADMIN), &up) || text == NULL ||
      !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &mtu, NULL))
    return FALSE;
  *out_value = ps_truth_value ((guint32)mtu, up, running);
  return TRUE;
}

/* As Redis holds it. */
static guint64
read_row (PsCheck *self, const PsTruthPort *port)
{
  g_autofree char *key = g_strconcat (STATE_KEY, port->name, NULL);
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (self->redis, PS_SIM_STATE_DB, key);
  const PsSimRedisWrite row = {.fields = (const PsField *)(gpointer)fields->data,
                               .n_fields = fields->len};
  guint64 value;
  if (ps_check_value_of (&row, PS_FIELD_STATE) == NULL)
    return PS_TRUTH_ABSENT;
  return ps_check_parse_row (&row, &value) ? value : ROW_ODD;
}

/* Returns what it was before. */
guint64
ps_check_take_row (PsCheck *self, PsTruthPort *port, const PsSimRedisWrite *write)
{
  guint64 before = port->row_value;
  if (!ps_check_parse_row (write, &port->row_value))
    port->row_value = read_row (self, port);
  return before;
}

/* --- what is read --------------------------------------------------------------------------- */

void
ps_check_rows_decided (PsCheck *self)
{
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, PS_SIM_STATE_DB, STATE_KEY);
  for (guint i = 0; i < ps_truth_length (self->truth); i++)
    ps_truth_nth (self->truth, i)->touched = FALSE;
  for (guint i = 0; i < keys->len; i++) {
    PsTruthPort *port = port_of (self, g_ptr_array_index (keys, i));
    if (port != NULL)
      port->stood_process = self->process.number;
  }
}

void
ps_check_take_command (PsCheck *self, const PsSimRedisCommand *command)
{
  if (command->connection < self->process.first_connection)
    return;
  ps_check_rates_deed (self, PS_CHECK_DEED_COMMAND, 1);
  ps_check_rates_deed (self, PS_CHECK_DEED_EXISTS, strcmp (command->words[0].data, "EXISTS") == 0);
  if (command->db != PS_SIM_STATE_DB || command->n_words != 2 ||
      strcmp (command->words[0].data, "HGETALL") != 0)
    return;
  PsTruthPort *port = port_of (self, command->words[1].data);
  if (port != NULL)
    port->read_process = self->process.number;
}

static gboolean
is_unread (PsCheck *self, const PsTruthPort *port)
{
  return port->stood_process == self->process.number && port->read_process != self->process.number;
}

const PsTruthPort *
ps_check_first_unread (PsCheck *self)
{
  for (guint i = 0; i < ps_truth_length (self->truth); i++)
    if (is_unread (self, ps_truth_nth (self->truth, i)))
      return ps_truth_nth (self->truth, i);
  return NULL;
}

void
ps_check_judge_read (PsCheck *self, PsTruthPort *port)
{
  if (is_ours (self) && is_unread (self, port))
    ps_check_fail (self, PS_CHECK_READ_FIRST,
                   g_strdup_printf ("the row of %s read before it is changed", port->name),
                   g_strdup ("it was not"));
  port->stood_process = 0;
}

/* --- what is written ------------------------------------------------------------------------ */

/* Only the process itself had to do with the row since it wrote it, or since it started; it
 * heard what became of that write, and no deletion of it was refused. */
static gboolean
is_known_to_it (PsCheck *self, const PsTruthPort *port)
{
  gboolean wrote = port->row_process == self->process.number;
  guint64 refusals = wrote ? port->row_refusals : self->process.refusals_before;
  gboolean touched = wrote ? port->vanished : port->touched;
  return !port->unsure && !touched && refusals == ps_check_count_refusals (self);
}

void
ps_check_judge_difference (PsCheck *self, PsTruthPort *port, guint64 before, guint64 value)
{
  if (is_ours (self) && before == value && is_known_to_it (self, port))
    ps_check_fail (self, PS_CHECK_NO_REWRITE,
                   g_strdup_printf ("%s written when it differs", port->name),
                   g_strdup ("the row was just so"));
  port->row_process = self->process.number;
  port->row_refusals = ps_check_count_refusals (self);
}

static void
take_foreign_row (PsCheck *self, PsTruthPort *port)
{
  port->stood_process = 0;
  port->touched = TRUE;
  port->row_value = read_row (self, port);
}

void
ps_check_rows_vanished (PsCheck *self, const char *name)
{
  for (guint i = 0; name == NULL && i < ps_truth_length (self->truth); i++)
    take_foreign_row (self, ps_truth_nth (self->truth, i));
  if (name != NULL && ps_truth_is_port_name (name, strlen (name)))
    take_foreign_row (self, ps_truth_port (self->truth, name));
}

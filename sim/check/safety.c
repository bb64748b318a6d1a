/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "core/schema.h"
#include "sim/check/check-private.h"
#include <string.h>

#define STATE_KEY    PS_TABLE_PORT_TABLE "|"
#define LIVE_KEY     PS_TABLE_PORT_TABLE ":"
#define STAGED_KEY   PS_TABLE_PORT_STAGED ":"
#define CONFIG_KEY   PS_TABLE_PORT "|"
#define RESTORE_KEY  PS_TABLE_WARM_RESTART "|" PS_KEY_PORTSYNCD
#define LOGGER_KEY   PS_TABLE_LOGGER "|" PS_KEY_PORTSYNCD
#define CHANNEL_NAME "PORT_TABLE_CHANNEL@0"

static gboolean
is_verb (const PsSimRedisWrite *write, const char *verb)
{
  return strcmp (write->verb, verb) == 0;
}

/* What follows prefix in the key; NULL if that is not how it begins. */
static const char *
key_after (const PsSimRedisWrite *write, const char *prefix)
{
  gsize size = strlen (prefix);
  if (write->key.size < size || memcmp (write->key.data, prefix, size) != 0)
    return NULL;
  return write->key.data + size;
}

static gboolean
is_key (const PsSimRedisWrite *write, const char *key)
{
  return ps_text_equal (write->key, ps_text (key));
}

static void
fail_ownership (PsCheck *self, const PsSimRedisWrite *write, const char *expected)
{
  ps_check_fail (self, PS_CHECK_OWNERSHIP, g_strdup (expected),
                 g_strdup_printf ("%s %s in database %u%s%s", write->verb, write->key.data,
                                  write->db, write->n_fields > 0 ? ", first field " : "",
                                  write->n_fields > 0 ? write->fields[0].name.data : ""));
}

static gboolean
has_only (const PsSimRedisWrite *write, const char *const *names)
{
  for (gsize i = 0; i < write->n_fields; i++)
    if (!g_strv_contains (names, write->fields[i].name.data))
      return FALSE;
  return TRUE;
}

const char *
ps_check_value_of (const PsSimRedisWrite *write, const char *name)
{
  for (gsize i = 0; i < write->n_fields; i++)
    if (ps_text_equal (write->fields[i].name, ps_text (name)))
      return write->fields[i].value.data;
  return NULL;
}

/* --- STATE_DB ------------------------------------------------------------------------------- */

static char *
describe_row (const PsSimRedisWrite *write)
{
  GString *text = g_string_new (write->key.data);
  for (gsize i = 0; i < write->n_fields; i++)
    g_string_append_printf (text, " %s=%s", write->fields[i].name.data,
                            write->fields[i].value.data);
  return g_string_free (text, FALSE);
}

static char *
describe_truth (const PsTruthPort *port)
{
  const PsTruthEntry *now = ps_truth_now (port);
  if (now->value == PS_TRUTH_ABSENT)
    return g_strdup_printf ("a state of %s since its last write; it has no device", port->name);
  return g_strdup_printf (
      "a state of %s since its last write; now oper %s admin %s mtu %u ifindex %u", port->name,
      now->value & 1 ? "up" : "down", now->value & 2 ? "up" : "down", (guint)(now->value >> 2),
      now->ifindex);
}

void
ps_check_lose_state (PsCheck *self)
{
  const PsEngine *engine = ps_sim_world_engine (self->world);
  for (guint i = 0; engine != NULL && i < ps_truth_length (self->truth); i++) {
    PsTruthPort *port = ps_truth_nth (self->truth, i);
    const PsPort *have = ps_engine_find_port (engine, port->name);
    port->unsure |= have != NULL && have->queue.in_flight;
  }
}

/* The limit behind which a device must have gone for a deletion to be due. When the answer to a
 * deletion and a write was lost, both are tried again, and what went before the first counts. */
static void
note_put (PsCheck *self, const PsSimRedisWrite *write, PsTruthPort *port, guint64 put_before)
{
  if (port->put_connection != write->connection && !port->repeated)
    port->before_event = put_before;
  port->owed |= port->put_connection != 0 && !port->deleted && port->gone_event > put_before;
  port->repeated = port->deleted = FALSE;
  /* Who sent it does not hear the answer: it died, or gave the connection up. */
  port->unsure =
      !ps_sim_world_is_alive (self->world) || write->connection <= self->given_up_connection;
  port->put_connection = write->connection;
  port->put_process = self->process.number;
}

static void
judge_put (PsCheck *self, const PsSimRedisWrite *write, PsTruthPort *port, guint64 row_before)
{
  guint64 value = port->row_value, put_before = port->put_event;
  if (port->live_process != self->process.number || (port->asks_anew && !ps_check_is_lossy (self)))
    ps_check_fail (self, PS_CHECK_KNOWN_PORTS,
                   g_strdup ("rows only for ports that stand in APPL_DB"),
                   g_strdup_printf ("%s was written", port->name));
  gboolean is_row = ps_check_parse_row (write, &value);
  if (is_row) {
    ps_check_judge_difference (self, port, row_before, value);
    ps_check_device_put (self, port, write->connection, value);
  }
  if (is_row && ps_truth_show (port, value)) {
    note_put (self, write, port, put_before);
    return;
  }
  ps_check_fail (self, PS_CHECK_NO_INVENTION, describe_truth (port), describe_row (write));
}

static void
judge_delete (PsCheck *self, const PsSimRedisWrite *write, PsTruthPort *port)
{
  /* A row that was right when the process found it was published without a write of its own. */
  if (port->gone_event > self->process.decided_event)
    port->put_process = self->process.number;
  gboolean owed = port->owed;
  port->owed = FALSE;
  port->repeated |= owed; /* Its reason lies behind the write before. */
  port->deleted = TRUE;
  port->deleted_us = ps_check_now_us (self);
  /* What is no hash has to go before it can be written. */
  gboolean spoiled = port->spoiled;
  port->spoiled = FALSE;
  port->repaired |= spoiled;
  if (spoiled || owed || ps_truth_now (port)->value == PS_TRUTH_ABSENT ||
      port->gone_event > port->put_event)
    return;
  gboolean again = port->unsure && port->put_connection != write->connection;
  if (again && (port->repaired || port->gone_event >= port->before_event)) {
    port->repeated = TRUE;
    return;
  }
  ps_check_fail (self, PS_CHECK_DELETE_REASON,
                 g_strdup_printf ("%s stays while its device %u lives", port->name,
                                  ps_truth_now (port)->ifindex),
                 g_strdup ("its row was deleted"));
}

static void
judge_port_row (PsCheck *self, const PsSimRedisWrite *write, const char *name)
{
  static const char *const ours[] = {PS_FIELD_STATE, PS_FIELD_OPER, PS_FIELD_ADMIN, PS_FIELD_MTU,
                                     NULL};
  gboolean is_put = is_verb (write, "HSET");
  if (!ps_truth_is_port_name (name, strlen (name))) {
    ps_check_fail (self, PS_CHECK_KNOWN_PORTS, g_strdup ("rows of ports only"),
                   g_strdup_printf ("%s %s", write->verb, write->key.data));
    return;
  }
  if ((!is_put && !is_verb (write, "DEL")) || !has_only (write, ours)) {
    fail_ownership (self, write, "HSET of our four fields, or DEL");
    return;
  }
  PsTruthPort *port = ps_truth_port (self->truth, name);
  guint64 row_before = ps_check_take_row (self, port, write);
  if (write->connection < self->process.first_connection || !self->process.decided)
    return; /* What a dead process had on its way is not this one's doing. */
  ps_check_judge_read (self, port);
  if (is_put)
    judge_put (self, write, port, row_before);
  else
    judge_delete (self, write, port);
}

static void
take_state (PsCheck *self, const PsSimRedisWrite *write)
{
  static const char *const warm[] = {PS_FIELD_RESTORE_COUNT, PS_FIELD_STATE, NULL};
  const char *name = key_after (write, STATE_KEY);
  if (name != NULL)
    judge_port_row (self, write, name);
  else if (is_key (write, RESTORE_KEY) && is_verb (write, "HSET") && has_only (write, warm))
    ps_check_judge_warm_row (self, write);
  else if (is_key (write, RESTORE_KEY) && is_verb (write, "DEL") && self->warm_row_spoiled)
    ps_check_take_warm_repair (self);
  else
    fail_ownership (self, write, "in STATE_DB PORT_TABLE and our WARM_RESTART_TABLE row only");
}

/* --- APPL_DB and CONFIG_DB ------------------------------------------------------------------ */

static void
take_staged (PsCheck *self, const PsSimRedisWrite *write, const char *name)
{
  if (write->connection < self->process.first_connection)
    return;
  self->process.appl_connection = write->connection;
  if (strcmp (name, PS_KEY_CONFIG_DONE) == 0)
    ps_check_config_done_staged (self, write);
  else if (strcmp (name, PS_KEY_INIT_DONE) == 0)
    ps_check_init_done_staged (self);
  else if (ps_truth_is_port_name (name, strlen (name)))
    ps_truth_port (self->truth, name)->staged_connection = write->connection;
}

static void
unqueue (PsCheck *self, const char *name)
{
  for (guint i = 0; i < self->queued->len; i++)
    if (strcmp (g_ptr_array_index (self->queued, i), name) == 0) {
      g_ptr_array_remove_index (self->queued, i);
      self->n_queued--;
      return;
    }
}

static void
take_corrected_count (PsCheck *self, const PsSimRedisWrite *write)
{
  static const char *const fields[] = {PS_FIELD_COUNT, NULL};
  if (!has_only (write, fields) || !self->config_done_live)
    fail_ownership (self, write, "in APPL_DB the producer's SET, or the count of a live marker");
  else
    ps_check_judge_corrected_count (self, ps_check_value_of (write, PS_FIELD_COUNT));
}

static void
take_appl (PsCheck *self, const PsSimRedisWrite *write)
{
  const char *staged = key_after (write, STAGED_KEY);
  if (staged != NULL && is_verb (write, "HSET")) {
    take_staged (self, write, staged);
  } else if (is_key (write, PS_KEY_SET) && is_verb (write, "SADD")) {
    for (gsize i = 0; i < write->n_fields; i++)
      g_ptr_array_add (self->queued, g_strdup (write->fields[i].name.data));
    self->n_queued += (guint)write->n_fields;
  } else if (is_key (write, PS_KEY_SET) && is_verb (write, "SREM")) {
    for (gsize i = 0; i < write->n_fields; i++)
      unqueue (self, write->fields[i].name.data);
  } else if (is_key (write, CHANNEL_NAME) && is_verb (write, "PUBLISH")) {
    self->n_published++;
  } else if (is_key (write, LIVE_KEY PS_KEY_CONFIG_DONE) && is_verb (write, "HSET")) {
    take_corrected_count (self, write);
  } else {
    fail_ownership (self, write, "in APPL_DB the producer's SET, or the count of a live marker");
  }
}

static void
take_config (PsCheck *self, const PsSimRedisWrite *write)
{
  static const char *const logger[] = {PS_FIELD_LOGLEVEL, PS_FIELD_LOGOUTPUT, NULL};
  if (!is_key (write, LOGGER_KEY) || !is_verb (write, "HSET") || !has_only (write, logger))
    fail_ownership (self, write, "in CONFIG_DB our LOGGER row only");
}

/* A consumer may pop between any two commands, never within one: what it would find counts. */
void
ps_check_end_command (PsCheck *self)
{
  if ((self->n_published > 0) != (self->n_queued > 0))
    ps_check_fail (self, PS_CHECK_PRODUCER_ATOMIC,
                   g_strdup ("PUBLISH exactly when a key was queued"),
                   g_strdup_printf ("%u keys, %u PUBLISH", self->n_queued, self->n_published));
  for (guint i = 0; i < self->queued->len; i++) {
    const char *name = g_ptr_array_index (self->queued, i);
    g_autofree char *key = g_strconcat (STAGED_KEY, name, NULL);
    if (ps_sim_redis_sismember (self->redis, PS_SIM_APPL_DB, PS_KEY_SET, name) &&
        !ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, key))
      ps_check_fail (self, PS_CHECK_PRODUCER_ATOMIC, g_strdup ("fields staged for each queued key"),
                     g_strdup_printf ("%s has none", name));
  }
  self->n_queued = self->n_published = 0;
  g_ptr_array_set_size (self->queued, 0);
}

/* --- what others write ---------------------------------------------------------------------- */

static void
see_live (PsCheck *self, const char *name)
{
  if (!ps_truth_is_port_name (name, strlen (name)))
    return;
  PsTruthPort *port = ps_truth_port (self->truth, name);
  port->live_process = self->process.number;
  port->asks_anew = FALSE;
}

/* What is known of a port that is gone, with its row, for a second is forgotten: its next device
 * waits for the live row like the first. */
void
ps_check_see_device (PsCheck *self, const char *name)
{
  PsTruthPort *port = ps_truth_find (self->truth, name);
  g_autofree char *key = g_strconcat (LIVE_KEY, name, NULL);
  if (port != NULL && port->deleted &&
      ps_check_now_us (self) - port->deleted_us >= PS_FORGOTTEN_US &&
      !ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, key))
    port->asks_anew = TRUE;
}

void
ps_check_see_live (PsCheck *self)
{
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, PS_SIM_APPL_DB, LIVE_KEY);
  for (guint i = 0; i < keys->len; i++)
    see_live (self, (const char *)g_ptr_array_index (keys, i) + strlen (LIVE_KEY));
}

static void
lose_init_done (PsCheck *self, gboolean by_restart)
{
  self->process.init_lost = TRUE;
  self->process.init_lost_at = ps_sim_redis_counters (self->redis)->connects;
  self->process.init_outlived = by_restart;
}

static void
take_foreign_appl (PsCheck *self, const PsSimRedisWrite *write)
{
  const char *live = key_after (write, LIVE_KEY);
  gboolean restores = is_verb (write, "RESTORE");
  gboolean removes = is_verb (write, "DEL") || is_verb (write, "FLUSHDB") || restores;
  if (live != NULL && is_verb (write, "HSET"))
    see_live (self, live);
  self->process.appl_rows_gone |= restores || (live != NULL && is_verb (write, "DEL"));
  self->config_done_live =
      ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, LIVE_KEY PS_KEY_CONFIG_DONE);
  if (removes && (live == NULL || strcmp (live, PS_KEY_INIT_DONE) == 0) &&
      key_after (write, STAGED_KEY) == NULL)
    lose_init_done (self, restores);
  if (restores)
    ps_check_see_live (self);
  if (is_key (write, PS_KEY_SET) && is_verb (write, "SADD"))
    self->foreign_queued_us = ps_check_now_us (self);
}

static void
take_foreign_config (PsCheck *self, const PsSimRedisWrite *write)
{
  const char *name = key_after (write, CONFIG_KEY);
  self->process.config_looked_at = FALSE;
  if (name == NULL && write->key.size > 0)
    return;
  self->process.config_changed = TRUE;
  if (name != NULL && is_verb (write, "DEL") && self->process.awaited != NULL)
    g_hash_table_remove (self->process.awaited, name);
}

static void
take_foreign_state (PsCheck *self, const PsSimRedisWrite *write)
{
  const char *name = key_after (write, STATE_KEY);
  if (name != NULL)
    self->needs_audit = TRUE;
  if (name != NULL && ps_truth_is_port_name (name, strlen (name)))
    ps_truth_port (self->truth, name)->spoiled = is_verb (write, "SET");
  for (guint i = 0; write->key.size == 0 && i < ps_truth_length (self->truth); i++)
    ps_truth_nth (self->truth, i)->spoiled = FALSE;
  if (name != NULL || write->key.size == 0) {
    ps_check_device_vanished (self, name);
    ps_check_rows_vanished (self, name);
  }
  if (write->key.size > 0 && !is_key (write, RESTORE_KEY))
    return;
  self->warm_row_foreign = TRUE;
  self->warm_row_spoiled = is_verb (write, "SET");
  self->warm_count_owed = FALSE;
}

static void
take_foreign (PsCheck *self, const PsSimRedisWrite *write)
{
  if (write->db != PS_SIM_STATE_DB)
    ps_check_excuse_count (self);
  if (write->db == PS_SIM_APPL_DB)
    take_foreign_appl (self, write);
  else if (write->db == PS_SIM_CONFIG_DB)
    take_foreign_config (self, write);
  else if (write->db == PS_SIM_STATE_DB)
    take_foreign_state (self, write);
}

static void
append_text (GString *out, char before, const PsText *text)
{
  g_autofree char *safe = ps_log_escape (text->data, text->size);
  g_string_append_printf (out, "%c%s", before, safe);
}

static char *
describe_write (gconstpointer data)
{
  const PsSimRedisWrite *write = data;
  gboolean has_values = is_verb (write, "HSET");
  g_autofree char *key = ps_log_escape (write->key.data, write->key.size);
  GString *text = g_string_new (key);
  for (gsize i = 0; i < write->n_fields; i++) {
    append_text (text, ' ', &write->fields[i].name);
    if (has_values)
      append_text (text, '=', &write->fields[i].value);
  }
  return g_string_free (text, FALSE);
}

void
ps_check_take_write (PsCheck *self, const PsSimRedisWrite *write)
{
  if (write->connection == 0) {
    self->counters.foreign_writes++;
    ps_check_rates_change (self);
    take_foreign (self, write);
    return;
  }
  if (write->command != self->command)
    ps_check_end_command (self);
  self->command = write->command;
  self->counters.writes++;
  ps_check_note_detail (self, write->verb, write->key.data, write->connection, describe_write,
                        write);
  if (write->db == PS_SIM_STATE_DB)
    take_state (self, write);
  else if (write->db == PS_SIM_APPL_DB)
    take_appl (self, write);
  else if (write->db == PS_SIM_CONFIG_DB)
    take_config (self, write);
  else
    fail_ownership (self, write, "in APPL_DB, CONFIG_DB and STATE_DB only");
}

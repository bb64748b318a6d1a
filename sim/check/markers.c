/* SPDX-License-Identifier: Apache-2.0 */
#include "start/markers.h"
#include "core/schema.h"
#include "sim/check/check-private.h"
#include <string.h>

#define PORT_KEY   PS_TABLE_PORT "|"
#define STAGED_KEY PS_TABLE_PORT_STAGED ":"
#define STATE_KEY  PS_TABLE_PORT_TABLE "|"

/* FALSE for the placeholder of a row without attributes, and for what is no hash at all. */
static gboolean
has_fields (PsSimRedis *redis, const char *key)
{
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (redis, PS_SIM_CONFIG_DB, key);
  for (guint i = 0; i < fields->len; i++)
    if (!ps_text_equal (g_array_index (fields, PsField, i).name, ps_text ("NULL")))
      return TRUE;
  return FALSE;
}

static gboolean
is_spoiled (PsSimRedis *redis, guint db, const char *key)
{
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (redis, db, key);
  return fields->len == 0 && ps_sim_redis_exists (redis, db, key);
}

GPtrArray *
ps_check_configured (PsCheck *self)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, PS_SIM_CONFIG_DB, PORT_KEY);
  for (guint i = 0; i < keys->len; i++) {
    const char *key = g_ptr_array_index (keys, i);
    const char *name = key + strlen (PORT_KEY);
    g_autofree char *staged = g_strconcat (STAGED_KEY, name, NULL);
    if (ps_truth_is_port_name (name, strlen (name)) && has_fields (self->redis, key) &&
        !is_spoiled (self->redis, PS_SIM_APPL_DB, staged))
      g_ptr_array_add (names, g_strdup (name));
  }
  return names;
}

gboolean
ps_check_is_copyable (const char *name)
{
  static const char *const refused[] = {"", ".", "..", PS_KEY_CONFIG_DONE, PS_KEY_INIT_DONE, NULL};
  gsize size = strlen (name);
  for (gsize i = 0; i < size; i++)
    if (name[i] <= ' ' || name[i] > '~' || strchr ("/:|", name[i]) != NULL)
      return FALSE;
  return size < IFNAMSIZ && !g_strv_contains (refused, name);
}

guint
ps_check_count_producible (PsCheck *self)
{
  guint n = 0;
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, PS_SIM_CONFIG_DB, PORT_KEY);
  for (guint i = 0; i < keys->len; i++) {
    const char *key = g_ptr_array_index (keys, i);
    g_autofree char *staged = g_strconcat (STAGED_KEY, key + strlen (PORT_KEY), NULL);
    n += ps_check_is_copyable (key + strlen (PORT_KEY)) && has_fields (self->redis, key) &&
         !is_spoiled (self->redis, PS_SIM_APPL_DB, staged);
  }
  return n;
}

/* The configuration stood still since the daemon connected: it must have copied all of it. */
static gboolean
is_config_steady (PsCheck *self)
{
  return !self->process.config_changed;
}

static const char *
first_not_produced (PsCheck *self, GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    const PsTruthPort *port = ps_truth_find (self->truth, name);
    if (port == NULL || port->staged_connection == 0 ||
        port->staged_connection != self->process.appl_connection)
      return name;
  }
  return NULL;
}

static void
judge_order (PsCheck *self, GPtrArray *names, const char *when)
{
  const char *name = is_config_steady (self) ? first_not_produced (self, names) : NULL;
  if (name == NULL)
    return;
  ps_check_fail (
      self, PS_CHECK_CONFIG_DONE_ORDER,
      g_strdup ("every port's SET acknowledged on this connection before " PS_KEY_CONFIG_DONE),
      g_strdup_printf ("%s was not produced when the marker was %s", name, when));
}

void
ps_check_config_done_sent (PsCheck *self)
{
  g_autoptr (GPtrArray) names = ps_check_configured (self);
  judge_order (self, names, "sent");
}

static const char *
first_queued (PsCheck *self, GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    if (ps_sim_redis_sismember (self->redis, PS_SIM_APPL_DB, PS_KEY_SET, names->pdata[i]))
      return g_ptr_array_index (names, i);
  return NULL;
}

/* Pops take at most 128 keys on some switches, at random: the marker could come out first. */
static void
judge_queue (PsCheck *self, GPtrArray *names)
{
  if (names->len <= PS_MARKERS_QUEUE_MAX ||
      ps_check_now_us (self) - self->foreign_queued_us < G_USEC_PER_SEC)
    return;
  const char *name = first_queued (self, names);
  if (name != NULL)
    ps_check_fail (
        self, PS_CHECK_CONFIG_DONE_ORDER,
        g_strdup_printf ("%u ports taken from the queue before " PS_KEY_CONFIG_DONE, names->len),
        g_strdup_printf ("%s is still queued", name));
}

static const PsText *
value_of (const PsSimRedisWrite *write, const char *name)
{
  for (gsize i = 0; i < write->n_fields; i++)
    if (ps_text_equal (write->fields[i].name, ps_text (name)))
      return &write->fields[i].value;
  return NULL;
}

static void
judge_count (PsCheck *self, const PsSimRedisWrite *write, guint n_configured)
{
  const PsText *count = value_of (write, PS_FIELD_COUNT);
  char wanted[16];
  g_snprintf (wanted, sizeof wanted, "%u", n_configured);
  if (count != NULL && (!is_config_steady (self) || ps_text_equal (*count, ps_text (wanted))))
    return;
  ps_check_fail (self, PS_CHECK_CONFIG_DONE_COUNT, g_strdup_printf ("count %s", wanted),
                 g_strdup_printf ("count %s", count != NULL ? count->data : "missing"));
}

void
ps_check_config_done_staged (PsCheck *self, const PsSimRedisWrite *write)
{
  g_autoptr (GPtrArray) names = ps_check_configured (self);
  judge_order (self, names, "applied");
  judge_queue (self, names);
  judge_count (self, write, ps_check_count_producible (self));
  ps_check_judge_loaded (self, ps_check_value_of (write, PS_FIELD_COUNT),
                         self->process.most_loaded);
  if (!self->process.decided || !self->process.start.copy)
    ps_check_fail (self, PS_CHECK_CONFIG_DONE_WARM,
                   g_strdup ("no " PS_KEY_CONFIG_DONE " unless the configuration is copied"),
                   g_strdup ("it was produced"));
  self->process.config_done = TRUE;
  ps_check_account_config_done (self, write->connection);
  ps_check_await_configured (self);
}

void
ps_check_await_configured (PsCheck *self)
{
  g_autoptr (GPtrArray) names = ps_check_configured (self);
  g_clear_pointer (&self->process.awaited, g_hash_table_unref);
  g_clear_pointer (&self->process.known, g_hash_table_unref);
  self->process.known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->process.awaited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    const PsTruthPort *port = ps_truth_find (self->truth, name);
    gboolean read = port != NULL && port->staged_connection >= self->process.first_connection;
    if (!read && self->process.start.copy)
      continue;
    g_hash_table_add (self->process.awaited, g_strdup (name));
    g_hash_table_add (self->process.known, g_strdup (name));
  }
}

/* A row that stands without a write of ours is worth nothing without a device. */
static gboolean
was_published (PsCheck *self, const char *name)
{
  g_autofree char *key = g_strconcat (STATE_KEY, name, NULL);
  const PsTruthPort *port = ps_truth_find (self->truth, name);
  return (port != NULL && port->put_process == self->process.number) ||
         g_hash_table_contains (self->precleared, name) ||
         (port != NULL && ps_truth_had_device (port) &&
          ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, key, PS_FIELD_STATE) != NULL);
}

/* In CONFIG_DB's order, so that the same port is named in every run. */
char *
ps_check_first_not_published (PsCheck *self)
{
  g_autoptr (GPtrArray) names = ps_check_configured (self);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    if (g_hash_table_contains (self->process.awaited, name) && !was_published (self, name))
      return g_strdup (name);
  }
  return NULL;
}

/* Who connected before it was lost cannot know that: `swss.sh stop` deletes it for good. */
static gboolean
may_announce_again (const PsCheckProcess *process)
{
  return process->init_lost && process->appl_connection > process->init_lost_at;
}

void
ps_check_init_done_staged (PsCheck *self)
{
  PsCheckProcess *process = &self->process;
  if (process->init_done && !may_announce_again (process))
    ps_check_fail (self, PS_CHECK_INIT_DONE_ONCE,
                   g_strdup (PS_KEY_INIT_DONE
                             " once a process, and again only by a connection made "
                             "after it was lost"),
                   g_strdup ("it was produced again"));
  ps_check_judge_loaded (self, NULL, 0);
  process->init_done = TRUE;
  process->init_lost = process->init_outlived = FALSE;
  if (process->awaited == NULL) {
    ps_check_fail (self, PS_CHECK_INIT_DONE_TRUE,
                   g_strdup (PS_KEY_INIT_DONE " after the configuration is known"),
                   g_strdup ("it came first"));
    return;
  }
  g_autofree char *name = ps_check_first_not_published (self);
  if (name != NULL)
    ps_check_fail (self, PS_CHECK_INIT_DONE_TRUE,
                   g_strdup ("every awaited port published before " PS_KEY_INIT_DONE),
                   g_strdup_printf ("%s was not", name));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/orchagent.h"
#include "core/schema.h"
#include "sim/world/field-list.h"
#include "sim/world/redis-private.h"
#include "sim/world/sonic-keys.h"
#include <string.h>

#define PUBLISHED "G"

#define DEFAULT_BATCH 1024
#define DEFAULT_KIND  "veth"
#define POPPED_KEPT   4096
#define RETRY_US      (100 * 1000) /* A server that does not run is looked at again. */

/* Netdevs are made and removed one by one, in the order of the wishes. */
typedef struct {
  gboolean make;
  char *name; /* owned */
} Job;

struct _PsSimOrchagent {
  PsClock *clock; /* owned */
  PsSimRedis *redis;
  PsSimKernel *kernel;
  PsRng rng;
  PsSimOrchagentOptions options;
  PsSimOrchagentFn fn;
  gpointer user_data;
  guint observer;
  gboolean running, started, held;
  gboolean config_done, init_done;
  GTree *known;       /* owned; char *: ports that were set */
  GTree *made;        /* owned; char * -> ifindex: survives the process */
  GQueue jobs;        /* owned; of Job */
  guint64 n_expected; /* ports that PortConfigDone counted and that were not popped yet */
  guint n_late;
  guint64 n_popped;
  GPtrArray *popped; /* owned; of char * */
  PsTimerId pop_timer, job_timer;
};

static gint
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

static gboolean
is_marker (const char *key)
{
  return g_str_equal (key, PS_KEY_CONFIG_DONE) || g_str_equal (key, PS_KEY_INIT_DONE);
}

static void
job_free (gpointer data)
{
  Job *job = data;
  g_free (job->name);
  g_free (job);
}

/* --- Netdevs --- */

static gint64
draw (PsSimOrchagent *self, gint64 delay_us)
{
  return delay_us / 2 + (gint64)ps_rng_below (&self->rng, (guint64)delay_us + 1);
}

static gint64
due_in (PsSimOrchagent *self, gint64 delay_us)
{
  return ps_clock_now_us (self->clock) + delay_us;
}

static void
make_device (PsSimOrchagent *self, const char *name)
{
  const char *kind = self->options.kind != NULL ? self->options.kind : DEFAULT_KIND;
  guint32 ifindex = ps_sim_kernel_add (self->kernel, name, 0, kind);
  if (ifindex != 0)
    g_tree_replace (self->made, g_strdup (name), GUINT_TO_POINTER (ifindex));
}

static void
remove_device (PsSimOrchagent *self, const char *name)
{
  guint32 ifindex = GPOINTER_TO_UINT (g_tree_lookup (self->made, name));
  if (ifindex != 0)
    ps_sim_kernel_remove (self->kernel, ifindex);
  g_tree_remove (self->made, name);
}

static void
on_job (gpointer user_data)
{
  PsSimOrchagent *self = user_data;
  self->job_timer = 0;
  Job *job = g_queue_pop_head (&self->jobs);
  if (!g_queue_is_empty (&self->jobs))
    self->job_timer = ps_clock_arm (
        self->clock, due_in (self, draw (self, self->options.device_delay_us)), on_job, self);
  if (job->make)
    make_device (self, job->name);
  else
    remove_device (self, job->name);
  job_free (job);
}

static void
schedule_jobs (PsSimOrchagent *self)
{
  if (self->job_timer != 0 || self->held || !self->started || g_queue_is_empty (&self->jobs))
    return;
  gint64 delay_us = draw (self, self->options.device_delay_us);
  self->job_timer = ps_clock_arm (self->clock, due_in (self, delay_us), on_job, self);
}

static void
add_job (PsSimOrchagent *self, gboolean make, const char *name)
{
  if (self->options.leaves_netdevs)
    return;
  Job *job = g_new (Job, 1);
  *job = (Job){make, g_strdup (name)};
  g_queue_push_tail (&self->jobs, job);
  schedule_jobs (self);
}

/* --- What orchagent does with what it pops --- */

static gboolean
add_make_job (gpointer key, gpointer value, gpointer user_data)
{
  add_job (user_data, TRUE, key);
  return FALSE;
}

/* Only the first one counts: ports gathered so far are made at once. */
static void
apply_config_done (PsSimOrchagent *self, const PsField *fields, gsize n_fields)
{
  guint64 count = 0, n_known = (guint64)g_tree_nnodes (self->known);
  if (self->config_done)
    return;
  for (gsize i = 0; i < n_fields; i++)
    if (ps_text_equal (fields[i].name, ps_text (PS_FIELD_COUNT)))
      g_ascii_string_to_unsigned (fields[i].value.data, 10, 0, G_MAXUINT32, &count, NULL);
  self->config_done = TRUE;
  self->n_expected = count > n_known ? count - n_known : 0;
  g_tree_foreach (self->known, add_make_job, self);
}

static void
apply_port_set (PsSimOrchagent *self, const char *key)
{
  if (g_tree_lookup_extended (self->known, key, NULL, NULL))
    return;
  g_tree_insert (self->known, g_strdup (key), NULL);
  if (!self->config_done)
    return;
  if (self->n_expected > 0) {
    self->n_expected--;
    self->n_late++;
  }
  add_job (self, TRUE, key);
}

static void
apply_port_del (PsSimOrchagent *self, const char *key)
{
  if (g_tree_remove (self->known, key) && self->config_done)
    add_job (self, FALSE, key);
}

static void
apply (PsSimOrchagent *self, const char *key, GArray *fields)
{
  const PsField *list = (const PsField *)(gpointer)fields->data;
  if (g_str_equal (key, PS_KEY_CONFIG_DONE) && fields->len > 0)
    apply_config_done (self, list, fields->len);
  else if (g_str_equal (key, PS_KEY_INIT_DONE))
    self->init_done |= fields->len > 0;
  else if (!is_marker (key) && fields->len > 0)
    apply_port_set (self, key);
  else if (!is_marker (key))
    apply_port_del (self, key);
  if (self->fn != NULL)
    self->fn (ps_text (key), list, fields->len, self->user_data);
}

/* --- Popping --- */

typedef struct {
  char *key;      /* owned */
  GArray *fields; /* owned; of PsField, whose texts are owned */
} Popped;

static void
clear_popped (gpointer data)
{
  Popped *popped = data;
  g_free (popped->key);
  g_array_unref (popped->fields);
}

/* As the consumer's script does for one key: the staged fields go to the live row one by one. */
static void
move_to_live (PsSimOrchagent *self, Popped *popped)
{
  const guint db = PS_SIM_APPL_DB;
  g_autofree char *live = ps_sim_live_key (popped->key);
  g_autofree char *staged = ps_sim_staged_key (popped->key);
  gsize n;
  guint n_new;
  if (ps_sim_redis_srem (self->redis, db, PS_SIM_DEL_SET, popped->key))
    ps_sim_redis_del (self->redis, db, live);
  const PsField *fields = ps_sim_redis_db_fields (self->redis->dbs[db], ps_text (staged), &n);
  popped->fields = ps_sim_field_list_new ();
  ps_sim_field_list_add (popped->fields, fields, n);
  for (guint i = 0; i < popped->fields->len; i++)
    ps_sim_redis_do_hset (self->redis, db, ps_text (live),
                          &g_array_index (popped->fields, PsField, i), 1, &n_new);
  ps_sim_redis_del (self->redis, db, staged);
}

static void
note_popped (PsSimOrchagent *self, const char *key)
{
  self->n_popped++;
  if (self->popped->len >= 2 * POPPED_KEPT)
    g_ptr_array_remove_range (self->popped, 0, POPPED_KEPT);
  g_ptr_array_add (self->popped, g_strdup (key));
}

static gint
compare_popped (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Popped *)a)->key, ((const Popped *)b)->key);
}

/* One pop. Inside of it orchagent goes by the keys' order: the markers come after the ports. */
static void
pop (PsSimOrchagent *self)
{
  guint batch = self->options.batch > 0 ? self->options.batch : DEFAULT_BATCH;
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (Popped));
  g_array_set_clear_func (all, clear_popped);
  char *key;
  while (all->len < batch &&
         (key = ps_sim_redis_spop (self->redis, PS_SIM_APPL_DB, PS_KEY_SET)) != NULL) {
    Popped popped = {.key = key};
    note_popped (self, key);
    move_to_live (self, &popped);
    g_array_append_val (all, popped);
  }
  g_array_sort (all, compare_popped);
  for (guint i = 0; i < all->len && self->running; i++) {
    const Popped *popped = &g_array_index (all, Popped, i);
    apply (self, popped->key, popped->fields);
  }
}

static gboolean
has_pending (PsSimOrchagent *self)
{
  return ps_sim_redis_scard (self->redis, PS_SIM_APPL_DB, PS_KEY_SET) > 0;
}

static void
on_pop (gpointer user_data)
{
  PsSimOrchagent *self = user_data;
  const PsSimRedisServer *holder = self->redis->doors[PS_SIM_APPL_DB].server;
  gboolean server = holder->running && !holder->stopped;
  gint64 delay_us = server ? draw (self, self->options.pop_delay_us) : RETRY_US;
  self->pop_timer = 0;
  if (server)
    pop (self);
  if (self->running && !self->held && self->pop_timer == 0 && has_pending (self))
    self->pop_timer = ps_clock_arm (self->clock, due_in (self, delay_us), on_pop, self);
}

static void
wake (PsSimOrchagent *self)
{
  if (self->pop_timer != 0 || self->held || !self->started)
    return;
  gint64 delay_us = draw (self, self->options.pop_delay_us);
  self->pop_timer = ps_clock_arm (self->clock, due_in (self, delay_us), on_pop, self);
}

/* Also after a restart of the server, when the subscription is made anew. */
static void
on_write (const PsSimRedisWrite *write, gpointer user_data)
{
  gboolean published =
      g_str_equal (write->verb, "PUBLISH") && ps_text_equal (write->key, ps_text (PS_SIM_CHANNEL));
  if (published || (g_str_equal (write->verb, "RESTORE") && write->db == PS_SIM_APPL_DB))
    wake (user_data);
}

/* --- The process --- */

static gboolean
add_remove_job (gpointer key, gpointer value, gpointer user_data)
{
  add_job (user_data, FALSE, key);
  return FALSE;
}

/* The live rows are ports that exist; their netdevs do, unless the whole switch was restarted. */
static void
adopt_live_rows (PsSimOrchagent *self)
{
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, PS_SIM_APPL_DB, PS_SIM_LIVE_KEY);
  for (guint i = 0; i < keys->len; i++) {
    const char *name = (const char *)g_ptr_array_index (keys, i) + strlen (PS_SIM_LIVE_KEY);
    if (is_marker (name))
      continue;
    g_tree_insert (self->known, g_strdup (name), NULL);
    if (self->config_done && ps_sim_kernel_find (self->kernel, name) == NULL)
      add_job (self, TRUE, name);
  }
}

static void
on_started_cold (gpointer user_data)
{
  PsSimOrchagent *self = user_data;
  self->pop_timer = 0;
  self->started = TRUE;
  g_tree_foreach (self->made, add_remove_job, self);
  wake (self);
}

static void
on_started_warm (gpointer user_data)
{
  PsSimOrchagent *self = user_data;
  self->pop_timer = 0;
  self->started = TRUE;
  self->config_done =
      ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, PS_SIM_LIVE_KEY PS_KEY_CONFIG_DONE);
  self->init_done =
      ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, PS_SIM_LIVE_KEY PS_KEY_INIT_DONE);
  adopt_live_rows (self);
  wake (self);
}

PsSimOrchagent *
ps_sim_orchagent_new (PsClock *clock, PsSimRedis *redis, PsSimKernel *kernel, guint64 seed,
                      const PsSimOrchagentOptions *options)
{
  PsSimOrchagent *self = g_new0 (PsSimOrchagent, 1);
  self->clock = g_object_ref (clock);
  self->redis = redis;
  self->kernel = kernel;
  ps_rng_seed (&self->rng, seed);
  self->options = *options;
  self->known = g_tree_new_full (compare_names, NULL, g_free, NULL);
  self->made = g_tree_new_full (compare_names, NULL, g_free, NULL);
  g_queue_init (&self->jobs);
  self->popped = g_ptr_array_new_with_free_func (g_free);
  self->observer = ps_sim_redis_add_observer (redis, on_write, self);
  return self;
}

void
ps_sim_orchagent_free (PsSimOrchagent *self)
{
  if (self == NULL)
    return;
  ps_sim_orchagent_stop (self);
  ps_sim_redis_remove_observer (self->redis, self->observer);
  g_tree_unref (self->known);
  g_tree_unref (self->made);
  g_ptr_array_unref (self->popped);
  g_object_unref (self->clock);
  g_free (self);
}

void
ps_sim_orchagent_start (PsSimOrchagent *self, gboolean warm)
{
  ps_sim_orchagent_stop (self);
  self->running = TRUE;
  self->config_done = self->init_done = FALSE;
  self->n_expected = 0;
  g_tree_remove_all (self->known);
  if (!warm)
    g_ptr_array_set_size (self->popped, 0);
  gint64 delay_us = draw (self, self->options.start_delay_us);
  self->pop_timer = ps_clock_arm (self->clock, due_in (self, delay_us),
                                  warm ? on_started_warm : on_started_cold, self);
}

void
ps_sim_orchagent_stop (PsSimOrchagent *self)
{
  self->running = self->started = FALSE;
  ps_clock_clear (self->clock, &self->pop_timer);
  ps_clock_clear (self->clock, &self->job_timer);
  g_queue_clear_full (&self->jobs, job_free);
  g_queue_init (&self->jobs);
}

gboolean
ps_sim_orchagent_is_running (PsSimOrchagent *self)
{
  return self->running;
}

/* While a start is delayed, its timer goes on; what it leads to is held. */
void
ps_sim_orchagent_hold (PsSimOrchagent *self, gboolean hold)
{
  self->held = hold;
  if (!self->started)
    return;
  if (hold) {
    ps_clock_clear (self->clock, &self->pop_timer);
    ps_clock_clear (self->clock, &self->job_timer);
  } else {
    wake (self);
    schedule_jobs (self);
  }
}

void
ps_sim_orchagent_produce (PsSimOrchagent *self, const char *key, const char *field,
                          const char *value)
{
  g_autofree char *staged = ps_sim_staged_key (key);
  gboolean added = ps_sim_redis_sadd (self->redis, PS_SIM_APPL_DB, PS_KEY_SET, key);
  ps_sim_redis_hset (self->redis, PS_SIM_APPL_DB, staged, field, value);
  if (added)
    ps_sim_redis_publish (self->redis, PS_SIM_APPL_DB, PS_SIM_CHANNEL, PUBLISHED);
}

void
ps_sim_orchagent_produce_del (PsSimOrchagent *self, const char *key)
{
  g_autofree char *staged = ps_sim_staged_key (key);
  gboolean added = ps_sim_redis_sadd (self->redis, PS_SIM_APPL_DB, PS_KEY_SET, key);
  ps_sim_redis_sadd (self->redis, PS_SIM_APPL_DB, PS_SIM_DEL_SET, key);
  ps_sim_redis_del (self->redis, PS_SIM_APPL_DB, staged);
  if (added)
    ps_sim_redis_publish (self->redis, PS_SIM_APPL_DB, PS_SIM_CHANNEL, PUBLISHED);
}

const GPtrArray *
ps_sim_orchagent_popped (PsSimOrchagent *self)
{
  return self->popped;
}

guint64
ps_sim_orchagent_n_popped (PsSimOrchagent *self)
{
  return self->n_popped;
}

gboolean
ps_sim_orchagent_config_done (PsSimOrchagent *self)
{
  return self->config_done;
}

gboolean
ps_sim_orchagent_init_done (PsSimOrchagent *self)
{
  return self->init_done;
}

guint
ps_sim_orchagent_n_late (PsSimOrchagent *self)
{
  return self->n_late;
}

gboolean
ps_sim_orchagent_is_idle (PsSimOrchagent *self)
{
  return self->started && self->pop_timer == 0 && g_queue_is_empty (&self->jobs) &&
         !has_pending (self);
}

void
ps_sim_orchagent_set_observer (PsSimOrchagent *self, PsSimOrchagentFn fn, gpointer user_data)
{
  self->fn = fn;
  self->user_data = user_data;
}

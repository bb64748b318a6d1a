/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/store.h"
#include "base/timer.h"
#include "backends/redis/commit-request.h"
#include "backends/redis/exists-request.h"
#include "backends/redis/get-request.h"
#include "backends/redis/read-request.h"
#include "core/schema.h"

/* A database and its session. */
typedef struct {
  PsRedisStore *store; /* not owned */
  PsDb db;
  PsRedisRequestTarget target;
  PsRedisSession *session; /* owned; NULL: not placed yet */
  gboolean online;         /* The sink heard so, and the session was not lost since. */
  guint64 generation;
} PsRedisDb;

enum { TIMER_UNSENT, N_TIMERS };

struct _PsRedisStore {
  GObject parent;
  PsClock *clock; /* owned */
  PsLog *log;
  PsRedisOptions options;
  PsRedisAuth auth;     /* that the options point at, if they do */
  PsRedisScript script; /* that targets point at */
  PsRedisDb dbs[PS_N_DBS];
  const PsStoreSink *sink; /* nullable: not started */
  gpointer sink_data;
  guint64 epoch; /* Rises with each start and stop. */
  PsTicket last_ticket;
  GQueue unsent; /* owned; of PsRedisRequest: made while offline */
  PsTimer timers[N_TIMERS];
};

/* --- What the sessions tell --- */

static void
on_session_online (gpointer user_data)
{
  PsRedisDb *db = user_data;
  g_autoptr (PsRedisStore) self = g_object_ref (db->store);
  db->online = TRUE;
  self->sink->online (db->db, ++db->generation, self->sink_data);
}

static void
on_session_lost (gpointer user_data)
{
  PsRedisDb *db = user_data;
  db->online = FALSE;
}

static void
on_session_offline (const char *reason, gpointer user_data)
{
  PsRedisDb *db = user_data;
  g_autoptr (PsRedisStore) self = g_object_ref (db->store);
  self->sink->offline (db->db, reason, self->sink_data);
}

static const PsRedisSessionSink session_sink = {
    .online = on_session_online,
    .lost = on_session_lost,
    .offline = on_session_offline,
};

/* --- Requests --- */

static void
on_unsent (gpointer user_data)
{
  PsRedisStore *self = g_object_ref (user_data);
  const PsOutcome unknown = {.result = PS_UNKNOWN, .reason = "not connected"};
  guint64 epoch = self->epoch;
  GQueue due = self->unsent;
  g_queue_init (&self->unsent);
  PsRedisRequest *request;
  while ((request = g_queue_pop_head (&due)) != NULL) {
    if (self->epoch == epoch)
      ps_redis_request_finish (request, &unknown);
    ps_redis_request_free (request);
  }
  g_object_unref (self);
}

static PsTicket
submit (PsRedisStore *self, PsDb db, PsRedisRequest *request)
{
  if (self->dbs[db].online) {
    ps_redis_session_submit (self->dbs[db].session, request);
    return self->last_ticket;
  }
  g_assert (self->unsent.length < PS_REDIS_SESSION_REQUESTS_MAX);
  g_queue_push_tail (&self->unsent, request);
  if (!ps_timer_is_armed (&self->timers[TIMER_UNSENT]) && self->sink != NULL)
    ps_clock_rearm_in (self->clock, &self->timers[TIMER_UNSENT], 0);
  return self->last_ticket;
}

static PsTicket
redis_commit (PsStore *store, PsBatch *batch, PsCommitDone done, gpointer user_data)
{
  PsRedisStore *self = PS_REDIS_STORE (store);
  PsDb db = ps_batch_db (batch);
  return submit (self, db,
                 ps_redis_commit_request_new (&self->dbs[db].target, ++self->last_ticket, batch,
                                              done, user_data));
}

static PsTicket
redis_read_rows (PsStore *store, const PsRead *read, PsRowFn row, PsReadDone done,
                 gpointer user_data)
{
  PsRedisStore *self = PS_REDIS_STORE (store);
  return submit (self, read->db,
                 ps_redis_read_request_new (&self->dbs[read->db].target, ++self->last_ticket, read,
                                            row, done, user_data));
}

static PsTicket
redis_exists (PsStore *store, PsDb db, const char *table, const char *const *keys, gsize n_keys,
              PsExistsDone done, gpointer user_data)
{
  PsRedisStore *self = PS_REDIS_STORE (store);
  return submit (self, db,
                 ps_redis_exists_request_new (&self->dbs[db].target, ++self->last_ticket, table,
                                              keys, n_keys, done, user_data));
}

static PsTicket
redis_get (PsStore *store, PsDb db, const char *key, PsGetDone done, gpointer user_data)
{
  PsRedisStore *self = PS_REDIS_STORE (store);
  return submit (
      self, db,
      ps_redis_get_request_new (&self->dbs[db].target, ++self->last_ticket, key, done, user_data));
}

/* --- Life --- */

static void
redis_start (PsStore *store, const PsStoreSink *sink, gpointer user_data)
{
  PsRedisStore *self = PS_REDIS_STORE (store);
  g_assert (self->sink == NULL);
  self->epoch++;
  self->sink = sink;
  self->sink_data = user_data;
  for (guint i = 0; i < PS_N_DBS; i++)
    if (self->dbs[i].session != NULL)
      ps_redis_session_start (self->dbs[i].session);
}

static gboolean
redis_is_online (PsStore *store, PsDb db)
{
  return PS_REDIS_STORE (store)->dbs[db].online;
}

static void
redis_stop (PsStore *store)
{
  PsRedisStore *self = PS_REDIS_STORE (store);
  self->epoch++;
  self->sink = NULL;
  for (guint i = 0; i < PS_N_DBS; i++) {
    self->dbs[i].online = FALSE;
    if (self->dbs[i].session != NULL)
      ps_redis_session_stop (self->dbs[i].session);
  }
  ps_clock_cancel (self->clock, &self->timers[TIMER_UNSENT]);
  g_queue_clear_full (&self->unsent, (GDestroyNotify)ps_redis_request_free);
}

static void
store_iface_init (PsStoreInterface *iface)
{
  iface->start = redis_start;
  iface->commit = redis_commit;
  iface->read_rows = redis_read_rows;
  iface->exists = redis_exists;
  iface->get = redis_get;
  iface->is_online = redis_is_online;
  iface->stop = redis_stop;
}

G_DEFINE_TYPE_WITH_CODE (PsRedisStore, ps_redis_store, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_STORE, store_iface_init))

static void
redis_finalize (GObject *object)
{
  PsRedisStore *self = PS_REDIS_STORE (object);
  redis_stop (PS_STORE (self));
  for (guint i = 0; i < PS_N_DBS; i++)
    ps_redis_session_free (self->dbs[i].session);
  g_object_unref (self->clock);
  G_OBJECT_CLASS (ps_redis_store_parent_class)->finalize (object);
}

static void
ps_redis_store_class_init (PsRedisStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = redis_finalize;
}

static void
ps_redis_store_init (PsRedisStore *self)
{
  g_queue_init (&self->unsent);
  ps_timer_bind (&self->timers[TIMER_UNSENT], on_unsent, self);
  self->script = ps_redis_script_produce ();
}

/* Only the consumers of APPL_DB are fed by a producer. */
static const PsRedisScript *
script_of (PsRedisStore *self, PsDb db)
{
  return db == PS_DB_APPL ? &self->script : NULL;
}

PsRedisStore *
ps_redis_store_new (PsClock *clock, PsLog *log, const PsRedisOptions *options)
{
  PsRedisStore *self = g_object_new (PS_TYPE_REDIS_STORE, NULL);
  self->clock = g_object_ref (clock);
  self->log = log;
  self->options = *options;
  if (options->auth != NULL) {
    self->auth = *options->auth;
    self->options.auth = &self->auth;
  }
  for (PsDb db = 0; db < PS_N_DBS; db++)
    self->dbs[db] = (PsRedisDb){.store = self, .db = db, .target.produce = script_of (self, db)};
  return self;
}

void
ps_redis_store_place (PsRedisStore *self, PsStreamPort *const ports[PS_N_DBS],
                      const PsRedisDbConfig *config)
{
  for (PsDb db = 0; db < PS_N_DBS; db++) {
    g_assert (self->dbs[db].session == NULL);
    self->dbs[db].target.db_id = config->dbs[db].id;
    self->dbs[db].target.separator = config->dbs[db].separator;
    PsRedisSessionOptions options = {ps_schema_db_name (db), self->options.reply_deadline_us,
                                     self->options.rng_seed + db, self->options.auth};
    self->dbs[db].session =
        ps_redis_session_new (self->clock, self->log, ports[db], &self->dbs[db].target, &options,
                              &session_sink, &self->dbs[db]);
    if (self->sink != NULL)
      ps_redis_session_start (self->dbs[db].session);
  }
}

const PsRedisCounters *
ps_redis_store_counters (PsRedisStore *self, PsDb db)
{
  return ps_redis_session_counters (self->dbs[db].session);
}

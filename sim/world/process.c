/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/process.h"
#include "backends/netlink/session.h"
#include "backends/redis/store.h"
#include <signal.h>

/* SONiC's numbers (docs/sonic-protocol.md 1.3); addresses are the ports' business. */
#define DB_CONFIG                                                                                  \
  "{\"INSTANCES\":{\"redis\":{\"hostname\":\"127.0.0.1\",\"port\":6379,"                           \
  "\"unix_socket_path\":\"/var/run/redis/redis.sock\"}},"                                          \
  "\"DATABASES\":{\"APPL_DB\":{\"id\":0,\"separator\":\":\",\"instance\":\"redis\"},"              \
  "\"CONFIG_DB\":{\"id\":4,\"separator\":\"|\",\"instance\":\"redis\"},"                           \
  "\"STATE_DB\":{\"id\":6,\"separator\":\"|\",\"instance\":\"redis\"}}}"

struct _PsSimProcess {
  PsLog *log; /* owned, like the following */
  PsNetlinkSession *session;
  PsRedisStore *store;
  PsEngine *engine;
  PsSimDisk *disk; /* not owned */
  PsClock *clock;  /* owned */
  gboolean ended;
  int exit_code;
};

static void
on_written (const char *error, gpointer user_data)
{
  PsSimProcess *self = user_data;
  ps_engine_life_written (self->engine, error);
}

static void
on_life_append (GBytes *bytes, gpointer user_data)
{
  PsSimProcess *self = user_data;
  ps_sim_disk_write (self->disk, self->clock, bytes, FALSE, on_written, self);
}

static void
on_life_replace (GBytes *bytes, gpointer user_data)
{
  PsSimProcess *self = user_data;
  ps_sim_disk_write (self->disk, self->clock, bytes, TRUE, on_written, self);
}

static void
on_log_output (PsLogOutput output, gpointer user_data)
{
  /* Wherever lines go, they are seen. */
}

/* Nothing here has privileges to give up. */
static void
on_links_settled (gpointer user_data)
{
}

static void
on_burst_over (gpointer user_data)
{
  /* Memory is the real system's business. */
}

static void
end (PsSimProcess *self, int exit_code)
{
  if (self->ended)
    return;
  self->ended = TRUE;
  self->exit_code = exit_code;
}

static void
on_failed (const GError *error, gpointer user_data)
{
  end (user_data, 1);
}

static void
on_drained (gpointer user_data)
{
  end (user_data, 128 + SIGTERM);
}

static const PsEngineHooks hooks = {
    .life_append = on_life_append,
    .life_replace = on_life_replace,
    .log_output = on_log_output,
    .links_settled = on_links_settled,
    .burst_over = on_burst_over,
    .failed = on_failed,
    .drained = on_drained,
};

static PsRedisStore *
make_store (const PsSimProcessParts *parts, PsLog *log)
{
  g_autoptr (PsRedisDbConfig) db_config =
      ps_redis_db_config_parse (DB_CONFIG, strlen (DB_CONFIG), "", NULL);
  PsRedisOptions options = {
      .reply_deadline_us = parts->config->reply_deadline_us,
      .rng_seed = parts->rng_seed,
  };
  return ps_redis_store_new (parts->clock, log, parts->databases, db_config, &options);
}

PsSimProcess *
ps_sim_process_start (const PsSimProcessParts *parts)
{
  PsSimProcess *self = g_new0 (PsSimProcess, 1);
  self->disk = parts->disk;
  self->clock = g_object_ref (parts->clock);
  self->log = ps_log_new (parts->clock, parts->writer, parts->user_data);
  self->store = make_store (parts, self->log);
  self->session =
      ps_netlink_session_new (parts->netlink, parts->clock, self->log, parts->first_seq);
  PsEngineParts engine = {
      .clock = parts->clock,
      .source = PS_LINK_SOURCE (self->session),
      .store = PS_STORE (self->store),
      .log = self->log,
      .config = parts->config,
      .identity = parts->identity,
      .life = ps_sim_disk_life (parts->disk)->str,
      .life_size = ps_sim_disk_life (parts->disk)->len,
      .hooks = &hooks,
      .user_data = self,
  };
  self->engine = ps_engine_new (&engine);
  ps_notice (self->log, "portsyncd starts");
  ps_engine_start (self->engine);
  return self;
}

void
ps_sim_process_free (PsSimProcess *self)
{
  if (self == NULL)
    return;
  ps_sim_disk_forget (self->disk);
  ps_engine_free (self->engine);
  g_object_unref (self->clock);
  g_object_unref (self->session);
  g_object_unref (self->store);
  ps_log_free (self->log);
  g_free (self);
}

gboolean
ps_sim_process_is_unrecorded (const PsSimProcess *self)
{
  g_autoptr (GString) to_come = ps_sim_disk_life_to_come (self->disk);
  return ps_engine_status (self->engine).record_waits ||
         !g_string_equal (to_come, ps_sim_disk_life (self->disk));
}

void
ps_sim_process_terminate (PsSimProcess *self)
{
  ps_notice (self->log, "SIGTERM: leaving");
  ps_engine_drain (self->engine);
}

gboolean
ps_sim_process_has_ended (const PsSimProcess *self, int *out_exit_code)
{
  if (self->ended)
    *out_exit_code = self->exit_code;
  return self->ended;
}

const PsEngine *
ps_sim_process_engine (const PsSimProcess *self)
{
  return self->engine;
}

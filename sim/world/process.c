/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/process.h"
#include "instance/instance.h"
#include "sim/world/sim-host.h"

/* SONiC's numbers (docs/sonic-protocol.md 1.3); addresses are the ports' business. */
#define DB_CONFIG                                                                                  \
  "{\"INSTANCES\":{\"redis\":{\"hostname\":\"127.0.0.1\",\"port\":6379,"                           \
  "\"unix_socket_path\":\"/var/run/redis/redis.sock\"}},"                                          \
  "\"DATABASES\":{\"APPL_DB\":{\"id\":0,\"separator\":\":\",\"instance\":\"redis\"},"              \
  "\"CONFIG_DB\":{\"id\":4,\"separator\":\"|\",\"instance\":\"redis\"},"                           \
  "\"STATE_DB\":{\"id\":6,\"separator\":\"|\",\"instance\":\"redis\"}}}"

struct _PsSimProcess {
  PsLog *log; /* owned, like the following */
  PsSimHost *host;
  PsInstance *instance;
  PsSimDisk *disk; /* not owned */
};

static void
place_databases (PsSimProcess *self, PsStreamPort *const ports[PS_N_DBS])
{
  g_autoptr (PsRedisDbConfig) db_config =
      ps_redis_db_config_parse (DB_CONFIG, strlen (DB_CONFIG), "", NULL);
  ps_redis_store_place (ps_instance_store (self->instance), ports, db_config);
}

PsSimProcess *
ps_sim_process_start (const PsSimProcessParts *parts)
{
  PsSimProcess *self = g_new0 (PsSimProcess, 1);
  self->disk = parts->disk;
  self->log = ps_log_new (parts->clock, parts->writer, parts->user_data);
  self->host = ps_sim_host_new (parts->clock, parts->disk, parts->identity, &parts->seeds);
  PsInstanceParts instance = {
      .clock = parts->clock,
      .netlink = parts->netlink,
      .host = PS_HOST (self->host),
      .log = self->log,
      .config = parts->config,
  };
  self->instance = ps_instance_new (&instance);
  place_databases (self, parts->databases);
  ps_notice (self->log, "portsyncd starts");
  ps_instance_start (self->instance);
  return self;
}

void
ps_sim_process_free (PsSimProcess *self)
{
  if (self == NULL)
    return;
  ps_instance_free (self->instance);
  g_object_unref (self->host);
  ps_log_free (self->log);
  g_free (self);
}

gboolean
ps_sim_process_is_unrecorded (const PsSimProcess *self)
{
  g_autoptr (GString) to_come = ps_sim_disk_life_to_come (self->disk);
  return ps_engine_status (ps_sim_process_engine (self)).record_waits ||
         !g_string_equal (to_come, ps_sim_disk_life (self->disk));
}

void
ps_sim_process_terminate (PsSimProcess *self)
{
  ps_sim_host_terminate (self->host);
}

gboolean
ps_sim_process_has_ended (const PsSimProcess *self, int *out_exit_code)
{
  return ps_sim_host_has_ended (self->host, out_exit_code);
}

const PsEngine *
ps_sim_process_engine (const PsSimProcess *self)
{
  return ps_instance_engine (self->instance);
}

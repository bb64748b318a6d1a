/* SPDX-License-Identifier: Apache-2.0 */
#include "instance/instance.h"
#include "backends/netlink/session.h"
#include "instance/host-store.h"

struct _PsInstance {
  PsHost *host; /* owned, like the following */
  PsRedisStore *store;
  PsNetlinkSession *session;
  PsEngine *engine;
  PsLog *log;
};

static void
on_signal (PsHostSignal signal, gpointer user_data)
{
  PsInstance *self = user_data;
  if (signal == PS_HOST_HANG_UP) {
    ps_notice (self->log, "SIGHUP: there is nothing to reload; a restart costs no port");
    return;
  }
  ps_notice (self->log, "%s: leaving", signal == PS_HOST_TERMINATE ? "SIGTERM" : "SIGINT");
  ps_engine_drain (self->engine);
}

static void
on_life_written (const char *error, gpointer user_data)
{
  PsInstance *self = user_data;
  ps_engine_life_written (self->engine, error);
}

static const PsHostSink host_sink = {on_signal, on_life_written};

PsInstance *
ps_instance_new (const PsInstanceParts *parts)
{
  PsInstance *self = g_new0 (PsInstance, 1);
  self->host = g_object_ref (parts->host);
  self->log = parts->log;
  self->store = ps_host_store_new (parts->host, parts->clock, parts->log, parts->config);
  self->session = ps_netlink_session_new (parts->netlink, parts->clock, parts->log,
                                          ps_host_seeds (parts->host).first_sequence);
  PsEngineParts engine = {
      .clock = parts->clock,
      .source = PS_LINK_SOURCE (self->session),
      .store = PS_STORE (self->store),
      .host = parts->host,
      .log = parts->log,
      .config = parts->config,
  };
  self->engine = ps_engine_new (&engine);
  return self;
}

void
ps_instance_free (PsInstance *self)
{
  if (self == NULL)
    return;
  ps_host_stop (self->host);
  ps_engine_free (self->engine);
  g_object_unref (self->session);
  g_object_unref (self->store);
  g_object_unref (self->host);
  g_free (self);
}

PsRedisStore *
ps_instance_store (PsInstance *self)
{
  return self->store;
}

void
ps_instance_start (PsInstance *self)
{
  ps_host_start (self->host, &host_sink, self);
  ps_engine_start (self->engine);
}

const PsEngine *
ps_instance_engine (const PsInstance *self)
{
  return self->engine;
}

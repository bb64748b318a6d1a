/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/app.h"
#include "backends/netlink/socket.h"
#include "daemon/databases.h"
#include "daemon/glib-clock.h"
#include "daemon/host.h"
#include "daemon/notify.h"
#include "daemon/supervision.h"
#include "daemon/syslog.h"
#include "instance/instance.h"
#include <malloc.h>

struct _PsApp {
  const PsConfig *config;
  GMainLoop *loop; /* owned, like the following */
  PsGlibClock *clock;
  PsSyslog *syslog;
  PsLog *log;
  PsDaemonHost *host;
  PsInstance *instance;
  PsDatabases *databases;
  PsNotify *notify;
  PsSupervision *supervision; /* nullable: not running yet */
};

static void
on_leaving (gpointer user_data)
{
  PsApp *self = user_data;
  ps_supervision_stopping (self->supervision);
}

static void
on_failed (const GError *error, gpointer user_data)
{
  PsApp *self = user_data;
  ps_host_ended (PS_HOST (self->host), error);
}

static PsEngineStatus
on_status (gpointer user_data)
{
  PsApp *self = user_data;
  return ps_engine_status (ps_instance_engine (self->instance));
}

/* --- parts ---------------------------------------------------------------------------------- */

static void
tell_receive_buffer (PsApp *self, const PsNetlinkReceiveBuffer *buffer)
{
  if (buffer->forced)
    ps_info (self->log, "The netlink receive buffer holds %zu bytes", buffer->effective_bytes);
  else
    ps_warn (self->log,
             "The netlink receive buffer holds %zu bytes of %zu: %s (CAP_NET_ADMIN is missing; "
             "net.core.rmem_max is the limit). Storms will overrun it sooner; each overrun costs a "
             "full listing",
             buffer->effective_bytes, 2 * buffer->requested_bytes, g_strerror (buffer->error));
}

static PsDaemonHost *
make_host (PsApp *self)
{
  const PsDaemonHostParts parts = {
      .clock = PS_CLOCK (self->clock),
      .log = self->log,
      .config = self->config,
      .syslog = self->syslog,
      .loop = self->loop,
      .leaving = on_leaving,
      .user_data = self,
  };
  return ps_daemon_host_new (&parts);
}

/* NULL with an error: there is no netlink socket to be had. */
static PsInstance *
make_instance (PsApp *self, GError **error)
{
  g_autoptr (PsNetlinkSocket) socket =
      ps_netlink_socket_new (NULL, self->config->receive_buffer_bytes, error);
  if (socket == NULL)
    return NULL;
  tell_receive_buffer (self, ps_netlink_socket_receive_buffer (socket));
  const PsInstanceParts parts = {
      .clock = PS_CLOCK (self->clock),
      .netlink = PS_DATAGRAM_PORT (socket),
      .host = PS_HOST (self->host),
      .log = self->log,
      .config = self->config,
  };
  return ps_instance_new (&parts);
}

static gboolean
make_parts (PsApp *self, GError **error)
{
  if (!ps_daemon_host_open (self->host, error) ||
      !ps_daemon_host_check_password (self->host, error))
    return FALSE;
  self->instance = make_instance (self, error);
  if (self->instance == NULL)
    return FALSE;
  self->databases =
      ps_databases_new (PS_CLOCK (self->clock), self->log, self->config->database_config,
                        ps_instance_store (self->instance), on_failed, self, error);
  return self->databases != NULL;
}

/* --- public --------------------------------------------------------------------------------- */

PsApp *
ps_app_new (const PsConfig *config, GError **error)
{
  g_autoptr (PsApp) self = g_new0 (PsApp, 1);
  mallopt (M_ARENA_MAX, 1); /* The writer's thread needs no heap of its own. */
  self->config = config;
  self->loop = g_main_loop_new (NULL, FALSE);
  self->clock = ps_glib_clock_new (NULL);
  self->syslog = ps_syslog_new (PS_CLOCK (self->clock), NULL, PS_LOG_TO_SYSLOG);
  self->log = ps_log_new (PS_CLOCK (self->clock), ps_syslog_write, self->syslog);
  self->notify = ps_notify_new_from_environment ();
  self->host = make_host (self);
  if (!make_parts (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
ps_app_free (PsApp *self)
{
  if (self == NULL)
    return;
  ps_supervision_free (self->supervision);
  ps_databases_free (self->databases);
  ps_instance_free (self->instance);
  g_clear_object (&self->host);
  ps_notify_free (self->notify);
  ps_log_free (self->log);
  ps_syslog_free (self->syslog);
  g_clear_object (&self->clock);
  g_main_loop_unref (self->loop);
  g_free (self);
}

gboolean
ps_app_run (PsApp *self, int *out_signal, GError **error)
{
  ps_notice (self->log, "portsyncd " PS_VERSION " starts");
  self->supervision = ps_supervision_new (PS_CLOCK (self->clock), self->notify,
                                          self->config->eoiu_timeout_us, on_status, self);
  ps_instance_start (self->instance);
  g_main_loop_run (self->loop);
  return ps_daemon_host_outcome (self->host, out_signal, error);
}

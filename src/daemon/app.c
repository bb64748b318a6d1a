/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/app.h"
#include "base/timer.h"
#include "backends/netlink/session.h"
#include "backends/netlink/socket.h"
#include "core/schema.h"
#include "daemon/databases.h"
#include "daemon/glib-clock.h"
#include "daemon/identity.h"
#include "daemon/life-writer.h"
#include "daemon/notify.h"
#include "daemon/privilege.h"
#include "daemon/signals.h"
#include "daemon/supervision.h"
#include "daemon/syslog.h"
#include "engine/engine.h"
#include <malloc.h>
#include <signal.h>

#define TRIM_AFTER_US G_USEC_PER_SEC

enum { TIMER_TRIM, N_TIMERS };

struct _PsApp {
  const PsConfig *config;
  GMainLoop *loop; /* owned, like the following */
  PsGlibClock *clock;
  PsSyslog *syslog;
  PsLog *log;
  PsSignals *signals;
  PsLifeWriter *writer;
  PsTimer timers[N_TIMERS]; /* to give memory back */
  PsLifeIdentity *identity;
  PsNetlinkSession *session;
  PsDatabases *databases;
  PsEngine *engine;
  PsNotify *notify;
  PsSupervision *supervision; /* nullable: not running yet */
  int signal;                 /* that we were told to leave by; 0: not yet */
  GError *failure;            /* nullable: why the loop ended */
};

/* --- hooks of the engine -------------------------------------------------------------------- */

static void
on_life_append (GBytes *bytes, gpointer user_data)
{
  PsApp *self = user_data;
  ps_life_writer_write (self->writer, bytes, FALSE);
}

static void
on_life_replace (GBytes *bytes, gpointer user_data)
{
  PsApp *self = user_data;
  ps_life_writer_write (self->writer, bytes, TRUE);
}

static void
on_life_written (const char *error, gpointer user_data)
{
  PsApp *self = user_data;
  ps_engine_life_written (self->engine, error);
}

static void
on_log_output (PsLogOutput output, gpointer user_data)
{
  PsApp *self = user_data;
  ps_syslog_set_output (self->syslog, output);
}

/* From here on a fault in what reads the kernel and Redis cannot change a link any more. */
static void
on_links_settled (gpointer user_data)
{
  PsApp *self = user_data;
  g_autoptr (GError) error = NULL;
  if (ps_privilege_drop (&error))
    ps_info (self->log, "Privileges to change links were given up");
  else
    ps_warn (self->log, "Privileges to change links are kept, they cannot be given up: %s",
             error->message);
}

static void
on_trim_timer (gpointer user_data)
{
  PsApp *self = user_data;
  malloc_trim (0);
}

/* The reading of 20,000 rows leaves megabytes of free memory behind, which the allocator would keep
 * for ever. Not at once: what the burst led to is to be written first. */
static void
on_burst_over (gpointer user_data)
{
  PsApp *self = user_data;
  ps_clock_arm_in (PS_CLOCK (self->clock), &self->timers[TIMER_TRIM], TRIM_AFTER_US);
}

static void
on_failed (const GError *error, gpointer user_data)
{
  PsApp *self = user_data;
  if (self->failure == NULL)
    self->failure = g_error_copy (error);
  g_main_loop_quit (self->loop);
}

static void
on_drained (gpointer user_data)
{
  PsApp *self = user_data;
  g_main_loop_quit (self->loop);
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

static void
on_signal (int number, gpointer user_data)
{
  PsApp *self = user_data;
  if (number == SIGHUP) {
    ps_notice (self->log, "SIGHUP: there is nothing to reload; a restart costs no port");
    return;
  }
  ps_notice (self->log, "%s: leaving", number == SIGTERM ? "SIGTERM" : "SIGINT");
  self->signal = number;
  ps_supervision_stopping (self->supervision);
  ps_engine_drain (self->engine);
}

static PsEngineStatus
on_status (gpointer user_data)
{
  PsApp *self = user_data;
  return ps_engine_status (self->engine);
}

/* --- parts ---------------------------------------------------------------------------------- */

/* The record is read whatever becomes of the lock, which is tried again with each write of the
 * record; its first failure is told then. Only a second daemon of this instance ends this one. */
static gboolean
open_life (PsApp *self, GBytes **out_record, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (PsLifeFile) file = ps_life_file_new (self->config->run_dir, PS_LIFE_FILE_INSTANCE);
  gboolean held = ps_life_file_hold (file, &why);
  if (!held && g_error_matches (why, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_HELD)) {
    g_propagate_error (error, g_steal_pointer (&why));
    return FALSE;
  }
  *out_record = ps_life_file_look (file, self->log);
  self->writer = ps_life_writer_new (g_steal_pointer (&file), on_life_written, self, error);
  return self->writer != NULL;
}

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

static gboolean
make_source (PsApp *self, GError **error)
{
  g_autoptr (PsNetlinkSocket) socket =
      ps_netlink_socket_new (NULL, self->config->receive_buffer_bytes, error);
  if (socket == NULL)
    return FALSE;
  tell_receive_buffer (self, ps_netlink_socket_receive_buffer (socket));
  self->session = ps_netlink_session_new (PS_DATAGRAM_PORT (socket), PS_CLOCK (self->clock),
                                          self->log, (guint32)g_get_real_time ());
  return TRUE;
}

static void
make_engine (PsApp *self, GBytes *record)
{
  gsize size = 0;
  const char *text = record != NULL ? g_bytes_get_data (record, &size) : NULL;
  PsEngineParts parts = {
      .clock = PS_CLOCK (self->clock),
      .source = PS_LINK_SOURCE (self->session),
      .store = ps_databases_store (self->databases),
      .log = self->log,
      .config = self->config,
      .identity = self->identity,
      .life = text,
      .life_size = size,
      .hooks = &hooks,
      .user_data = self,
  };
  self->engine = ps_engine_new (&parts);
}

/* --- public --------------------------------------------------------------------------------- */

PsApp *
ps_app_new (const PsConfig *config, GError **error)
{
  g_autoptr (PsApp) self = g_new0 (PsApp, 1);
  ps_timer_bind (&self->timers[TIMER_TRIM], on_trim_timer, self);
  g_autoptr (GBytes) record = NULL;
  mallopt (M_ARENA_MAX, 1); /* The writer's thread needs no heap of its own. */
  self->config = config;
  self->loop = g_main_loop_new (NULL, FALSE);
  self->clock = ps_glib_clock_new (NULL);
  self->syslog = ps_syslog_new (PS_CLOCK (self->clock), NULL, PS_LOG_TO_SYSLOG);
  self->log = ps_log_new (PS_CLOCK (self->clock), ps_syslog_write, self->syslog);
  self->notify = ps_notify_new_from_environment ();
  self->signals = ps_signals_new (on_signal, self, error);
  if (self->signals == NULL || !open_life (self, &record, error))
    return NULL;
  self->identity = ps_identity_now (self->log);
  self->databases =
      ps_databases_new (PS_CLOCK (self->clock), self->log, config, on_failed, self, error);
  if (self->databases == NULL || !make_source (self, error))
    return NULL;
  make_engine (self, record);
  return g_steal_pointer (&self);
}

void
ps_app_free (PsApp *self)
{
  if (self == NULL)
    return;
  ps_supervision_free (self->supervision);
  ps_clock_cancel (PS_CLOCK (self->clock), &self->timers[TIMER_TRIM]);
  ps_life_writer_free (self->writer);
  ps_engine_free (self->engine);
  g_clear_object (&self->session);
  ps_databases_free (self->databases);
  ps_life_identity_free (self->identity);
  ps_signals_free (self->signals);
  ps_notify_free (self->notify);
  ps_log_free (self->log);
  ps_syslog_free (self->syslog);
  g_clear_object (&self->clock);
  g_main_loop_unref (self->loop);
  g_clear_error (&self->failure);
  g_free (self);
}

gboolean
ps_app_run (PsApp *self, int *out_signal, GError **error)
{
  ps_notice (self->log, "portsyncd " PS_VERSION " starts");
  self->supervision = ps_supervision_new (PS_CLOCK (self->clock), self->notify,
                                          self->config->eoiu_timeout_us, on_status, self);
  ps_engine_start (self->engine);
  g_main_loop_run (self->loop);
  *out_signal = self->signal;
  if (self->failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->failure));
  return FALSE;
}

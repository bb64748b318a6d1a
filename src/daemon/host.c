/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/host.h"
#include "base/timer.h"
#include "daemon/identity.h"
#include "daemon/life-writer.h"
#include "daemon/password-file.h"
#include "daemon/privilege.h"
#include "daemon/signals.h"
#include <malloc.h>
#include <signal.h>
#include <string.h>

#define TRIM_AFTER_US G_USEC_PER_SEC

enum { TIMER_TRIM, N_TIMERS };

struct _PsDaemonHost {
  GObject parent;
  PsDaemonHostParts parts;
  PsLifeIdentity *identity; /* owned, nullable: not asked for yet */
  PsSignals *signals;       /* owned, nullable: not open, like the following */
  PsLifeWriter *writer;
  GBytes *record;         /* owned, nullable: as found by ps_daemon_host_open */
  const PsHostSink *sink; /* nullable: not started */
  gpointer user_data;
  PsTimer timers[N_TIMERS]; /* to give memory back */
  int signal;               /* that told the process to leave; 0: not yet */
  GError *failure;          /* owned, nullable: why the loop ended */
};

/* --- signals -------------------------------------------------------------------------------- */

static PsHostSignal
signal_of (int number)
{
  if (number == SIGHUP)
    return PS_HOST_HANG_UP;
  return number == SIGTERM ? PS_HOST_TERMINATE : PS_HOST_INTERRUPT;
}

static void
on_signal (int number, gpointer user_data)
{
  PsDaemonHost *self = user_data;
  if (self->sink == NULL)
    return;
  if (number != SIGHUP) {
    self->signal = number;
    self->parts.leaving (self->parts.user_data);
  }
  self->sink->signal (signal_of (number), self->user_data);
}

/* --- the life record ------------------------------------------------------------------------ */

static void
on_life_written (const char *error, gpointer user_data)
{
  PsDaemonHost *self = user_data;
  if (self->sink != NULL)
    self->sink->life_written (error, self->user_data);
}

/* The record is read whatever becomes of the lock, which is tried again with each write of the
 * record; its first failure is told then. Only a second daemon of this instance ends this one. */
static gboolean
open_life (PsDaemonHost *self, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (PsLifeFile) file =
      ps_life_file_new (self->parts.config->run_dir, PS_LIFE_FILE_INSTANCE);
  gboolean held = ps_life_file_hold (file, &why);
  if (!held && g_error_matches (why, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_HELD)) {
    g_propagate_error (error, g_steal_pointer (&why));
    return FALSE;
  }
  self->record = ps_life_file_look (file, self->parts.log);
  self->writer = ps_life_writer_new (g_steal_pointer (&file), on_life_written, self, error);
  return self->writer != NULL;
}

static GBytes *
daemon_host_read_life (PsHost *host)
{
  PsDaemonHost *self = PS_DAEMON_HOST (host);
  if (self->writer != NULL)
    return g_steal_pointer (&self->record); /* It may have megabytes. */
  g_autoptr (PsLifeFile) file =
      ps_life_file_new (self->parts.config->run_dir, PS_LIFE_FILE_INSTANCE);
  return ps_life_file_look (file, self->parts.log);
}

static void
daemon_host_write_life (PsHost *host, GBytes *bytes, gboolean whole)
{
  ps_life_writer_write (PS_DAEMON_HOST (host)->writer, bytes, whole);
}

/* --- what is asked -------------------------------------------------------------------------- */

static const PsLifeIdentity *
daemon_host_identity (PsHost *host)
{
  PsDaemonHost *self = PS_DAEMON_HOST (host);
  if (self->identity == NULL)
    self->identity = ps_identity_now (self->parts.log);
  return self->identity;
}

static PsHostSeeds
daemon_host_seeds (PsHost *host)
{
  return (PsHostSeeds){
      .back_off = ((guint64)g_random_int () << 32) | g_random_int (),
      .first_sequence = (guint32)g_get_real_time (),
  };
}

static char *
daemon_host_password (PsHost *host, GError **error)
{
  const PsConfig *config = PS_DAEMON_HOST (host)->parts.config;
  if (config->password_file == NULL)
    return g_strdup (""); /* of a user without a password */
  return ps_password_file_read (config->password_file, error);
}

/* --- what is told --------------------------------------------------------------------------- */

static void
daemon_host_log_output (PsHost *host, PsLogOutput output)
{
  ps_syslog_set_output (PS_DAEMON_HOST (host)->parts.syslog, output);
}

/* From here on a fault in what reads the kernel and Redis cannot change a link any more. */
static void
daemon_host_links_settled (PsHost *host)
{
  PsDaemonHost *self = PS_DAEMON_HOST (host);
  g_autoptr (GError) error = NULL;
  if (ps_privilege_drop (&error))
    ps_info (self->parts.log, "Privileges to change links were given up");
  else
    ps_warn (self->parts.log, "Privileges to change links are kept, they cannot be given up: %s",
             error->message);
}

static void
on_trim_timer (gpointer user_data)
{
  malloc_trim (0);
}

/* The reading of 20,000 rows leaves megabytes of free memory behind, which the allocator would keep
 * for ever. Not at once: what the burst led to is to be written first. */
static void
daemon_host_burst_over (PsHost *host)
{
  PsDaemonHost *self = PS_DAEMON_HOST (host);
  ps_clock_arm_in (self->parts.clock, &self->timers[TIMER_TRIM], TRIM_AFTER_US);
}

static void
daemon_host_ended (PsHost *host, const GError *error)
{
  PsDaemonHost *self = PS_DAEMON_HOST (host);
  if (error != NULL && self->failure == NULL)
    self->failure = g_error_copy (error);
  g_main_loop_quit (self->parts.loop);
}

/* --- the object ----------------------------------------------------------------------------- */

static void
daemon_host_start (PsHost *host, const PsHostSink *sink, gpointer user_data)
{
  PsDaemonHost *self = PS_DAEMON_HOST (host);
  self->sink = sink;
  self->user_data = user_data;
}

static void
daemon_host_stop (PsHost *host)
{
  PS_DAEMON_HOST (host)->sink = NULL;
}

static void
host_iface_init (PsHostInterface *iface)
{
  iface->start = daemon_host_start;
  iface->stop = daemon_host_stop;
  iface->identity = daemon_host_identity;
  iface->seeds = daemon_host_seeds;
  iface->read_life = daemon_host_read_life;
  iface->write_life = daemon_host_write_life;
  iface->ended = daemon_host_ended;
  iface->password = daemon_host_password;
  iface->log_output = daemon_host_log_output;
  iface->links_settled = daemon_host_links_settled;
  iface->burst_over = daemon_host_burst_over;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PsDaemonHost, ps_daemon_host, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PS_TYPE_HOST, host_iface_init))

static void
ps_daemon_host_init (PsDaemonHost *self G_GNUC_UNUSED)
{
}

static void
ps_daemon_host_finalize (GObject *object)
{
  PsDaemonHost *self = PS_DAEMON_HOST (object);
  ps_clock_cancel (self->parts.clock, &self->timers[TIMER_TRIM]);
  ps_life_writer_free (self->writer);
  ps_signals_free (self->signals);
  ps_life_identity_free (self->identity);
  g_clear_pointer (&self->record, g_bytes_unref);
  g_clear_error (&self->failure);
  g_clear_pointer (&self->parts.loop, g_main_loop_unref);
  g_object_unref (self->parts.clock);
  G_OBJECT_CLASS (ps_daemon_host_parent_class)->finalize (object);
}

static void
ps_daemon_host_class_init (PsDaemonHostClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ps_daemon_host_finalize;
}

PsDaemonHost *
ps_daemon_host_new (const PsDaemonHostParts *parts)
{
  PsDaemonHost *self = g_object_new (PS_TYPE_DAEMON_HOST, NULL);
  self->parts = *parts;
  ps_timer_bind (&self->timers[TIMER_TRIM], on_trim_timer, self);
  g_object_ref (self->parts.clock);
  if (self->parts.loop != NULL)
    g_main_loop_ref (self->parts.loop);
  return self;
}

gboolean
ps_daemon_host_open (PsDaemonHost *self, GError **error)
{
  self->signals = ps_signals_new (on_signal, self, error);
  return self->signals != NULL && open_life (self, error);
}

gboolean
ps_daemon_host_check_password (PsDaemonHost *self, GError **error)
{
  char *password = ps_host_password (PS_HOST (self), error);
  gboolean is_there = password != NULL;
  if (is_there)
    explicit_bzero (password, strlen (password));
  g_free (password);
  return is_there;
}

gboolean
ps_daemon_host_outcome (PsDaemonHost *self, int *out_signal, GError **error)
{
  *out_signal = self->signal;
  if (self->failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->failure));
  return FALSE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/start-probe.h"
#include "base/timer.h"
#include "daemon/databases.h"
#include "daemon/glib-clock.h"
#include "daemon/host.h"
#include "instance/host-store.h"
#include "start/start.h"
#include <net/if.h>
#include <stdio.h>

enum { TIMER_DEADLINE, N_TIMERS };

typedef struct {
  const PsConfig *config;
  GMainLoop *loop; /* owned, like the following */
  PsClock *clock;
  PsLog *log;
  PsLifeRecord *life; /* nullable: none of this kernel */
  PsLifeWhose whose;
  PsDaemonHost *host;
  PsRedisStore *store;
  PsDatabases *databases;
  PsEvidenceReader *reader;
  char *trouble;      /* nullable: the last warning about Redis */
  gboolean is_asking; /* Redis; warnings are about it */
  gboolean refused;   /* It answers, but refuses the reading. */
  GError *failure;    /* nullable: why it cannot be asked */
  PsTimer timers[N_TIMERS];
  char *answer; /* nullable: no answer yet */
} PsProbe;

G_DEFINE_QUARK (ps_start_probe_error, ps_start_probe_error)

static void
on_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  PsProbe *self = user_data;
  if (level > PS_LOG_WARN)
    return;
  if (!self->is_asking) {
    fprintf (stderr, "portsyncd: %s\n", text);
    return;
  }
  g_free (self->trouble);
  self->trouble = g_strdup (text);
}

static void
read_life (PsProbe *self)
{
  PsHost *host = PS_HOST (self->host);
  g_autoptr (GBytes) record = ps_host_read_life (host);
  self->life = ps_life_record_load (record, ps_host_identity (host), self->log, &self->whose);
}

static gboolean
is_living (const char *port, gpointer user_data)
{
  return if_nametoindex (port) != 0;
}

static void
on_evidence (const PsOutcome *outcome, const PsEvidence *evidence, gpointer user_data)
{
  PsProbe *self = user_data;
  gboolean complete = outcome->result == PS_APPLIED;
  if (complete) {
    const PsSurroundings around = {self->life, self->whose, self->config, is_living, NULL};
    PsEvidence all = *evidence;
    PsStart start = ps_start_weigh (&all, &around);
    g_autofree char *grounds = ps_start_explain (&start, &all);
    self->answer = g_strdup_printf ("%s\n%s\n", ps_start_mode_name (start.mode), grounds);
  }
  g_clear_pointer (&self->reader, ps_evidence_reader_free);
  if (!complete && !ps_store_is_online (PS_STORE (self->store)))
    return; /* It is asked again when it is back, until the time is up. */
  self->refused = !complete;
  g_main_loop_quit (self->loop);
}

static const char *
explain_silence (const PsProbe *self)
{
  if (self->refused)
    return "it does not let us read that";
  return self->trouble != NULL ? self->trouble : "no answer in [database] reply_deadline";
}

static void
on_online (PsDb db, guint64 generation, gpointer user_data)
{
  PsProbe *self = user_data;
  if (self->reader == NULL && ps_store_is_online (PS_STORE (self->store)))
    self->reader = ps_evidence_read (PS_STORE (self->store), self->whose, on_evidence, self);
}

static void
on_offline (PsDb db, const char *reason, gpointer user_data)
{
}

static const PsStoreSink store_sink = {on_online, on_offline};

static void
on_failed (const GError *error, gpointer user_data)
{
  PsProbe *self = user_data;
  self->failure = g_error_copy (error);
  g_main_loop_quit (self->loop);
}

static void
on_deadline (gpointer user_data)
{
  PsProbe *self = user_data;
  g_main_loop_quit (self->loop);
}

static void
ask (PsProbe *self)
{
  PsStore *store = PS_STORE (self->store);
  self->is_asking = TRUE;
  ps_timer_bind (&self->timers[TIMER_DEADLINE], on_deadline, self);
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_DEADLINE], self->config->reply_deadline_us);
  ps_store_start (store, &store_sink, self);
  g_main_loop_run (self->loop);
  ps_store_stop (store);
  ps_clock_cancel (self->clock, &self->timers[TIMER_DEADLINE]);
}

static void
probe_clear (PsProbe *self)
{
  ps_evidence_reader_free (self->reader);
  ps_databases_free (self->databases);
  g_clear_object (&self->store);
  g_clear_object (&self->host);
  ps_life_record_free (self->life);
  ps_log_free (self->log);
  g_clear_object (&self->clock);
  g_main_loop_unref (self->loop);
  g_clear_error (&self->failure);
  g_free (self->trouble);
  g_free (self->answer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PsProbe, probe_clear)

static gboolean
make_parts (PsProbe *self, GError **error)
{
  const PsDaemonHostParts parts = {self->clock, self->log, self->config};
  self->host = ps_daemon_host_new (&parts);
  if (!ps_daemon_host_check_password (self->host, error))
    return FALSE;
  self->store = ps_host_store_new (PS_HOST (self->host), self->clock, self->log, self->config);
  self->databases = ps_databases_new (self->clock, self->log, self->config->database_config,
                                      self->store, on_failed, self, error);
  return self->databases != NULL;
}

char *
ps_start_probe (const PsConfig *config, GError **error)
{
  g_auto (PsProbe) self = {.config = config};
  self.loop = g_main_loop_new (NULL, FALSE);
  self.clock = PS_CLOCK (ps_glib_clock_new (NULL));
  self.log = ps_log_new (self.clock, on_line, &self);
  self.is_asking = TRUE;
  if (!make_parts (&self, error))
    return NULL;
  self.is_asking = FALSE;
  read_life (&self);
  ask (&self);
  if (self.failure != NULL)
    g_propagate_error (error, g_steal_pointer (&self.failure));
  else if (self.answer == NULL)
    g_set_error (error, PS_START_PROBE_ERROR, PS_START_PROBE_ERROR_NO_ANSWER,
                 "Redis does not say how to start: %s", explain_silence (&self));
  return g_steal_pointer (&self.answer);
}

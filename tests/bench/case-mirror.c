/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/cases.h"
#include "tests/bench/observer.h"
#include "tests/bench/process.h"
#include "tests/bench/table.h"
#include "tests/support/state-check.h"
#include <signal.h>
#include <string.h>

#define N_PORTS      128
#define N_DRAIN      10240 /* messages; the 16 MiB buffer holds 14,563 of them */
#define CHARGE       2304  /* bytes of buffer that one link message costs (docs/kernel.md 3) */
#define N_COUNTED    400   /* changes while system calls are counted */
#define COUNTED_RATE 200   /* a second: slow enough that each is alone in spite of ptrace */

/* What is measured: the daemon, or the bare mirror. */
typedef enum { DAEMON, DAEMON_QUIET, LIMIT, LIMIT_WITH_LOG } Subject;

typedef struct {
  PsWorld *world;
  PsSender *sender;
  PsObserver *observer;
} Bench;

static pid_t
start (Bench *self, Subject subject)
{
  if (subject == LIMIT || subject == LIMIT_WITH_LOG)
    return ps_world_start_mirror (self->world, subject == LIMIT_WITH_LOG);
  ps_world_set_log_level (self->world, subject == DAEMON ? "NOTICE" : "ERROR");
  ps_world_boot_daemon (self->world);
  return ps_daemon_pid (self->world->daemon);
}

static void
stop (Bench *self, Subject subject, pid_t pid)
{
  if (subject == LIMIT || subject == LIMIT_WITH_LOG)
    ps_world_stop (pid);
  else
    ps_world_stop_daemon (self->world);
}

/* Fills the queue of the stopped subject; returns the last MTU. */
static guint
fill_queue (Bench *self, pid_t pid)
{
  guint mtu = 0;
  kill (pid, SIGSTOP);
  for (guint i = 0; i < N_DRAIN; i++) {
    mtu = ps_sender_next_mtu ();
    ps_sender_mtu (self->sender, i % N_PORTS, mtu);
  }
  guint64 queued = ps_process_netlink_queue (pid);
  if (queued != 0 && queued != (guint64)N_DRAIN * CHARGE)
    g_error ("the queue holds %" G_GUINT64_FORMAT " bytes, not %u messages\n", queued, N_DRAIN);
  return mtu;
}

typedef struct {
  PsSamples rate, cpu, redis_cpu, writes;
} Drain;

static gint64
n_hsets (Bench *self)
{
  return ps_db_info (self->world->db, "commandstats", "cmdstat_hset:", "calls=");
}

static void
drain (Bench *self, Subject subject, Drain *out)
{
  pid_t pid = start (self, subject), redis = ps_redis_server_pid (self->world->redis);
  guint mtu = fill_queue (self, pid);
  gint64 before = n_hsets (self);
  guint64 cpu = ps_process_cpu_ns (pid), redis_cpu = ps_process_cpu_ns (redis);
  gint64 start_us = ps_now_us ();
  kill (pid, SIGCONT);
  gint64 end_us = ps_observer_await (self->observer, N_PORTS - 1, mtu);
  ps_samples_add (&out->rate, N_DRAIN * 1e3 / (double)(end_us - start_us));
  ps_samples_add (&out->cpu, (double)(ps_process_cpu_ns (pid) - cpu) / 1e3 / N_DRAIN);
  ps_samples_add (&out->redis_cpu, (double)(ps_process_cpu_ns (redis) - redis_cpu) / 1e3 / N_DRAIN);
  ps_samples_add (&out->writes, (double)(n_hsets (self) - before) / N_DRAIN);
  stop (self, subject, pid);
}

static void
measure_drain (Bench *self, Subject daemon, Subject limit, const char *suffix)
{
  Drain ours = {0}, bare = {0};
  for (guint i = 0; i < self->world->n_reps; i++) {
    drain (self, daemon, &ours);
    drain (self, limit, &bare);
  }
  g_autofree char *rate = g_strdup_printf ("drain of %u messages%s", N_DRAIN, suffix);
  g_autofree char *cpu = g_strdup_printf ("  CPU a message%s", suffix);
  ps_table_row (
      &(PsFigure){rate, "k/s", &ours.rate, &bare.rate, PS_BAR_AT_LEAST, 290, PS_BAR_NONE, 0, NULL});
  ps_table_row (
      &(PsFigure){cpu, "us", &ours.cpu, &bare.cpu, PS_BAR_AT_MOST, 3, PS_BAR_RATIO, 3, NULL});
  ps_table_row (&(PsFigure){"  Redis CPU a message", "us", &ours.redis_cpu, &bare.redis_cpu,
                            PS_BAR_NONE, 0, PS_BAR_NONE, 0, NULL});
  ps_table_row (&(PsFigure){"  rows written a message", "", &ours.writes, &bare.writes,
                            PS_BAR_AT_MOST, 1, PS_BAR_AT_MOST, 1, NULL});
}

typedef struct {
  PsSamples cpu, p50, p99, writes, commands;
} Steady;

static double
at (const GArray *sorted, double part)
{
  return (double)g_array_index (sorted, gint64, (guint)((sorted->len - 1) * part));
}

/* Commands of the subject: what Redis processed, without the INFO that asks for it. */
static gint64
n_commands (Bench *self)
{
  return ps_db_info (self->world->db, "stats",
                     "total_commands_processed:", "total_commands_processed:");
}

static void
run_steady (Bench *self, Subject subject, guint n, guint rate, Steady *out)
{
  pid_t pid = start (self, subject);
  gint64 hsets = n_hsets (self), commands = n_commands (self);
  guint64 cpu = ps_process_cpu_ns (pid);
  g_autoptr (GArray) latencies = ps_observer_run (self->observer, self->sender, n, rate);
  ps_samples_add (&out->cpu, (double)(ps_process_cpu_ns (pid) - cpu) / 1e3 / n);
  ps_samples_add (&out->commands, (double)(n_commands (self) - commands - 1) / n);
  ps_samples_add (&out->writes, (double)(n_hsets (self) - hsets) / n);
  ps_samples_add (&out->p50, at (latencies, 0.5));
  ps_samples_add (&out->p99, at (latencies, 0.99));
  stop (self, subject, pid);
}

/* Upstream's figures of this rate, pinned; 0: none. */
typedef struct {
  Subject daemon, limit;
  guint rate;
  const char *what;
  double p50_at_most, p99_at_most;
} SteadyCase;

static void
measure_steady (Bench *self, const SteadyCase *c)
{
  Steady ours = {0}, bare = {0};
  guint n = self->world->quick ? c->rate : 4 * c->rate;
  for (guint i = 0; i < self->world->n_reps; i++) {
    run_steady (self, c->daemon, n, c->rate, &ours);
    run_steady (self, c->limit, n, c->rate, &bare);
  }
  PsBar p50 = c->p50_at_most > 0 ? PS_BAR_AT_MOST : PS_BAR_NONE;
  PsBar p99 = c->p99_at_most > 0 ? PS_BAR_AT_MOST : PS_BAR_NONE;
  PsBar cpu = c->rate == 1000 ? PS_BAR_RATIO : PS_BAR_NONE;
  g_autofree char *name = g_strdup_printf ("CPU an event, %u/s%s", c->rate, c->what);
  ps_table_row (&(PsFigure){name, "us", &ours.cpu, &bare.cpu, cpu, 1.25, cpu, 4, NULL});
  ps_table_row (&(PsFigure){"  latency p50", "us", &ours.p50, &bare.p50, p50, c->p50_at_most,
                            PS_BAR_NONE, 0, NULL});
  ps_table_row (&(PsFigure){"  latency p99", "us", &ours.p99, &bare.p99, p99, c->p99_at_most,
                            PS_BAR_NONE, 0, NULL});
  ps_table_row (&(PsFigure){"  rows written an event", "", &ours.writes, &bare.writes,
                            PS_BAR_AT_MOST, 1, PS_BAR_AT_MOST, 1, NULL});
  PsBar commands = c->rate >= 1000 ? PS_BAR_AT_MOST : PS_BAR_NONE; /* Else looks dominate. */
  ps_table_row (&(PsFigure){"  Redis commands an event", "", &ours.commands, &bare.commands,
                            commands, 1.1, commands, 1.1, NULL});
}

/* Free the text of it with g_free. */
static char *
count_syscalls (Bench *self, Subject subject, PsSamples *out)
{
  char *text = NULL;
  pid_t pid = start (self, subject);
  PsSyscalls *counter = ps_syscalls_start (pid);
  g_array_unref (ps_observer_run (self->observer, self->sender, N_COUNTED, COUNTED_RATE));
  guint64 total = ps_syscalls_stop (counter, N_COUNTED, &text);
  ps_samples_add (out, (double)total / N_COUNTED);
  stop (self, subject, pid);
  return text;
}

static void
measure_syscalls_of (Bench *self, const char *name, Subject daemon, Subject limit, double at)
{
  PsSamples ours = {0}, bare = {0};
  g_autofree char *text = count_syscalls (self, daemon, &ours);
  g_free (count_syscalls (self, limit, &bare));
  ps_table_row (&(PsFigure){name, "", &ours, &bare, PS_BAR_AT_MOST, at, PS_BAR_AT_MOST, at, text});
}

/* Upstream needs 10, two lines of log included. */
static void
measure_syscalls (Bench *self)
{
  measure_syscalls_of (self, "system calls an event, with its log line", DAEMON, LIMIT_WITH_LOG,
                       10);
  measure_syscalls_of (self, "system calls an event, LOGLEVEL=ERROR", DAEMON_QUIET, LIMIT, 9);
}

static guint
n_connections (Bench *self)
{
  redisReply *reply = ps_db_run (self->world->db, 0, "CLIENT LIST");
  guint n = 0;
  for (const char *at_line = reply->str; *at_line != '\0'; at_line++)
    n += *at_line == '\n';
  freeReplyObject (reply);
  return n;
}

static void
measure_connections (Bench *self)
{
  PsSamples n = {0};
  guint before = n_connections (self);
  pid_t pid = start (self, DAEMON);
  ps_samples_add (&n, n_connections (self) - before);
  stop (self, DAEMON, pid);
  ps_table_row (
      &(PsFigure){"Redis connections", "", &n, NULL, PS_BAR_AT_MOST, 4, PS_BAR_AT_MOST, 4, NULL});
}

static Bench
set_up (const PsBenchOptions *options)
{
  Bench bench = {.world = ps_world_new (options->quick, options->n_reps)};
  ps_world_set_ports (bench.world, N_PORTS);
  ps_world_set_links (bench.world, N_PORTS);
  bench.sender = ps_sender_new (N_PORTS);
  return bench;
}

static void
tear_down (Bench *self)
{
  ps_observer_free (self->observer);
  ps_sender_free (self->sender);
  ps_world_free (self->world);
}

void
ps_case_mirror (const PsBenchOptions *options)
{
  Bench bench = set_up (options);
  measure_connections (&bench);
  bench.observer = ps_observer_new (bench.world, N_PORTS);
  measure_syscalls (&bench);
  measure_drain (&bench, DAEMON, LIMIT_WITH_LOG, "");
  measure_drain (&bench, DAEMON_QUIET, LIMIT, ", LOGLEVEL=ERROR");
  tear_down (&bench);
}

void
ps_case_steady (const PsBenchOptions *options)
{
  static const SteadyCase with_log = {DAEMON, LIMIT_WITH_LOG, 1000, "", 184, 321};
  static const SteadyCase quiet = {DAEMON_QUIET, LIMIT, 1000, ", LOGLEVEL=ERROR", 184, 321};
  static const SteadyCase fast = {DAEMON, LIMIT_WITH_LOG, 10000, "", 0, 1500};
  static const SteadyCase slow = {DAEMON, LIMIT_WITH_LOG, 20, "", 522, 855};
  Bench bench = set_up (options);
  bench.observer = ps_observer_new (bench.world, N_PORTS);
  measure_steady (&bench, &quiet);
  measure_steady (&bench, &with_log);
  if (!options->quick) {
    measure_steady (&bench, &fast);
    measure_steady (&bench, &slow);
  }
  tear_down (&bench);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/cases.h"
#include "tests/bench/process.h"
#include "tests/bench/table.h"
#include "tests/bench/world.h"
#include "tests/support/netns.h"
#include "tests/support/orchagent.h"
#include "tests/support/wait.h"
#include <poll.h>
#include <string.h>

#define PATIENT_US  (60 * G_USEC_PER_SEC)
#define WARM_ROW    "WARM_RESTART_TABLE|portsyncd"
#define ENABLE_ROW  "WARM_RESTART_ENABLE_TABLE|swss"
#define KEY_SET     "PORT_TABLE_KEY_SET"
#define INIT_DONE   "PortInitDone"
#define STAGED_INIT "_PORT_TABLE:" INIT_DONE

/* What a warm start writes, however many ports there are: the row of its state three times, and
 * PortInitDone by a script, which counts as one command, and its own three as well. */
#define WRITES_MAX 7

/* Upstream's exec to PortInitDone, ms (docs/predecessor.md 2.4). */
typedef struct {
  guint n_ports;
  double upstream_ms;
} Size;

/* What is measured. A reboot of the system leaves no life record. */
typedef enum { WARM, WARM_REBOOTED, LIMIT } Subject;

typedef struct {
  PsSamples ms, cpu_ms, redis_cpu_ms, writes, reads;
} Warm;

/* --- when something was written ------------------------------------------------------------- */

/* Keyspace events of one key: they come by themselves, so nothing disturbs what is timed. */
static redisContext *
watch_key (PsWorld *world, int db, const char *key)
{
  redisContext *watch = redisConnectUnix (ps_redis_server_socket (world->redis));
  if (watch == NULL || watch->err != 0)
    g_error ("the watch cannot connect");
  redisReply *reply = redisCommand (watch, "SUBSCRIBE __keyspace@%d__:%s", db, key);
  if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
    g_error ("the watch cannot subscribe");
  freeReplyObject (reply);
  return watch;
}

/* Whether one of the events that have come is a write of fields. */
static gboolean
take_events (redisContext *watch)
{
  gboolean written = FALSE;
  gpointer reply = NULL;
  if (redisBufferRead (watch) != REDIS_OK)
    g_error ("the watch lost Redis");
  while (redisGetReplyFromReader (watch, &reply) == REDIS_OK && reply != NULL) {
    const redisReply *message = reply;
    written |= message->elements == 3 && g_strcmp0 (message->element[2]->str, "hset") == 0;
    freeReplyObject (reply);
    reply = NULL;
  }
  return written;
}

/* Waits for the next write; the time at which it was heard of. */
static gint64
await_write (redisContext *watch)
{
  gint64 now_us = 0;
  do {
    struct pollfd fd = {watch->fd, POLLIN, 0};
    if (poll (&fd, 1, PATIENT_US / 1000) != 1)
      g_error ("a start did not come to its end");
    now_us = ps_now_us ();
  } while (!take_events (watch));
  return now_us;
}

/* The state is asked for after each write of its row: three times. */
static gint64
await_reconciled (PsWorld *world, redisContext *watch)
{
  gint64 now_us;
  gboolean reconciled;
  do {
    now_us = await_write (watch);
    g_autofree char *state = ps_db_hget (world->db, PS_DB_STATE, WARM_ROW, "state");
    reconciled = g_strcmp0 (state, "reconciled") == 0;
  } while (!reconciled);
  return now_us;
}

/* --- what was asked of Redis ---------------------------------------------------------------- */

typedef struct {
  gint64 writes, reads;
} Commands;

/* Without those of the observers, and of a connection that is made. */
static void
count_command (const char *name, gint64 n, Commands *out)
{
  static const char *const reads[] = {"exists", "get", "hgetall", "keys", "scan", NULL};
  static const char *const others[] = {"client|list", "command|docs", "hget",      "info", "ping",
                                       "script|load", "select",       "subscribe", NULL};
  if (g_strv_contains (reads, name))
    out->reads += n;
  else if (!g_strv_contains (others, name))
    out->writes += n;
}

/* Lines such as "cmdstat_hset:calls=3,usec=20,...". Whatever is not known to be none is a write. */
static Commands
commands (PsWorld *world)
{
  Commands all = {0, 0};
  redisReply *reply = ps_db_run (world->db, 0, "INFO commandstats");
  g_auto (GStrv) lines = g_strsplit (reply->str, "\r\n", -1);
  freeReplyObject (reply);
  for (guint i = 0; lines[i] != NULL; i++) {
    char name[64];
    gint64 calls;
    if (sscanf (lines[i], "cmdstat_%63[^:]:calls=%" G_GINT64_FORMAT, name, &calls) == 2)
      count_command (name, calls, &all);
  }
  return all;
}

/* --- starts --------------------------------------------------------------------------------- */

static gboolean
init_is_staged (gpointer user_data)
{
  PsWorld *world = user_data;
  return ps_db_exists (world->db, PS_DB_APPL, STAGED_INIT);
}

static void
take_init_away (PsWorld *world)
{
  ps_db_do (world->db, PS_DB_APPL, "DEL " STAGED_INIT);
  ps_db_do (world->db, PS_DB_APPL, "SREM " KEY_SET " " INIT_DONE);
}

/* As the warm restart of swss does it: the count stays, the state goes. */
static void
prepare (PsWorld *world, Subject subject)
{
  ps_db_do (world->db, PS_DB_STATE, "HSET " ENABLE_ROW " enable true");
  ps_db_do (world->db, PS_DB_STATE, "HDEL " WARM_ROW " state");
  take_init_away (world);
  if (subject == WARM_REBOOTED)
    ps_world_forget_life (world);
}

/* All writes that it will ever do are done when this returns. */
static void
end (PsWorld *world, Subject subject, pid_t pid)
{
  if (subject == LIMIT) {
    ps_world_collect (pid);
    return;
  }
  if (!ps_wait_until (init_is_staged, world, PATIENT_US / 1000))
    g_error ("a warm start did not produce " INIT_DONE);
  ps_world_stop_daemon (world);
}

static void
start (PsWorld *world, Subject subject, Warm *out)
{
  const char *args[] = {"warm", ps_redis_server_socket (world->redis), NULL};
  pid_t pid = 0, redis = ps_redis_server_pid (world->redis);
  prepare (world, subject);
  redisContext *watch = watch_key (world, PS_DB_STATE, WARM_ROW);
  Commands before = commands (world);
  guint64 redis_cpu = ps_process_cpu_ns (redis);
  gint64 start_us = ps_now_us ();
  if (subject == LIMIT)
    pid = ps_world_exec_limit (world, args, NULL);
  else
    ps_world_exec_daemon (world);
  gint64 end_us = await_reconciled (world, watch);
  guint64 cpu = ps_process_cpu_ns (subject == LIMIT ? pid : ps_daemon_pid (world->daemon));
  redis_cpu = ps_process_cpu_ns (redis) - redis_cpu;
  gint64 reads = commands (world).reads;
  end (world, subject, pid);
  ps_samples_add (&out->ms, (double)(end_us - start_us) / 1000);
  ps_samples_add (&out->cpu_ms, (double)cpu / 1e6);
  ps_samples_add (&out->redis_cpu_ms, (double)redis_cpu / 1e6);
  ps_samples_add (&out->reads, (double)(reads - before.reads));
  ps_samples_add (&out->writes, (double)(commands (world).writes - before.writes));
  redisFree (watch);
}

/* --- what is printed ------------------------------------------------------------------------ */

/* Every start's, not the median: one write to a port that did not change is one too many. */
static void
print_writes (const Warm *ours)
{
  PsSamples most = {0};
  for (guint i = 0; i < ours->writes.n; i++)
    most.value[0] = MAX (most.value[0], ours->writes.value[i]);
  most.n = 1;
  ps_table_row (&(PsFigure){"  write commands, at most", "", &most, NULL, PS_BAR_AT_MOST,
                            WRITES_MAX, PS_BAR_AT_MOST, WRITES_MAX, NULL});
}

static void
print (const Size *size, const char *what, const Warm *ours, const Warm *bare)
{
  gboolean is_held = size->n_ports >= 4096; /* Below, it is all the start of a process. */
  g_autofree char *name = g_strdup_printf ("warm start%s, %u ports", what, size->n_ports);
  ps_table_row (&(PsFigure){name, "ms", &ours->ms, &bare->ms, is_held ? PS_BAR_RATIO : PS_BAR_NONE,
                            1.5, PS_BAR_NONE, 0, NULL});
  ps_table_row (&(PsFigure){"  the same, 5 times upstream's speed", "ms", &ours->ms, NULL,
                            is_held ? PS_BAR_AT_MOST : PS_BAR_NONE, size->upstream_ms / 5,
                            PS_BAR_NONE, 0, NULL});
  ps_table_row (&(PsFigure){"  CPU", "ms", &ours->cpu_ms, &bare->cpu_ms, PS_BAR_NONE, 0,
                            PS_BAR_NONE, 0, NULL});
  ps_table_row (&(PsFigure){"  Redis CPU", "ms", &ours->redis_cpu_ms, &bare->redis_cpu_ms,
                            PS_BAR_NONE, 0, PS_BAR_NONE, 0, NULL});
  ps_table_row (&(PsFigure){"  read commands", "", &ours->reads, &bare->reads, PS_BAR_NONE, 0,
                            PS_BAR_NONE, 0, NULL});
  print_writes (ours);
}

static void
measure_warm (PsWorld *world, const Size *size)
{
  Warm ours = {0}, rebooted = {0}, bare = {0};
  for (guint i = 0; i < world->n_reps; i++) {
    start (world, WARM, &ours);
    start (world, LIMIT, &bare);
    start (world, WARM_REBOOTED, &rebooted);
  }
  print (size, "", &ours, &bare);
  print (size, ", no life record", &rebooted, &bare);
}

/* With an orchagent that takes the ports: PortInitDone follows only then. */
static void
measure_resume (PsWorld *world, const Size *size)
{
  PsOrchagentSetup setup = {.unix_socket_path = ps_redis_server_socket (world->redis),
                            .batch = 1024};
  PsSamples ms = {0};
  ps_db_do (world->db, PS_DB_STATE, "HSET " ENABLE_ROW " enable false");
  take_init_away (world);
  PsOrchagent *orchagent = ps_orchagent_new (&setup);
  for (guint i = 0; i < world->n_reps; i++) {
    redisContext *watch = watch_key (world, PS_DB_APPL, STAGED_INIT);
    gint64 start_us = ps_now_us ();
    ps_world_exec_daemon (world);
    ps_samples_add (&ms, (double)(await_write (watch) - start_us) / 1000);
    ps_daemon_kill (world->daemon);
    redisFree (watch);
  }
  ps_orchagent_free (orchagent);
  g_autofree char *name = g_strdup_printf ("resume to " INIT_DONE ", %u ports", size->n_ports);
  ps_table_row (&(PsFigure){name, "ms", &ms, NULL, PS_BAR_NONE, 0, PS_BAR_NONE, 0, NULL});
}

void
ps_case_warm (const PsBenchOptions *options)
{
  static const Size sizes[] = {{512, 113}, {4096, 480}, {20000, 4435}};
  static const Size quick[] = {{512, 113}, {2048, 0}};
  PsWorld *world = ps_world_new (options->quick, options->n_reps);
  const Size *list = options->quick ? quick : sizes;
  ps_netns_disable_ipv6 ();
  for (guint i = 0; i < (options->quick ? G_N_ELEMENTS (quick) : G_N_ELEMENTS (sizes)); i++) {
    ps_world_set_ports (world, list[i].n_ports);
    ps_world_set_links (world, list[i].n_ports);
    ps_world_boot_daemon (world);
    ps_world_stop_daemon (world);
    measure_warm (world, &list[i]);
    measure_resume (world, &list[i]);
  }
  ps_world_free (world);
}

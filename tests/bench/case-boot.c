/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/cases.h"
#include "tests/bench/process.h"
#include "tests/bench/table.h"
#include "tests/bench/world.h"
#include <poll.h>
#include <time.h>

#define PENDING    "PORT_TABLE_KEY_SET"
#define LOOK_US    300 /* between two looks at the number of staged ports */
#define PATIENT_US (60 * G_USEC_PER_SEC)

/* Upstream's exec to PortConfigDone, ms (docs/predecessor.md 2.4). */
typedef struct {
  guint n_ports;
  double upstream_ms;
} Size;

static double
ms_until_staged (PsWorld *world, guint n, gint64 start_us)
{
  const struct timespec pause = {0, LOOK_US * 1000};
  while (ps_db_integer (world->db, PS_DB_APPL, "SCARD " PENDING) < n) {
    if (ps_now_us () - start_us > PATIENT_US)
      g_error ("%u ports were not staged", n);
    ppoll (NULL, 0, &pause, NULL);
  }
  return (double)(ps_now_us () - start_us) / 1000;
}

typedef struct {
  PsSamples ms, cpu_ms, redis_cpu_ms;
} Boot;

static void
boot (PsWorld *world, guint n, gboolean is_daemon, Boot *out)
{
  const char *args[] = {"boot", ps_redis_server_socket (world->redis), NULL};
  pid_t pid = 0, redis = ps_redis_server_pid (world->redis);
  ps_world_forget (world);
  guint64 redis_cpu = ps_process_cpu_ns (redis);
  gint64 start_us = ps_now_us ();
  if (is_daemon)
    ps_world_exec_daemon (world);
  else
    pid = ps_world_exec_limit (world, args, NULL);
  ps_samples_add (&out->ms, ms_until_staged (world, n, start_us));
  ps_samples_add (&out->cpu_ms,
                  (double)ps_process_cpu_ns (is_daemon ? ps_daemon_pid (world->daemon) : pid) /
                      1e6);
  ps_samples_add (&out->redis_cpu_ms, (double)(ps_process_cpu_ns (redis) - redis_cpu) / 1e6);
  if (is_daemon)
    ps_daemon_kill (world->daemon);
  else
    ps_world_collect (pid);
}

static void
measure (PsWorld *world, const Size *size)
{
  Boot ours = {0}, bare = {0};
  ps_world_set_ports (world, size->n_ports);
  for (guint i = 0; i < world->n_reps; i++) {
    boot (world, size->n_ports, TRUE, &ours);
    boot (world, size->n_ports, FALSE, &bare);
  }
  g_autofree char *name =
      g_strdup_printf ("exec to last port SET acknowledged, %u ports", size->n_ports);
  gboolean is_held = size->n_ports >= 4096; /* Below, it is all the start of a process. */
  ps_table_row (&(PsFigure){name, "ms", &ours.ms, &bare.ms, is_held ? PS_BAR_RATIO : PS_BAR_NONE,
                            1.25, PS_BAR_NONE, 0, NULL});
  ps_table_row (&(PsFigure){"  the same, 8 times upstream's speed", "ms", &ours.ms, NULL,
                            is_held ? PS_BAR_AT_MOST : PS_BAR_NONE, size->upstream_ms / 8,
                            PS_BAR_NONE, 0, NULL});
  ps_table_row (
      &(PsFigure){"  CPU", "ms", &ours.cpu_ms, &bare.cpu_ms, PS_BAR_NONE, 0, PS_BAR_NONE, 0, NULL});
  ps_table_row (&(PsFigure){"  Redis CPU", "ms", &ours.redis_cpu_ms, &bare.redis_cpu_ms,
                            PS_BAR_NONE, 0, PS_BAR_RATIO, 2, NULL});
}

void
ps_case_boot (const PsBenchOptions *options)
{
  static const Size sizes[] = {{512, 46.9}, {4096, 651}, {20000, 3510}};
  PsWorld *world = ps_world_new (options->quick, options->n_reps);
  for (guint i = 0; i < (options->quick ? 2 : G_N_ELEMENTS (sizes)); i++)
    measure (world, &sizes[i]);
  ps_world_free (world);
}

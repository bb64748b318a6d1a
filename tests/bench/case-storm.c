/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/cases.h"
#include "tests/bench/sender.h"
#include "tests/bench/table.h"
#include "tests/bench/world.h"
#include "tests/support/kernel-dump.h"
#include "tests/support/state-check.h"
#include "tests/support/wait.h"
#include <signal.h>
#include <string.h>

#define N_PORTS   128
#define N_CHANGES 51200
#define HEAL_MS   10000
#define SEED      20260801

typedef struct {
  PsSamples drops, rows_wrong, flaps_wrong, heal_ms;
} Storm;

/* A quarter each of carrier changes, the rest new MTUs. The daemon sleeps through the second
 * eighth, so that its small buffer overruns whatever the speed of the machine. */
static void
blow (PsSender *sender, PsDaemon *daemon, GRand *random)
{
  for (guint i = 0; i < N_CHANGES; i++) {
    guint port = (guint)g_rand_int_range (random, 0, N_PORTS);
    if (i == N_CHANGES / 8)
      ps_daemon_signal (daemon, SIGSTOP);
    if (i == N_CHANGES / 4)
      ps_daemon_signal (daemon, SIGCONT);
    if (i % 4 == 0)
      ps_sender_carrier (sender, port, g_rand_boolean (random));
    else
      ps_sender_mtu (sender, port, (guint)g_rand_int_range (random, 1500, 9000));
  }
}

static gboolean
is_equal (gpointer user_data)
{
  g_autofree char *difference = ps_state_difference (user_data, NULL);
  return difference == NULL;
}

static guint
n_rows_wrong (PsDb *db)
{
  g_autoptr (GPtrArray) ports = ps_state_read (db, NULL);
  guint n = 0;
  for (guint i = 0; i < ports->len; i++) {
    const PsPortState *port = g_ptr_array_index (ports, i);
    n += g_strcmp0 (port->kernel, port->state) != 0;
  }
  return n;
}

/* The counters that the ended daemon left, against the kernel's. */
static guint
n_flaps_wrong (PsDaemon *daemon)
{
  g_autoptr (GHashTable) counted = ps_daemon_carriers (daemon);
  g_autoptr (GArray) links = ps_kernel_dump ();
  guint n = 0;
  if (counted == NULL)
    return N_PORTS;
  for (guint i = 0; i < links->len; i++) {
    const PsKernelLink *link = &g_array_index (links, PsKernelLink, i);
    g_autofree char *theirs =
        g_strdup_printf ("%d %u %u %u", link->ifindex, link->changes, link->ups, link->downs);
    if (g_str_has_prefix (link->name, "Ethernet"))
      n += g_strcmp0 (g_hash_table_lookup (counted, link->name), theirs) != 0;
  }
  return n;
}

static void
run (PsWorld *world, PsSender *sender, GRand *random, Storm *out)
{
  ps_world_boot_daemon (world);
  blow (sender, world->daemon, random);
  gint64 end_us = ps_now_us ();
  ps_wait_until (is_equal, world->db, HEAL_MS);
  ps_samples_add (&out->heal_ms, (double)(ps_now_us () - end_us) / 1000);
  /* Rows that agree by chance say nothing of what is still to be read. */
  ps_world_await_links (world);
  ps_samples_add (&out->rows_wrong, n_rows_wrong (world->db));
  ps_samples_add (&out->drops, (double)ps_daemon_netlink_drops (world->daemon));
  ps_world_stop_daemon (world);
  ps_samples_add (&out->flaps_wrong, n_flaps_wrong (world->daemon));
}

void
ps_case_storm (const PsBenchOptions *options)
{
  PsWorld *world = ps_world_new (options->quick, options->n_reps);
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  Storm storm = {0};
  ps_daemon_set (world->daemon, "netlink", "receive_buffer", "256k");
  ps_world_set_ports (world, N_PORTS);
  ps_world_set_links (world, N_PORTS);
  PsSender *sender = ps_sender_new (N_PORTS);
  for (guint i = 0; i < options->n_reps; i++)
    run (world, sender, random, &storm);
  ps_table_row (&(PsFigure){"51,200 changes: dropped by the kernel", "", &storm.drops, NULL,
                            PS_BAR_AT_LEAST, 1, PS_BAR_AT_LEAST, 1, NULL});
  ps_table_row (&(PsFigure){"  rows wrong afterwards", "", &storm.rows_wrong, NULL, PS_BAR_AT_MOST,
                            0, PS_BAR_AT_MOST, 0, NULL});
  ps_table_row (&(PsFigure){"  flap counts wrong", "", &storm.flaps_wrong, NULL, PS_BAR_AT_MOST, 0,
                            PS_BAR_AT_MOST, 0, NULL});
  ps_table_row (&(PsFigure){"  right again after the last change", "ms", &storm.heal_ms, NULL,
                            PS_BAR_NONE, 0, PS_BAR_NONE, 0, NULL});
  ps_sender_free (sender);
  ps_world_free (world);
}

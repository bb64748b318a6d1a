/* SPDX-License-Identifier: Apache-2.0 */
/* What a port costs the daemon in memory: the heap that ends with its process, in a simulated
 * switch where everything else stays. */
#include "mirror/port.h"
#include "sim/world/world.h"
#include "tests/support/heap.h"

#define N_FEW          1000
#define N_MANY         21000
#define BURST          20
#define BYTES_PER_PORT 512 /* docs/rules.md 5 */

/* A little at a time: the queue of the simulated kernel's socket ends with the process, too. */
static void
boot (PsSimWorld *world, guint n_ports)
{
  PsSimKernel *kernel = ps_sim_world_kernel (world);
  ps_sim_world_configure_ports (world, n_ports);
  g_assert_true (ps_sim_world_start_daemon (world));
  ps_sim_orchagent_start (ps_sim_world_orchagent (world), FALSE);
  for (guint i = 0; i < 600 && !ps_engine_status (ps_sim_world_engine (world)).init_done; i++)
    ps_sim_world_run_for (world, G_USEC_PER_SEC);
  for (guint i = 0; i < ps_sim_kernel_length (kernel); i++) {
    ps_sim_kernel_set_admin (kernel, ps_sim_kernel_nth (kernel, i)->ifindex, TRUE);
    if (i % BURST == 0)
      ps_sim_world_run_for (world, G_USEC_PER_SEC / 1000);
  }
  ps_sim_world_run_for (world, 30 * G_USEC_PER_SEC);
}

/* The bytes that are given back when the process dies. */
static gsize
cost_of (guint n_ports)
{
  PsSimWorldOptions options = {.seed = 1, .orchagent = {.device_delay_us = 10}};
  g_autoptr (PsSimWorld) world = ps_sim_world_new (&options);
  boot (world, n_ports);
  PsEngineStatus status = ps_engine_status (ps_sim_world_engine (world));
  g_assert_true (status.init_done);
  g_assert_cmpuint (status.n_ports, ==, n_ports);
  g_assert_cmpuint (status.n_waiting, ==, 0);
  gsize before = ps_heap_in_use ();
  g_assert_true (ps_sim_world_kill_daemon (world));
  gsize after = ps_heap_in_use ();
  if (ps_heap_is_measured ())
    g_assert_cmpuint (before, >, after);
  return before - after;
}

/* Twenty thousand ports more cost the daemon at most 512 bytes each, when all of them are there,
 * up and written; and not so little that nothing was measured. */
static void
test_port (void)
{
  gsize few = cost_of (N_FEW), many = cost_of (N_MANY);
  if (!ps_heap_is_measured ())
    return;
  g_assert_cmpuint (many, >, few);
  gsize each = (many - few) / (N_MANY - N_FEW);
  g_test_message ("%zu bytes a port", each);
  g_assert_cmpuint (each, >=, sizeof (PsPort));
  g_assert_cmpuint (each, <=, BYTES_PER_PORT);
}

/* A storm, and a Redis that is away, cost nothing that is kept: what waits is a mark at the port.
 */
static void
test_storm (void)
{
  PsSimWorldOptions options = {.seed = 1, .orchagent = {.device_delay_us = 10}};
  g_autoptr (PsSimWorld) world = ps_sim_world_new (&options);
  PsSimKernel *kernel = ps_sim_world_kernel (world);
  boot (world, N_FEW);
  gsize before = ps_heap_in_use ();
  ps_sim_redis_kill (ps_sim_world_redis (world), PS_SIM_REDIS_ALL);
  for (guint round = 0; round < 200; round++) {
    for (guint i = 0; i < N_FEW; i += 10)
      ps_sim_kernel_set_carrier (kernel, ps_sim_kernel_nth (kernel, i)->ifindex, round % 2 == 0);
    ps_sim_world_run_for (world, G_USEC_PER_SEC / 100);
  }
  g_assert_cmpuint (ps_engine_status (ps_sim_world_engine (world)).n_waiting, >, 0);
  g_assert_cmpuint (ps_heap_in_use (), <, before + N_FEW * BYTES_PER_PORT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim-memory/port", test_port);
  g_test_add_func ("/sim-memory/storm", test_storm);
  return g_test_run ();
}

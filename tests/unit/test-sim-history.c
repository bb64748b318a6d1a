/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated switch runs right histories, to the bit the same for the same seed, and no check
 * finds fault with them. */
#include "base/rng.h"
#include "core/schema.h"
#include "tests/support/check-fixture.h"
#include <signal.h>

/* --- right histories ------------------------------------------------------------------------ */

static void
change_link (Fixture *f, PsRng *rng)
{
  PsSimKernel *k = kernel (f);
  const PsSimLink *link =
      ps_sim_kernel_nth (k, (guint)ps_rng_below (rng, ps_sim_kernel_length (k)));
  guint32 ifindex = link->ifindex;
  switch (ps_rng_below (rng, 6)) {
  case 0:
    ps_sim_kernel_set_admin (k, ifindex, (link->flags & IFF_UP) == 0);
    return;
  case 1:
    ps_sim_kernel_set_mtu (k, ifindex, 1500 + (guint32)ps_rng_below (rng, 8000));
    return;
  default:
    ps_sim_kernel_set_carrier (k, ifindex, !ps_sim_kernel_has_carrier (k, ifindex));
  }
}

/* Another device takes the name of one that goes. */
static void
replace_link (Fixture *f, const char *name)
{
  ps_sim_kernel_remove (kernel (f), ps_sim_kernel_find (kernel (f), name)->ifindex);
  ps_sim_kernel_add (kernel (f), name, 0, "veth");
}

static void
disturb (Fixture *f, PsRng *rng, guint i)
{
  if (i == 50)
    replace_link (f, "Ethernet3");
  else if (i == 100)
    ps_sim_redis_kill (redis (f), PS_SIM_REDIS_ALL);
  else if (i == 140)
    ps_sim_redis_start (redis (f), PS_SIM_REDIS_ALL, PS_SIM_REDIS_KEEP);
  else if (i == 180)
    ps_sim_redis_cut_after_bytes (redis (f), PS_SIM_REDIS_ALL, ps_rng_below (rng, 2),
                                  1 + ps_rng_below (rng, 2000));
  else if (i == 220)
    g_assert_true (ps_sim_world_kill_daemon (f->world));
  else if (i == 240)
    g_assert_true (ps_sim_world_start_daemon (f->world));
}

/* Boot, flaps, a lost server, a cut, a killed daemon; then everything is right again. */
static guint64
run_history (guint64 seed)
{
  Fixture f = {0};
  PsRng rng;
  ps_rng_seed (&rng, seed);
  set_up (&f, seed);
  boot (&f, 32);
  for (guint i = 0; i < 300; i++) {
    change_link (&f, &rng);
    disturb (&f, &rng, i);
    run (&f, (gint64)ps_rng_below (&rng, 20000));
  }
  ps_check_settle (f.check);
  assert_green (&f);
  g_assert_true (ps_sim_orchagent_init_done (orchagent (&f)));
  g_assert_cmpuint (ps_sim_orchagent_n_late (orchagent (&f)), ==, 0);
  g_assert_cmpuint (ps_check_counters (f.check)->kernel_events, >, 300);
  g_assert_cmpuint (ps_check_counters (f.check)->writes, >, 100);
  g_assert_true (ps_check_stop (f.check));
  g_assert_cmpint (ps_sim_world_exit_code (f.world), ==, 128 + SIGTERM);
  guint64 digest = ps_history_digest (ps_check_history (f.check));
  tear_down (&f);
  return digest;
}

/* No check fails on a right history, whatever the seed. */
static void
test_right_histories (void)
{
  for (guint64 seed = 1; seed <= 20; seed++)
    run_history (seed);
}

/* The same seed gives the same run to the bit, another seed another run. */
static void
test_digest (void)
{
  guint64 digest = run_history (7);
  g_assert_cmpuint (run_history (7), ==, digest);
  g_assert_cmpuint (run_history (8), !=, digest);
}

/* A warm restart is right, too. */
static void
test_warm (void)
{
  Fixture f = {0};
  set_up (&f, 1);
  boot (&f, N_PORTS);
  ps_sim_world_set_warm (f.world, "swss", TRUE);
  g_assert_true (ps_sim_world_kill_daemon (f.world));
  g_assert_true (ps_sim_world_start_daemon (f.world));
  run (&f, SECOND);
  ps_check_settle (f.check);
  assert_green (&f);
  g_assert_cmpstr (ps_sim_redis_hget (redis (&f), PS_SIM_STATE_DB, "WARM_RESTART_TABLE|portsyncd",
                                      "restore_count"),
                   ==, "1");
  tear_down (&f);
}

/* A daemon whose socket dies ends, and that is no breach; who starts it again gets all back. */
static void
test_dead_socket (void)
{
  Fixture f = {0};
  set_up (&f, 1);
  boot (&f, N_PORTS);
  ps_sim_kernel_close_sockets (kernel (&f), 5);
  run (&f, SECOND);
  assert_green (&f);
  g_assert_false (ps_sim_world_is_alive (f.world));
  g_assert_cmpint (ps_sim_world_exit_code (f.world), !=, 0);
  g_assert_true (ps_sim_world_start_daemon (f.world));
  ps_check_settle (f.check);
  assert_green (&f);
  tear_down (&f);
}

/* A deletion is right when its device went, also if another has come. */
static void
test_replaced_device (void)
{
  Fixture f = {0};
  set_up (&f, 1);
  boot (&f, N_PORTS);
  guint64 before = ps_check_counters (f.check)->writes;
  replace_link (&f, "Ethernet1");
  ps_check_settle (f.check);
  assert_green (&f);
  g_assert_cmpuint (ps_check_counters (f.check)->writes, ==, before + 2);
  tear_down (&f);
}

/* orchagent pops PortConfigDone between our two looks for it, whichever comes first. */
static PsSimGate
pop_between_looks (const PsSimRedisCommand *command, gpointer user_data)
{
  static const char live[] = "PORT_TABLE:PortConfigDone", staged[] = "_PORT_TABLE:PortConfigDone";
  Fixture *f = user_data;
  gboolean looks =
      g_str_equal (command->words[0].data, "HGETALL") &&
      (g_str_equal (command->words[1].data, live) || g_str_equal (command->words[1].data, staged));
  if (!looks || f->n_looks++ != 1)
    return PS_SIM_GATE_RUN;
  ps_sim_redis_srem (redis (f), PS_SIM_APPL_DB, "PORT_TABLE_KEY_SET", "PortConfigDone");
  ps_sim_redis_del (redis (f), PS_SIM_APPL_DB, staged);
  ps_sim_redis_hset (redis (f), PS_SIM_APPL_DB, live, "count", "4");
  return PS_SIM_GATE_RUN;
}

/* A restart while orchagent takes the marker is a resume all the same: in no order of events does
 * it look as if the marker had never been. */
static void
test_pop_during_evidence (void)
{
  Fixture f = {0};
  set_up (&f, 3);
  ps_sim_world_configure_ports (f.world, N_PORTS);
  ps_sim_world_start_daemon (f.world);
  run (&f, SECOND);
  g_assert_true (ps_sim_redis_exists (redis (&f), PS_SIM_APPL_DB, "_PORT_TABLE:PortConfigDone"));
  ps_sim_world_kill_daemon (f.world);
  ps_sim_redis_set_gate (redis (&f), pop_between_looks, &f);
  ps_sim_world_start_daemon (f.world);
  run (&f, SECOND);
  g_assert_cmpuint (f.n_looks, >=, 2);
  g_assert_cmpint (ps_engine_status (ps_sim_world_engine (f.world)).start.mode, ==,
                   PS_START_RESUME);
  tear_down (&f);
}

/* --- history -------------------------------------------------------------------------------- */

/* Every byte, their order and where one piece ends and the next begins are in the digest. */
static void
test_history_digest (void)
{
  guint8 bytes[100] = {0};
  g_autoptr (GHashTable) digests =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (gsize i = 0; i < sizeof bytes; i++) {
    g_autoptr (PsHistory) history = ps_history_new ();
    bytes[i] = 1;
    ps_history_add_bytes (history, bytes, sizeof bytes);
    bytes[i] = 0;
    guint64 digest = ps_history_digest (history);
    g_assert_true (g_hash_table_add (digests, g_memdup2 (&digest, sizeof digest)));
  }
  g_autoptr (PsHistory) whole = ps_history_new ();
  g_autoptr (PsHistory) parts = ps_history_new ();
  ps_history_add_bytes (whole, bytes, 64);
  ps_history_add_bytes (parts, bytes, 32);
  ps_history_add_bytes (parts, bytes, 32);
  g_assert_cmpuint (ps_history_digest (whole), !=, ps_history_digest (parts));
}

/* The last events are kept as lines, oldest first; the ones before are forgotten. */
static void
test_history_lines (void)
{
  g_autoptr (PsHistory) history = ps_history_new ();
  g_assert_null (ps_history_last_line (history));
  for (guint i = 0; i < PS_HISTORY_EVENTS + 10; i++)
    ps_history_note (history, 1500000 + i, "link", "Ethernet0", i);
  g_autoptr (GPtrArray) lines = ps_history_lines (history);
  g_autofree char *last = ps_history_last_line (history);
  g_assert_cmpuint (lines->len, ==, PS_HISTORY_EVENTS);
  g_assert_cmpstr (lines->pdata[0], ==, "1.500010 link Ethernet0 10");
  g_assert_cmpstr (last, ==, lines->pdata[PS_HISTORY_EVENTS - 1]);
  g_assert_cmpuint (ps_history_n_events (history), ==, PS_HISTORY_EVENTS + 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim-history/right-histories", test_right_histories);
  g_test_add_func ("/sim-history/digest", test_digest);
  g_test_add_func ("/sim-history/warm", test_warm);
  g_test_add_func ("/sim-history/dead-socket", test_dead_socket);
  g_test_add_func ("/sim-history/replaced-device", test_replaced_device);
  g_test_add_func ("/sim-history/pop-during-evidence", test_pop_during_evidence);
  g_test_add_func ("/sim-history/bytes", test_history_digest);
  g_test_add_func ("/sim-history/lines", test_history_lines);
  return g_test_run ();
}

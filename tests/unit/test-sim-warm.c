/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of sim/check that are there for restarts: each fails on a planted breach, with its own
 * name, and none on a right history of the same kind. */
#include "core/schema.h"
#include "sim/check/feed.h"
#include "tests/support/breach.h"
#include <linux/rtnetlink.h>
#include <linux/if.h>
#include <string.h>

#define WARM_KEY "WARM_RESTART_TABLE|portsyncd"
#define DOWN_ROW "HSET PORT_TABLE|Ethernet1 state ok netdev_oper_status down admin_status down mtu "

static void
set_mtu (Fixture *f, const char *name, guint32 mtu)
{
  ps_sim_kernel_set_mtu (kernel (f), ps_sim_kernel_find (kernel (f), name)->ifindex, mtu);
}

static void
assert_state (Fixture *f, const char *state)
{
  g_assert_cmpstr (ps_sim_redis_hget (redis (f), PS_SIM_STATE_DB, WARM_KEY, PS_FIELD_STATE), ==,
                   state);
}

static void
forge_warm_state (Fixture *f, const char *state)
{
  g_autofree char *line = g_strdup_printf ("HSET " WARM_KEY " state %s", state);
  forge_state (f, line);
}

/* --- warm-state-order ------------------------------------------------------------------------- */

static void
plant_state_goes_back (Fixture *f)
{
  restart_warm (f);
  assert_state (f, "reconciled");
  forge_warm_state (f, "restored");
}

static void
plant_state_of_cold (Fixture *f)
{
  boot (f, N_PORTS);
  forge_warm_state (f, "disabled");
}

static void
plant_state_of_resume (Fixture *f)
{
  restart_warm (f);
  ps_sim_world_set_warm (f->world, "swss", FALSE);
  g_assert_true (ps_sim_world_kill_daemon (f->world));
  g_assert_true (ps_sim_world_start_daemon (f->world));
  run (f, SECOND);
  assert_green (f);
  forge_warm_state (f, "reconciled");
}

/* --- restore-count ---------------------------------------------------------------------------- */

/* The row was no hash, was deleted for that, and came back without its count. */
static void
plant_count_not_repaired (Fixture *f)
{
  restart_warm (f);
  ps_sim_redis_spoil (redis (f), PS_SIM_STATE_DB, WARM_KEY);
  forge_state (f, "DEL " WARM_KEY);
  assert_green (f);
  forge_warm_state (f, "reconciled");
}

/* No client spoiled it. */
static void
plant_warm_row_deleted (Fixture *f)
{
  restart_warm (f);
  forge_state (f, "DEL " WARM_KEY);
}

/* --- warm-state-true -------------------------------------------------------------------------- */

/* STATE_DB refuses every reading of it. */
static void
begin_unread (Fixture *f)
{
  boot (f, N_PORTS);
  set_mtu (f, "Ethernet1", 4000);
  run (f, SECOND);
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "SCAN", "BUSY Redis is busy", FOREVER);
  begin_warm (f);
  run (f, SECOND);
  assert_green (f);
  assert_state (f, "initialized");
}

static void
plant_restored_unread (Fixture *f)
{
  begin_unread (f);
  forge_warm_state (f, "restored");
}

/* Before the daemon may say so. */
static void
forge_reconciled (Fixture *f)
{
  run (f, SECOND);
  assert_green (f);
  assert_state (f, "restored");
  forge_warm_state (f, "reconciled");
}

/* A port is still missing, and its time is not over. */
static void
plant_reconciled_early (Fixture *f)
{
  boot (f, N_PORTS);
  g_assert_true (ps_sim_world_kill_daemon (f->world));
  ps_sim_kernel_remove (kernel (f), ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex);
  ps_sim_world_set_warm (f->world, "swss", TRUE);
  g_assert_true (ps_sim_world_start_daemon (f->world));
  forge_reconciled (f);
}

static void
plant_reconciled_unlisted (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_kernel_interrupt_dumps (kernel (f), 1000);
  begin_warm (f);
  forge_reconciled (f);
}

/* A row is still that of before, and every port has one. */
static void
plant_reconciled_over_old_row (Fixture *f)
{
  boot (f, N_PORTS);
  g_assert_true (ps_sim_world_kill_daemon (f->world));
  set_mtu (f, "Ethernet1", 4000);
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "HSET PORT_TABLE", "OOM command not allowed",
                       FOREVER);
  ps_sim_world_set_warm (f->world, "swss", TRUE);
  g_assert_true (ps_sim_world_start_daemon (f->world));
  forge_reconciled (f);
}

/* When its time is over, it may be said of anything. */
static void
test_forced (void)
{
  Fixture f = {0};
  set_up (&f, 1);
  boot (&f, N_PORTS);
  g_assert_true (ps_sim_world_kill_daemon (f.world));
  ps_sim_kernel_remove (kernel (&f), ps_sim_kernel_find (kernel (&f), "Ethernet1")->ifindex);
  ps_sim_world_set_warm (f.world, "swss", TRUE);
  g_assert_true (ps_sim_world_start_daemon (f.world));
  run (&f, ps_sim_world_eoiu_timeout_us (f.world) - SECOND);
  assert_state (&f, "restored");
  run (&f, 2 * SECOND);
  assert_state (&f, "reconciled");
  assert_green (&f);
  tear_down (&f);
}

/* --- count-repaired --------------------------------------------------------------------------- */

/* Not one reply is slow, but the names are told one by one, and those are many. */
static void
plant_count_late (Fixture *f)
{
  boot (f, 160);
  ps_sim_redis_hset (redis (f), PS_SIM_APPL_DB, "PORT_TABLE:PortConfigDone", PS_FIELD_COUNT, "77");
  ps_sim_redis_set_latency_us (redis (f), PS_SIM_REDIS_ALL, 10000);
  ps_sim_redis_set_scan (redis (f), 1, 0);
  begin_warm (f);
  run (f, 3 * SECOND);
}

/* --- links-untouched -------------------------------------------------------------------------- */

static void
plant_link_set (Fixture *f)
{
  struct nlmsghdr request = {
      .nlmsg_len = sizeof request, .nlmsg_type = RTM_SETLINK, .nlmsg_flags = NLM_F_REQUEST};
  restart_warm (f);
  ps_check_take_bytes (f->check, PS_SIM_TAP_KERNEL, PS_SIM_TAP_WRITTEN, (guint8 *)&request,
                       sizeof request);
}

/* Devices of an earlier run go down: that is what it is for. */
static void
test_links_of_cold (void)
{
  Fixture f = {0};
  set_up (&f, 1);
  boot (&f, N_PORTS);
  guint32 ifindex = ps_sim_kernel_find (kernel (&f), "Ethernet1")->ifindex;
  ps_sim_kernel_set_admin (kernel (&f), ifindex, TRUE);
  g_assert_true (ps_sim_world_kill_daemon (f.world));
  ps_sim_world_new_init (f.world);
  g_assert_true (ps_sim_world_start_daemon (f.world));
  run (&f, SECOND);
  g_assert_cmpuint (ps_sim_kernel_find_ifindex (kernel (&f), ifindex)->flags & IFF_UP, ==, 0);
  assert_green (&f);
  tear_down (&f);
}

/* --- read-first, no-rewrite ------------------------------------------------------------------- */

/* It is true, and differs from what stands there. */
static void
plant_written_unread (Fixture *f)
{
  begin_unread (f);
  set_mtu (f, "Ethernet1", 5000);
  forge_state (f, DOWN_ROW "5000");
}

static void
plant_deleted_unread (Fixture *f)
{
  begin_unread (f);
  ps_sim_kernel_remove (kernel (f), ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex);
  forge_state (f, "DEL PORT_TABLE|Ethernet1");
}

static void
plant_rewritten (Fixture *f)
{
  boot (f, N_PORTS);
  set_mtu (f, "Ethernet1", 4000);
  run (f, SECOND);
  forge_state (f, DOWN_ROW "4000");
}

/* Nor by a process that found it so. */
static void
plant_rewritten_after_restart (Fixture *f)
{
  boot (f, N_PORTS);
  set_mtu (f, "Ethernet1", 4000);
  run (f, SECOND);
  begin_warm (f);
  run (f, SECOND);
  assert_green (f);
  forge_state (f, DOWN_ROW "4000");
}

static void
count_rewritten (const PsSimRedisWrite *write, gpointer user_data)
{
  Fixture *f = user_data;
  f->n_looks += strcmp (write->key.data, "PORT_TABLE|Ethernet1") == 0;
}

/* When the deletion between two equal rows is refused, the write that came with it is needless, and
 * no breach: both come again. */
static void
test_rewritten_after_refusal (void)
{
  Fixture f = {0};
  set_up (&f, 1);
  boot (&f, N_PORTS);
  guint32 ifindex = ps_sim_kernel_find (kernel (&f), "Ethernet1")->ifindex;
  ps_sim_redis_refuse (redis (&f), PS_SIM_REDIS_ALL, "DEL PORT_TABLE|Ethernet1",
                       "OOM command not allowed", 1);
  guint observer = ps_sim_redis_add_observer (redis (&f), count_rewritten, &f);
  g_assert_true (ps_sim_world_kill_daemon (f.world));
  ps_sim_kernel_remove (kernel (&f), ifindex);
  ps_sim_kernel_add (kernel (&f), "Ethernet1", 0, "veth");
  g_assert_true (ps_sim_world_start_daemon (f.world));
  run (&f, 30 * SECOND);
  g_assert_cmpuint (f.n_looks, ==, 3); /* HSET, DEL, HSET */
  assert_green (&f);
  ps_sim_redis_remove_observer (redis (&f), observer);
  tear_down (&f);
}

/* --- the table ------------------------------------------------------------------------------ */

/* Its row went with its device, APPL_DB forgot it, and a device of its name comes back. */
static void
plant_forgotten_port (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_kernel_remove (kernel (f), ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex);
  run (f, 2 * SECOND);
  ps_sim_redis_del (redis (f), PS_SIM_APPL_DB, "PORT_TABLE:Ethernet1");
  ps_sim_kernel_add (kernel (f), "Ethernet1", 0, "veth");
  run (f, SECOND);
  assert_green (f);
  forge_state (
      f, "HSET PORT_TABLE|Ethernet1 state ok netdev_oper_status down admin_status down mtu 1500");
}

static void
plant_old_link_up (Fixture *f)
{
  ps_sim_kernel_set_admin (kernel (f), ps_sim_kernel_add (kernel (f), "Ethernet0", 0, "veth"),
                           TRUE);
  boot (f, N_PORTS);
  /* It is down, as every old link; the start is decided once more with one that is not. */
  const PsSimLink *old = ps_sim_kernel_nth (kernel (f), 0);
  g_assert_true (ps_truth_is_old (ps_check_facts (f->check)->truth, old->ifindex));
  g_assert_cmpuint (old->flags & IFF_UP, ==, 0);
  ps_sim_kernel_set_admin (kernel (f), old->ifindex, TRUE);
  ps_check_take_decision (f->check);
}

static const Breach breaches[] = {
    {"state-goes-back", "warm-state-order", plant_state_goes_back, NOW},
    {"state-of-cold", "warm-state-order", plant_state_of_cold, NOW},
    {"state-of-resume", "warm-state-order", plant_state_of_resume, NOW},
    {"count-not-repaired", "restore-count", plant_count_not_repaired, NOW},
    {"warm-row-deleted", "ownership", plant_warm_row_deleted, NOW},
    {"restored-unread", "warm-state-true", plant_restored_unread, NOW},
    {"reconciled-early", "warm-state-true", plant_reconciled_early, NOW},
    {"reconciled-unlisted", "warm-state-true", plant_reconciled_unlisted, NOW},
    {"reconciled-over-old-row", "warm-state-true", plant_reconciled_over_old_row, NOW},
    {"count-repaired", "count-repaired", plant_count_late, NOW},
    {"links-untouched", "links-untouched", plant_link_set, NOW},
    {"known-ports-forgotten", "known-ports", plant_forgotten_port, NOW},
    {"old-links-down", "old-links-down", plant_old_link_up, SETTLE},
    {"written-unread", "read-first", plant_written_unread, NOW},
    {"deleted-unread", "read-first", plant_deleted_unread, NOW},
    {"rewritten", "no-rewrite", plant_rewritten, NOW},
    {"rewritten-after-restart", "no-rewrite", plant_rewritten_after_restart, NOW},
};

/* What test-sim-check.c leaves to this file is here. */
static void
test_names (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (warm_checks); i++)
    if (!has_breach (breaches, G_N_ELEMENTS (breaches), warm_checks[i]))
      g_error ("%s has no planted breach", warm_checks[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_breaches (breaches, G_N_ELEMENTS (breaches));
  g_test_add_func ("/sim-warm/forced", test_forced);
  g_test_add_func ("/sim-warm/links-of-cold", test_links_of_cold);
  g_test_add_func ("/sim-warm/rewritten-after-refusal", test_rewritten_after_refusal);
  g_test_add_func ("/sim-warm/names", test_names);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The check of what the daemon counts of carriers, over all devices of a port. */
#include "tests/support/check-fixture.h"

static PsPort *
count_of (Fixture *f, const char *name)
{
  return (PsPort *)(gpointer)ps_engine_find_port (ps_sim_world_engine (f->world), name);
}

/* A device flaps and makes way for another one. */
static void
replace_flapped (Fixture *f)
{
  boot (f, N_PORTS);
  guint32 ifindex = ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex;
  ps_sim_kernel_set_admin (kernel (f), ifindex, TRUE);
  ps_sim_kernel_set_carrier (kernel (f), ifindex, TRUE);
  run (f, SECOND);
  ps_sim_kernel_remove (kernel (f), ifindex);
  ps_sim_kernel_add (kernel (f), "Ethernet1", 0, NULL);
  run (f, SECOND);
  assert_green (f);
  g_assert_cmpuint (ps_flap_ups (&count_of (f, "Ethernet1")->device.flap), ==, 1);
}

static void
assert_breach (Fixture *f)
{
  g_assert_false (ps_check_settle (f->check));
  g_assert_cmpstr (ps_check_failure (f->check)->name, ==, "flaps-counted");
}

/* What the device before counted stays counted, also by the next process, and is no breach. */
static void
test_kept (void)
{
  Fixture f = {0};
  set_up (&f, 1);
  replace_flapped (&f);
  g_assert_true (ps_sim_world_kill_daemon (f.world));
  g_assert_true (ps_sim_world_start_daemon (f.world));
  run (&f, SECOND);
  ps_check_settle (f.check);
  assert_green (&f);
  g_assert_cmpuint (ps_flap_ups (&count_of (&f, "Ethernet1")->device.flap), ==, 1);
  tear_down (&f);
}

/* Too little, and too much: each is a breach. */
static void
test_wrong (gconstpointer data)
{
  Fixture f = {0};
  set_up (&f, 1);
  replace_flapped (&f);
  count_of (&f, "Ethernet1")->device.flap.ups = GPOINTER_TO_UINT (data);
  assert_breach (&f);
  tear_down (&f);
}

/* So it is when the next process finds them wrong in its own memory, not in its record. */
static void
test_wrong_after_restart (void)
{
  Fixture f = {0};
  set_up (&f, 1);
  replace_flapped (&f);
  g_assert_true (ps_sim_world_kill_daemon (f.world));
  g_assert_true (ps_sim_world_start_daemon (f.world));
  run (&f, SECOND);
  count_of (&f, "Ethernet1")->device.flap.ups = 0;
  assert_breach (&f);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim-flaps/kept", test_kept);
  g_test_add_data_func ("/sim-flaps/lost", GUINT_TO_POINTER (0), test_wrong);
  g_test_add_data_func ("/sim-flaps/twice", GUINT_TO_POINTER (2), test_wrong);
  g_test_add_func ("/sim-flaps/lost-after-restart", test_wrong_after_restart);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* SIGSTOP of the simulated daemon: nothing passes while it is stopped, and everything after it. */
#include "sim/world/stop-clock.h"
#include "sim/world/world.h"
#include <signal.h>

#define S G_USEC_PER_SEC

typedef struct {
  PsSimWorld *world;
  guint n_bytes; /* calls of the daemon's ports */
} Rig;

static void
on_bytes (guint channel, PsSimTapEvent event, const guint8 *bytes, gsize n_bytes,
          gpointer user_data)
{
  ((Rig *)user_data)->n_bytes++;
}

static const PsSimWorldObserver observer = {.bytes = on_bytes};

/* Two ports are up and published. */
static void
rig_init (Rig *rig)
{
  PsSimWorldOptions options = {.seed = 1, .may_stop = TRUE};
  *rig = (Rig){.world = ps_sim_world_new (&options)};
  ps_sim_world_configure_ports (rig->world, 2);
  ps_sim_orchagent_start (ps_sim_world_orchagent (rig->world), FALSE);
  ps_sim_world_start_daemon (rig->world);
  ps_sim_world_run_for (rig->world, 2 * S);
  ps_sim_world_observe (rig->world, &observer, rig);
}

static const char *
mtu_of (Rig *rig)
{
  return ps_sim_redis_hget (ps_sim_world_redis (rig->world), PS_SIM_STATE_DB,
                            "PORT_TABLE|Ethernet0", "mtu");
}

static void
set_mtu (Rig *rig, guint32 mtu)
{
  PsSimKernel *kernel = ps_sim_world_kernel (rig->world);
  ps_sim_kernel_set_mtu (kernel, ps_sim_kernel_find (kernel, "Ethernet0")->ifindex, mtu);
}

/* While it is stopped it neither reads nor writes a byte, for longer than any of its deadlines;
 * then it catches up. */
static void
test_stop (void)
{
  Rig rig;
  rig_init (&rig);
  g_assert_cmpstr (mtu_of (&rig), ==, "1500");
  g_assert_true (ps_sim_world_stop_daemon (rig.world));
  g_assert_false (ps_sim_world_stop_daemon (rig.world));
  set_mtu (&rig, 9000);
  rig.n_bytes = 0;
  ps_sim_world_run_for (rig.world, 600 * (gint64)S);
  g_assert_cmpuint (rig.n_bytes, ==, 0);
  g_assert_cmpstr (mtu_of (&rig), ==, "1500");
  g_assert_true (ps_sim_world_is_alive (rig.world));
  g_assert_true (ps_sim_world_continue_daemon (rig.world));
  g_assert_false (ps_sim_world_continue_daemon (rig.world));
  ps_sim_world_run_for (rig.world, 10 * S);
  g_assert_cmpuint (rig.n_bytes, >, 0);
  g_assert_cmpstr (mtu_of (&rig), ==, "9000");
  g_assert_cmpuint (ps_sim_world_n_starts (rig.world), ==, 1);
  ps_sim_world_free (rig.world);
}

/* SIGTERM waits for SIGCONT, and is obeyed then. */
static void
test_term (void)
{
  Rig rig;
  rig_init (&rig);
  ps_sim_world_stop_daemon (rig.world);
  g_assert_true (ps_sim_world_term_daemon (rig.world));
  ps_sim_world_run_for (rig.world, 60 * S);
  g_assert_true (ps_sim_world_is_alive (rig.world));
  ps_sim_world_continue_daemon (rig.world);
  ps_sim_world_run_for (rig.world, 3 * S);
  g_assert_false (ps_sim_world_is_alive (rig.world));
  g_assert_cmpint (ps_sim_world_exit_code (rig.world), ==, 128 + SIGTERM);
  ps_sim_world_free (rig.world);
}

/* SIGKILL does not wait, and the next process is not stopped. */
static void
test_kill (void)
{
  Rig rig;
  rig_init (&rig);
  ps_sim_world_stop_daemon (rig.world);
  g_assert_true (ps_sim_world_kill_daemon (rig.world));
  g_assert_false (ps_sim_world_is_alive (rig.world));
  g_assert_false (ps_sim_world_continue_daemon (rig.world));
  set_mtu (&rig, 9000);
  ps_sim_world_start_daemon (rig.world);
  ps_sim_world_run_for (rig.world, 3 * S);
  g_assert_cmpstr (mtu_of (&rig), ==, "9000");
  ps_sim_world_free (rig.world);
}

static GString *fired;

static void
on_fired (gpointer user_data)
{
  g_string_append (fired, user_data);
}

/* Timers that were due meanwhile fire when it goes on, by their time and then by the order of
 * arming; one that was disarmed does not, and the others keep their time. */
static void
test_clock (void)
{
  g_autoptr (PsVirtualClock) time = ps_virtual_clock_new ();
  g_autoptr (PsSimStopClock) stop = ps_sim_stop_clock_new (PS_CLOCK (time));
  PsClock *clock = PS_CLOCK (stop);
  gint64 now = ps_clock_now_us (clock);
  fired = g_string_new (NULL);
  ps_clock_arm (clock, now + 30, on_fired, (gpointer) "c");
  ps_clock_arm (clock, now + 10, on_fired, (gpointer) "a");
  ps_clock_arm (clock, now + 30, on_fired, (gpointer) "d");
  PsTimerId gone = ps_clock_arm (clock, now + 20, on_fired, (gpointer) "b");
  ps_clock_arm (clock, now + 90, on_fired, (gpointer) "e");
  ps_sim_stop_clock_hold (stop, TRUE);
  ps_virtual_clock_advance_to (time, now + 50);
  g_assert_cmpstr (fired->str, ==, "");
  ps_clock_disarm (clock, gone);
  ps_sim_stop_clock_hold (stop, FALSE);
  g_assert_cmpstr (fired->str, ==, "");
  ps_virtual_clock_advance_to (time, now + 50);
  g_assert_cmpstr (fired->str, ==, "acd");
  ps_virtual_clock_advance_to (time, now + 90);
  g_assert_cmpstr (fired->str, ==, "acde");
  g_assert_cmpuint (ps_virtual_clock_n_timers (time), ==, 0);
  g_string_free (fired, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim-stop/stop", test_stop);
  g_test_add_func ("/sim-stop/term", test_term);
  g_test_add_func ("/sim-stop/kill", test_kill);
  g_test_add_func ("/sim-stop/clock", test_clock);
  return g_test_run ();
}

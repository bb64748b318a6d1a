/* SPDX-License-Identifier: Apache-2.0 */
/* The disk under the run directory stands: ports are mirrored on, and SIGTERM ends the daemon. */
#include "tests/support/rig.h"
#include "tests/support/wait.h"
#include <glib/gstdio.h>
#include <signal.h>

#define N_PORTS   4
#define LEAVES_US (2 * G_USEC_PER_SEC)

typedef struct {
  PsRig *rig;
  char *stall; /* owned; while this file exists the disk stands */
} World;

static void
stall (World *w)
{
  g_assert_true (g_file_set_contents (w->stall, "", 0, NULL));
}

static void
go_on (World *w)
{
  g_assert_cmpint (g_unlink (w->stall), ==, 0);
}

static void
start_daemon (World *w)
{
  g_setenv ("PS_DISK_STALL", w->stall, TRUE);
  g_setenv ("ASAN_OPTIONS", "verify_asan_link_order=0", FALSE);
  g_setenv ("LD_PRELOAD", g_getenv ("DISK_STALL_SHIM"), TRUE);
  ps_daemon_start (w->rig->daemon);
  g_unsetenv ("LD_PRELOAD");
}

static void
set_up (World *w, gconstpointer data)
{
  PsRigSetup setup = {.n_ports = N_PORTS, .batch = 1024, .makes_netdevs = TRUE};
  w->rig = ps_rig_new (&setup);
  w->stall = g_build_filename (w->rig->dir, "stall", NULL);
  start_daemon (w);
  ps_rig_wait_popped (w->rig, "PortInitDone");
  ps_rig_settle_and_clear (w->rig);
}

static void
tear_down (World *w, gconstpointer data)
{
  ps_rig_free (w->rig);
  g_free (w->stall);
}

static char *
record (World *w)
{
  char *text = NULL;
  g_assert_true (g_file_get_contents (ps_daemon_life_file (w->rig->daemon), &text, NULL, NULL));
  return text;
}

typedef struct {
  World *w;
  const char *before;
} Change;

static gboolean
record_changed (gpointer user_data)
{
  const Change *change = user_data;
  g_autofree char *now = record (change->w);
  return g_strcmp0 (now, change->before) != 0;
}

/* A netdev is made anew, which the record is to hold: that write stands. */
static void
make_anew (World *w, const char *name)
{
  ps_netdevs_delete (w->rig->netdevs, name);
  ps_netdevs_commit (w->rig->netdevs);
  ps_rig_wait_no_key (w->rig, PS_DB_STATE, "PORT_TABLE|Ethernet8");
  ps_rig_make_veths (w->rig, 2, 1);
  ps_rig_wait_field (w->rig, PS_DB_STATE, "PORT_TABLE|Ethernet8", "state", "ok");
}

/* While a write of the record stands, rows of other ports pass; when the disk goes on, the record
 * has it all. */
static void
test_rows (World *w, gconstpointer data)
{
  g_autofree char *before = record (w);
  stall (w);
  make_anew (w, "Ethernet8");
  for (guint mtu = 1400; mtu < 1410; mtu++) {
    g_autofree char *text = g_strdup_printf ("%u", mtu);
    ps_netdevs_set_mtu (w->rig->netdevs, "Ethernet0", mtu);
    ps_netdevs_commit (w->rig->netdevs);
    ps_rig_wait_field (w->rig, PS_DB_STATE, "PORT_TABLE|Ethernet0", "mtu", text);
  }
  g_autofree char *meanwhile = record (w);
  g_assert_cmpstr (meanwhile, ==, before);
  go_on (w);
  Change change = {w, before};
  g_assert_true (ps_wait_until (record_changed, &change, 15000));
  ps_rig_finish (w->rig);
}

/* SIGTERM while it stands: it leaves in time, says what it leaves behind, and gives the lock back;
 * the next one resumes. */
static void
test_stop (World *w, gconstpointer data)
{
  stall (w);
  make_anew (w, "Ethernet8");
  gint64 asked_us = g_get_monotonic_time ();
  ps_daemon_signal (w->rig->daemon, SIGTERM);
  ps_daemon_wait (w->rig->daemon, 5000);
  g_assert_cmpint (g_get_monotonic_time () - asked_us, <, LEAVES_US);
  ps_rig_wait_line (w->rig, "Leaving without the last life record: ");
  go_on (w);
  ps_daemon_start (w->rig->daemon);
  ps_rig_wait_line (w->rig, "resume start");
  ps_rig_finish (w->rig);
}

#define ADD(name, fn) g_test_add ("/disk/" name, World, NULL, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  ADD ("rows", test_rows);
  ADD ("stop", test_stop);
  return g_test_run ();
}

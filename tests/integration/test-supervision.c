/* SPDX-License-Identifier: Apache-2.0 */
/* The service manager's protocol and the privileges of the real daemon. */
#include "tests/support/kernel-dump.h"
#include "tests/support/notify-sink.h"
#include "tests/support/rig.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS 10000

typedef struct {
  PsRig *rig;
  PsNotifySink *sink;
} Scene;

/* The kernel keeps ten datagrams for a reader who is busy; the heartbeat fills that in a second, in
 * which a test may wait for something else. The limit is that of the rig's own network namespace.
 */
static void
make_room_for_datagrams (void)
{
  static const char path[] = "/proc/sys/net/unix/max_dgram_qlen";
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write (fd, "512", 3) != 3)
    g_error ("%s cannot be written: %s", path, g_strerror (errno));
  close (fd);
}

static void
scene_begin (Scene *s, const PsRigSetup *setup, const char *name)
{
  g_setenv ("NOTIFY_SOCKET", name, TRUE);
  g_setenv ("WATCHDOG_USEC", "300000", TRUE);
  s->rig = ps_rig_new (setup);
  make_room_for_datagrams ();
  /* After it: abstract names belong to a network namespace. */
  s->sink = ps_notify_sink_new (name);
}

static void
scene_end (Scene *s)
{
  ps_rig_free (s->rig);
  ps_notify_sink_free (s->sink);
  g_unsetenv ("NOTIFY_SOCKET");
  g_unsetenv ("WATCHDOG_USEC");
}

static void
expect (Scene *s, const char *text)
{
  g_autofree char *heard = ps_notify_sink_wait (s->sink, text, WAIT_MS);
  if (heard == NULL)
    g_error ("no message said %s", text);
}

/* READY when the picture is acknowledged, a status with figures, STOPPING at the end: over a path
 * and over an abstract socket. */
static void
test_life (void)
{
  static const char *const names[] = {"/tmp/portsyncd-notify", "@portsyncd-notify"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    PsRigSetup setup = {.n_ports = 3, .batch = 1024, .makes_netdevs = TRUE};
    Scene s;
    scene_begin (&s, &setup, names[i]);
    ps_daemon_start (s.rig->daemon);
    expect (&s, "READY=1");
    ps_rig_wait_popped (s.rig, "PortInitDone");
    ps_netdevs_add_veth (s.rig->netdevs, "Ethernet400", "peer400", 0);
    ps_netdevs_commit (s.rig->netdevs);
    expect (&s, "STATUS=4 ports, 0 wait for Redis");
    expect (&s, "WATCHDOG=1");
    ps_rig_finish (s.rig);
    expect (&s, "STOPPING=1");
    scene_end (&s);
  }
}

/* A boot without Redis is not held up for ever: READY comes with what is missing, and the status
 * follows when Redis does. Before, the manager was asked for time. Redis that is away does not
 * starve the watchdog. */
static void
test_degraded (void)
{
  PsRigSetup setup = {.n_ports = 2, .batch = 1024, .makes_netdevs = TRUE};
  Scene s;
  scene_begin (&s, &setup, "@portsyncd-notify");
  ps_redis_server_kill (s.rig->redis);
  ps_daemon_set (s.rig->daemon, "start", "eoiu_timeout", "1s");
  ps_daemon_start (s.rig->daemon);
  expect (&s, "EXTEND_TIMEOUT_USEC=");
  g_autofree char *ready = ps_notify_sink_wait (s.sink, "READY=1", WAIT_MS);
  g_assert_nonnull (strstr (ready, "STATUS=degraded: Redis is not connected"));
  for (guint i = 0; i < 5; i++)
    expect (&s, "WATCHDOG=1");
  ps_redis_server_start (s.rig->redis);
  ps_rig_redis_is_back (s.rig);
  ps_rig_add_config (s.rig, 0, 2);
  ps_db_do (s.rig->db, PS_DB_CONFIG, "SET CONFIG_DB_INITIALIZED 1");
  ps_rig_wait_popped (s.rig, "PortInitDone");
  expect (&s, "STATUS=2 ports, 0 wait for Redis");
  ps_rig_finish (s.rig);
  scene_end (&s);
}

/* A loop that does not run feeds no watchdog; when it runs again, it does. */
static void
test_watchdog (void)
{
  PsRigSetup setup = {.n_ports = 2, .batch = 1024, .makes_netdevs = TRUE};
  Scene s;
  scene_begin (&s, &setup, "@portsyncd-notify");
  ps_rig_boot (s.rig);
  expect (&s, "WATCHDOG=1");
  ps_daemon_stop (s.rig->daemon);
  g_free (ps_notify_sink_take (s.sink));
  g_assert_null (ps_notify_sink_wait (s.sink, "WATCHDOG=1", 600));
  ps_daemon_signal (s.rig->daemon, SIGCONT);
  expect (&s, "WATCHDOG=1");
  ps_rig_finish (s.rig);
  scene_end (&s);
}

/* Of the capabilities only the one that opens Redis' socket is left, in every set, once the links
 * need not be taken down any more; and it all works without: links, a new connection, a restart. */
static void
check_privileges (gboolean adopt)
{
  static const char *const sets[] = {"CapEff", "CapPrm", "CapInh", "CapAmb"};
  PsRigSetup setup = {.n_ports = 2, .batch = 1024, .makes_netdevs = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  if (adopt)
    ps_daemon_set (rig->daemon, "netlink", "old_interfaces", "adopt");
  else
    ps_netdevs_add_veth (rig->netdevs, "Ethernet400", "old400", 0);
  ps_netdevs_set_up (rig->netdevs, adopt ? "lo" : "Ethernet400", TRUE);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_note_old (rig);
  ps_rig_boot (rig);
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++) {
    guint64 kept = ps_daemon_status_mask (rig->daemon, sets[i]);
    g_assert_cmpuint (kept & ~(G_GUINT64_CONSTANT (1) << CAP_DAC_OVERRIDE), ==, 0);
  }
  g_assert_cmpuint (ps_daemon_status_mask (rig->daemon, "NoNewPrivs"), ==, 1);
  if (!adopt) {
    g_autoptr (GArray) links = ps_kernel_dump ();
    g_assert_cmpuint (ps_kernel_find (links, "Ethernet400")->flags & IFF_UP, ==, 0);
  }
  ps_redis_server_restart (rig->redis, TRUE);
  ps_rig_redis_is_back (rig);
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet4", 1400);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet4", "mtu", "1400");
  ps_rig_finish (rig);
}

static void
test_privileges (void)
{
  check_privileges (TRUE);
  check_privileges (FALSE);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/supervision/life", test_life);
  g_test_add_func ("/supervision/degraded", test_degraded);
  g_test_add_func ("/supervision/watchdog", test_watchdog);
  g_test_add_func ("/supervision/privileges", test_privileges);
  return g_test_run ();
}

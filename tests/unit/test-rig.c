/* SPDX-License-Identifier: Apache-2.0 */
/* The instruments of the integration tests, tried without the daemon. */
#include "tests/support/kernel-dump.h"
#include "tests/support/rig.h"
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_RECORDERS 50

/* Set again each time: link watch may still follow an earlier change, and puts it back. */
static gboolean
has_become_dormant (gpointer user_data)
{
  PsNetdevs *links = user_data;
  ps_netdevs_set_operstate (links, "Ethernet8", PS_OPER_DORMANT);
  ps_netdevs_commit (links);
  g_autoptr (GArray) now = ps_kernel_dump ();
  return (ps_kernel_find (now, "Ethernet8")->flags & (IFF_UP | IFF_RUNNING)) == IFF_UP;
}

/* Link watch sets IFF_RUNNING after the call that sets a port up (docs/kernel.md 6). */
static gboolean
is_running (gpointer user_data)
{
  g_autoptr (GArray) now = ps_kernel_dump ();
  return (ps_kernel_find (now, user_data)->flags & IFF_RUNNING) != 0;
}

/* Every way to change a link shows in the oracle's dump, and nothing is left in the next case. */
static void
test_links (void)
{
  ps_netns_enter_new ();
  g_autoptr (PsNetdevs) links = ps_netdevs_new ();
  ps_netdevs_add (links, "br0", "bridge", 0);
  ps_netdevs_add_veth (links, "Ethernet0", "p0", 5000);
  ps_netdevs_set_up (links, "p0", TRUE);
  ps_netdevs_set_up (links, "Ethernet0", TRUE);
  ps_netdevs_set_mtu (links, "Ethernet0", 9100);
  ps_netdevs_set_master (links, "Ethernet0", "br0");
  ps_netdevs_add (links, "Ethernet0.10", "ifb", 0);
  ps_netdevs_commit (links);
  g_assert_true (ps_wait_until (is_running, (gpointer) "Ethernet0", PS_WAIT_MS));
  g_autoptr (GArray) before = ps_kernel_dump ();
  const PsKernelLink *port = ps_kernel_find (before, "Ethernet0");
  g_assert_cmpint (port->ifindex, ==, 5000);
  g_assert_cmpuint (port->mtu, ==, 9100);
  g_assert_cmpuint (port->flags & (IFF_UP | IFF_RUNNING), ==, IFF_UP | IFF_RUNNING);
  g_assert_cmpint (port->master, ==, ps_kernel_find (before, "br0")->ifindex);
  g_assert_cmpstr (port->kind, ==, "veth");
  g_assert_cmpuint (port->changes, ==, port->ups + port->downs);
  g_assert_cmpstr (ps_kernel_find (before, "Ethernet0.10")->kind, ==, "ifb");

  ps_netdevs_set_master (links, "Ethernet0", NULL);
  ps_netdevs_rename (links, "Ethernet0", "Ethernet8");
  ps_netdevs_delete (links, "nonesuch");
  g_assert_cmpuint (ps_netdevs_commit_any (links), ==, 1);
  g_assert_true (ps_wait_until (has_become_dormant, links, PS_WAIT_MS));
  g_autoptr (GArray) after = ps_kernel_dump ();
  g_assert_null (ps_kernel_find (after, "Ethernet0"));
  port = ps_kernel_find (after, "Ethernet8");
  g_assert_cmpint (port->master, ==, 0);

  int other = ps_netns_open_other ();
  ps_netdevs_move (links, "Ethernet8", other);
  ps_netdevs_commit (links);
  g_autoptr (GArray) moved = ps_kernel_dump ();
  g_assert_null (ps_kernel_find (moved, "Ethernet8"));
  close (other);
  ps_netns_enter_new ();
  g_autoptr (GArray) fresh = ps_kernel_dump ();
  g_assert_cmpuint (fresh->len, ==, 1);
  g_assert_cmpuint (g_array_index (fresh, PsKernelLink, 0).flags & IFF_UP, ==, IFF_UP);
}

/* Thousands of links are made in one go, and a tap's carrier counters follow its switch. */
static void
test_bulk_and_tap (void)
{
  ps_netns_enter_new ();
  g_autoptr (PsNetdevs) links = ps_netdevs_new ();
  for (guint i = 0; i < 2000; i++)
    ps_netdevs_add (links, ps_port_name (i).text, "ifb", 0);
  ps_netdevs_commit (links);
  int tap = ps_tap_new ("Ethernet-Rec0");
  ps_netdevs_set_up (links, "Ethernet-Rec0", TRUE);
  ps_netdevs_commit (links);
  ps_tap_set_carrier (tap, FALSE);
  ps_tap_set_carrier (tap, TRUE);
  g_autoptr (GArray) all = ps_kernel_dump ();
  g_assert_cmpuint (all->len, ==, 2002);
  const PsKernelLink *port = ps_kernel_find (all, "Ethernet-Rec0");
  g_assert_cmpuint (port->downs, >=, 1);
  close (tap);
  g_autoptr (GArray) without = ps_kernel_dump ();
  g_assert_null (ps_kernel_find (without, "Ethernet-Rec0"));
}

static ssize_t
log_line (int fd, const char *text)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
  return sendto (fd, text, strlen (text), MSG_DONTWAIT, (const struct sockaddr *)&address,
                 sizeof address);
}

static gboolean
has_ten (gpointer user_data)
{
  return ps_syslog_sink_count (user_data, "line") >= 10;
}

/* The sink collects lines, fills up while stalled, and goes on afterwards. */
static void
test_syslog (void)
{
  g_autoptr (PsSyslogSink) sink = ps_syslog_sink_new ("/dev/log", NULL);
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  guint n = 0;
  ps_syslog_sink_stall (sink, TRUE);
  g_assert_cmpint (log_line (fd, "the first may still be read"), >, 0);
  while (log_line (fd, "a line") > 0)
    g_assert_cmpuint (++n, <, 100000);
  g_assert_cmpint (errno, ==, EAGAIN);
  g_assert_cmpuint (n, >=, 10);
  g_assert_cmpuint (ps_syslog_sink_n_lines (sink), <=, 1);
  ps_syslog_sink_stall (sink, FALSE);
  g_assert_true (ps_wait_until (has_ten, sink, PS_WAIT_MS));
  g_assert_cmpuint (ps_syslog_sink_count (sink, "nothing like it"), ==, 0);
  close (fd);
}

static void
produce (PsDb *db, const char *key, gboolean publish)
{
  ps_db_do (db, PS_DB_APPL, "HSET _PORT_TABLE:%s lanes 1", key);
  ps_db_do (db, PS_DB_APPL, "SADD PORT_TABLE_KEY_SET %s", key);
  if (publish)
    ps_db_do (db, PS_DB_APPL, "PUBLISH PORT_TABLE_CHANNEL@0 G");
}

/* The stand-in for orchagent pops the backlog, then only what is published, makes netdevs after
 * PortConfigDone, and deletes rows and netdevs that are taken back. */
static void
test_orchagent (void)
{
  PsRigSetup setup = {.batch = 2, .makes_netdevs = TRUE, .held = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  for (guint i = 0; i < 5; i++)
    produce (rig->db, ps_port_name (i).text, FALSE);
  ps_orchagent_hold (rig->orchagent, FALSE);
  ps_rig_wait_key (rig, PS_DB_APPL, "PORT_TABLE:Ethernet16");
  ps_rig_wait_popped (rig, "Ethernet16");
  g_assert_cmpuint (ps_orchagent_largest_pop (rig->orchagent), ==, 2);
  ps_db_do (rig->db, PS_DB_APPL, "HSET _PORT_TABLE:PortConfigDone count 5");
  produce (rig->db, "PortConfigDone", TRUE);
  ps_rig_wait_popped (rig, "PortConfigDone");
  produce (rig->db, "PortInitDone", TRUE);
  ps_rig_wait_popped (rig, "PortInitDone");
  ps_orchagent_assert_boot (rig->orchagent, 5, 1);
  g_assert_false (ps_db_exists (rig->db, PS_DB_APPL, "_PORT_TABLE:Ethernet16"));
  g_autoptr (GArray) links = ps_kernel_dump ();
  g_assert_nonnull (ps_kernel_find (links, "Ethernet16"));

  ps_db_do (rig->db, PS_DB_APPL, "SADD PORT_TABLE_DEL_SET Ethernet16");
  ps_db_do (rig->db, PS_DB_APPL, "SADD PORT_TABLE_KEY_SET Ethernet16");
  ps_db_do (rig->db, PS_DB_APPL, "PUBLISH PORT_TABLE_CHANNEL@0 G");
  ps_rig_wait_no_key (rig, PS_DB_APPL, "PORT_TABLE:Ethernet16");
  produce (rig->db, "unpublished", FALSE);
  produce (rig->db, "published", TRUE);
  ps_rig_wait_popped (rig, "unpublished");
  g_autoptr (GArray) after = ps_kernel_dump ();
  g_assert_null (ps_kernel_find (after, "Ethernet16"));
  g_assert_cmpuint (ps_orchagent_n_empty (rig->orchagent), ==, 1);
  produce (rig->db, "stranded", FALSE);
  ps_keyspace_sync (rig->keyspace, rig->db);
  g_assert_cmpuint (ps_orchagent_count (rig->orchagent, "stranded"), ==, 0);
}

typedef struct {
  PsDb *db;
  gboolean over;
} Writer;

static gpointer
write_rows (gpointer user_data)
{
  Writer *self = user_data;
  while (!g_atomic_int_get (&self->over))
    ps_db_do (self->db, PS_DB_STATE, "HSET PORT_TABLE|Ethernet0 state ok");
  return NULL;
}

/* A recorder that begins while rows are written hears its own sentinel, too: what it hears between
 * its subscriptions is no answer to them. */
static void
test_keyspace_amid_writes (void)
{
  g_autoptr (PsRedisServer) redis = ps_redis_server_new (NULL);
  g_autoptr (PsDb) db = ps_db_new (ps_redis_server_socket (redis));
  Writer writer = {.db = ps_db_new (ps_redis_server_socket (redis))};
  GThread *thread = g_thread_new ("writer", write_rows, &writer);
  for (guint i = 0; i < N_RECORDERS; i++) {
    g_autoptr (PsKeyspace) keyspace =
        ps_keyspace_new (ps_redis_server_socket (redis), PS_DB_STATE, "PORT_TABLE|");
    ps_keyspace_sync (keyspace, db);
    guint n_before = ps_keyspace_count (keyspace, "Ethernet0", "hset"); /* It goes on writing. */
    guint n = ps_keyspace_count (keyspace, NULL, NULL);
    g_assert_cmpuint (n_before, <=, n);
    g_assert_cmpuint (n, <=, ps_keyspace_count (keyspace, "Ethernet0", "hset"));
  }
  g_atomic_int_set (&writer.over, TRUE);
  g_thread_join (thread);
  ps_db_free (writer.db);
}

/* The recorder's connection is killed: a test that asks it is told so. */
static void
test_keyspace_lost (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (PsRedisServer) redis = ps_redis_server_new (NULL);
    g_autoptr (PsDb) db = ps_db_new (ps_redis_server_socket (redis));
    g_autoptr (PsKeyspace) keyspace =
        ps_keyspace_new (ps_redis_server_socket (redis), PS_DB_STATE, "PORT_TABLE|");
    ps_db_do (db, 0, "CLIENT KILL TYPE pubsub");
    ps_keyspace_sync (keyspace, db);
    return;
  }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*connection of the keyspace recorder ended: Server closed*");
}

static void
publish_row (PsRig *rig, const char *oper)
{
  ps_db_do (rig->db, PS_DB_STATE,
            "HSET PORT_TABLE|Ethernet0 state ok netdev_oper_status %s admin_status up mtu 1500",
            oper);
}

static gboolean
differs (PsRig *rig, const char *text)
{
  g_autofree char *difference = ps_state_difference (rig->db, rig->old);
  return difference != NULL && strstr (difference, text) != NULL;
}

/* The judge sees a missing row, a wrong one, one too many, and tells whose it is. */
static void
test_state_check (void)
{
  PsRigSetup setup = {.n_ports = 2};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_settle (rig);
  ps_rig_make_veths (rig, 0, 1);
  ps_rig_settle (rig); /* No live row: nothing to show. */
  ps_rig_make_live (rig, 0, 2);
  g_assert_true (differs (rig, "STATE_DB \"no row\""));
  publish_row (rig, "down");
  g_assert_true (differs (rig, "kernel \"ok up up 1500\", STATE_DB \"ok down up 1500\""));
  publish_row (rig, "up");
  ps_db_do (rig->db, PS_DB_STATE, "HSET PORT_TABLE|Ethernet0 host_tx_ready true");
  ps_db_do (rig->db, PS_DB_STATE, "HSET PORT_TABLE|Ethernet0.10 state ok");
  ps_rig_settle (rig);
  ps_db_do (rig->db, PS_DB_STATE, "HSET PORT_TABLE|Ethernet4 state ok");
  g_assert_true (differs (rig, "Ethernet4 (ifindex 0): kernel \"nothing to show\""));
  ps_db_do (rig->db, PS_DB_STATE, "DEL PORT_TABLE|Ethernet4");
  ps_rig_note_old (rig);
  g_assert_true (differs (rig, "kernel \"nothing to show\", STATE_DB \"ok up up 1500\""));

  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "hset"), ==, 3);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, "del"), ==, 1);
  g_autofree char *history = ps_keyspace_history (rig->keyspace, "Ethernet4");
  g_assert_cmpstr (history, ==, "hset del");
}

/* The storm changes links until it is told to stop. */
static void
test_storm (void)
{
  PsRigSetup setup = {.no_redis = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_make_veths (rig, 0, 4);
  PsStorm *storm = ps_storm_start (4, PS_STORM_CARRIER, ps_rig_seed (), 0);
  ps_storm_wait (storm, 500);
  g_assert_cmpuint (ps_storm_stop (storm), >=, 500);
  g_autoptr (GArray) links = ps_kernel_dump ();
  guint changes = 0;
  for (guint i = 0; i < 4; i++)
    changes += ps_kernel_find (links, ps_port_name (i).text)->changes;
  g_assert_cmpuint (changes, >, 50);
}

/* In a chroot whose root is no mount point; proc is there, as tools/dev asks for. */
static void
isolate_in_chroot (const char *root)
{
  static const char *const folders[] = {"proc", "dev", "run"};
  gboolean ok = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *path = g_build_filename (root, folders[i], NULL);
    ok = ok && g_mkdir_with_parents (path, 0755) == 0 &&
         (i > 0 || mount ("proc", path, "proc", 0, NULL) == 0);
  }
  if (!ok || chroot (root) != 0 || chdir ("/") != 0)
    _exit (2);
  ps_netns_isolate ();
  _exit (access (PS_NETNS_DIR, F_OK) == 0 && access ("/proc/self/mounts", F_OK) == 0 ? 0 : 3);
}

/* The rig stays in its chroot, and what it mounts is not seen outside. */
static void
test_chroot (void)
{
  g_autofree char *root = g_dir_make_tmp ("chroot-XXXXXX", NULL);
  g_autofree char *inner = g_build_filename (root, PS_NETNS_DIR, NULL);
  g_autofree char *proc = g_build_filename (root, "proc", NULL);
  int status = -1;
  pid_t child = fork ();
  if (child == 0)
    isolate_in_chroot (root);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (access (inner, F_OK), !=, 0);
  g_assert_cmpint (umount2 (proc, MNT_DETACH), ==, 0);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/rig/links", test_links);
  g_test_add_func ("/rig/bulk-and-tap", test_bulk_and_tap);
  g_test_add_func ("/rig/syslog", test_syslog);
  g_test_add_func ("/rig/orchagent", test_orchagent);
  g_test_add_func ("/rig/keyspace-amid-writes", test_keyspace_amid_writes);
  g_test_add_func ("/rig/keyspace-lost", test_keyspace_lost);
  g_test_add_func ("/rig/state-check", test_state_check);
  g_test_add_func ("/rig/storm", test_storm);
  g_test_add_func ("/rig/chroot", test_chroot);
  return g_test_run ();
}

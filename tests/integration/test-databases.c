/* SPDX-License-Identifier: Apache-2.0 */
/* Databases where database_config.json says they are: other instances, TCP, other ids. */
#include "tests/support/kernel-dump.h"
#include "tests/support/monitor.h"
#include "tests/support/rig.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

/* An instance, as JSON. */
static char *
instance (PsRedisServer *server, int port)
{
  return g_strdup_printf (
      "{\"hostname\": \"127.0.0.1\", \"port\": %d, \"unix_socket_path\": \"%s\"}", port,
      port != 0 ? "" : ps_redis_server_socket (server));
}

typedef struct {
  const char *appl, *config, *state; /* each: the members of a database's JSON object */
} Databases;

static void
configure (PsRig *rig, const char *first, const char *second, const Databases *databases)
{
  g_autofree char *path = g_build_filename (rig->dir, "database_config.json", NULL);
  g_autofree char *text = g_strdup_printf (
      "{\"INSTANCES\": {\"first\": %s, \"second\": %s}, \"DATABASES\": {\"APPL_DB\": {%s}, "
      "\"CONFIG_DB\": {%s}, \"STATE_DB\": {%s}}, \"VERSION\": \"1.0\"}",
      first, second, databases->appl, databases->config, databases->state);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  ps_daemon_set (rig->daemon, "database", "config", path);
}

/* SONiC's, but STATE_DB in the second instance. */
static const Databases apart = {
    "\"id\": 0, \"separator\": \":\", \"instance\": \"first\"",
    "\"id\": 4, \"separator\": \"|\", \"instance\": \"first\"",
    "\"id\": 6, \"separator\": \"|\", \"instance\": \"second\"",
};

typedef struct {
  PsRig *rig;
  PsRedisServer *second;
  PsDb *state; /* in it */
} Apart;

static gboolean
row_is_up (gpointer user_data)
{
  g_autofree char *value =
      ps_db_hget (user_data, PS_DB_STATE, "PORT_TABLE|Ethernet12", "netdev_oper_status");
  return g_strcmp0 (value, "up") == 0;
}

/* Two servers, the second with STATE_DB, and a daemon that has brought all ports up. port: the
 * second one's, 0: its unix socket. */
static Apart
start_apart (const char *const *args, int port)
{
  PsRigSetup setup = {.n_ports = 4, .batch = 1024, .makes_netdevs = TRUE};
  Apart on = {ps_rig_new (&setup), ps_redis_server_new (args), NULL};
  g_autofree char *a = instance (on.rig->redis, 0), *b = instance (on.second, port);
  on.state = ps_db_new (ps_redis_server_socket (on.second));
  configure (on.rig, a, b, &apart);
  ps_daemon_start (on.rig->daemon);
  ps_rig_wait_popped (on.rig, "PortInitDone");
  g_assert_true (ps_wait_until (row_is_up, on.state, PS_WAIT_MS));
  return on;
}

static void
end_apart (Apart *on)
{
  ps_daemon_terminate (on->rig->daemon);
  ps_db_free (on->state);
  ps_redis_server_free (on->second);
  ps_rig_free (on->rig);
}

/* STATE_DB in a Redis of its own: that one dies and comes back empty while the other lives on. */
static void
test_two_instances (void)
{
  Apart on = start_apart (NULL, 0);
  ps_db_disconnect (on.state);
  ps_redis_server_restart (on.second, FALSE);
  g_assert_true (ps_wait_until (row_is_up, on.state, PS_WAIT_MS));
  g_assert_false (ps_db_exists (on.rig->db, PS_DB_STATE, "PORT_TABLE|Ethernet12"));
  g_assert_cmpuint (ps_orchagent_count (on.rig->orchagent, "PortConfigDone"), ==, 1);
  end_apart (&on);
}

typedef struct {
  PsDb *state;
  const char *mtu;
} Mtu;

static gboolean
row_has_mtu (gpointer user_data)
{
  Mtu *wanted = user_data;
  g_autofree char *value = ps_db_hget (wanted->state, PS_DB_STATE, "PORT_TABLE|Ethernet12", "mtu");
  return g_strcmp0 (value, wanted->mtu) == 0;
}

static void
set_mtu (PsRig *rig, guint mtu)
{
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet12", mtu);
  ps_netdevs_commit (rig->netdevs);
}

/* STATE_DB in a Redis of its own, and the other one, with APPL_DB and CONFIG_DB, is killed: rows go
 * on meanwhile, and all is as before when it is back. */
static void
test_other_instance_killed (void)
{
  Apart on = start_apart (NULL, 0);
  ps_db_do (on.rig->db, PS_DB_APPL, "SAVE"); /* Without live rows no row would be written again. */
  ps_redis_server_kill (on.rig->redis);
  ps_rig_wait_line (on.rig, "APPL_DB at ");
  for (guint i = 0; i < 3; i++) {
    g_autofree char *mtu = g_strdup_printf ("%u", 1400 + i);
    set_mtu (on.rig, 1400 + i);
    g_assert_true (ps_wait_until (row_has_mtu, &(Mtu){on.state, mtu}, PS_WAIT_MS));
  }
  ps_redis_server_start (on.rig->redis);
  ps_rig_redis_is_back (on.rig);
  set_mtu (on.rig, 1500);
  g_assert_true (ps_wait_until (row_has_mtu, &(Mtu){on.state, "1500"}, PS_WAIT_MS));
  end_apart (&on);
}

/* No unix socket is given: TCP. */
static void
test_tcp (void)
{
  const char *args[] = {"--bind", "127.0.0.1", "--port", "6399", NULL};
  Apart on = start_apart (args, 6399);
  end_apart (&on);
}

typedef struct {
  PsRig *rig;
  PsMonitor *monitor; /* owned */
} Eye;

static gboolean
has_looked_for_marker (gpointer user_data)
{
  Eye *eye = user_data;
  GPtrArray *commands = ps_monitor_commands (eye->monitor, eye->rig->db);
  return ps_monitor_find (commands, 0, 9, "EXISTS", "PORT_TABLE|PortConfigDone") < commands->len;
}

/* Ids and separators are the file's: in keys, in the producer's sets, in the channel, and where it
 * is looked whether the markers are still there. */
static void
test_other_ids (void)
{
  static const Databases databases = {
      "\"id\": 9, \"separator\": \"|\", \"instance\": \"first\"",
      "\"id\": 10, \"separator\": \":\", \"instance\": \"first\"",
      "\"id\": 11, \"separator\": \":\", \"instance\": \"second\"",
  };
  PsRigSetup setup = {.n_ports = 0};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autofree char *a = instance (rig->redis, 0);
  configure (rig, a, a, &databases);
  ps_db_do (rig->db, 10, "HSET PORT:Ethernet0 lanes 1");
  ps_db_do (rig->db, 10, "SET CONFIG_DB_INITIALIZED 1");
  ps_daemon_start (rig->daemon);
  ps_rig_wait_key (rig, 9, "_PORT_TABLE|PortConfigDone");
  ps_rig_wait_field (rig, 9, "_PORT_TABLE|PortConfigDone", "count", "1");
  ps_rig_wait_field (rig, 9, "_PORT_TABLE|Ethernet0", "lanes", "1");
  g_assert_cmpint (ps_db_integer (rig->db, 9, "SCARD PORT_TABLE_KEY_SET"), ==, 2);
  ps_db_do (rig->db, 9, "HSET PORT_TABLE|Ethernet0 lanes 1");
  Eye eye = {rig, ps_monitor_new (ps_redis_server_socket (rig->redis))};
  g_assert_true (ps_wait_until (has_looked_for_marker, &eye, PS_WAIT_MS));
  ps_monitor_free (eye.monitor);
  ps_rig_make_veths (rig, 0, 1);
  ps_rig_wait_field (rig, 11, "PORT_TABLE:Ethernet0", "state", "ok");
  ps_rig_wait_key (rig, 9, "_PORT_TABLE|PortInitDone");
  g_assert_cmpint (ps_db_integer (rig->db, PS_DB_APPL, "DBSIZE"), ==, 0);
  g_assert_cmpint (ps_db_integer (rig->db, PS_DB_STATE, "DBSIZE"), ==, 0);
  ps_daemon_terminate (rig->daemon);
}

/* user_data: the name of a link. */
static gboolean
is_down (gpointer user_data)
{
  g_autoptr (GArray) links = ps_kernel_dump ();
  return (ps_kernel_find (links, user_data)->flags & IFF_UP) == 0;
}

/* The file is empty when the daemon starts: it waits, and lists the links meanwhile, so that of two
 * ports only the one that was there before it counts as old. The file then comes in two parts. */
static void
test_file_comes_later (void)
{
  static const Databases databases = {
      "\"id\": 0, \"separator\": \":\", \"instance\": \"first\"",
      "\"id\": 4, \"separator\": \"|\", \"instance\": \"first\"",
      "\"id\": 6, \"separator\": \"|\", \"instance\": \"first\"",
  };
  PsRigSetup setup = {.n_ports = 2, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autofree char *a = instance (rig->redis, 0), *text = NULL;
  g_autofree char *path = g_build_filename (rig->dir, "database_config.json", NULL);
  configure (rig, a, a, &databases);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  ps_rig_make_veths (rig, 0, 1);
  ps_rig_note_old (rig);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_line (rig, "EOIU");
  ps_rig_make_veths (rig, 1, 1);
  g_assert_true (g_file_set_contents (path, text, (gssize)strlen (text) / 2, NULL));
  ps_rig_wait_line (rig, "database_config.json: empty");
  g_assert_cmpuint (ps_rig_n_lines (rig, "database_config.json"), ==, 1);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet4", "netdev_oper_status", "up");
  g_assert_true (ps_wait_until (is_down, (gpointer) "Ethernet0", PS_WAIT_MS));
  g_assert_false (is_down ((gpointer) "Ethernet4"));
  g_assert_false (ps_db_exists (rig->db, PS_DB_STATE, "PORT_TABLE|Ethernet0"));
  ps_daemon_terminate (rig->daemon);
}

/* Who never finds one ends at SIGTERM like any other. */
static void
test_file_never_comes (void)
{
  PsRigSetup setup = {.no_redis = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autofree char *path = g_build_filename (rig->dir, "none", "database_config.json", NULL);
  ps_daemon_set (rig->daemon, "database", "config", path);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_line (rig, path);
  ps_daemon_terminate (rig->daemon);
}

/* --- names ---------------------------------------------------------------------------------- */

/* In place: what is mounted elsewhere is this file and no other of its name. */
static void
write_in_place (const char *path, const char *text)
{
  FILE *file = fopen (path, "we");
  g_assert_nonnull (file);
  g_assert_cmpint (fputs (text, file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* For this test's mount namespace only. Free the path with g_free. */
static char *
mount_over (PsRig *rig, const char *name, const char *text)
{
  g_autofree char *target = g_build_filename ("/etc", name, NULL);
  char *path = g_build_filename (rig->dir, name, NULL);
  write_in_place (path, text);
  if (mount (path, target, NULL, MS_BIND, NULL) != 0)
    g_error ("%s on %s: %s", path, target, g_strerror (errno));
  return path;
}

static void
unmount (const char *name)
{
  g_autofree char *target = g_build_filename ("/etc", name, NULL);
  g_assert_cmpint (umount (target), ==, 0);
}

/* STATE_DB is at a host that has a name. */
static void
configure_name (PsRig *rig)
{
  g_autofree char *a = instance (rig->redis, 0);
  configure (rig, a,
             "{\"hostname\": \"redis.example\", \"port\": 6399, \"unix_socket_path\": \"\"}",
             &apart);
}

static int
make_mute_name_server (void)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons (53)};
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind (fd, (struct sockaddr *)&address, sizeof address) != 0)
    g_error ("name server: %s", g_strerror (errno));
  return fd;
}

/* user_data: the name server's descriptor. */
static gboolean
was_asked (gpointer user_data)
{
  char query[512];
  return recv (GPOINTER_TO_INT (user_data), query, sizeof query, 0) > 0;
}

static gboolean
has_read_all (gpointer user_data)
{
  PsRig *rig = user_data;
  return ps_daemon_netlink_queue (rig->daemon) == 0;
}

/* The name server takes questions and never answers: what the kernel says is read meanwhile, the
 * thread that waits has no capabilities, the log says what is missing, and SIGTERM is obeyed in
 * time (the resolver alone would wait for ten seconds). */
static void
test_mute_name_server (void)
{
  PsRigSetup setup = {.n_ports = 4};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autofree char *a = mount_over (rig, "resolv.conf", "nameserver 127.0.0.1\n");
  g_autofree char *b = mount_over (rig, "nsswitch.conf", "hosts: dns\n");
  g_assert_true (a != NULL && b != NULL);
  int name_server = make_mute_name_server ();
  configure_name (rig);
  ps_daemon_set (rig->daemon, "database", "reply_deadline", "500ms");
  ps_daemon_start (rig->daemon);
  g_assert_true (ps_wait_until (was_asked, GINT_TO_POINTER (name_server), PS_WAIT_MS));
  g_assert_cmpuint (ps_daemon_thread_capabilities (rig->daemon), ==, 0);
  ps_rig_make_veths (rig, 0, 4);
  g_assert_true (ps_wait_until (has_read_all, rig, PS_WAIT_MS));
  ps_rig_wait_line (rig, "STATE_DB at redis.example:6399 is not available: the host's name is "
                         "still looked up");
  g_assert_cmpuint (ps_daemon_n_threads (rig->daemon), <=, 2);
  ps_daemon_terminate (rig->daemon);
  close (name_server);
  unmount ("nsswitch.conf");
  unmount ("resolv.conf");
}

/* A name that no name server knows is told as such, and used from when one does. */
static void
test_name (void)
{
  const char *args[] = {"--bind", "127.0.0.1", "--port", "6399", NULL};
  PsRigSetup setup = {.n_ports = 4, .batch = 1024, .makes_netdevs = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autoptr (PsRedisServer) second = ps_redis_server_new (args);
  g_autoptr (PsDb) state = ps_db_new (ps_redis_server_socket (second));
  g_autofree char *hosts = mount_over (rig, "hosts", "127.0.0.1 localhost\n");
  g_autofree char *b = mount_over (rig, "nsswitch.conf", "hosts: files\n");
  g_assert_nonnull (b);
  configure_name (rig);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_line (rig, "STATE_DB at redis.example:6399 is not available: cannot resolve the "
                         "host's name: Name or service not known");
  write_in_place (hosts, "127.0.0.1 localhost redis.example\n");
  ps_rig_wait_popped (rig, "PortInitDone");
  g_assert_true (ps_wait_until (row_is_up, state, PS_WAIT_MS));
  ps_daemon_terminate (rig->daemon);
  unmount ("nsswitch.conf");
  unmount ("hosts");
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/databases/two-instances", test_two_instances);
  g_test_add_func ("/databases/other-instance-killed", test_other_instance_killed);
  g_test_add_func ("/databases/tcp", test_tcp);
  g_test_add_func ("/databases/other-ids", test_other_ids);
  g_test_add_func ("/databases/mute-name-server", test_mute_name_server);
  g_test_add_func ("/databases/name", test_name);
  g_test_add_func ("/databases/file-comes-later", test_file_comes_later);
  g_test_add_func ("/databases/file-never-comes", test_file_never_comes);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A Redis with users and passwords: the rights that data/portsyncd.acl gives are enough and not
 * more, a password may change under us, and it is nowhere to be seen. */
#include "tests/support/netdevs.h"
#include "tests/support/rig.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define USER_PREFIX "user portsyncd "

typedef struct {
  PsRig *rig;
  char *file; /* of the password */
} Scene;

/* Percent signs are the formatter's. */
static void
acl (Scene *s, const char *rules)
{
  g_autoptr (GString) text = g_string_new (rules);
  g_string_replace (text, "%", "%%", 0);
  g_string_prepend (text, "ACL SETUSER portsyncd ");
  freeReplyObject (ps_redis_server_command (s->rig->redis, 0, "PING"));
  g_assert_cmpint (ps_redis_server_do (s->rig->redis, 0, text->str), ==, 0);
}

static char *
shipped_rules (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "portsyncd.acl", NULL);
  char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, USER_PREFIX));
  memmove (text, text + strlen (USER_PREFIX), strlen (text) + 1 - strlen (USER_PREFIX));
  return g_strchomp (text);
}

static void
write_password (Scene *s, const char *password)
{
  g_assert_true (g_file_set_contents (s->file, password, -1, NULL));
  g_assert_cmpint (chmod (s->file, 0600), ==, 0);
}

static Scene
scene_begin (const char *password)
{
  PsRigSetup setup = {.n_ports = 3, .batch = 1024, .makes_netdevs = TRUE};
  Scene s = {.rig = ps_rig_new (&setup)};
  s.file = g_build_filename (s.rig->dir, "password", NULL);
  g_autofree char *rules = shipped_rules ();
  g_autofree char *with_password = g_strdup_printf ("reset %s >sesame", rules);
  acl (&s, with_password);
  write_password (&s, password);
  ps_daemon_set (s.rig->daemon, "database", "user", "portsyncd");
  ps_daemon_set (s.rig->daemon, "database", "password_file", s.file);
  return s;
}

static void
scene_end (Scene *s)
{
  ps_rig_free (s->rig);
  g_free (s->file);
}

/* The password is in no log, on no command line and in no environment. */
static void
expect_hidden (Scene *s)
{
  static const char *const files[] = {"cmdline", "environ"};
  g_assert_cmpuint (ps_rig_n_lines (s->rig, "sesame"), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path =
        g_strdup_printf ("/proc/%d/%s", ps_daemon_pid (s->rig->daemon), files[i]);
    g_autofree char *text = NULL;
    gsize size = 0;
    g_assert_true (g_file_get_contents (path, &text, &size, NULL));
    g_assert_null (g_strstr_len (text, (gssize)size, "sesame"));
  }
}

static guint
n_denied (Scene *s)
{
  return (guint)ps_redis_server_do (s->rig->redis, 0, "ACL LOG");
}

/* With the shipped rights a whole life goes by without one denial: boot, changes, a spoilt row,
 * scripts that were flushed, a repaired count, a restart; what the rights leave out is denied. */
static void
test_least_privilege (void)
{
  Scene s = scene_begin ("sesame\n");
  ps_rig_boot (s.rig);
  ps_orchagent_assert_boot (s.rig->orchagent, 3, 1);
  ps_db_do (s.rig->db, PS_DB_STATE, "SET PORT_TABLE|Ethernet4 x");
  ps_db_do (s.rig->db, PS_DB_APPL, "SCRIPT FLUSH");
  ps_netdevs_set_mtu (s.rig->netdevs, "Ethernet4", 1400);
  ps_netdevs_delete (s.rig->netdevs, "Ethernet8");
  ps_netdevs_commit (s.rig->netdevs);
  ps_rig_wait_field (s.rig, PS_DB_STATE, "PORT_TABLE|Ethernet4", "mtu", "1400");
  ps_rig_wait_no_key (s.rig, PS_DB_STATE, "PORT_TABLE|Ethernet8");
  ps_rig_restart_daemon (s.rig);
  ps_rig_wait_polls (s.rig, 3);
  ps_db_do (s.rig->db, PS_DB_APPL, "HSET PORT_TABLE:PortConfigDone count 7");
  ps_rig_wait_field (s.rig, PS_DB_APPL, "PORT_TABLE:PortConfigDone", "count", "3");
  expect_hidden (&s);
  ps_rig_settle (s.rig);
  g_assert_cmpuint (n_denied (&s), ==, 0);
  static const char *const denied[] = {
      "ACL DRYRUN portsyncd FLUSHDB", "ACL DRYRUN portsyncd HSET PORT|Ethernet0 mtu 1",
      "ACL DRYRUN portsyncd DEL PORT_TABLE:Ethernet0", "ACL DRYRUN portsyncd CONFIG GET maxmemory",
      "ACL DRYRUN portsyncd HGETALL NEIGH_TABLE|x"};
  for (guint i = 0; i < G_N_ELEMENTS (denied); i++) {
    redisReply *reply = ps_redis_server_command (s.rig->redis, 0, denied[i]);
    g_assert_nonnull (strstr (reply->str, "no permissions"));
    freeReplyObject (reply);
  }
  ps_rig_finish (s.rig);
  scene_end (&s);
}

/* A wrong password is no end: one line says it, Redis is asked slowly, and the right one, written
 * into the file, is used without a restart. */
static void
test_password_changes (void)
{
  Scene s = scene_begin ("sesame2\n");
  ps_daemon_start (s.rig->daemon);
  ps_rig_wait_line (s.rig, "WRONGPASS");
  g_assert_false (ps_db_exists (s.rig->db, PS_DB_APPL, "_PORT_TABLE:PortConfigDone"));
  write_password (&s, "sesame");
  ps_rig_wait_popped (s.rig, "PortInitDone");
  g_assert_cmpuint (ps_rig_n_lines (s.rig, "WRONGPASS"), <=, 3); /* one a database */
  expect_hidden (&s);
  /* The server forgets us and our connections; then it knows another password. */
  ps_redis_server_do (s.rig->redis, 0, "ACL DELUSER portsyncd");
  ps_netdevs_set_mtu (s.rig->netdevs, "Ethernet4", 1400);
  ps_netdevs_commit (s.rig->netdevs);
  g_autofree char *rules = shipped_rules ();
  g_autofree char *with_password = g_strdup_printf ("reset %s >open", rules);
  acl (&s, with_password);
  write_password (&s, "open");
  ps_rig_wait_field (s.rig, PS_DB_STATE, "PORT_TABLE|Ethernet4", "mtu", "1400");
  ps_rig_finish (s.rig);
  scene_end (&s);
}

/* A right that is taken away costs the rows that need it, and comes back by itself. */
static void
test_right_taken_away (void)
{
  Scene s = scene_begin ("sesame");
  ps_rig_boot (s.rig);
  acl (&s, "-hset");
  ps_netdevs_set_mtu (s.rig->netdevs, "Ethernet4", 1400);
  ps_netdevs_delete (s.rig->netdevs, "Ethernet8");
  ps_netdevs_commit (s.rig->netdevs);
  ps_rig_wait_line (s.rig, "refused to write PORT_TABLE|Ethernet4");
  ps_rig_wait_no_key (s.rig, PS_DB_STATE, "PORT_TABLE|Ethernet8");
  ps_rig_wait_polls (s.rig, 2);
  ps_rig_assert_line_once (s.rig, "ACL LOG");
  acl (&s, "+hset");
  ps_rig_wait_field (s.rig, PS_DB_STATE, "PORT_TABLE|Ethernet4", "mtu", "1400");
  ps_rig_finish (s.rig);
  scene_end (&s);
}

/* Rights without which the daemon only looks are missed aloud, too: what they are for stands still,
 * rows of known ports do not, and all goes on by itself when they are given. */
static void
test_right_to_look_taken_away (void)
{
  static const struct {
    const char *right, *refused, *granted;
  } cases[] = {
      {"exists", "STATE_DB refused to say which rows exist", "EXISTS in STATE_DB any more"},
      {"exists", "APPL_DB refused to say which rows exist", "EXISTS in APPL_DB any more"},
      {"hgetall", "CONFIG_DB refuses to read LOGGER|portsyncd",
       "reading CONFIG_DB LOGGER|portsyncd any more"},
      {"hsetnx", "CONFIG_DB refuses to write LOGGER|portsyncd",
       "writing CONFIG_DB LOGGER|portsyncd any more"},
  };
  Scene s = scene_begin ("sesame");
  ps_rig_boot (s.rig);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *without = g_strconcat ("-", cases[i].right, NULL);
    g_autofree char *with = g_strconcat ("+", cases[i].right, NULL);
    g_autofree char *mtu = g_strdup_printf ("%u", 1400 + i);
    acl (&s, without);
    ps_db_do (s.rig->db, PS_DB_CONFIG, "DEL LOGGER|portsyncd");
    ps_rig_wait_line (s.rig, cases[i].refused);
    ps_netdevs_set_mtu (s.rig->netdevs, "Ethernet4", 1400 + i);
    ps_netdevs_commit (s.rig->netdevs);
    ps_rig_wait_field (s.rig, PS_DB_STATE, "PORT_TABLE|Ethernet4", "mtu", mtu);
    acl (&s, with);
    ps_rig_wait_line (s.rig, cases[i].granted);
    ps_rig_wait_field (s.rig, PS_DB_CONFIG, "LOGGER|portsyncd", "LOGLEVEL", "NOTICE");
  }
  ps_rig_finish (s.rig);
  scene_end (&s);
}

/* Without the right to read whether CONFIG_DB is loaded no port is announced, and that is said with
 * what to do; when the right is given, the boot goes on by itself. Later, a wrong count stays. */
static void
test_flag_refused (void)
{
  Scene s = scene_begin ("sesame");
  acl (&s, "-get");
  /* Without it the start itself would wait (decision 0027). */
  ps_db_do (s.rig->db, PS_DB_CONFIG, "HSET DEVICE_METADATA|localhost switch_type voq");
  ps_daemon_start (s.rig->daemon);
  ps_rig_wait_line (s.rig, "Copying PORT from CONFIG_DB refused");
  ps_rig_wait_line (s.rig, "ACL LOG");
  g_assert_cmpuint (ps_rig_n_lines (s.rig, "is not loaded"), ==, 0);
  g_assert_false (ps_db_exists (s.rig->db, PS_DB_APPL, "_PORT_TABLE:PortConfigDone"));
  g_assert_false (ps_db_exists (s.rig->db, PS_DB_APPL, "PORT_TABLE:PortConfigDone"));
  acl (&s, "+get");
  ps_rig_wait_popped (s.rig, "PortInitDone");
  ps_rig_assert_line_once (s.rig, "does not refuse announcing the configuration any more");
  ps_orchagent_assert_boot (s.rig->orchagent, 3, 1);
  acl (&s, "-get");
  ps_db_do (s.rig->db, PS_DB_APPL, "HSET PORT_TABLE:PortConfigDone count 7");
  ps_rig_restart_daemon (s.rig);
  ps_rig_wait_line (s.rig, "The count of PortConfigDone cannot be compared");
  ps_netdevs_set_mtu (s.rig->netdevs, "Ethernet4", 1400);
  ps_netdevs_commit (s.rig->netdevs);
  ps_rig_wait_field (s.rig, PS_DB_STATE, "PORT_TABLE|Ethernet4", "mtu", "1400");
  acl (&s, "+get");
  ps_rig_wait_field (s.rig, PS_DB_APPL, "PORT_TABLE:PortConfigDone", "count", "3");
  ps_rig_finish (s.rig);
  scene_end (&s);
}

/* A file that others may read ends the start with one line and exit code 1. */
static void
test_open_file (void)
{
  Scene s = scene_begin ("sesame");
  g_assert_cmpint (chmod (s.file, 0644), ==, 0);
  ps_daemon_start (s.rig->daemon);
  int status = ps_daemon_wait (s.rig->daemon, 5000);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 1);
  g_autofree char *output = ps_daemon_output (s.rig->daemon);
  g_assert_nonnull (strstr (output, "chmod 600"));
  g_assert_null (strstr (output, "sesame"));
  scene_end (&s);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/access/least-privilege", test_least_privilege);
  g_test_add_func ("/access/password-changes", test_password_changes);
  g_test_add_func ("/access/right-taken-away", test_right_taken_away);
  g_test_add_func ("/access/right-to-look-taken-away", test_right_to_look_taken_away);
  g_test_add_func ("/access/flag-refused", test_flag_refused);
  g_test_add_func ("/access/open-file", test_open_file);
  return g_test_run ();
}

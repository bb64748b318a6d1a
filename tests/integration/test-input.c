/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input from the command line, files, Redis and the kernel: refused by name, never fatal unless
 * nothing can work. */
#include "tests/support/kernel-dump.h"
#include "tests/support/rig.h"
#include <string.h>
#include <sys/wait.h>

#define MEGABYTE (1024 * 1024)

/* Runs the daemon to its end; its output, which is one line if it failed. */
static char *
output_of (PsRig *rig, const char *const *args, int exit_code)
{
  g_autofree char *before = ps_daemon_output (rig->daemon);
  ps_daemon_start_with (rig->daemon, args);
  int status = ps_daemon_wait (rig->daemon, 5000);
  g_autofree char *all = ps_daemon_output (rig->daemon);
  char *output = g_strdup (all + strlen (before));
  if (!WIFEXITED (status) || WEXITSTATUS (status) != exit_code)
    g_error ("\"%s\": wait status 0x%x, output: %s", args[0], (guint)status, output);
  if (exit_code != 0) {
    const char *end = strchr (output, '\n');
    g_assert_true (end != NULL && end[1] == '\0');
  }
  return output;
}

static void
assert_has (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("\"%s\" is not in: %s", part, text);
}

/* The command line: what is wrong is named, with the nearest option that exists. */
static void
test_options (void)
{
  PsRigSetup setup = {.no_redis = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  const char *unknown[] = {"--confg", "x", NULL}, *version[] = {"--version", NULL};
  const char *help[] = {"--help", NULL}, *absent[] = {"--config", "/run/rig/absent.conf", NULL};
  const char *print[] = {"--print-config", NULL}, *check[] = {"--check-config", NULL};
  g_autofree char *a = output_of (rig, unknown, 2);
  assert_has (a, "--confg");
  assert_has (a, "--config");
  g_autofree char *b = output_of (rig, version, 0);
  assert_has (b, "portsyncd ");
  g_autofree char *c = output_of (rig, help, 0);
  assert_has (c, "--check-config");
  g_autofree char *d = output_of (rig, absent, 1);
  assert_has (d, "/run/rig/absent.conf");
  g_autofree char *e = output_of (rig, print, 0);
  assert_has (e, "reply_deadline");
  g_autofree char *f = output_of (rig, check, 0);
  assert_has (f, "\n");
  g_assert_cmpuint (ps_syslog_sink_n_lines (rig->syslog), ==, 0);
}

typedef struct {
  const char *text, *named[3];
} Broken;

static const Broken broken_configs[] = {
    {"[database]\nconfg = /x\n", {"confg", "config", NULL}},
    {"[databse]\nconfig = /x\n", {"databse", "database", NULL}},
    {"[netlink]\nreceive_buffer = much\n", {"receive_buffer", "much", NULL}},
    {"[netlink]\nold_interfaces = keep\n", {"old_interfaces", "adopt", NULL}},
    {"[start]\neoiu_timeout = 30\n", {"eoiu_timeout", "30", NULL}},
    {"[web]\nport = 80\n", {"web", NULL}},
    {"no section\n", {NULL}},
};

/* The configuration file: file, section, key and value are named. */
static void
test_config (gconstpointer data)
{
  const Broken *broken = data;
  PsRigSetup setup = {.no_redis = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autofree char *path = g_build_filename (rig->dir, "broken.conf", NULL);
  const char *args[] = {"--config", path, NULL};
  g_assert_true (g_file_set_contents (path, broken->text, -1, NULL));
  g_autofree char *output = output_of (rig, args, 1);
  assert_has (output, path);
  for (guint i = 0; broken->named[i] != NULL; i++)
    assert_has (output, broken->named[i]);
}

static const Broken broken_databases[] = {
    {"{\"INSTANCES\": {}, \"DATABASES\": {}}", {"/DATABASES/CONFIG_DB", NULL}},
    {"{\"INSTANCES\": {\"r\": {\"hostname\": \"h\", \"port\": 1}}, \"DATABASES\": {"
     "\"CONFIG_DB\": {\"id\": \"x\", \"separator\": \":\", \"instance\": \"r\"}}}",
     {"/DATABASES/CONFIG_DB/id", NULL}},
};

/* database_config.json that is whole and wrong. */
static void
test_database_config (gconstpointer data)
{
  const Broken *broken = data;
  PsRigSetup setup = {.no_redis = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autofree char *path = g_build_filename (rig->dir, "database_config.json", NULL);
  g_assert_true (g_file_set_contents (path, broken->text, -1, NULL));
  ps_daemon_set (rig->daemon, "database", "config", path);
  ps_daemon_start (rig->daemon);
  int status = ps_daemon_wait (rig->daemon, 5000);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 1);
  g_autofree char *output = ps_daemon_output (rig->daemon);
  assert_has (output, path);
  for (guint i = 0; broken->named[i] != NULL; i++)
    assert_has (output, broken->named[i]);
  g_assert_true (strchr (output, '\n') == output + strlen (output) - 1);
}

/* Keys of CONFIG_DB that are no names are refused by name, escaped; the count is of what was
 * produced. */
static void
test_names (void)
{
  static const char *const names[] = {"Ether\nnet0",      "Ethernet1/1",  "Ethernet:0",
                                      "Ethernet\xff\xfe", "PortInitDone", "Ethernet\x1b[31m"};
  PsRigSetup setup = {.n_ports = 2, .batch = 1024, .makes_netdevs = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    ps_db_do (rig->db, PS_DB_CONFIG, "HSET PORT|%s lanes 1", names[i]);
  ps_rig_boot (rig);
  ps_orchagent_assert_boot (rig->orchagent, 2, 1);
  g_assert_cmpuint (ps_orchagent_n_popped (rig->orchagent), ==, 4);
  ps_rig_wait_line (rig, "Ether\\x0anet0");
  ps_rig_wait_line (rig, "Ethernet\\xff");
  ps_rig_wait_line (rig, "Ethernet\\x1b");
  ps_rig_wait_line (rig, "Ethernet1/1");
  ps_rig_wait_line (rig, "of our markers: PortInitDone");
  g_assert_cmpuint (ps_rig_n_lines (rig, "\x1b"), ==, 0);
  ps_rig_finish (rig);
}

/* Rows that are not hashes: each is named and left out, the others are not held up, and the one in
 * STATE_DB, which is ours, is put right. */
static void
test_wrong_types (void)
{
  PsRigSetup setup = {.n_ports = 3, .batch = 1024, .makes_netdevs = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_db_do (rig->db, PS_DB_CONFIG, "SET PORT|Ethernet40 x");
  ps_db_do (rig->db, PS_DB_APPL, "SET _PORT_TABLE:Ethernet8 x");
  ps_db_do (rig->db, PS_DB_STATE, "SADD PORT_TABLE|Ethernet4 x");
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortConfigDone");
  g_assert_cmpint (ps_orchagent_port_count (rig->orchagent), ==, 2);
  ps_rig_wait_line (rig, "Ethernet40");
  ps_rig_wait_key (rig, PS_DB_STATE, "PORT_TABLE|Ethernet0");
  ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet4", "state", "ok");
  /* Reading it was refused, or writing it; if its device is new, it is deleted before either. */
  ps_rig_wait_line (rig, "PORT_TABLE|Ethernet4");
  ps_rig_finish (rig);
}

/* A value of a megabyte is copied whole. */
static void
test_large_value (void)
{
  PsRigSetup setup = {.n_ports = 2, .batch = 1024, .makes_netdevs = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autofree char *value = g_strnfill (MEGABYTE, 'v');
  ps_db_do (rig->db, PS_DB_CONFIG, "HSET PORT|Ethernet0 description %s", value);
  ps_rig_boot (rig);
  g_assert_cmpint (ps_db_integer (rig->db, PS_DB_APPL, "HSTRLEN PORT_TABLE:Ethernet0 description"),
                   ==, MEGABYTE);
  ps_orchagent_assert_boot (rig->orchagent, 2, 1);
  ps_rig_finish (rig);
}

/* Rows without attributes are no ports to orchagent, which would take them for deletions: they are
 * neither produced nor counted nor awaited. */
static void
test_placeholder (void)
{
  PsRigSetup setup = {.n_ports = 2, .batch = 1024, .makes_netdevs = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_db_do (rig->db, PS_DB_CONFIG, "HSET PORT|Ethernet8 NULL NULL");
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortConfigDone");
  g_assert_cmpint (ps_orchagent_port_count (rig->orchagent), ==, 2);
  g_assert_cmpuint (ps_orchagent_count (rig->orchagent, "Ethernet8"), ==, 0);
  g_assert_cmpuint (ps_orchagent_n_empty (rig->orchagent), ==, 0);
  ps_rig_wait_popped (rig, "PortInitDone"); /* Nobody makes a netdev for it. */
  ps_rig_finish (rig);
}

/* Without CAP_NET_ADMIN: a warning for what is lost, and the mirror works. */
static void
test_no_permission (void)
{
  PsRigSetup setup = {.n_ports = 3, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_make_veths (rig, 0, 1);
  ps_rig_note_old (rig);
  ps_daemon_set_unprivileged (rig->daemon, TRUE);
  ps_daemon_set (rig->daemon, "netlink", "receive_buffer", "512M");
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortConfigDone");
  ps_rig_wait_line (rig, "old links stay up");
  ps_rig_wait_line (rig, "receive buffer");
  ps_rig_make_veths (rig, 1, 2);
  ps_rig_wait_key (rig, PS_DB_STATE, "PORT_TABLE|Ethernet8");
  g_autoptr (GArray) links = ps_kernel_dump ();
  g_assert_cmpuint (ps_kernel_find (links, "Ethernet0")->flags & IFF_UP, ==, IFF_UP);
  ps_rig_finish (rig);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/input/options", test_options);
  for (guint i = 0; i < G_N_ELEMENTS (broken_configs); i++) {
    g_autofree char *path = g_strdup_printf ("/input/config/%u", i);
    g_test_add_data_func (path, &broken_configs[i], test_config);
  }
  for (guint i = 0; i < G_N_ELEMENTS (broken_databases); i++) {
    g_autofree char *path = g_strdup_printf ("/input/database-config/%u", i);
    g_test_add_data_func (path, &broken_databases[i], test_database_config);
  }
  g_test_add_func ("/input/names", test_names);
  g_test_add_func ("/input/wrong-types", test_wrong_types);
  g_test_add_func ("/input/large-value", test_large_value);
  g_test_add_func ("/input/placeholder", test_placeholder);
  g_test_add_func ("/input/no-permission", test_no_permission);
  return g_test_run ();
}

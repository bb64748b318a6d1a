/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input from the command line, files, Redis and the kernel: refused by name, never fatal unless
 * nothing can work. */
#include "tests/support/kernel-dump.h"
#include "tests/support/rig.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
  const char *print[] = {"--print-config", NULL};
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

/* Runs it without a daemon's rig; what it wrote to standard error. to: where standard output goes.
 */
static char *
errors_of (const char *arguments, const char *to, int exit_code)
{
  g_autofree char *command = g_strdup_printf ("exec \"$PORTSYNCD\" %s >%s", arguments, to);
  char *argv[] = {(char *)"/bin/sh", (char *)"-c", command, NULL}, *errors = NULL;
  int status = 0;
  g_assert_true (
      g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &errors, &status, NULL));
  if (!WIFEXITED (status) || WEXITSTATUS (status) != exit_code)
    g_error ("\"%s\": wait status 0x%x, errors: %s", command, (guint)status, errors);
  return errors;
}

static guint
n_lines (const char *text)
{
  guint n = 0;
  for (; *text != '\0'; text++)
    n += *text == '\n';
  return n;
}

/* A configuration that is no file, or none of ours by its size, is refused unread: a device without
 * an end, a directory, a pipe without a writer, four gigabytes of nothing. */
static void
test_files (void)
{
  PsRigSetup setup = {.no_redis = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autofree char *fifo = g_build_filename (rig->dir, "fifo", NULL);
  g_autofree char *large = g_build_filename (rig->dir, "large", NULL);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_true (g_file_set_contents (large, "", 0, NULL));
  g_assert_cmpint (truncate (large, G_GINT64_CONSTANT (1) << 32), ==, 0);
  const char *const cases[][2] = {{"/dev/zero", "no regular file"},
                                  {rig->dir, "Is a directory"},
                                  {fifo, "no regular file"},
                                  {large, "larger than 1024 KiB"},
                                  {"/nowhere", "No such file"}};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *arguments = g_strdup_printf ("--check-config -c %s", cases[i][0]);
    g_autofree char *errors = errors_of (arguments, "/dev/null", 1);
    assert_has (errors, cases[i][0]);
    assert_has (errors, cases[i][1]);
    g_assert_cmpuint (n_lines (errors), ==, 1);
  }
}

/* What cannot be written says why, and is no success. */
static void
test_full_output (void)
{
  static const char *const options[] = {"--help", "--version", "--print-config"};
  for (guint i = 0; i < G_N_ELEMENTS (options); i++) {
    g_autofree char *errors = errors_of (options[i], "/dev/full", 1);
    g_assert_cmpstr (errors, ==,
                     "portsyncd: standard output cannot be written: No space left on device\n");
  }
}

/* No descriptor of ours takes the place of a standard output that is closed. */
static void
test_closed_output (void)
{
  PsRigSetup setup = {0};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_daemon_save_config (rig->daemon);
  g_autofree char *arguments =
      g_strdup_printf ("--print-start-mode -c %s", ps_daemon_config_file (rig->daemon));
  g_autofree char *errors = errors_of (arguments, "&-", 1);
  g_assert_cmpstr (errors, ==,
                   "portsyncd: standard output cannot be written: Bad file descriptor\n");
}

#define DATABASES                                                                                  \
  "{\"INSTANCES\": {\"r\": {\"hostname\": \"%s\", \"port\": 1}}, \"DATABASES\": {"                 \
  "\"APPL_DB\": {\"id\": 0, \"separator\": \":\", \"instance\": \"r\"},"                           \
  "\"CONFIG_DB\": {\"id\": 4, \"separator\": \"|\", \"instance\": \"r\"},"                         \
  "\"STATE_DB\": {\"id\": 6, \"separator\": \"|\", \"instance\": \"r\"}}}"

/* --check-config looks at what a start would use, tells all that is wrong with it, and makes
 * nothing. */
static void
test_check (void)
{
  PsRigSetup setup = {.no_redis = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autofree char *databases = g_build_filename (rig->dir, "databases.json", NULL);
  g_autofree char *password = g_build_filename (rig->dir, "password", NULL);
  g_autofree char *run_dir = g_build_filename (rig->dir, "run", "deep", NULL);
  g_autofree char *above = g_build_filename (rig->dir, "run", NULL);
  g_autofree char *good = g_strdup_printf (DATABASES, "127.0.0.1");
  g_autofree char *bad = g_strdup_printf (DATABASES, "no such host");
  g_assert_true (g_file_set_contents (databases, good, -1, NULL));
  g_assert_true (g_file_set_contents (password, "sesame", -1, NULL));
  g_assert_cmpint (chmod (password, 0600), ==, 0);
  ps_daemon_set (rig->daemon, "database", "config", databases);
  ps_daemon_set (rig->daemon, "database", "password_file", password);
  ps_daemon_set (rig->daemon, "start", "run_dir", run_dir);
  ps_daemon_save_config (rig->daemon);
  g_autofree char *arguments =
      g_strdup_printf ("--check-config --config %s", ps_daemon_config_file (rig->daemon));
  g_autofree char *right = errors_of (arguments, "/dev/null", 0);
  g_assert_cmpstr (right, ==, "");
  g_assert_false (g_file_test (above, G_FILE_TEST_EXISTS));
  g_assert_cmpint (chmod (password, 0644), ==, 0);
  g_assert_true (g_file_set_contents (databases, bad, -1, NULL));
  g_assert_true (g_file_set_contents (above, "", 0, NULL));
  g_autofree char *wrong = errors_of (arguments, "/dev/null", 1);
  g_assert_cmpuint (n_lines (wrong), ==, 3);
  assert_has (wrong, "chmod 600");
  assert_has (wrong, "databases.json: host no such host: ");
  assert_has (wrong, "run/deep/default: Not a directory");
  g_assert_cmpint (g_remove (databases), ==, 0);
  g_autofree char *absent = errors_of (arguments, "/dev/null", 1);
  assert_has (absent, "databases.json: cannot be read: No such file");
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
  ps_rig_wait_popped (rig, "PortInitDone"); /* No netdev is made for it. */
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
  g_test_add_func ("/input/files", test_files);
  g_test_add_func ("/input/full-output", test_full_output);
  g_test_add_func ("/input/closed-output", test_closed_output);
  g_test_add_func ("/input/check", test_check);
  g_test_add_func ("/input/names", test_names);
  g_test_add_func ("/input/wrong-types", test_wrong_types);
  g_test_add_func ("/input/large-value", test_large_value);
  g_test_add_func ("/input/placeholder", test_placeholder);
  g_test_add_func ("/input/no-permission", test_no_permission);
  return g_test_run ();
}

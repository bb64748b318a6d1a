/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc says of this life of the system, and what the daemon makes of it when it is another
 * one, damaged or not there. umockdev shows files of ours in the place of the kernel's. */
#include "tests/support/rig.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <sys/mount.h>
#include <umockdev.h>

#define BOOT_ID   "/proc/sys/kernel/random/boot_id"
#define INIT_STAT "/proc/1/stat"
#define NETNS     "/proc/self/ns/net"

#define BOOT_A "11111111-2222-3333-4444-555555555555\n"
#define BOOT_B "99999999-2222-3333-4444-555555555555\n"
#define STAT(start)                                                                                \
  "1 (in (it)) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 " start                               \
  " 99 100 18446744073709551615\n"

typedef struct {
  UMockdevTestbed *bed;
  PsRig *rig;
} World;

static char *
mock_path (World *w, const char *path)
{
  g_autofree char *root = umockdev_testbed_get_root_dir (w->bed);
  return g_build_filename (root, path, NULL);
}

static char *
mock_parent (World *w, const char *path)
{
  g_autofree char *mock = mock_path (w, path);
  g_autofree char *parent = g_path_get_dirname (mock);
  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  return g_steal_pointer (&mock);
}

/* text NULL: a directory, which can be opened and not read. */
static void
show (World *w, const char *path, const char *text)
{
  g_autofree char *mock = mock_parent (w, path);
  g_autoptr (GError) error = NULL;
  g_remove (mock);
  if (text == NULL)
    g_assert_cmpint (g_mkdir (mock, 0755), ==, 0);
  else
    g_file_set_contents (mock, text, -1, &error);
  g_assert_no_error (error);
}

/* A switch of four ports with everything done, whose daemon was killed. */
static void
set_up (World *w, gconstpointer data)
{
  PsRigSetup setup = {.n_ports = 4, .batch = 1024, .makes_netdevs = TRUE};
  w->rig = ps_rig_new (&setup);
  w->bed = umockdev_testbed_new ();
  show (w, BOOT_ID, BOOT_A);
  show (w, INIT_STAT, STAT ("100"));
  ps_rig_boot (w->rig);
  ps_daemon_kill (w->rig->daemon);
  ps_syslog_sink_clear (w->rig->syslog);
}

static void
tear_down (World *w, gconstpointer data)
{
  ps_rig_free (w->rig);
  g_object_unref (w->bed);
}

/* Until it has decided how to start, and has written its record: that is done before the ports are
 * produced. */
static void
start (World *w)
{
  ps_syslog_sink_clear (w->rig->syslog);
  ps_daemon_start (w->rig->daemon);
  ps_rig_wait_line (w->rig, " start: warm restart");
  ps_rig_wait_line (w->rig, "PortConfigDone count ");
}

/* How often a text stands in the log of a start. */
static guint
lines_of_start (World *w, const char *text)
{
  start (w);
  guint n = ps_rig_n_lines (w->rig, text);
  ps_daemon_kill (w->rig->daemon);
  return n;
}

/* The same boot, PID 1 and namespace: the record is used, no link is taken down. */
static void
test_same_life (World *w, gconstpointer data)
{
  g_assert_cmpuint (lines_of_start (w, "resume start"), ==, 1);
  g_assert_cmpuint (ps_rig_n_lines (w->rig, "another life"), ==, 0);
  g_assert_cmpuint (ps_rig_n_lines (w->rig, "Cannot tell this boot"), ==, 0);
  start (w);
  ps_rig_finish (w->rig);
}

/* Another boot, PID 1 or namespace: the record is not used, which is said; the next start finds a
 * record of its own life. */
static void
assert_other_life (World *w, const char *line)
{
  g_assert_cmpuint (lines_of_start (w, line), ==, 1);
  ps_rig_assert_line_once (w->rig, "cold start");
  ps_rig_assert_line_once (w->rig, "life record of this boot=no");
  g_assert_cmpuint (lines_of_start (w, "resume start"), ==, 1);
  g_assert_cmpuint (ps_rig_n_lines (w->rig, "another life"), ==, 0);
}

static void
test_other_boot (World *w, gconstpointer data)
{
  show (w, BOOT_ID, BOOT_B);
  assert_other_life (w, "of another life: the boot differs");
}

static void
test_other_init (World *w, gconstpointer data)
{
  show (w, INIT_STAT, STAT ("101"));
  assert_other_life (w, "of another life: the start of PID 1 differs");
}

static void
test_other_netns (World *w, gconstpointer data)
{
  show (w, NETNS, "");
  assert_other_life (w, "of another life: the network namespace differs");
}

/* It can be read or not: the daemon names the file, uses no record, neither the one that was there
 * nor the one that it wrote itself, takes Redis' word that only it died, and mirrors. */
static void
assert_unknown_life (World *w, const char *path)
{
  g_autofree char *line = g_strdup_printf ("Cannot tell this boot from another: ");
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpuint (lines_of_start (w, line), ==, 1);
    ps_rig_assert_line_once (w->rig, path);
    ps_rig_assert_line_once (w->rig, "resume start");
    ps_rig_assert_line_once (w->rig, "life record of this boot=no");
    ps_rig_assert_line_once (w->rig, "live=yes beside rows of living links");
  }
  start (w);
  for (guint i = 0; i < w->rig->setup.n_ports; i++)
    ps_netdevs_delete (w->rig->netdevs, ps_port_name (i).text);
  ps_netdevs_commit (w->rig->netdevs);
  ps_rig_make_veths (w->rig, 0, w->rig->setup.n_ports);
  ps_rig_finish (w->rig);
}

typedef struct {
  const char *name, *path, *text;
} Damage;

static const Damage damages[] = {
    {"boot-id-empty", BOOT_ID, ""},
    {"boot-id-of-two-words", BOOT_ID, "11111111-2222 3333-4444\n"},
    {"boot-id-unprintable", BOOT_ID, "\001\002\n"},
    {"boot-id-too-long", BOOT_ID, "11111111-2222-3333-4444-555555555555-66666666\n"},
    {"boot-id-unreadable", BOOT_ID, NULL},
    {"stat-empty", INIT_STAT, ""},
    {"stat-cut", INIT_STAT, "1 (init) S 0 1 1 0 -1 4194560 1 2 3"},
    {"stat-without-name", INIT_STAT, "1 init S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 100 99\n"},
    {"stat-no-number", INIT_STAT, STAT ("-1")},
    {"stat-too-large", INIT_STAT, STAT ("18446744073709551616")},
    {"stat-unreadable", INIT_STAT, NULL},
};

static void
test_damaged (World *w, gconstpointer data)
{
  const Damage *damage = data;
  show (w, damage->path, damage->text);
  assert_unknown_life (w, damage->path);
}

/* The file is not there at all, as in a container without that part of /proc. */
static void
test_missing (World *w, gconstpointer data)
{
  g_autofree char *mock = mock_path (w, BOOT_ID);
  g_assert_cmpint (g_remove (mock), ==, 0);
  g_autofree char *parent = g_path_get_dirname (BOOT_ID);
  g_assert_cmpint (mount ("tmpfs", parent, "tmpfs", 0, "mode=0755"), ==, 0);
  assert_unknown_life (w, BOOT_ID);
  g_assert_cmpint (umount2 (parent, MNT_DETACH), ==, 0);
}

#define ADD(name, data, fn) g_test_add ("/proc/" name, World, data, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  ADD ("same-life", NULL, test_same_life);
  ADD ("other-boot", NULL, test_other_boot);
  ADD ("other-init", NULL, test_other_init);
  ADD ("other-netns", NULL, test_other_netns);
  ADD ("missing", NULL, test_missing);
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++) {
    g_autofree char *path = g_strdup_printf ("/proc/damaged/%s", damages[i].name);
    g_test_add (path, World, &damages[i], set_up, test_damaged, tear_down);
  }
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The system has no more to give: no descriptors, no room for the life record, no memory; or its
 * wall clock jumps. The daemon says what is missing, goes on or ends, and recovers. */
#include "tests/support/kernel-dump.h"
#include "tests/support/proc.h"
#include "tests/support/rig.h"
#include "tests/support/sanitized.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define N_PORTS     8
#define ONE_BLOCK   "size=4k"
#define LINES_MAX   20   /* however long the lack lasts */
#define N_MANY      6000 /* ports that do not fit into what the heap has left */
#define DAY_S       86400LL
#define YEAR_S      (365 * DAY_S)
#define NO_FILES    "Too many open files"
#define LIFE_HEADER "portsyncd-life"

#ifdef PS_SANITIZED
#define NO_MEMORY "Failed to mmap"
#else
#define NO_MEMORY "failed to allocate"
#endif

/* What GLib says when it has no memory left for saying that it has none. */
#define NO_MEMORY_FOR_GLIB "Cannot allocate memory"

static PsRig *
made (void)
{
  PsRigSetup setup = {.n_ports = N_PORTS, .batch = 1024, .makes_netdevs = TRUE};
  return ps_rig_new (&setup);
}

static void
assert_all_up (void)
{
  g_autoptr (GArray) links = ps_kernel_dump ();
  for (guint i = 0; i < N_PORTS; i++)
    g_assert_cmpuint (ps_kernel_find (links, ps_port_name (i).text)->flags & IFF_UP, ==, IFF_UP);
}

/* --- descriptors ---------------------------------------------------------------------------- */

/* Too few to begin with: it ends with a line that says so. */
static void
test_descriptors_none (void)
{
  g_autoptr (PsRig) rig = made ();
  for (guint n = 4; n <= 6; n++) {
    g_autofree char *before = ps_daemon_output (rig->daemon);
    ps_daemon_set_limit (rig->daemon, RLIMIT_NOFILE, n);
    ps_daemon_start (rig->daemon);
    int status = ps_daemon_wait (rig->daemon, 5000);
    g_autofree char *output = ps_daemon_output (rig->daemon);
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 1);
    g_assert_nonnull (strstr (output + strlen (before), NO_FILES));
  }
}

/* Enough to begin, too few for all connections or for the life record: it says so, tries again, and
 * is as if nothing had been once there are more. */
static void
test_descriptors_few (gconstpointer limit)
{
  g_autoptr (PsRig) rig = made ();
  ps_daemon_set_limit (rig->daemon, RLIMIT_NOFILE, GPOINTER_TO_UINT (limit));
  ps_daemon_start (rig->daemon);
  ps_rig_wait_line (rig, NO_FILES);
  g_assert_true (ps_daemon_is_running (rig->daemon));
  ps_daemon_limit_now (rig->daemon, RLIMIT_NOFILE, 1024);
  ps_rig_wait_popped (rig, "PortInitDone");
  ps_rig_settle (rig);
  ps_orchagent_assert_boot (rig->orchagent, N_PORTS, 1);
  g_assert_cmpuint (ps_rig_n_lines (rig, NO_FILES), <, LINES_MAX);
  ps_rig_finish (rig);
}

/* They run out while it runs and every connection is cut: it lives, and finds Redis again. */
static void
test_descriptors_running (void)
{
  g_autoptr (PsRig) rig = made ();
  ps_rig_boot (rig);
  guint n = ps_proc_n_descriptors (ps_daemon_pid (rig->daemon));
  ps_daemon_limit_now (rig->daemon, RLIMIT_NOFILE, 3);
  ps_db_do (rig->db, PS_DB_APPL, "CLIENT KILL TYPE normal");
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet0", 1400);
  ps_netdevs_delete (rig->netdevs, "Ethernet4");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_line (rig, NO_FILES);
  PsStorm *storm = ps_storm_start (1, PS_STORM_CARRIER, ps_rig_seed (), 10000);
  ps_storm_wait (storm, 2000);
  ps_storm_stop (storm);
  g_assert_true (ps_daemon_is_running (rig->daemon));
  g_assert_cmpuint (ps_rig_n_lines (rig, NO_FILES), <, LINES_MAX);
  ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet0", "mtu", "1500");
  ps_daemon_limit_now (rig->daemon, RLIMIT_NOFILE, 1024);
  ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet0", "mtu", "1400");
  ps_rig_settle (rig);
  g_assert_cmpuint (ps_proc_n_descriptors (ps_daemon_pid (rig->daemon)), <=, n);
  ps_rig_finish (rig);
}

/* --- the run directory ---------------------------------------------------------------------- */

static char *
mount_run_dir (PsRig *rig, gulong flags, const char *options)
{
  char *dir = g_build_filename (rig->dir, "small", NULL);
  g_assert_cmpint (g_mkdir (dir, 0755), ==, 0);
  if (mount ("tmpfs", dir, "tmpfs", flags, options) != 0)
    g_error ("tmpfs on %s: %s", dir, g_strerror (errno));
  ps_daemon_set (rig->daemon, "start", "run_dir", dir);
  return dir;
}

typedef struct {
  const char *path, *text;
} Content;

static gboolean
file_begins (gpointer user_data)
{
  const Content *content = user_data;
  g_autofree char *text = NULL;
  return g_file_get_contents (content->path, &text, NULL, NULL) &&
         g_str_has_prefix (text, content->text);
}

/* One block, which the lock takes: a line names the record, the mirror works; when there is room
 * the record is written, and a crash is followed by a resume. */
static void
test_full (void)
{
  g_autoptr (PsRig) rig = made ();
  g_autofree char *dir = mount_run_dir (rig, 0, ONE_BLOCK);
  g_autofree char *life = g_build_filename (dir, "default", "life", NULL);
  ps_rig_boot (rig);
  ps_rig_assert_line_once (rig, "No space left on device");
  ps_rig_assert_line_once (rig, life);
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet0", 1400);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_settle (rig);
  if (mount ("none", dir, "none", MS_REMOUNT, "size=1m") != 0)
    g_error ("remount of %s: %s", dir, g_strerror (errno));
  ps_rig_wait_line (rig, "The life record is written again");
  Content content = {life, LIFE_HEADER};
  g_assert_true (file_begins (&content));
  ps_rig_settle_and_clear (rig);
  ps_rig_restart_daemon (rig);
  ps_rig_wait_line (rig, "resume start");
  ps_rig_wait_polls (rig, 2);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
  assert_all_up ();
  ps_daemon_terminate (rig->daemon);
  g_assert_cmpint (umount (dir), ==, 0);
}

/* A run directory that cannot be written: a line says what that costs, the mirror works. */
static void
test_read_only (void)
{
  g_autoptr (PsRig) rig = made ();
  g_autofree char *dir = mount_run_dir (rig, MS_RDONLY, "size=1m");
  ps_rig_boot (rig);
  ps_rig_assert_line_once (rig, "Read-only file system");
  ps_rig_assert_line_once (rig, "until that is mended");
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet0", 1400);
  ps_netdevs_delete (rig->netdevs, "Ethernet4");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_settle (rig);
  ps_daemon_terminate (rig->daemon);
  ps_rig_settle (rig);
  g_assert_cmpint (umount (dir), ==, 0);
}

/* --- the wall clock ------------------------------------------------------------------------- */

static void
jump (const char *file, gint64 seconds)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT "\n", seconds);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
}

/* That the clock of the daemon does jump shows the date of its next line. */
static void
assert_jumped (PsRig *rig, const char *file)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *today = g_date_time_format (now, "%b %e ");
  jump (file, 40 * DAY_S);
  ps_netdevs_delete (rig->netdevs, "Ethernet4");
  ps_syslog_sink_clear (rig->syslog);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_line (rig, "Delete Ethernet4");
  g_autofree char *text = ps_syslog_sink_text (rig->syslog);
  g_assert_null (strstr (text, today));
}

/* The wall clock goes ten years back and a hundred ahead: no write, no line, no reconnection, and
 * the next change is mirrored. */
static void
test_wall_clock (void)
{
  static const gint64 jumps[] = {-10 * YEAR_S, 100 * YEAR_S, 0};
  g_autoptr (PsRig) rig = made ();
  g_autofree char *file = g_build_filename (rig->dir, "wall-clock", NULL);
  jump (file, 0);
  g_setenv ("PS_WALL_CLOCK", file, TRUE);
  g_setenv ("ASAN_OPTIONS", "verify_asan_link_order=0", FALSE);
  g_setenv ("LD_PRELOAD", g_getenv ("WALL_CLOCK_SHIM"), TRUE);
  ps_daemon_start (rig->daemon);
  g_unsetenv ("LD_PRELOAD");
  ps_rig_wait_key (rig, PS_DB_APPL, "PORT_TABLE:PortInitDone");
  ps_rig_settle_and_clear (rig);
  gint64 connections = ps_db_info (rig->db, "stats", "total_connections_received:", ":");
  for (guint i = 0; i < G_N_ELEMENTS (jumps); i++) {
    g_autofree char *mtu = g_strdup_printf ("%u", 1400 + i);
    guint n_lines = ps_syslog_sink_n_lines (rig->syslog);
    jump (file, jumps[i]);
    ps_rig_wait_polls (rig, 2);
    g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
    g_assert_cmpuint (ps_syslog_sink_n_lines (rig->syslog), ==, n_lines);
    ps_netdevs_set_mtu (rig->netdevs, "Ethernet0", 1400 + i);
    ps_netdevs_commit (rig->netdevs);
    ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet0", "mtu", mtu);
    ps_rig_settle_and_clear (rig);
  }
  g_assert_cmpint (ps_db_info (rig->db, "stats", "total_connections_received:", ":"), ==,
                   connections);
  assert_jumped (rig, file);
  ps_rig_finish (rig);
}

/* --- memory --------------------------------------------------------------------------------- */

typedef struct {
  PsRig *rig;
} Waiting;

static gboolean
has_ended (gpointer user_data)
{
  const Waiting *waiting = user_data;
  return !ps_daemon_is_running (waiting->rig->daemon);
}

/* No more memory than it has now, and 6,000 ports to learn: it ends at once with a line that says
 * so. Started again with memory, it resumes and takes nothing down. */
static void
test_memory (void)
{
  g_autoptr (PsRig) rig = made ();
  ps_netns_disable_ipv6 ();
  ps_rig_boot (rig);
  ps_daemon_limit_now (rig->daemon, RLIMIT_AS, 1);
  for (guint i = N_PORTS; i < N_MANY; i++)
    ps_netdevs_add (rig->netdevs, ps_port_name (i).text, "ifb", 0);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_make_live (rig, N_PORTS, N_MANY - N_PORTS);
  Waiting waiting = {rig};
  g_assert_true (ps_wait_until (has_ended, &waiting, PS_WAIT_MS));
  int status = ps_daemon_wait (rig->daemon, 1000);
  g_autofree char *output = ps_daemon_output (rig->daemon);
  g_assert_cmpint (status, !=, 0); /* A signal; a sanitizer's own allocator exits. */
  if (strstr (output, NO_MEMORY) == NULL && strstr (output, NO_MEMORY_FOR_GLIB) == NULL)
    g_error ("no line about memory: %s", output);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_line (rig, "resume start");
  ps_rig_settle (rig);
  assert_all_up ();
  ps_rig_finish (rig);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/limits/descriptors/none", test_descriptors_none);
  g_test_add_data_func ("/limits/descriptors/8", GUINT_TO_POINTER (8), test_descriptors_few);
  g_test_add_data_func ("/limits/descriptors/12", GUINT_TO_POINTER (12), test_descriptors_few);
  g_test_add_func ("/limits/descriptors/running", test_descriptors_running);
  g_test_add_func ("/limits/run-dir/full", test_full);
  g_test_add_func ("/limits/run-dir/read-only", test_read_only);
  g_test_add_func ("/limits/wall-clock", test_wall_clock);
  g_test_add_func ("/limits/memory", test_memory);
  return g_test_run ();
}

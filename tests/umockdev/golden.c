/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/umockdev/golden.h"
#include "tests/support/rig.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_PORTS  4
#define AWAIT_US (100 * 1000)   /* mirror/poll.h: a look while a netdev waits for its row */
#define TICK_US  G_USEC_PER_SEC /* mirror/poll.h: a look at everything */
#define LEAVE_MS 10000

/* The daemon's end of a recording: a byte more, and the replayer finds that it is not this. */
#define NOTHING_MORE "w 0 (nothing is said after this)\n"

#define HEADER                                                                                     \
  "# One connection of portsyncd's, as umockdev-record heard it; see tests/umockdev/record.\n"

const char *const ps_golden_files[PS_N_GOLDEN] = {"appl.script", "config.script", "state.script"};
static const char *const sockets[PS_N_GOLDEN] = {"/dev/ps-appl.sock", "/dev/ps-config.sock",
                                                 "/dev/ps-state.sock"};

typedef struct {
  PsGoldenMode mode;
  PsRig *rig;
  gint64 *hand;          /* of the daemon's clock; mapped */
  const char *hand_file; /* not owned */
} Golden;

/* --- the daemon, and what stands between it and Redis ---------------------------------------- */

static char *
write_database_config (Golden *self)
{
  static const char format[] =
      "{\"INSTANCES\": {\n"
      "  \"redis1\": {\"hostname\": \"127.0.0.1\", \"port\": 1, \"unix_socket_path\": \"%s\"},\n"
      "  \"redis2\": {\"hostname\": \"127.0.0.1\", \"port\": 2, \"unix_socket_path\": \"%s\"},\n"
      "  \"redis3\": {\"hostname\": \"127.0.0.1\", \"port\": 3, \"unix_socket_path\": \"%s\"}},\n"
      " \"DATABASES\": {\n"
      "  \"APPL_DB\": {\"id\": 0, \"separator\": \":\", \"instance\": \"redis1\"},\n"
      "  \"CONFIG_DB\": {\"id\": 4, \"separator\": \"|\", \"instance\": \"redis2\"},\n"
      "  \"STATE_DB\": {\"id\": 6, \"separator\": \"|\", \"instance\": \"redis3\"}},\n"
      " \"VERSION\": \"1.0\"}\n";
  char *path = g_build_filename (self->rig->dir, "database_config.json", NULL);
  g_autofree char *text = g_strdup_printf (format, sockets[0], sockets[1], sockets[2]);
  if (!g_file_set_contents (path, text, -1, NULL))
    g_error ("cannot write %s", path);
  return path;
}

static char *
write_config (Golden *self)
{
  g_autofree char *databases = write_database_config (self);
  char *path = g_build_filename (self->rig->dir, "golden.conf", NULL);
  g_autofree char *text = g_strdup_printf ("[database]\nconfig = %s\n[start]\nrun_dir = %s\n",
                                           databases, ps_daemon_run_dir (self->rig->daemon));
  if (!g_file_set_contents (path, text, -1, NULL))
    g_error ("cannot write %s", path);
  return path;
}

static gint64 *
make_hand (const char *path)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate (fd, sizeof (gint64)) != 0)
    g_error ("%s: %s", path, g_strerror (errno));
  gint64 *hand = mmap (NULL, sizeof *hand, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (hand == MAP_FAILED)
    g_error ("%s: %s", path, g_strerror (errno));
  close (fd);
  return hand;
}

static const char *
setting (const char *name)
{
  const char *value = g_getenv (name);
  if (value == NULL)
    g_error ("%s is not set: see ps_golden_run", name);
  return value;
}

static void
add_arg (GPtrArray *args, char *arg)
{
  g_ptr_array_add (args, arg);
}

/* The daemon under umockdev; both die with us (hand-clock.c). */
static void
start_daemon (Golden *self, const char *dir)
{
  const char *option = self->mode == PS_GOLDEN_RECORD ? "-s" : "-u";
  g_autoptr (GPtrArray) args = g_ptr_array_new_with_free_func (g_free);
  add_arg (args, g_strdup_printf ("LD_PRELOAD=%s", setting ("HAND_CLOCK")));
  add_arg (args, g_strdup_printf ("PS_CLOCK_FILE=%s", self->hand_file));
  add_arg (args, g_strdup (self->mode == PS_GOLDEN_RECORD ? "umockdev-record" : "umockdev-run"));
  for (guint i = 0; i < PS_N_GOLDEN; i++) {
    add_arg (args, g_strdup (option));
    add_arg (args, g_strdup_printf ("%s=%s/%s", sockets[i], dir, ps_golden_files[i]));
  }
  add_arg (args, g_strdup ("--"));
  add_arg (args, g_strdup (setting ("GOLDEN_DAEMON")));
  add_arg (args, g_strdup ("--config"));
  add_arg (args, write_config (self));
  add_arg (args, NULL);
  ps_daemon_start_with (self->rig->daemon, (const char *const *)args->pdata);
}

/* umockdev-run has a child, umockdev-record becomes the daemon. */
static int
daemon_pid (Golden *self)
{
  int pid = ps_daemon_pid (self->rig->daemon);
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", pid, pid);
  g_autofree char *text = NULL;
  gint64 child = 0;
  if (g_file_get_contents (path, &text, NULL, NULL))
    child = g_ascii_strtoll (text, NULL, 10);
  return child > 0 ? (int)child : pid;
}

static gboolean
is_stopped (gpointer user_data)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", GPOINTER_TO_INT (user_data));
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return TRUE;
  const char *name_end = strrchr (text, ')');
  return name_end == NULL || name_end[2] == 'T';
}

/* So that it reads all of what happens meanwhile at once. */
static int
stop_daemon (Golden *self)
{
  int pid = daemon_pid (self);
  if (kill (pid, SIGSTOP) == 0 && !ps_wait_until (is_stopped, GINT_TO_POINTER (pid), PS_WAIT_MS))
    g_error ("the daemon does not stop");
  return pid;
}

/* --- the steps: FALSE if one does not end as it should ---------------------------------------- */

typedef struct {
  Golden *golden;
  const char *text;
  guint n;
} Lines;

static gboolean
lines_are_there (gpointer user_data)
{
  const Lines *lines = user_data;
  return ps_rig_n_lines (lines->golden->rig, lines->text) >= lines->n ||
         !ps_daemon_is_running (lines->golden->rig->daemon);
}

static gboolean
wait_lines (Golden *self, const char *text, guint n)
{
  Lines lines = {self, text, n};
  if (ps_wait_until (lines_are_there, &lines, PS_WAIT_MS) && ps_rig_n_lines (self->rig, text) == n)
    return TRUE;
  g_test_message ("waited for %u lines with \"%s\"", n, text);
  return FALSE;
}

static gboolean
boot (Golden *self)
{
  return wait_lines (self, "PortConfigDone count 4", 1);
}

static gboolean
make_netdevs (Golden *self)
{
  int pid = stop_daemon (self);
  ps_rig_make_veths (self->rig, 0, N_PORTS);
  ps_rig_settle_links (self->rig);
  kill (pid, SIGCONT);
  return wait_lines (self, "Cannot find Ethernet", N_PORTS);
}

static gboolean
let_orchagent_work (Golden *self)
{
  if (self->mode == PS_GOLDEN_RECORD) {
    ps_orchagent_hold (self->rig->orchagent, FALSE);
    ps_rig_wait_popped (self->rig, "PortConfigDone");
    ps_rig_wait_key (self->rig, PS_DB_APPL, "PORT_TABLE:PortConfigDone");
  }
  *self->hand += AWAIT_US;
  return wait_lines (self, "(ok:up) to state db", N_PORTS) &&
         wait_lines (self, ": Start: reconciled", 1);
}

static gboolean
take_carrier (Golden *self)
{
  int pid = stop_daemon (self);
  ps_netdevs_set_up (self->rig->netdevs, "p0", FALSE);
  ps_netdevs_commit (self->rig->netdevs);
  ps_rig_settle_links (self->rig);
  kill (pid, SIGCONT);
  return wait_lines (self, "Publish Ethernet0(ok:down)", 1);
}

static gboolean
delete_device (Golden *self)
{
  int pid = stop_daemon (self);
  ps_netdevs_delete (self->rig->netdevs, "Ethernet4");
  ps_netdevs_commit (self->rig->netdevs);
  kill (pid, SIGCONT);
  return wait_lines (self, "Delete Ethernet4(ok)", 1);
}

/* Each database tells us by a line that its last look was answered: a row and a marker are gone,
 * and the level is none. */
static gboolean
meddle (Golden *self)
{
  if (self->mode == PS_GOLDEN_RECORD) {
    ps_rig_wait_popped (self->rig, "PortInitDone");
    ps_db_do (self->rig->db, PS_DB_STATE, "DEL PORT_TABLE|Ethernet8");
    ps_db_do (self->rig->db, PS_DB_APPL, "DEL PORT_TABLE:PortConfigDone");
    ps_db_do (self->rig->db, PS_DB_CONFIG, "HSET LOGGER|portsyncd LOGLEVEL LOUD");
  }
  *self->hand = TICK_US;
  return wait_lines (self, "LOGLEVEL LOUD is no level", 1) &&
         wait_lines (self, "APPL_DB has lost PortConfigDone", 1) &&
         wait_lines (self, "Publish Ethernet8(ok:up)", 2);
}

static gboolean
converse (Golden *self)
{
  return boot (self) && make_netdevs (self) && let_orchagent_work (self) && take_carrier (self) &&
         delete_device (self) && meddle (self);
}

/* --- recordings ------------------------------------------------------------------------------- */

/* Delays are the recording machine's, and not part of the conversation. */
static void
tidy_recording (const char *path)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("umockdev-record did not write %s", path);
  g_autoptr (GString) out = g_string_new (HEADER);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    const char *data = strlen (*line) > 2 ? strchr (*line + 2, ' ') : NULL;
    if (data != NULL)
      g_string_append_printf (out, "%c 0%s\n", **line, data);
  }
  g_string_append (out, NOTHING_MORE);
  if (!g_file_set_contents (path, out->str, -1, NULL))
    g_error ("cannot write %s", path);
}

static void
link_sockets (PsRig *rig)
{
  for (guint i = 0; i < PS_N_GOLDEN; i++) {
    unlink (sockets[i]);
    if (symlink (ps_redis_server_socket (rig->redis), sockets[i]) != 0)
      g_error ("%s: %s", sockets[i], g_strerror (errno));
  }
}

static PsRig *
make_rig (PsGoldenMode mode)
{
  PsRigSetup setup = {.n_ports = N_PORTS, .batch = 1024, .held = TRUE};
  setup.no_redis = mode == PS_GOLDEN_REPLAY;
  PsRig *rig = ps_rig_new (&setup);
  if (mode == PS_GOLDEN_RECORD)
    link_sockets (rig);
  return rig;
}

/* NULL if it left as it should. */
static char *
end_daemon (Golden *self, gboolean completed)
{
  PsDaemon *daemon = self->rig->daemon;
  if (ps_daemon_is_running (daemon))
    ps_daemon_signal (daemon, completed ? SIGTERM : SIGKILL);
  int status = ps_daemon_wait (daemon, LEAVE_MS);
  completed = completed && WIFSIGNALED (status) && WTERMSIG (status) == SIGTERM;
  return completed ? NULL : ps_daemon_output (daemon);
}

char *
ps_golden_run (PsGoldenMode mode, const char *dir)
{
  g_autoptr (PsRig) rig = make_rig (mode);
  g_autofree char *hand_file = g_build_filename (rig->dir, "hand", NULL);
  Golden self = {mode, rig, make_hand (hand_file), hand_file};
  start_daemon (&self, dir);
  char *why = end_daemon (&self, converse (&self));
  munmap (self.hand, sizeof *self.hand);
  for (guint i = 0; mode == PS_GOLDEN_RECORD && i < PS_N_GOLDEN; i++) {
    g_autofree char *path = g_build_filename (dir, ps_golden_files[i], NULL);
    tidy_recording (path);
  }
  return why;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/daemon.h"
#include "tests/support/sanitized.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef PS_SANITIZED
#define TERMINATE_MS 5000
#else
#define TERMINATE_MS 2000
#endif

struct _PsDaemon {
  char *config_file, *run_dir, *output_file, *life_file;
  GKeyFile *config;
  pid_t pid; /* 0: not running */
  gboolean unprivileged;
  struct rlimit limits[RLIM_NLIMITS]; /* soft ones for the next starts; rlim_max 0: ours */
};

PsDaemon *
ps_daemon_new (const char *dir)
{
  PsDaemon *self = g_new0 (PsDaemon, 1);
  self->config_file = g_build_filename (dir, "portsyncd.conf", NULL);
  self->output_file = g_build_filename (dir, "portsyncd.out", NULL);
  self->run_dir = g_build_filename (dir, "portsyncd.run", NULL);
  self->config = g_key_file_new ();
  self->life_file = g_build_filename (self->run_dir, "default", "life", NULL);
  ps_daemon_set (self, "start", "run_dir", self->run_dir);
  return self;
}

void
ps_daemon_free (PsDaemon *self)
{
  if (self == NULL)
    return;
  if (self->pid != 0)
    ps_daemon_kill (self);
  g_key_file_free (self->config);
  g_free (self->config_file);
  g_free (self->output_file);
  g_free (self->run_dir);
  g_free (self->life_file);
  g_free (self);
}

void
ps_daemon_set (PsDaemon *self, const char *section, const char *key, const char *value)
{
  if (value != NULL)
    g_key_file_set_string (self->config, section, key, value);
  else
    g_key_file_remove_key (self->config, section, key, NULL);
}

/* Between fork and exec: nothing that takes a lock. */
static void
become_daemon (PsDaemon *self, const char *program, char *const *argv, int output, pid_t parent)
{
  int null = open ("/dev/null", O_RDONLY);
  setpgid (0, 0); /* Ctrl-C is for the parent. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent || null < 0)
    _exit (126);
  if (self->unprivileged && prctl (PR_CAPBSET_DROP, CAP_NET_ADMIN) != 0)
    _exit (125);
  dup2 (null, 0);
  dup2 (output, 1);
  dup2 (output, 2);
  signal (SIGPIPE, SIG_DFL);
  for (int i = 0; i < RLIM_NLIMITS; i++)
    if (self->limits[i].rlim_max > 0 && setrlimit ((__rlimit_resource_t)i, &self->limits[i]) != 0)
      _exit (124);
  execv (program, argv);
  _exit (127);
}

void
ps_daemon_start_with (PsDaemon *self, const char *const *args)
{
  const char *program = g_getenv ("PORTSYNCD");
  pid_t parent = getpid ();
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  if (program == NULL || self->pid != 0)
    g_error ("PORTSYNCD does not name the daemon, or it is running");
  g_ptr_array_add (argv, (gpointer)program);
  for (guint i = 0; args[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)args[i]);
  g_ptr_array_add (argv, NULL);
  /* What GLib calls critical is a fault of the daemon, which would go on all the same. */
  g_setenv ("G_DEBUG", "fatal-criticals", TRUE);
  int output = open (self->output_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  self->pid = output >= 0 ? fork () : -1;
  if (self->pid == 0)
    become_daemon (self, program, (char *const *)argv->pdata, output, parent);
  if (self->pid < 0)
    g_error ("cannot start %s: %s", program, g_strerror (errno));
  close (output);
}

void
ps_daemon_save_config (PsDaemon *self)
{
  g_autoptr (GError) error = NULL;
  if (!g_key_file_save_to_file (self->config, self->config_file, &error))
    g_error ("%s", error->message);
}

void
ps_daemon_start (PsDaemon *self)
{
  const char *args[] = {"--config", self->config_file, NULL};
  ps_daemon_save_config (self);
  ps_daemon_start_with (self, args);
}

void
ps_daemon_set_unprivileged (PsDaemon *self, gboolean unprivileged)
{
  self->unprivileged = unprivileged;
}

void
ps_daemon_set_limit (PsDaemon *self, int resource, guint64 value)
{
  g_assert (resource >= 0 && resource < RLIM_NLIMITS);
  struct rlimit ours;
  if (getrlimit ((__rlimit_resource_t)resource, &ours) != 0)
    g_error ("limit %d: %s", resource, g_strerror (errno));
  self->limits[resource] = (struct rlimit){MIN (value, ours.rlim_max), ours.rlim_max};
}

void
ps_daemon_limit_now (PsDaemon *self, int resource, guint64 value)
{
  struct rlimit limit;
  if (prlimit (self->pid, (__rlimit_resource_t)resource, NULL, &limit) != 0)
    g_error ("limit %d of the daemon: %s", resource, g_strerror (errno));
  limit.rlim_cur = MIN (value, limit.rlim_max);
  if (prlimit (self->pid, (__rlimit_resource_t)resource, &limit, NULL) != 0)
    g_error ("limit %d of the daemon: %s", resource, g_strerror (errno));
}

gboolean
ps_daemon_is_running (PsDaemon *self)
{
  siginfo_t info = {0};
  return self->pid != 0 &&
         waitid (P_PID, (id_t)self->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

int
ps_daemon_pid (PsDaemon *self)
{
  return self->pid;
}

void
ps_daemon_signal (PsDaemon *self, int signal)
{
  if (self->pid == 0 || kill (self->pid, signal) != 0)
    g_error ("signal %d to the daemon: it is not there", signal);
}

void
ps_daemon_stop (PsDaemon *self)
{
  siginfo_t info = {0};
  ps_daemon_signal (self, SIGSTOP);
  if (waitid (P_PID, (id_t)self->pid, &info, WSTOPPED | WEXITED | WNOWAIT) != 0 ||
      info.si_code != CLD_STOPPED)
    g_error ("the daemon ended instead of stopping");
}

int
ps_daemon_wait (PsDaemon *self, guint timeout_ms)
{
  int status = 0;
  struct pollfd ended = {.fd = pidfd_open (self->pid, 0), .events = POLLIN};
  if (ended.fd < 0)
    g_error ("pidfd_open: %s", g_strerror (errno));
  if (poll (&ended, 1, (int)timeout_ms) != 1) {
    g_autofree char *output = ps_daemon_output (self);
    g_error ("the daemon has not ended within %u ms. Its output:\n%s", timeout_ms, output);
  }
  close (ended.fd);
  if (waitpid (self->pid, &status, 0) != self->pid)
    g_error ("waitpid: %s", g_strerror (errno));
  self->pid = 0;
  return status;
}

void
ps_daemon_end_by (PsDaemon *self, int signal)
{
  ps_daemon_signal (self, signal);
  int status = ps_daemon_wait (self, TERMINATE_MS);
  if (!WIFSIGNALED (status) || WTERMSIG (status) != signal) {
    g_autofree char *output = ps_daemon_output (self);
    g_error ("after signal %d the daemon's wait status is 0x%x. Its output:\n%s", signal,
             (guint)status, output);
  }
}

void
ps_daemon_terminate (PsDaemon *self)
{
  ps_daemon_end_by (self, SIGTERM);
}

void
ps_daemon_kill (PsDaemon *self)
{
  kill (self->pid, SIGKILL);
  ps_daemon_wait (self, 10000);
}

char *
ps_daemon_output (PsDaemon *self)
{
  char *text = NULL;
  if (!g_file_get_contents (self->output_file, &text, NULL, NULL))
    text = g_strdup ("");
  return text;
}

/* "IFINDEX CHANGES UPS DOWNS" of a line of the record, or NULL: "port NAME ROW" and "seen NAME" are
 * followed by these four. */
static char *
carriers_of (char **words)
{
  gsize n = g_strv_length (words);
  guint at = 0;
  if (n >= 7 && strcmp (words[0], "port") == 0)
    at = 3;
  else if (n >= 6 && strcmp (words[0], "seen") == 0)
    at = 2;
  return at == 0 ? NULL
                 : g_strjoin (" ", words[at], words[at + 1], words[at + 2], words[at + 3], NULL);
}

GHashTable *
ps_daemon_carriers (PsDaemon *self)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (self->life_file, &text, NULL, NULL))
    return NULL;
  GHashTable *carriers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
    char *counted = carriers_of (words);
    if (counted != NULL)
      g_hash_table_insert (carriers, g_strdup (words[1]), counted);
  }
  return carriers;
}

const char *
ps_daemon_config_file (PsDaemon *self)
{
  return self->config_file;
}

const char *
ps_daemon_run_dir (PsDaemon *self)
{
  return self->run_dir;
}

const char *
ps_daemon_life_file (PsDaemon *self)
{
  return self->life_file;
}

/* The inodes of the daemon's open sockets, as "[N]" strings in a set. */
static GHashTable *
socket_inodes (PsDaemon *self)
{
  GHashTable *inodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", self->pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *fd = g_build_filename (path, name, NULL);
    g_autofree char *target = g_file_read_link (fd, NULL);
    if (target != NULL && g_str_has_prefix (target, "socket:["))
      g_hash_table_add (inodes, g_strndup (target + 8, strlen (target) - 9));
  }
  return inodes;
}

/* The sum of what the kernel says of the daemon's netlink sockets. */
static void
netlink_sums (PsDaemon *self, guint64 *queued, guint64 *drops)
{
  g_autoptr (GHashTable) inodes = socket_inodes (self);
  g_autofree char *path = g_strdup_printf ("/proc/%d/net/netlink", self->pid);
  g_autofree char *text = NULL;
  *queued = *drops = 0;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("cannot read %s", path);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 1; lines[i] != NULL; i++) {
    char inode[24];
    guint64 bytes = 0, n = 0;
    if (sscanf (lines[i],
                "%*s %*s %*s %*s %" G_GUINT64_FORMAT " %*s %*s %*s %" G_GUINT64_FORMAT " %23s",
                &bytes, &n, inode) != 3 ||
        !g_hash_table_contains (inodes, inode))
      continue;
    *queued += bytes;
    *drops += n;
  }
}

guint64
ps_daemon_netlink_drops (PsDaemon *self)
{
  guint64 queued, drops;
  netlink_sums (self, &queued, &drops);
  return drops;
}

guint64
ps_daemon_netlink_queue (PsDaemon *self)
{
  guint64 queued, drops;
  netlink_sums (self, &queued, &drops);
  return queued;
}

guint
ps_daemon_cpu_ms (PsDaemon *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", self->pid);
  g_autofree char *text = NULL;
  gulong user = 0, system = 0;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("cannot read %s", path);
  const char *after_name = strrchr (text, ')');
  if (after_name == NULL ||
      sscanf (after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
              &system) != 2)
    g_error ("cannot read %s", path);
  return (guint)((user + system) * 1000 / (gulong)sysconf (_SC_CLK_TCK));
}

static guint64
status_mask (const char *path, const char *field)
{
  g_autofree char *text = NULL;
  g_autofree char *start = g_strdup_printf ("\n%s:\t", field);
  const char *at = NULL;
  if (g_file_get_contents (path, &text, NULL, NULL))
    at = strstr (text, start);
  if (at == NULL)
    g_error ("cannot find %s in %s", field, path);
  return g_ascii_strtoull (at + strlen (start), NULL, 16);
}

guint64
ps_daemon_status_mask (PsDaemon *self, const char *field)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", self->pid);
  return status_mask (path, field);
}

guint
ps_daemon_n_threads (PsDaemon *self)
{
  return (guint)ps_daemon_status_mask (self, "Threads");
}

guint64
ps_daemon_thread_capabilities (PsDaemon *self)
{
  g_autofree char *tasks = g_strdup_printf ("/proc/%d/task", self->pid);
  g_autoptr (GDir) dir = g_dir_open (tasks, 0, NULL);
  guint64 capabilities = 0;
  const char *id;
  while (dir != NULL && (id = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (tasks, id, "status", NULL);
    if (g_ascii_strtoll (id, NULL, 10) != self->pid)
      capabilities |= status_mask (path, "CapEff");
  }
  return capabilities;
}

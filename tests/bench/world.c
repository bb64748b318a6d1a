/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/world.h"
#include "tests/bench/process.h"
#include "tests/support/netns.h"
#include "tests/support/orchagent.h"
#include "tests/support/state-check.h"
#include "tests/support/wait.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_VETH     128
#define SYSLOG     "/dev/log"
#define BOOT_MS    60000
#define INIT_DONE  "PORT_TABLE:PortInitDone"
#define LINE_BYTES 8192
#define LOOKS      4 /* more than the two seconds of a listing that is put off */

/* Reads and forgets, as a process of its own: its cost is not counted. */
static void
drain_syslog (void)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SYSLOG};
  char line[LINE_BYTES];
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind (fd, (struct sockaddr *)&address, sizeof address) != 0)
    g_error ("%s: %s", SYSLOG, g_strerror (errno));
  if (fork () != 0) {
    close (fd);
    return;
  }
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  while (recv (fd, line, sizeof line, 0) >= 0 || errno == EINTR)
    continue;
  _exit (0);
}

/* Where this program lies, read before the mounts are its own: in a chroot the link says something
 * else afterwards. */
static char *own_dir;

static char *
path_beside_me (const char *name)
{
  return g_build_filename (own_dir, name, NULL);
}

void
ps_world_prepare (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  own_dir = g_path_get_dirname (self != NULL ? self : ".");
  ps_netns_isolate ();
  signal (SIGPIPE, SIG_IGN);
  ps_process_prefer ();
  ps_process_pin (0, PS_CPU_OBSERVER);
  prctl (PR_SET_TIMERSLACK, 1UL);
  drain_syslog ();
}

static void
start_redis (PsWorld *self)
{
  const char *const args[] = {"--notify-keyspace-events", "AKE", NULL};
  ps_process_pin (0, PS_CPU_SUBJECT);
  self->redis = ps_redis_server_new (args);
  ps_process_pin (0, PS_CPU_OBSERVER);
  self->db = ps_db_new (ps_redis_server_socket (self->redis));
  ps_db_do (self->db, PS_DB_CONFIG, "SET CONFIG_DB_INITIALIZED 1");
  ps_world_set_log_level (self, "NOTICE");
}

PsWorld *
ps_world_new (gboolean quick, guint n_reps)
{
  PsWorld *self = g_new0 (PsWorld, 1);
  g_autofree char *template = g_build_filename (PS_NETNS_DIR, "bench-XXXXXX", NULL);
  g_autofree char *program = path_beside_me ("../../src/daemon/portsyncd");
  g_setenv ("PORTSYNCD", program, FALSE);
  ps_netns_open_own (); /* Held for ever. */
  ps_netns_enter_new ();
  self->quick = quick;
  self->n_reps = n_reps;
  self->limit = path_beside_me ("limit");
  self->dir = g_strdup (g_mkdtemp (template));
  if (self->dir == NULL)
    g_error ("cannot make a directory in " PS_NETNS_DIR);
  self->netdevs = ps_netdevs_new ();
  self->daemon = ps_daemon_new (self->dir);
  start_redis (self);
  ps_daemon_set (self->daemon, "database", "config", ps_redis_server_config (self->redis));
  return self;
}

void
ps_world_free (PsWorld *self)
{
  ps_daemon_free (self->daemon);
  ps_db_free (self->db);
  ps_redis_server_free (self->redis);
  ps_netdevs_free (self->netdevs);
  g_free (self->limit);
  g_free (self->dir);
  g_free (self);
}

void
ps_world_set_ports (PsWorld *self, guint n)
{
  for (guint i = self->n_ports; i < n; i++)
    ps_db_queue (self->db, PS_DB_CONFIG,
                 "HSET PORT|%s alias etp%u index %u lanes %u,%u,%u,%u speed 100000 mtu 9100 "
                 "admin_status up",
                 ps_port_name (i).text, i + 1, i, i * 4, i * 4 + 1, i * 4 + 2, i * 4 + 3);
  ps_db_flush (self->db);
  self->n_ports = n;
}

void
ps_world_set_links (PsWorld *self, guint n)
{
  for (guint i = self->n_links; i < n; i++) {
    PsName port = ps_port_name (i), peer = ps_peer_name (port.text);
    if (i < N_VETH) {
      ps_netdevs_add_veth (self->netdevs, port.text, peer.text, 0);
      ps_netdevs_set_up (self->netdevs, peer.text, TRUE);
    } else {
      ps_netdevs_add (self->netdevs, port.text, "ifb", 0);
    }
    ps_netdevs_set_up (self->netdevs, port.text, TRUE);
  }
  ps_netdevs_commit (self->netdevs);
  self->n_links = n;
}

void
ps_world_set_log_level (PsWorld *self, const char *level)
{
  ps_db_do (self->db, PS_DB_CONFIG, "HSET LOGGER|portsyncd LOGLEVEL %s LOGOUTPUT SYSLOG", level);
}

void
ps_world_forget_life (PsWorld *self)
{
  g_unlink (ps_daemon_life_file (self->daemon));
}

void
ps_world_forget (PsWorld *self)
{
  ps_db_do (self->db, PS_DB_APPL, "FLUSHDB");
  ps_db_do (self->db, PS_DB_STATE, "FLUSHDB");
  ps_world_forget_life (self);
}

void
ps_world_exec_daemon (PsWorld *self)
{
  ps_process_pin (0, PS_CPU_SUBJECT);
  ps_daemon_start (self->daemon);
  ps_process_pin (0, PS_CPU_OBSERVER);
}

/* Between fork and exec. */
static void
become_limit (const char *program, char *const *argv, int output)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  prctl (PR_SET_TIMERSLACK, 0UL);
  if (output >= 0)
    dup2 (output, 1);
  execv (program, argv);
  _exit (127);
}

pid_t
ps_world_exec_limit (PsWorld *self, const char *const *args, int *out_pipe)
{
  char *argv[8] = {(char *)"limit"};
  int ends[2] = {-1, -1};
  for (guint i = 0; args[i] != NULL; i++) {
    g_assert_cmpuint (i + 2, <, G_N_ELEMENTS (argv));
    argv[i + 1] = (char *)args[i];
  }
  if (out_pipe != NULL && pipe2 (ends, O_CLOEXEC) != 0)
    g_error ("pipe: %s", g_strerror (errno));
  ps_process_pin (0, PS_CPU_SUBJECT);
  pid_t pid = fork ();
  if (pid == 0)
    become_limit (self->limit, argv, ends[1]);
  ps_process_pin (0, PS_CPU_OBSERVER);
  if (pid < 0)
    g_error ("fork: %s", g_strerror (errno));
  if (out_pipe != NULL) {
    close (ends[1]);
    *out_pipe = ends[0];
  }
  return pid;
}

static gboolean
init_is_done (gpointer user_data)
{
  PsWorld *self = user_data;
  return ps_db_exists (self->db, PS_DB_APPL, INIT_DONE);
}

void
ps_world_boot_daemon (PsWorld *self)
{
  PsOrchagentSetup setup = {.unix_socket_path = ps_redis_server_socket (self->redis),
                            .batch = 1024};
  ps_world_forget (self);
  ps_daemon_set (self->daemon, "netlink", "old_interfaces", "adopt");
  PsOrchagent *orchagent = ps_orchagent_new (&setup);
  ps_world_exec_daemon (self);
  if (!ps_wait_until (init_is_done, self, BOOT_MS)) {
    g_autofree char *output = ps_daemon_output (self->daemon);
    g_error ("the daemon does not come to " INIT_DONE "; its output:\n%s", output);
  }
  ps_orchagent_free (orchagent);
  ps_state_assert_equal (self->db, NULL, BOOT_MS);
}

static gboolean
has_read (gpointer user_data)
{
  PsWorld *self = user_data;
  gint64 n_looks = ps_db_info (self->db, "commandstats", "cmdstat_exists:", "calls=");
  return n_looks >= self->looks_wanted && ps_daemon_netlink_queue (self->daemon) == 0;
}

/* The listing after a loss may wait for two seconds (PS_NETLINK_DUMP_PACE_CEILING_US), which an
 * observer cannot see. The daemon asks for rows and live rows once a second. */
void
ps_world_await_links (PsWorld *self)
{
  self->looks_wanted =
      ps_db_info (self->db, "commandstats", "cmdstat_exists:", "calls=") + 2 * LOOKS;
  if (!ps_wait_until (has_read, self, BOOT_MS))
    g_error ("the daemon does not read what the kernel has for it");
}

void
ps_world_stop_daemon (PsWorld *self)
{
  ps_daemon_terminate (self->daemon);
}

pid_t
ps_world_start_mirror (PsWorld *self, gboolean with_log)
{
  const char *args[] = {"mirror", ps_redis_server_socket (self->redis), with_log ? SYSLOG : NULL,
                        NULL};
  char ready;
  int fd;
  pid_t pid = ps_world_exec_limit (self, args, &fd);
  if (read (fd, &ready, 1) != 1) {
    int status = 0;
    waitpid (pid, &status, 0);
    g_error ("the bare mirror did not start: wait status 0x%x", (guint)status);
  }
  close (fd);
  return pid;
}

void
ps_world_stop (pid_t pid)
{
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

void
ps_world_collect (pid_t pid)
{
  int status = 0;
  if (waitpid (pid, &status, 0) != pid || !WIFEXITED (status) || WEXITSTATUS (status) != 0)
    g_error ("the bare program failed: wait status 0x%x", (guint)status);
}

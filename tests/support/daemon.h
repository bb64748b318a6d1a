/* SPDX-License-Identifier: Apache-2.0 */
/* Starts, signals and judges the daemon under test. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsDaemon PsDaemon;

/* The executable is what the environment's PORTSYNCD names. dir receives the configuration file,
 * the output and, unless set otherwise, the run directory. Nothing is started yet. */
PsDaemon *ps_daemon_new (const char *dir);

/* Kills the daemon if it still runs. */
void ps_daemon_free (PsDaemon *self);

/* A configuration key for the next start. value NULL: not in the file. */
void ps_daemon_set (PsDaemon *self, const char *section, const char *key, const char *value);

/* Writes our file, as each start does. */
void ps_daemon_save_config (PsDaemon *self);

/* Starts it with --config and our file. It dies with the calling thread. */
void ps_daemon_start (PsDaemon *self);

/* Starts it with these arguments (NULL ended, without the program's name) and nothing else. */
void ps_daemon_start_with (PsDaemon *self, const char *const *args);

/* Whether the next start is without CAP_NET_ADMIN, as in a container that was not given it. */
void ps_daemon_set_unprivileged (PsDaemon *self, gboolean unprivileged);

/* A soft limit (see setrlimit) for the next starts; RLIM_INFINITY: the hard one, which is ours. */
void ps_daemon_set_limit (PsDaemon *self, int resource, guint64 value);

/* The same for the process that runs now. */
void ps_daemon_limit_now (PsDaemon *self, int resource, guint64 value);

gboolean ps_daemon_is_running (PsDaemon *self);
int ps_daemon_pid (PsDaemon *self);
void ps_daemon_signal (PsDaemon *self, int signal);
void ps_daemon_stop (PsDaemon *self); /* SIGSTOP; when this returns it has taken effect. */

/* The wait status (see waitpid) once it has ended. If it has not within timeout_ms, the process
 * ends with the daemon's output. */
int ps_daemon_wait (PsDaemon *self, guint timeout_ms);

/* Sends SIGTERM or SIGINT, then asserts that it ends by that signal within 2 s (under a sanitizer 5
 * s, whose leak check comes on top; a leak is an exit by itself). */
void ps_daemon_end_by (PsDaemon *self, int signal);

/* The same by SIGTERM. */
void ps_daemon_terminate (PsDaemon *self);

/* SIGKILL, and the body collected. */
void ps_daemon_kill (PsDaemon *self);

/* All it ever wrote to standard output and error, in all its starts. Free with g_free. */
char *ps_daemon_output (PsDaemon *self);

/* Name of a port -> "IFINDEX CHANGES UPS DOWNS": its carrier counters as the life record has them.
 * A baseline (a line "port") stands for them until a line "seen" says that they changed. NULL if
 * there is no record. */
GHashTable *ps_daemon_carriers (PsDaemon *self);

const char *ps_daemon_config_file (PsDaemon *self);
const char *ps_daemon_run_dir (PsDaemon *self);

/* The life record. */
const char *ps_daemon_life_file (PsDaemon *self);

/* Messages that the kernel dropped at the daemon's rtnetlink sockets, from /proc. */
guint64 ps_daemon_netlink_drops (PsDaemon *self);

/* Bytes that the kernel holds for it, since it has not read them yet. */
guint64 ps_daemon_netlink_queue (PsDaemon *self);

/* Its threads, and the union of the effective capabilities of all but the first. */
guint ps_daemon_n_threads (PsDaemon *self);
guint64 ps_daemon_thread_capabilities (PsDaemon *self);

/* A hexadecimal or small decimal field of /proc/PID/status, e.g. "CapEff". */
guint64 ps_daemon_status_mask (PsDaemon *self, const char *field);

/* Milliseconds of CPU time used by the process that runs now. */
guint ps_daemon_cpu_ms (PsDaemon *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsDaemon, ps_daemon_free)
G_END_DECLS

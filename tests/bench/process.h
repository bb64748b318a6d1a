/* SPDX-License-Identifier: Apache-2.0 */
/* What a process costs, read from outside. */
#pragma once
#include <glib.h>
#include <sys/types.h>
G_BEGIN_DECLS

#define PS_CPU_SUBJECT  0 /* Redis and what is measured */
#define PS_CPU_OBSERVER 1 /* all else */

/* pid 0: the calling thread, and what it starts from now on. On a machine with one CPU nothing is
 * pinned. */
void ps_process_pin (pid_t pid, guint cpu);

/* The process, and what it starts, goes before what else runs on the machine, as far as that is
 * allowed. It leaves its session, if it can. */
void ps_process_prefer (void);

/* Nanoseconds on a CPU since the start, of the process' first thread. */
guint64 ps_process_cpu_ns (pid_t pid);

/* A line of /proc/PID/status, such as "VmRSS", in bytes. */
guint64 ps_process_memory (pid_t pid, const char *line);

/* Bytes in the receive queue of the process' rtnetlink socket that listens to links. */
guint64 ps_process_netlink_queue (pid_t pid);

/* Counts the system calls of a process with one thread while it runs under ptrace: it becomes
 * slower, so nothing else is measured meanwhile. */
typedef struct _PsSyscalls PsSyscalls;
PsSyscalls *ps_syscalls_start (pid_t pid);

/* Detaches. Returns the number of calls; out_text (free with g_free) has them by number, the most
 * frequent first, such as "7:1.00 45:2.00", each divided by n. */
guint64 ps_syscalls_stop (PsSyscalls *self, guint n, char **out_text);
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/process.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALLS_MAX 512
#define NETLINK_RTM  0 /* protocol number of NETLINK_ROUTE in /proc/net/netlink */

void
ps_process_pin (pid_t pid, guint cpu)
{
  cpu_set_t set;
  if (sysconf (_SC_NPROCESSORS_ONLN) < 2)
    return;
  CPU_ZERO (&set);
  CPU_SET (cpu, &set);
  if (sched_setaffinity (pid, sizeof set, &set) != 0)
    g_error ("sched_setaffinity: %s", g_strerror (errno));
}

void
ps_process_prefer (void)
{
  setpriority (PRIO_PROCESS, 0, -20);
  if (setsid () < 0 && getsid (0) != getpid ())
    return;
  /* Nice values count within a session only, where the kernel groups by sessions (sched(7)). */
  FILE *file = fopen ("/proc/self/autogroup", "we");
  if (file == NULL)
    return;
  fputs ("-20", file);
  fclose (file);
}

static char *
read_proc (pid_t pid, const char *file)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", (int)pid, file);
  char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("cannot read %s", path);
  return text;
}

guint64
ps_process_cpu_ns (pid_t pid)
{
  g_autofree char *text = read_proc (pid, "schedstat");
  return g_ascii_strtoull (text, NULL, 10);
}

guint64
ps_process_memory (pid_t pid, const char *line)
{
  g_autofree char *text = read_proc (pid, "status");
  g_autofree char *begin = g_strdup_printf ("\n%s:", line);
  const char *at = strstr (text, begin);
  if (at == NULL)
    g_error ("no %s in /proc/%d/status", line, (int)pid);
  return g_ascii_strtoull (at + strlen (begin), NULL, 10) * 1024;
}

/* A kernel socket's line: sk Eth Pid Groups Rmem ... The first netlink socket of a process has its
 * pid as port id. */
guint64
ps_process_netlink_queue (pid_t pid)
{
  g_autofree char *text = read_proc (pid, "net/netlink");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 1; lines[i] != NULL; i++) {
    guint protocol, groups;
    guint64 port, bytes;
    if (sscanf (lines[i], "%*s %u %" G_GUINT64_FORMAT " %x %" G_GUINT64_FORMAT, &protocol, &port,
                &groups, &bytes) == 4 &&
        protocol == NETLINK_RTM && port == (guint64)pid && (groups & 1) != 0)
      return bytes;
  }
  return 0;
}

struct _PsSyscalls {
  pid_t pid;
  GThread *thread;
  gint attached, ended; /* atomic */
  guint64 counts[SYSCALLS_MAX];
};

static void
count_entry (PsSyscalls *self)
{
  struct __ptrace_syscall_info info = {0};
  ptrace (PTRACE_GET_SYSCALL_INFO, self->pid, sizeof info, &info);
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr < SYSCALLS_MAX)
    self->counts[info.entry.nr]++;
}

/* One thread attaches, waits and detaches: ptrace is of threads. */
static gpointer
trace (gpointer user_data)
{
  PsSyscalls *self = user_data;
  int status;
  if (ptrace (PTRACE_SEIZE, self->pid, 0, PTRACE_O_TRACESYSGOOD) != 0 ||
      ptrace (PTRACE_INTERRUPT, self->pid, 0, 0) != 0)
    g_error ("ptrace: %s", g_strerror (errno));
  while (waitpid (self->pid, &status, __WALL) == self->pid && WIFSTOPPED (status)) {
    gboolean at_syscall = WSTOPSIG (status) == (SIGTRAP | 0x80);
    if (at_syscall)
      count_entry (self);
    g_atomic_int_set (&self->attached, TRUE);
    if (g_atomic_int_get (&self->ended)) {
      ptrace (PTRACE_DETACH, self->pid, 0, 0);
      return NULL;
    }
    ptrace (PTRACE_SYSCALL, self->pid, 0, 0);
  }
  g_error ("process %d ended while its system calls were counted", (int)self->pid);
}

PsSyscalls *
ps_syscalls_start (pid_t pid)
{
  PsSyscalls *self = g_new0 (PsSyscalls, 1);
  self->pid = pid;
  self->thread = g_thread_new ("syscalls", trace, self);
  while (!g_atomic_int_get (&self->attached))
    g_thread_yield ();
  return self;
}

static int
compare_counts (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const guint64 *counts = user_data;
  guint64 x = counts[*(const guint *)a], y = counts[*(const guint *)b];
  return (x < y) - (x > y);
}

static char *
describe (const PsSyscalls *self, guint n)
{
  GString *text = g_string_new ("");
  guint order[SYSCALLS_MAX];
  for (guint i = 0; i < SYSCALLS_MAX; i++)
    order[i] = i;
  g_qsort_with_data (order, SYSCALLS_MAX, sizeof order[0], compare_counts, (gpointer)self->counts);
  for (guint i = 0; i < 10 && self->counts[order[i]] > 0; i++)
    g_string_append_printf (text, "%s%u:%.2f", i > 0 ? " " : "", order[i],
                            (double)self->counts[order[i]] / n);
  return g_string_free (text, FALSE);
}

guint64
ps_syscalls_stop (PsSyscalls *self, guint n, char **out_text)
{
  guint64 total = 0;
  g_atomic_int_set (&self->ended, TRUE);
  kill (self->pid, SIGURG); /* Ignored by default; it ends a wait in a system call. */
  g_thread_join (self->thread);
  for (guint i = 0; i < SYSCALLS_MAX; i++)
    total += self->counts[i];
  *out_text = describe (self, n);
  g_free (self);
  return total;
}

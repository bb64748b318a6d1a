/* SPDX-License-Identifier: Apache-2.0 */
/* Where log lines go: the syslog socket or a standard stream, never waiting for either.
 *
 * syslog(3) blocks when the reader stalls, and with it the whole daemon. Here a line that the
 * socket does not take waits in a bounded backlog, which is tried again by a timer; beyond it
 * lines are dropped, and the next line that passes is preceded by their number. */
#pragma once
#include "base/log.h"
G_BEGIN_DECLS

#define PS_SYSLOG_PATH         "/dev/log"
#define PS_SYSLOG_LINE_MAX     4096         /* bytes; PIPE_BUF, and below rsyslog's 8 KiB */
#define PS_SYSLOG_BACKLOG_MAX  (256 * 1024) /* bytes */
#define PS_SYSLOG_RETRY_US     5000         /* between two tries of the backlog */
#define PS_SYSLOG_RECONNECT_US G_USEC_PER_SEC

typedef struct {
  guint64 n_written;
  guint64 n_dropped;   /* Full backlog, full pipe, or no reader. */
  guint64 n_fallbacks; /* Written to standard error because there was no syslog socket. */
  guint64 n_connects;  /* Attempts. */
  gsize backlog_bytes; /* Waiting now. */
} PsSyslogCounters;

typedef struct _PsSyslog PsSyslog;

/* clock: referenced. path: NULL is PS_SYSLOG_PATH. Connects at the first line. */
PsSyslog *ps_syslog_new (PsClock *clock, const char *path, PsLogOutput output);

/* What is still in the backlog gets at most 100 ms to leave. */
void ps_syslog_free (PsSyslog *self);

/* Lines from now on go there; what waits for syslog still goes to syslog. */
void ps_syslog_set_output (PsSyslog *self, PsLogOutput output);

/* A PsLogWriter; user_data is the PsSyslog. To syslog goes "<PRI>Mmm dd hh:mm:ss portsyncd:
 * :- function: text" in facility USER and without a pid, as SONiC's library does it
 * (docs/sonic-protocol.md 3.8); to a stream "LEVEL :- function: text". Control characters become
 * spaces. A socket that was replaced is connected anew, at most once in PS_SYSLOG_RECONNECT_US; as
 * long as there is none, lines go to standard error. SIGPIPE must be ignored by the process. */
void ps_syslog_write (PsLogLevel level, const char *function, const char *text, gpointer user_data);

PsSyslogCounters ps_syslog_counters (const PsSyslog *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSyslog, ps_syslog_free)
G_END_DECLS

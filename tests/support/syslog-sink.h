/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for rsyslogd: reads a datagram socket in a thread, or leaves it to fill up. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsSyslogSink PsSyslogSink;

/* path is normally "/dev/log" (see ps_netns_isolate); what was there is replaced. Lines are also
 * appended to the file `copy`, unless it is NULL. */
PsSyslogSink *ps_syslog_sink_new (const char *path, const char *copy);

/* Removes the socket, too. */
void ps_syslog_sink_free (PsSyslogSink *self);

/* While stalled nothing is read, so a sender's datagrams fill the socket and then would block. */
void ps_syslog_sink_stall (PsSyslogSink *self, gboolean stalled);

/* How many lines were read so far, in all or with this text in them. */
guint ps_syslog_sink_count (PsSyslogSink *self, const char *text);
guint ps_syslog_sink_n_lines (PsSyslogSink *self);

/* All lines, each with a line feed. Free with g_free. */
char *ps_syslog_sink_text (PsSyslogSink *self);

/* Forgets the lines read so far. */
void ps_syslog_sink_clear (PsSyslogSink *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSyslogSink, ps_syslog_sink_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* The service manager's protocol, sd_notify(3), without its library: datagrams of NAME=value lines
 * to the socket that the environment names. Without such a socket (a container of SONiC, a shell)
 * every call does nothing. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsNotify PsNotify;

/* socket: NOTIFY_SOCKET, an absolute path, or '@' and an abstract name; NULL, empty or something
 * else: no manager is told. watchdog_usec and watchdog_pid: WATCHDOG_USEC and WATCHDOG_PID,
 * nullable.
 */
PsNotify *ps_notify_new (const char *socket, const char *watchdog_usec, const char *watchdog_pid);

/* The same from the environment of this process. */
PsNotify *ps_notify_new_from_environment (void);
void ps_notify_free (PsNotify *self);

/* FALSE if no manager listens or its queue is full; never waits. */
gboolean ps_notify_send (PsNotify *self, const char *lines);

/* TRUE if there is a manager to be told. */
gboolean ps_notify_is_wanted (const PsNotify *self);

/* After so much silence the manager takes the daemon for dead; 0: it does not watch. */
gint64 ps_notify_watchdog_us (const PsNotify *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsNotify, ps_notify_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* The host of a real process: signals by signalfd, the life record in the run directory, the
 * password from its file, and what the operating system wants to be told. */
#pragma once
#include "core/config.h"
#include "core/host.h"
#include "daemon/syslog.h"
G_BEGIN_DECLS

#define PS_TYPE_DAEMON_HOST (ps_daemon_host_get_type ())
G_DECLARE_FINAL_TYPE (PsDaemonHost, ps_daemon_host, PS, DAEMON_HOST, GObject)

/* clock and loop are referenced, the others must outlive the host. leaving: a signal to leave came,
 * before the rest hears of it. */
typedef struct {
  PsClock *clock;
  PsLog *log;
  const PsConfig *config;
  PsSyslog *syslog; /* nullable for one that is never started, like the following */
  GMainLoop *loop;  /* ended with the process */
  void (*leaving) (gpointer user_data);
  gpointer user_data;
} PsDaemonHostParts;

/* Only asks; it holds nothing and hears of nothing. */
PsDaemonHost *ps_daemon_host_new (const PsDaemonHostParts *parts);

/* Makes it the host of a process that lives: it receives signals, and takes the lock of the
 * instance unless nothing can be written there. An error ends the process. */
gboolean ps_daemon_host_open (PsDaemonHost *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is wrong with the password now. */
gboolean
ps_daemon_host_check_password (PsDaemonHost *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After the loop: TRUE, and the signal by which the process was told to leave, or why it ended. */
gboolean ps_daemon_host_outcome (PsDaemonHost *self, int *out_signal,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
G_END_DECLS

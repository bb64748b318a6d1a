/* SPDX-License-Identifier: Apache-2.0 */
/* Private namespaces for a test: nothing made in them outlives the process. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* Where the process keeps its files: a tmpfs that only it and its children see. */
#define PS_NETNS_DIR "/run/rig"

/* Once a process, before any thread and before g_get_tmp_dir() is called: enters a mount namespace
 * in which /run is an empty tmpfs (so the default paths /run/portsyncd and /var/run/redis are ours
 * and vanish with us) and /dev a tmpfs with the usual nodes but no /dev/log. TMPDIR becomes
 * PS_NETNS_DIR. Needs root; a failure ends the process with a line. */
void ps_netns_isolate (void);

/* The calling thread, and what it starts from now on, enters a new network namespace with lo up.
 * The one it leaves is destroyed when nothing refers to it any more. */
void ps_netns_enter_new (void);

/* Without IPv6 on links made from now on: its addresses make bringing up 20,000 links take minutes
 * instead of a second. */
void ps_netns_disable_ipv6 (void);

/* Another namespace, to move links into; it lives as long as the descriptor. */
int ps_netns_open_other (void);

/* Makes fd's network namespace the calling thread's own. */
void ps_netns_enter (int fd);

/* The calling thread's network namespace. */
int ps_netns_open_own (void);
G_END_DECLS

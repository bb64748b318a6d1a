/* SPDX-License-Identifier: Apache-2.0 */
/* One conversation of the shipped daemon with Redis, always the same: a cold boot of four ports, a
 * carrier that goes, a device that goes, rows and a marker that a client deletes, a log level that
 * is none. It is recorded with a real server, or replayed without any.
 *
 * umockdev replays a stream, not a server: each byte that the daemon sends must be the recorded
 * one. What makes that possible: each database is an instance with a socket of its own, so that a
 * recording holds one connection; the daemon's clock moves by hand, so that no poll comes but when
 * it should; and the daemon is stopped while links change, so that it reads all of a change at
 * once. Whatever is waited for shows in the daemon's log or life record, which there are without a
 * server, too; the last reply of each connection leaves a line there. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef enum { PS_GOLDEN_RECORD, PS_GOLDEN_REPLAY } PsGoldenMode;

/* The recordings: one a database, "appl.script" and so on. */
#define PS_N_GOLDEN 3
extern const char *const ps_golden_files[PS_N_GOLDEN];

/* Runs the conversation with the recordings in dir, which PS_GOLDEN_RECORD makes anew. NULL: it
 * took place to its end, and not a byte more was said; else the output of the daemon and umockdev
 * (free with g_free). After ps_rig_init. Of the environment, PORTSYNCD is env(1), which starts what
 * the rig takes for the daemon; GOLDEN_DAEMON names the daemon, HAND_CLOCK the library that
 * hand-clock.c becomes. */
char *ps_golden_run (PsGoldenMode mode, const char *dir);
G_END_DECLS

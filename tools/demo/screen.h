/* SPDX-License-Identifier: Apache-2.0 */
/* Shows both sides of the mirror: a table that is redrawn with the last lines of the record below
 * it, or without a terminal the record alone. The record holds what happened, when both sides
 * agreed again, and the daemon's log. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsScreen PsScreen;

/* With a terminal on standard output it takes the terminal over until it is closed. */
PsScreen *ps_screen_new (void);
void ps_screen_free (PsScreen *self);

/* Gives the terminal back, with the record on it; does nothing the second time. */
void ps_screen_close (PsScreen *self);

/* Gives the terminal back at once, as a signal handler may. Nothing of it is needed any more. */
void ps_screen_abandon (void);

/* Something happened just now. */
void ps_screen_tell (PsScreen *self, const char *text);

/* The newest picture: PsPortState (see state-check.h), NULL if Redis does not answer. log: the
 * daemon's log so far. */
void ps_screen_show (PsScreen *self, GPtrArray *ports, gboolean daemon_runs, const char *log);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsScreen, ps_screen_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* Shows both sides of the mirror: a table that is redrawn, or lines when there is no terminal. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsScreen PsScreen;

/* With a terminal on standard output it takes the terminal over until it is freed. */
PsScreen *ps_screen_new (void);
void ps_screen_free (PsScreen *self);

/* Something happened just now. */
void ps_screen_tell (PsScreen *self, const char *text);

/* The newest picture: PsPortState (see state-check.h), NULL if Redis does not answer. log: the
 * daemon's log so far. */
void ps_screen_show (PsScreen *self, GPtrArray *ports, gboolean daemon_runs, const char *log);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsScreen, ps_screen_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* Which of an object's functions are on the stack: an object that calls its owner back may be freed
 * by it, and lives on until the last of them returns. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* All zero: none is. */
typedef struct {
  guint depth;
  gboolean doomed;
} PsTurn;

/* A function of the object that the loop, or another object, called begins. */
void ps_turn_enter (PsTurn *self);

/* It ends. TRUE: the object was freed meanwhile and nothing uses it any more; really free it. */
gboolean ps_turn_leave (PsTurn *self);

/* The object is to be freed. TRUE: do so now; FALSE: ps_turn_leave says when. */
gboolean ps_turn_doom (PsTurn *self);

gboolean ps_turn_is_on (const PsTurn *self); /* One is on the stack. */
G_END_DECLS

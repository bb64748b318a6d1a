/* SPDX-License-Identifier: Apache-2.0 */
#include "base/turn.h"

void
ps_turn_enter (PsTurn *self)
{
  self->depth++;
}

gboolean
ps_turn_leave (PsTurn *self)
{
  g_assert (self->depth > 0);
  return --self->depth == 0 && self->doomed;
}

gboolean
ps_turn_doom (PsTurn *self)
{
  self->doomed = TRUE;
  return self->depth == 0;
}

gboolean
ps_turn_is_on (const PsTurn *self)
{
  return self->depth > 0;
}

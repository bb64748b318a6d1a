/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/soak.h"
#include <poll.h>

#define PAUSE_MAX_MS 12 /* between two actions: an operator's script, not a storm */

static guint
weigh (const PsSoak *self, const PsSoakAction *actions)
{
  guint sum = 0;
  for (guint i = 0; actions[i].name != NULL; i++)
    if (actions[i].can == NULL || actions[i].can (self))
      sum += actions[i].weight;
  return sum;
}

static const PsSoakAction *
choose (const PsSoak *self, const PsSoakAction *actions, guint at)
{
  for (guint i = 0; actions[i].name != NULL; i++) {
    if (actions[i].can != NULL && !actions[i].can (self))
      continue;
    if (at < actions[i].weight)
      return &actions[i];
    at -= actions[i].weight;
  }
  g_assert_not_reached ();
}

void
ps_soak_act (PsSoak *self)
{
  guint n_link = weigh (self, ps_soak_link_actions), n_fault = weigh (self, ps_soak_fault_actions);
  guint at = ps_soak_draw (self, n_link + n_fault);
  const PsSoakAction *action = at < n_link ? choose (self, ps_soak_link_actions, at)
                                           : choose (self, ps_soak_fault_actions, at - n_link);
  action->act (self);
  self->figures->n_actions++;
  self->figures->n_messages = ps_messages_count (self->messages);
  poll (NULL, 0, (int)ps_soak_draw (self, PAUSE_MAX_MS + 1));
  if (self->daemon_up && !ps_daemon_is_running (self->rig->daemon))
    g_error ("the daemon has ended by itself, after \"%s\"", action->name);
}

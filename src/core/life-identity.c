/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life-identity.h"

PsLifeIdentity *
ps_life_identity_new (const char *boot_id, guint64 init_start, const char *netns)
{
  PsLifeIdentity *self = g_new0 (PsLifeIdentity, 1);
  self->boot_id = g_strdup (boot_id);
  self->init_start = init_start;
  self->netns = g_strdup (netns);
  return self;
}

void
ps_life_identity_free (PsLifeIdentity *self)
{
  if (self == NULL)
    return;
  g_free (self->boot_id);
  g_free (self->netns);
  g_free (self);
}

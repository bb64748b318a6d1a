/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rng.h"

void
ps_rng_seed (PsRng *self, guint64 seed)
{
  self->state = seed;
}

guint64
ps_rng_next (PsRng *self)
{
  guint64 z = (self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

guint64
ps_rng_below (PsRng *self, guint64 bound)
{
  return bound == 0 ? 0 : (guint64)(((unsigned __int128)ps_rng_next (self) * bound) >> 64);
}

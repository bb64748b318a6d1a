/* SPDX-License-Identifier: Apache-2.0 */
/* The last so many times at which something happened. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct {
  gint64 times_us[32];
  guint64 n;
} PsRate;

/* One more. FALSE if there were max of them in the last second already. */
static inline gboolean
ps_rate_add (PsRate *self, gint64 now_us, guint max)
{
  const guint size = G_N_ELEMENTS (self->times_us);
  g_assert (max < size);
  gint64 before_us = self->n >= max ? self->times_us[(self->n - max) % size] : G_MININT64 / 2;
  self->times_us[self->n++ % size] = now_us;
  return now_us - before_us >= G_USEC_PER_SEC;
}
G_END_DECLS

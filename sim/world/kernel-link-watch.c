/* SPDX-License-Identifier: Apache-2.0 */
/* How the operational state follows the carrier (net/core/link_watch.c as measured in
 * docs/kernel.md 6): a carrier that came is urgent, one that was lost waits for the next run, and
 * runs for lost ones are a second apart. */
#include "sim/world/kernel-private.h"
#include <linux/if.h>
#include <string.h>

#define URGENT_MIN_US  100
#define URGENT_SPAN_US 400

void
ps_link_watch_init (PsSimKernel *self, guint64 seed)
{
  self->watch.pending = g_array_new (FALSE, FALSE, sizeof (guint32));
  ps_rng_seed (&self->watch.rng, seed);
}

void
ps_link_watch_clear (PsSimKernel *self)
{
  ps_clock_clear (self->clock, &self->watch.timer);
  g_array_unref (self->watch.pending);
}

static gboolean
is_urgent (const PsSimDevice *device)
{
  return device->carrier && (device->link.flags & IFF_UP);
}

static void
follow (PsSimKernel *self, PsSimDevice *device)
{
  device->watched = FALSE;
  if (!(device->link.flags & IFF_UP))
    return;
  if (device->oper != device->carrier) {
    device->oper = device->carrier;
    ps_sim_kernel_changed (self, device);
  }
  ps_sim_kernel_tell (self, device, 0);
}

static void
plan (PsSimKernel *self, gint64 due_us, PsTimerFn fn)
{
  PsLinkWatch *watch = &self->watch;
  if (watch->timer != 0 && watch->due_us <= due_us)
    return;
  ps_clock_clear (self->clock, &watch->timer);
  watch->due_us = due_us;
  watch->timer = ps_clock_arm (self->clock, due_us, fn, self);
}

/* One run. What it may not look at yet, and what exceeds it, stays in its order. */
static void
on_run (gpointer data)
{
  PsSimKernel *self = data;
  PsLinkWatch *watch = &self->watch;
  gint64 now_us = ps_clock_now_us (self->clock);
  gboolean urgent_only = watch->next_us > now_us;
  guint left = urgent_only ? 2 * PS_SIM_KERNEL_LINK_WATCH_RUN : PS_SIM_KERNEL_LINK_WATCH_RUN;
  guint n_kept = 0;
  watch->timer = 0;
  if (!urgent_only)
    watch->next_us = now_us + PS_SIM_KERNEL_LINK_WATCH_US;
  for (guint i = 0; i < watch->pending->len; i++) {
    guint32 ifindex = g_array_index (watch->pending, guint32, i);
    PsSimDevice *device = ps_sim_kernel_device (self, ifindex);
    if (left > 0 && (!urgent_only || is_urgent (device))) {
      left--;
      follow (self, device);
    } else {
      g_array_index (watch->pending, guint32, n_kept++) = ifindex;
    }
  }
  g_array_set_size (watch->pending, n_kept);
  if (n_kept > 0)
    plan (self, watch->next_us, on_run);
}

void
ps_link_watch_fire (PsSimKernel *self, PsSimDevice *device)
{
  PsLinkWatch *watch = &self->watch;
  gint64 now_us = ps_clock_now_us (self->clock);
  if (strcmp (device->link.kind, "veth") == 0) {
    follow (self, device);
    return;
  }
  if (!device->watched)
    g_array_append_val (watch->pending, device->link.ifindex);
  device->watched = TRUE;
  gint64 urgent_us = now_us + URGENT_MIN_US + (gint64)ps_rng_below (&watch->rng, URGENT_SPAN_US);
  plan (self, is_urgent (device) ? urgent_us : MAX (now_us, watch->next_us), on_run);
}

void
ps_link_watch_forget (PsSimKernel *self, PsSimDevice *device)
{
  GArray *pending = self->watch.pending;
  for (guint i = 0; device->watched && i < pending->len; i++) {
    if (g_array_index (pending, guint32, i) == device->link.ifindex) {
      g_array_remove_index (pending, i);
      device->watched = FALSE;
    }
  }
}

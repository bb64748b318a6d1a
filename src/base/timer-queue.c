/* SPDX-License-Identifier: Apache-2.0 */
#include "base/timer-queue.h"

typedef struct {
  gint64 due_us;
  PsTimerId id; /* Also the tie-break: lower was armed earlier. */
  PsTimerFn fn;
  gpointer user_data;
} Entry;

struct _PsTimerQueue {
  GArray *heap; /* owned; of Entry, smallest first */
  guint n_max;
  PsTimerId last_id;
};

PsTimerQueue *
ps_timer_queue_new (guint n_max)
{
  PsTimerQueue *self = g_new0 (PsTimerQueue, 1);
  self->n_max = n_max;
  self->heap = g_array_new (FALSE, FALSE, sizeof (Entry));
  return self;
}

void
ps_timer_queue_free (PsTimerQueue *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->heap);
  g_free (self);
}

static Entry *
timer_at (const PsTimerQueue *self, guint i)
{
  return &g_array_index (self->heap, Entry, i);
}

static gboolean
timer_before (const Entry *a, const Entry *b)
{
  return a->due_us != b->due_us ? a->due_us < b->due_us : a->id < b->id;
}

/* Moves the hole at i towards the root until timer fits in it. */
static void
sift_up (PsTimerQueue *self, guint i, Entry timer)
{
  for (guint parent; i > 0 && timer_before (&timer, timer_at (self, parent = (i - 1) / 2));
       i = parent)
    *timer_at (self, i) = *timer_at (self, parent);
  *timer_at (self, i) = timer;
}

static void
sift_down (PsTimerQueue *self, guint i, Entry timer)
{
  for (guint child = 2 * i + 1; child < self->heap->len; child = 2 * i + 1) {
    if (child + 1 < self->heap->len &&
        timer_before (timer_at (self, child + 1), timer_at (self, child)))
      child++;
    if (!timer_before (timer_at (self, child), &timer))
      break;
    *timer_at (self, i) = *timer_at (self, child);
    i = child;
  }
  *timer_at (self, i) = timer;
}

/* The last timer goes into the hole, from where it may belong in either direction. */
static void
remove_at (PsTimerQueue *self, guint i)
{
  guint last = self->heap->len - 1;
  Entry moved = *timer_at (self, last);
  g_array_set_size (self->heap, last);
  if (i == last)
    return;
  if (i > 0 && timer_before (&moved, timer_at (self, (i - 1) / 2)))
    sift_up (self, i, moved);
  else
    sift_down (self, i, moved);
}

PsTimerId
ps_timer_queue_arm (PsTimerQueue *self, gint64 due_us, PsTimerFn fn, gpointer user_data)
{
  g_assert (self->heap->len < self->n_max);
  Entry timer = {.due_us = due_us, .id = ++self->last_id, .fn = fn, .user_data = user_data};
  g_array_append_val (self->heap, timer);
  sift_up (self, self->heap->len - 1, timer);
  return timer.id;
}

void
ps_timer_queue_disarm (PsTimerQueue *self, PsTimerId id)
{
  for (guint i = 0; i < self->heap->len; i++) {
    if (timer_at (self, i)->id == id) {
      remove_at (self, i);
      return;
    }
  }
}

guint
ps_timer_queue_length (const PsTimerQueue *self)
{
  return self->heap->len;
}

gint64
ps_timer_queue_next_due_us (const PsTimerQueue *self)
{
  return self->heap->len > 0 ? timer_at (self, 0)->due_us : G_MAXINT64;
}

static gboolean
fire_before_id (PsTimerQueue *self, gint64 now_us, PsTimerId limit)
{
  if (self->heap->len == 0 || timer_at (self, 0)->due_us > now_us || timer_at (self, 0)->id > limit)
    return FALSE;
  Entry timer = *timer_at (self, 0);
  remove_at (self, 0);
  timer.fn (timer.user_data);
  return TRUE;
}

gboolean
ps_timer_queue_fire_one (PsTimerQueue *self, gint64 now_us)
{
  return fire_before_id (self, now_us, G_MAXUINT64);
}

guint
ps_timer_queue_fire_due (PsTimerQueue *self, gint64 now_us)
{
  PsTimerId limit = self->last_id;
  guint n = 0;
  while (fire_before_id (self, now_us, limit))
    n++;
  return n;
}

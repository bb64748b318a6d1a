/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/redis-pipe.h"

#define COMPACT_BYTES (64 * 1024) /* Bytes already taken are kept up to so many, to move less. */

typedef enum { SEGMENT_OPEN, SEGMENT_BYTES, SEGMENT_END } SegmentKind;

typedef struct {
  SegmentKind kind;
  gint64 due_us;
  gsize n_left;
} Segment;

struct _PsSimPipe {
  PsClock *clock;
  PsSimWay *way;
  PsSimPipeFn arrived;
  gpointer user_data;
  GByteArray *bytes; /* owned; from head on: n_arrived that have, then those under way */
  gsize head, n_arrived;
  GQueue segments; /* of Segment, owned: what is under way */
  gint64 last_due_us;
  PsTimerId timer;
  gboolean is_open, closing, ended, was_cut;
};

PsSimPipe *
ps_sim_pipe_new (PsClock *clock, PsSimWay *way, PsSimPipeFn arrived, gpointer user_data)
{
  PsSimPipe *self = g_new0 (PsSimPipe, 1);
  self->clock = clock;
  self->way = way;
  self->arrived = arrived;
  self->user_data = user_data;
  self->bytes = g_byte_array_new ();
  g_queue_init (&self->segments);
  return self;
}

void
ps_sim_pipe_free (PsSimPipe *self)
{
  if (self == NULL)
    return;
  ps_clock_clear (self->clock, &self->timer);
  g_queue_clear_full (&self->segments, g_free);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

/* How many of n bytes pass. */
static gsize
pass (PsSimPipe *self, PsSimCut *cut, gsize n)
{
  if (cut == NULL || cut->left == 0)
    return n;
  if (n < cut->left) {
    cut->left -= n;
    return n;
  }
  n = cut->left;
  cut->left = 0;
  cut->n_done++;
  self->was_cut = TRUE;
  return n;
}

/* How many bytes of the first segment may arrive now; notes a cut. */
static gsize
allowance (PsSimPipe *self, gsize n)
{
  PsSimWay *way = self->way;
  if (way->chunk > 0)
    n = MIN (n, way->chunk);
  return pass (self, way->shared, pass (self, &way->cut, n));
}

/* Everything that is under way is lost. */
static void
lose (PsSimPipe *self)
{
  g_queue_clear_full (&self->segments, g_free);
  g_queue_init (&self->segments);
  g_byte_array_set_size (self->bytes, (guint)(self->head + self->n_arrived));
}

/* TRUE: the first segment has arrived as a whole, and the next may. */
static gboolean
deliver (PsSimPipe *self, Segment *segment)
{
  if (segment->kind == SEGMENT_OPEN)
    self->is_open = TRUE;
  else if (segment->kind == SEGMENT_END)
    self->ended = TRUE;
  else {
    gsize n = allowance (self, segment->n_left);
    self->n_arrived += n;
    segment->n_left -= n;
  }
  if (self->was_cut && !self->ended) {
    lose (self);
    self->closing = self->ended = TRUE;
    return FALSE;
  }
  if (segment->n_left > 0)
    return FALSE;
  g_free (g_queue_pop_head (&self->segments));
  return self->way->chunk == 0;
}

static void
on_timer (gpointer user_data)
{
  PsSimPipe *self = user_data;
  gint64 now_us = ps_clock_now_us (self->clock);
  self->timer = 0;
  if (self->way->held)
    return;
  Segment *segment;
  while ((segment = g_queue_peek_head (&self->segments)) != NULL && segment->due_us <= now_us &&
         deliver (self, segment))
    ;
  ps_sim_pipe_resume (self);
  self->arrived (self->user_data);
}

void
ps_sim_pipe_resume (PsSimPipe *self)
{
  const Segment *segment = g_queue_peek_head (&self->segments);
  if (segment == NULL || self->timer != 0 || self->way->held)
    return;
  gint64 due_us = MAX (segment->due_us, ps_clock_now_us (self->clock));
  self->timer = ps_clock_arm (self->clock, due_us, on_timer, self);
}

static void
push (PsSimPipe *self, SegmentKind kind, gsize n_bytes, gint64 due_us)
{
  Segment *last = g_queue_peek_tail (&self->segments);
  self->last_due_us = MAX (self->last_due_us, due_us);
  if (last != NULL && last->kind == kind && last->due_us == self->last_due_us) {
    last->n_left += n_bytes;
    return;
  }
  Segment *segment = g_new (Segment, 1);
  *segment = (Segment){kind, self->last_due_us, n_bytes};
  g_queue_push_tail (&self->segments, segment);
  ps_sim_pipe_resume (self);
}

static gint64
due (const PsSimPipe *self)
{
  return ps_clock_now_us (self->clock) + self->way->latency_us;
}

void
ps_sim_pipe_open (PsSimPipe *self)
{
  push (self, SEGMENT_OPEN, 0, due (self));
}

void
ps_sim_pipe_put (PsSimPipe *self, const void *bytes, gsize n_bytes)
{
  if (self->closing || n_bytes == 0)
    return;
  g_assert (n_bytes <= G_MAXUINT / 2 - self->bytes->len);
  g_byte_array_append (self->bytes, bytes, (guint)n_bytes);
  push (self, SEGMENT_BYTES, n_bytes, due (self));
}

void
ps_sim_pipe_end (PsSimPipe *self)
{
  if (self->closing)
    return;
  self->closing = TRUE;
  push (self, SEGMENT_END, 0, due (self));
}

void
ps_sim_pipe_abort (PsSimPipe *self)
{
  if (self->ended)
    return;
  lose (self);
  ps_clock_clear (self->clock, &self->timer);
  self->closing = TRUE;
  self->last_due_us = 0;
  push (self, SEGMENT_END, 0, ps_clock_now_us (self->clock));
}

gsize
ps_sim_pipe_n_bytes (const PsSimPipe *self)
{
  return self->bytes->len - self->head;
}

gboolean
ps_sim_pipe_is_open (const PsSimPipe *self)
{
  return self->is_open;
}

const guint8 *
ps_sim_pipe_arrived (const PsSimPipe *self, gsize *out_n)
{
  *out_n = self->n_arrived;
  return self->n_arrived == 0 ? NULL : self->bytes->data + self->head;
}

void
ps_sim_pipe_take (PsSimPipe *self, gsize n_bytes)
{
  g_assert (n_bytes <= self->n_arrived);
  self->head += n_bytes;
  self->n_arrived -= n_bytes;
  if (self->head < self->bytes->len && self->head < COMPACT_BYTES)
    return;
  g_byte_array_remove_range (self->bytes, 0, (guint)self->head);
  self->head = 0;
}

gboolean
ps_sim_pipe_has_ended (const PsSimPipe *self)
{
  return self->ended;
}

gboolean
ps_sim_pipe_was_cut (const PsSimPipe *self)
{
  return self->was_cut;
}

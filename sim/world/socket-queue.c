/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/socket-queue.h"
#include <string.h>

#define ALIGNED(size)  (((size) + 7) & ~(gsize)7)
#define FIRST_CAPACITY (64 * 1024)

void
ps_socket_queue_clear (PsSocketQueue *self)
{
  g_free (self->bytes);
  *self = (PsSocketQueue){.limit = self->limit};
}

/* Moves what waits to the front if that gives half the room back, else gets more. */
static void
make_room (PsSocketQueue *self, gsize size)
{
  gsize waiting = self->tail - self->head;
  if (self->capacity - self->tail >= size)
    return;
  if (waiting + size > self->capacity / 2) {
    self->capacity = MAX (2 * (waiting + size), FIRST_CAPACITY);
    self->bytes = g_realloc (self->bytes, self->capacity);
  }
  memmove (self->bytes, self->bytes + self->head, waiting);
  self->head = 0;
  self->tail = waiting;
}

guint8 *
ps_socket_queue_force (PsSocketQueue *self, const PsSocketMessage *message)
{
  gsize size = sizeof *message + ALIGNED (message->length);
  make_room (self, size);
  guint8 *at = self->bytes + self->tail;
  memcpy (at, message, sizeof *message);
  self->tail += size;
  self->charged += message->charge;
  self->n_pushed++;
  return at + sizeof *message;
}

guint8 *
ps_socket_queue_push (PsSocketQueue *self, const PsSocketMessage *message)
{
  gboolean fits = self->charged == 0 || self->charged + message->charge <= self->limit;
  if (fits && !self->congested)
    return ps_socket_queue_force (self, message);
  self->overrun = self->overrun || !self->congested;
  self->congested = TRUE;
  self->drops++;
  return NULL;
}

static void
note_empty (PsSocketQueue *self)
{
  if (self->head == self->tail)
    self->head = self->tail = 0;
  if (self->tail == 0)
    self->congested = FALSE;
}

/* A datagram that was cut fills the buffer: what stood there before must not be read. */
static void
copy_out (const PsSocketMessage *message, const guint8 *bytes, guint8 *buffer, gsize size)
{
  gsize n = MIN (size, message->length);
  memcpy (buffer, bytes, n);
  if (message->too_big)
    memset (buffer + n, 0, size - n);
}

PsDatagramResult
ps_socket_queue_pop (PsSocketQueue *self, guint8 *buffer, gsize size, PsDatagramInfo *out_info)
{
  PsSocketMessage message;
  note_empty (self);
  if (self->overrun) {
    self->overrun = FALSE;
    return PS_DATAGRAM_OVERRUN;
  }
  if (self->head == self->tail)
    return PS_DATAGRAM_WOULD_BLOCK;
  memcpy (&message, self->bytes + self->head, sizeof message);
  copy_out (&message, self->bytes + self->head + sizeof message, buffer, size);
  gsize length = message.too_big ? MAX (size + 1, message.length) : message.length;
  *out_info = (PsDatagramInfo){.length = length, .sender = message.sender};
  self->head += sizeof message + ALIGNED (message.length);
  self->charged -= message.charge;
  note_empty (self);
  return PS_DATAGRAM_RECEIVED;
}

gboolean
ps_socket_queue_is_readable (const PsSocketQueue *self)
{
  return self->overrun || self->head != self->tail;
}

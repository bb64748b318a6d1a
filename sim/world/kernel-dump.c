/* SPDX-License-Identifier: Apache-2.0 */
/* A listing of the links, in parts: each is made of what is there when its turn comes. */
#include "sim/world/kernel-private.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define PART_MAX      32768
#define PART_MIN      8192
#define PART_OVERHEAD 320 /* What Linux keeps of them for itself. */
#define STALE_ONE_IN  4   /* Parts that a live message may overtake. */
#define DONE_BYTES    (NLMSG_HDRLEN + sizeof (gint32))

static gsize
part_limit (const PsSimSocket *self)
{
  gsize usual = CLAMP (self->largest_read, PART_MIN, PART_MAX) - PART_OVERHEAD;
  return MAX (usual, self->dump.room);
}

/* rtnl_calcit(): Linux reckons only for who has sent the mask. */
static gsize
largest_record (PsSimKernel *kernel)
{
  gsize largest = 0;
  for (guint i = 0; i < kernel->devices->len; i++) {
    PsSimDevice *device = g_ptr_array_index (kernel->devices, i);
    ps_link_image_update (&device->image, &device->link, device->carrier);
    largest = MAX (largest, ps_link_image_length (&device->image, PS_LINK_TAIL_DUMP));
  }
  return largest;
}

/* NLM_F_DUMP_INTR if the list of devices changed since the last record, or by a fault. */
static guint16
interruption (PsSimSocket *self, gboolean is_last)
{
  PsSimDump *dump = &self->dump;
  PsSimKernel *kernel = self->kernel;
  gboolean is_changed = dump->generation != kernel->generation;
  gboolean is_fault =
      dump->interrupt_at >= 0 && (is_last || dump->interrupt_at <= (gint64)dump->n_records);
  dump->generation = kernel->generation;
  if (is_changed && !dump->changed) {
    dump->changed = TRUE;
    kernel->counters.changed_dumps++;
  }
  if (is_fault) {
    dump->interrupt_at = -1;
    kernel->counters.interrupted++;
  }
  return is_changed || is_fault ? NLM_F_DUMP_INTR : 0;
}

/* FALSE if the record does not fit any more. */
static gboolean
append_record (PsSimSocket *self, PsSimDevice *device)
{
  PsSimDump *dump = &self->dump;
  ps_link_image_update (&device->image, &device->link, device->carrier);
  gsize length = ps_link_image_length (&device->image, PS_LINK_TAIL_DUMP);
  if (dump->n_part + length > part_limit (self))
    return FALSE;
  PsLinkMessage message = {.type = RTM_NEWLINK,
                           .flags = NLM_F_MULTI | interruption (self, FALSE),
                           .sequence = dump->sequence,
                           .port_id = self->port_id,
                           .family = AF_UNSPEC,
                           .tail = PS_LINK_TAIL_DUMP};
  ps_link_image_write (&device->image, &message, dump->part + dump->n_part);
  dump->n_part += length;
  dump->n_records++;
  dump->after = device->link.ifindex;
  return TRUE;
}

static void
append_done (PsSimSocket *self)
{
  PsSimDump *dump = &self->dump;
  gint32 code = -dump->error;
  struct nlmsghdr header = {.nlmsg_len = DONE_BYTES,
                            .nlmsg_type = NLMSG_DONE,
                            .nlmsg_flags = NLM_F_MULTI | interruption (self, TRUE),
                            .nlmsg_seq = dump->sequence,
                            .nlmsg_pid = self->port_id};
  memcpy (dump->part + dump->n_part, &header, sizeof header);
  memcpy (dump->part + dump->n_part + NLMSG_HDRLEN, &code, sizeof code);
  dump->n_part += DONE_BYTES;
  dump->active = FALSE;
  self->kernel->counters.failed += dump->error != 0;
}

static void
build_part (PsSimSocket *self)
{
  PsSimDump *dump = &self->dump;
  GPtrArray *devices = self->kernel->devices;
  guint place = ps_sim_kernel_place (self->kernel, dump->after + 1);
  while (place < devices->len && append_record (self, g_ptr_array_index (devices, place)))
    place++;
  gboolean has_room = dump->n_part + DONE_BYTES <= part_limit (self);
  gboolean is_cut = place < devices->len && dump->n_part == 0;
  self->kernel->counters.cut_dumps += is_cut;
  if (is_cut || (place == devices->len && (dump->n_part == 0 || (!dump->own_done && has_room))))
    append_done (self);
  dump->n_before = self->queue.n_pushed;
}

static guint32
part_charge (const PsSimSocket *self)
{
  return (guint32)(part_limit (self) + 2 * PART_OVERHEAD);
}

/* Linux takes a part beyond the limit only into an empty queue. */
static gboolean
is_starved (PsSimSocket *self)
{
  PsSocketQueue *queue = &self->queue;
  if (queue->charged == 0 || queue->charged + part_charge (self) < queue->limit)
    return FALSE;
  queue->overrun = TRUE;
  self->kernel->counters.starved++;
  ps_sim_socket_wake (self);
  return TRUE;
}

void
ps_sim_dump_flush (PsSimSocket *self)
{
  PsSimDump *dump = &self->dump;
  if (dump->n_part == 0)
    return;
  self->kernel->counters.dump_datagrams++;
  self->kernel->counters.stale += self->queue.n_pushed != dump->n_before;
  PsSocketMessage slot = {.length = (guint32)dump->n_part, .charge = part_charge (self)};
  memcpy (ps_socket_queue_force (&self->queue, &slot), dump->part, dump->n_part);
  dump->n_part = 0;
}

void
ps_sim_dump_pump (PsSimSocket *self)
{
  PsSimDump *dump = &self->dump;
  PsSimKernel *kernel = self->kernel;
  if (!dump->active || dump->n_part > 0 || self->queue.charged > self->queue.limit / 2)
    return;
  if (kernel->faults.hold) {
    kernel->counters.held += !dump->held;
    dump->held = TRUE;
    return;
  }
  if (is_starved (self))
    return;
  build_part (self);
  if (ps_rng_below (&kernel->dump_rng, STALE_ONE_IN) != 0)
    ps_sim_dump_flush (self);
  ps_sim_socket_wake (self);
}

int
ps_sim_dump_start (PsSimSocket *self, guint32 sequence, gboolean has_mask)
{
  PsSimKernel *kernel = self->kernel;
  PsSimKernelFaults *faults = &kernel->faults;
  guint8 *part = self->dump.part;
  gsize n_allocated = self->dump.n_allocated;
  if (self->dump.active) {
    kernel->counters.dumps_busy++;
    return EBUSY;
  }
  gboolean fails = faults->failures > 0,
           refused = fails && ps_rng_below (&kernel->dump_rng, 2) == 0;
  gboolean interrupted = !fails && faults->interrupts > 0;
  faults->failures -= fails;
  faults->interrupts -= interrupted;
  if (refused) {
    kernel->counters.failed++;
    return faults->failure;
  }
  ps_sim_dump_flush (self);
  gsize room = has_mask ? largest_record (kernel) : 0;
  if (part == NULL || n_allocated < room) {
    n_allocated = MAX (room, PART_MAX);
    part = g_realloc (part, n_allocated);
  }
  gint64 at = (gint64)ps_rng_below (&kernel->dump_rng, MAX (kernel->devices->len, 1));
  self->dump = (PsSimDump){.active = TRUE,
                           .sequence = sequence,
                           .generation = kernel->generation,
                           .interrupt_at = interrupted ? at : -1,
                           .error = fails ? faults->failure : 0,
                           .own_done = ps_rng_below (&kernel->dump_rng, 2) == 0,
                           .room = room,
                           .part = part,
                           .n_allocated = n_allocated};
  kernel->counters.dumps++;
  ps_sim_dump_pump (self);
  return 0;
}

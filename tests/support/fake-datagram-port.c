/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fake-datagram-port.h"
#include <errno.h>
#include <string.h>

typedef struct {
  GBytes *bytes; /* owned */
  guint32 sender;
} Datagram;

struct _PsFakeDatagramPort {
  GObject parent;
  PsClock *clock; /* owned */
  guint32 port_id, drops;
  GQueue queue; /* of owned Datagram */
  guint room;
  gboolean overrun, congested;
  gboolean silent; /* does not tell its drops */
  int closed;      /* errno */
  int send_error;
  guint n_send_errors;
  PsFakeSend on_send; /* nullable */
  gpointer on_send_data;
  GPtrArray *sent;       /* of owned GBytes */
  PsDatagramReady ready; /* nullable */
  gpointer ready_data;
  PsTimerId timer;
};

static void
datagram_free (gpointer data)
{
  Datagram *datagram = data;
  g_bytes_unref (datagram->bytes);
  g_free (datagram);
}

static gboolean
has_input (PsFakeDatagramPort *self)
{
  return self->closed != 0 || self->overrun || !g_queue_is_empty (&self->queue);
}

static void
on_turn (gpointer data)
{
  g_autoptr (PsFakeDatagramPort) self = g_object_ref (data);
  self->timer = 0;
  if (self->ready != NULL && has_input (self))
    self->ready (self->ready_data);
  if (self->ready != NULL && has_input (self) && self->timer == 0)
    self->timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock), on_turn, self);
}

static void
wake (PsFakeDatagramPort *self)
{
  if (self->ready != NULL && has_input (self) && self->timer == 0)
    self->timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock), on_turn, self);
}

static PsDatagramResult
fake_receive (PsDatagramPort *port, guint8 *buffer, gsize size, PsDatagramInfo *out_info)
{
  PsFakeDatagramPort *self = PS_FAKE_DATAGRAM_PORT (port);
  if (self->closed != 0) {
    *out_info = (PsDatagramInfo){.error = self->closed};
    return PS_DATAGRAM_CLOSED;
  }
  if (self->overrun) {
    self->overrun = FALSE;
    return PS_DATAGRAM_OVERRUN;
  }
  Datagram *datagram = g_queue_pop_head (&self->queue);
  if (datagram == NULL)
    return PS_DATAGRAM_WOULD_BLOCK;
  gsize length;
  const guint8 *bytes = g_bytes_get_data (datagram->bytes, &length);
  if (length > 0)
    memcpy (buffer, bytes, MIN (length, size));
  *out_info = (PsDatagramInfo){.length = length, .sender = datagram->sender};
  datagram_free (datagram);
  if (g_queue_is_empty (&self->queue))
    self->congested = FALSE;
  return PS_DATAGRAM_RECEIVED;
}

static int
fake_send (PsDatagramPort *port, const guint8 *bytes, gsize n_bytes)
{
  PsFakeDatagramPort *self = PS_FAKE_DATAGRAM_PORT (port);
  if (self->closed != 0)
    return self->closed;
  if (self->n_send_errors > 0) {
    self->n_send_errors--;
    return self->send_error;
  }
  g_ptr_array_add (self->sent, g_bytes_new (bytes, n_bytes));
  return self->on_send != NULL ? self->on_send (bytes, n_bytes, self->on_send_data) : 0;
}

static guint32
fake_port_id (PsDatagramPort *port)
{
  return PS_FAKE_DATAGRAM_PORT (port)->port_id;
}

static gboolean
fake_drops (PsDatagramPort *port, guint32 *out_drops)
{
  const PsFakeDatagramPort *self = PS_FAKE_DATAGRAM_PORT (port);
  *out_drops = self->drops;
  return self->closed == 0 && !self->silent;
}

static void
fake_set_ready (PsDatagramPort *port, PsDatagramReady ready, gpointer user_data)
{
  PsFakeDatagramPort *self = PS_FAKE_DATAGRAM_PORT (port);
  self->ready = ready;
  self->ready_data = user_data;
  if (ready == NULL)
    ps_clock_clear (self->clock, &self->timer);
  wake (self);
}

static void
port_iface_init (PsDatagramPortInterface *iface)
{
  iface->receive = fake_receive;
  iface->send = fake_send;
  iface->port_id = fake_port_id;
  iface->drops = fake_drops;
  iface->set_ready = fake_set_ready;
}

G_DEFINE_TYPE_WITH_CODE (PsFakeDatagramPort, ps_fake_datagram_port, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_DATAGRAM_PORT, port_iface_init))

static void
fake_finalize (GObject *object)
{
  PsFakeDatagramPort *self = PS_FAKE_DATAGRAM_PORT (object);
  ps_clock_clear (self->clock, &self->timer);
  g_queue_clear_full (&self->queue, datagram_free);
  g_ptr_array_unref (self->sent);
  g_object_unref (self->clock);
  G_OBJECT_CLASS (ps_fake_datagram_port_parent_class)->finalize (object);
}

static void
ps_fake_datagram_port_class_init (PsFakeDatagramPortClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_finalize;
}

static void
ps_fake_datagram_port_init (PsFakeDatagramPort *self)
{
  g_queue_init (&self->queue);
  self->sent = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
}

PsFakeDatagramPort *
ps_fake_datagram_port_new (PsClock *clock, guint32 port_id)
{
  PsFakeDatagramPort *self = g_object_new (PS_TYPE_FAKE_DATAGRAM_PORT, NULL);
  self->clock = g_object_ref (clock);
  self->port_id = port_id;
  return self;
}

void
ps_fake_datagram_port_set_room (PsFakeDatagramPort *self, guint n_datagrams)
{
  self->room = n_datagrams;
}

static void
enqueue (PsFakeDatagramPort *self, const guint8 *bytes, gsize n_bytes, guint32 sender)
{
  Datagram *datagram = g_new (Datagram, 1);
  *datagram = (Datagram){g_bytes_new (bytes, n_bytes), sender};
  g_queue_push_tail (&self->queue, datagram);
  wake (self);
}

void
ps_fake_datagram_port_push (PsFakeDatagramPort *self, const guint8 *bytes, gsize n_bytes)
{
  ps_fake_datagram_port_push_from (self, bytes, n_bytes, 0);
}

void
ps_fake_datagram_port_push_from (PsFakeDatagramPort *self, const guint8 *bytes, gsize n_bytes,
                                 guint32 sender)
{
  gboolean full = self->room > 0 && g_queue_get_length (&self->queue) >= self->room;
  if (full || self->congested)
    ps_fake_datagram_port_overrun (self, 1);
  else
    enqueue (self, bytes, n_bytes, sender);
}

void
ps_fake_datagram_port_answer (PsFakeDatagramPort *self, const guint8 *bytes, gsize n_bytes)
{
  enqueue (self, bytes, n_bytes, 0);
}

void
ps_fake_datagram_port_overrun (PsFakeDatagramPort *self, guint32 n_dropped)
{
  self->drops += n_dropped;
  if (!self->congested)
    self->overrun = TRUE;
  self->congested = !g_queue_is_empty (&self->queue);
  wake (self);
}

void
ps_fake_datagram_port_drop (PsFakeDatagramPort *self, guint32 n_dropped)
{
  self->drops += n_dropped;
}

void
ps_fake_datagram_port_starve_dump (PsFakeDatagramPort *self)
{
  self->overrun = TRUE;
  wake (self);
}

void
ps_fake_datagram_port_hide_drops (PsFakeDatagramPort *self, gboolean hide)
{
  self->silent = hide;
}

void
ps_fake_datagram_port_close (PsFakeDatagramPort *self, int error)
{
  g_assert (error > 0);
  self->closed = error;
  wake (self);
}

void
ps_fake_datagram_port_fail_sends (PsFakeDatagramPort *self, int error, guint n)
{
  g_assert (error > 0);
  self->send_error = error;
  self->n_send_errors = n;
}

void
ps_fake_datagram_port_on_send (PsFakeDatagramPort *self, PsFakeSend send, gpointer user_data)
{
  self->on_send = send;
  self->on_send_data = user_data;
}

guint
ps_fake_datagram_port_n_sent (PsFakeDatagramPort *self)
{
  return self->sent->len;
}

GBytes *
ps_fake_datagram_port_sent (PsFakeDatagramPort *self, guint at)
{
  g_assert (at < self->sent->len);
  return g_ptr_array_index (self->sent, at);
}

guint
ps_fake_datagram_port_n_queued (PsFakeDatagramPort *self)
{
  return g_queue_get_length (&self->queue);
}

gboolean
ps_fake_datagram_port_is_watched (PsFakeDatagramPort *self)
{
  return self->ready != NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fake-stream-port.h"
#include <string.h>

typedef enum { STAGE_CLOSED, STAGE_BEGUN, STAGE_OPEN } Stage;

struct _PsFakeStreamPort {
  GObject parent;
  PsClock *clock; /* owned */
  PsFakePeer peer;
  gpointer peer_data;
  PsFakeConnect how, connecting;
  Stage stage;
  gboolean wants_write;
  gboolean ended;    /* by the other side */
  gboolean told_end; /* a read has said so */
  gsize read_max, write_max, room;
  GByteArray *incoming, *written; /* owned */
  PsTimerId timer;
  PsStreamReady ready;
  gpointer user_data;
  guint n_connects, n_writes;
};

static guint
readiness (const PsFakeStreamPort *self)
{
  if (self->stage == STAGE_CLOSED)
    return 0;
  guint result = 0;
  if (self->incoming->len > 0 || (self->ended && !self->told_end))
    result |= PS_STREAM_READABLE;
  if (self->stage == STAGE_BEGUN && self->connecting == PS_FAKE_ACCEPT)
    result |= PS_STREAM_WRITABLE;
  if (self->stage == STAGE_OPEN && self->wants_write && self->room > 0)
    result |= PS_STREAM_WRITABLE;
  return result;
}

static void
on_timer (gpointer user_data)
{
  PsFakeStreamPort *self = g_object_ref (user_data);
  self->timer = 0;
  guint now = readiness (self);
  if (self->stage == STAGE_BEGUN && (now & PS_STREAM_WRITABLE) != 0)
    self->stage = STAGE_OPEN;
  if (now != 0 && self->ready != NULL)
    self->ready (now, self->user_data);
  if (readiness (self) != 0 && self->timer == 0)
    self->timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock), on_timer, self);
  g_object_unref (self);
}

static void
schedule (PsFakeStreamPort *self)
{
  if (readiness (self) != 0 && self->timer == 0)
    self->timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock), on_timer, self);
}

static gboolean
fake_connect (PsStreamPort *port, GError **error)
{
  PsFakeStreamPort *self = PS_FAKE_STREAM_PORT (port);
  g_assert (self->stage == STAGE_CLOSED);
  self->n_connects++;
  if (self->how == PS_FAKE_REFUSE) {
    g_set_error (error, g_quark_from_static_string ("fake"), 0, "refused by the test");
    return FALSE;
  }
  self->stage = STAGE_BEGUN;
  self->connecting = self->how;
  self->ended = self->how == PS_FAKE_REFUSE_LATER;
  self->told_end = self->wants_write = FALSE;
  self->room = G_MAXSIZE;
  g_byte_array_set_size (self->incoming, 0);
  g_byte_array_set_size (self->written, 0);
  if (self->peer != NULL && self->how == PS_FAKE_ACCEPT)
    self->peer (self, self->peer_data);
  schedule (self);
  return TRUE;
}

static PsStreamResult
fake_read (PsStreamPort *port, guint8 *buffer, gsize size, gsize *out_n)
{
  PsFakeStreamPort *self = PS_FAKE_STREAM_PORT (port);
  gsize n = MIN (MIN (size, self->incoming->len), self->read_max);
  if (self->stage == STAGE_CLOSED)
    return PS_STREAM_ENDED;
  if (n == 0 && self->ended) {
    self->told_end = TRUE;
    return PS_STREAM_ENDED;
  }
  if (n == 0)
    return PS_STREAM_WOULD_BLOCK;
  memcpy (buffer, self->incoming->data, n);
  g_byte_array_remove_range (self->incoming, 0, (guint)n);
  *out_n = n;
  return PS_STREAM_DONE;
}

static PsStreamResult
fake_write (PsStreamPort *port, const guint8 *bytes, gsize n_bytes, gsize *out_n)
{
  PsFakeStreamPort *self = PS_FAKE_STREAM_PORT (port);
  gsize n = MIN (MIN (n_bytes, self->write_max), self->room);
  if (self->stage == STAGE_CLOSED || self->ended)
    return PS_STREAM_ENDED;
  if (self->stage != STAGE_OPEN || n == 0)
    return PS_STREAM_WOULD_BLOCK;
  g_byte_array_append (self->written, bytes, (guint)n);
  self->room -= self->room == G_MAXSIZE ? 0 : n;
  self->n_writes++;
  *out_n = n;
  if (self->peer != NULL)
    self->peer (self, self->peer_data);
  return PS_STREAM_DONE;
}

static void
fake_want_write (PsStreamPort *port, gboolean wanted)
{
  PS_FAKE_STREAM_PORT (port)->wants_write = wanted;
  schedule (PS_FAKE_STREAM_PORT (port));
}

static void
fake_close (PsStreamPort *port)
{
  PsFakeStreamPort *self = PS_FAKE_STREAM_PORT (port);
  self->stage = STAGE_CLOSED;
  ps_clock_clear (self->clock, &self->timer);
}

static void
fake_set_ready (PsStreamPort *port, PsStreamReady ready, gpointer user_data)
{
  PsFakeStreamPort *self = PS_FAKE_STREAM_PORT (port);
  self->ready = ready;
  self->user_data = user_data;
}

static const char *
fake_peer (PsStreamPort *port)
{
  return "fake:1";
}

static void
port_iface_init (PsStreamPortInterface *iface)
{
  iface->connect = fake_connect;
  iface->read = fake_read;
  iface->write = fake_write;
  iface->want_write = fake_want_write;
  iface->close = fake_close;
  iface->set_ready = fake_set_ready;
  iface->peer = fake_peer;
}

G_DEFINE_TYPE_WITH_CODE (PsFakeStreamPort, ps_fake_stream_port, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_STREAM_PORT, port_iface_init))

static void
fake_finalize (GObject *object)
{
  PsFakeStreamPort *self = PS_FAKE_STREAM_PORT (object);
  fake_close (PS_STREAM_PORT (self));
  g_byte_array_unref (self->incoming);
  g_byte_array_unref (self->written);
  g_clear_object (&self->clock);
  G_OBJECT_CLASS (ps_fake_stream_port_parent_class)->finalize (object);
}

static void
ps_fake_stream_port_class_init (PsFakeStreamPortClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_finalize;
}

static void
ps_fake_stream_port_init (PsFakeStreamPort *self)
{
  self->incoming = g_byte_array_new ();
  self->written = g_byte_array_new ();
  self->read_max = self->write_max = self->room = G_MAXSIZE;
}

PsFakeStreamPort *
ps_fake_stream_port_new (PsClock *clock)
{
  PsFakeStreamPort *self = g_object_new (PS_TYPE_FAKE_STREAM_PORT, NULL);
  self->clock = g_object_ref (clock);
  return self;
}

void
ps_fake_stream_port_set_peer (PsFakeStreamPort *self, PsFakePeer peer, gpointer user_data)
{
  self->peer = peer;
  self->peer_data = user_data;
}

void
ps_fake_stream_port_set_connect (PsFakeStreamPort *self, PsFakeConnect how)
{
  self->how = how;
}

void
ps_fake_stream_port_set_chunks (PsFakeStreamPort *self, gsize read_max, gsize write_max)
{
  g_assert (read_max > 0 && write_max > 0);
  self->read_max = read_max;
  self->write_max = write_max;
}

void
ps_fake_stream_port_set_room (PsFakeStreamPort *self, gsize n_bytes)
{
  self->room = n_bytes;
  schedule (self);
}

void
ps_fake_stream_port_feed (PsFakeStreamPort *self, const void *bytes, gsize n_bytes)
{
  if (self->stage == STAGE_CLOSED || self->ended)
    return;
  g_byte_array_append (self->incoming, bytes, (guint)n_bytes);
  schedule (self);
}

void
ps_fake_stream_port_feed_text (PsFakeStreamPort *self, const char *text)
{
  ps_fake_stream_port_feed (self, text, strlen (text));
}

void
ps_fake_stream_port_end (PsFakeStreamPort *self)
{
  self->ended = self->stage != STAGE_CLOSED;
  schedule (self);
}

const GByteArray *
ps_fake_stream_port_written (PsFakeStreamPort *self)
{
  return self->written;
}

void
ps_fake_stream_port_take (PsFakeStreamPort *self, gsize n_bytes)
{
  g_byte_array_remove_range (self->written, 0, (guint)n_bytes);
}

gboolean
ps_fake_stream_port_is_open (PsFakeStreamPort *self)
{
  return self->stage != STAGE_CLOSED;
}

guint
ps_fake_stream_port_n_connects (PsFakeStreamPort *self)
{
  return self->n_connects;
}

guint
ps_fake_stream_port_n_writes (PsFakeStreamPort *self)
{
  return self->n_writes;
}

gboolean
ps_fake_stream_port_wants_write (PsFakeStreamPort *self)
{
  return self->wants_write;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A stream port in memory: the test is the other side, and decides how the bytes are cut. */
#pragma once
#include "backends/redis/stream-port.h"
#include "base/clock.h"
G_BEGIN_DECLS

#define PS_TYPE_FAKE_STREAM_PORT (ps_fake_stream_port_get_type ())
G_DECLARE_FINAL_TYPE (PsFakeStreamPort, ps_fake_stream_port, PS, FAKE_STREAM_PORT, GObject)

/* Called from inside the write that brought bytes, or the connect. */
typedef void (*PsFakePeer) (PsFakeStreamPort *port, gpointer user_data);

/* Readiness comes by a timer of clock at the current time. */
PsFakeStreamPort *ps_fake_stream_port_new (PsClock *clock);

/* The one that plays the other side; nullable. */
void ps_fake_stream_port_set_peer (PsFakeStreamPort *self, PsFakePeer peer, gpointer user_data);

typedef enum {
  PS_FAKE_ACCEPT,       /* The connection stands at once. */
  PS_FAKE_REFUSE,       /* It does not even begin. */
  PS_FAKE_REFUSE_LATER, /* It begins, then is refused. */
  PS_FAKE_IGNORE,       /* It begins, and nothing more is heard. */
} PsFakeConnect;

void ps_fake_stream_port_set_connect (PsFakeStreamPort *self, PsFakeConnect how);

/* At most so many bytes a read, a write. Both at first: no limit. */
void ps_fake_stream_port_set_chunks (PsFakeStreamPort *self, gsize read_max, gsize write_max);

/* How many bytes can be written before a write would block. At first and with every connect:
 * G_MAXSIZE. */
void ps_fake_stream_port_set_room (PsFakeStreamPort *self, gsize n_bytes);

/* From the other side: bytes to read, and the end after them. Lost when no port is connected. */
void ps_fake_stream_port_feed (PsFakeStreamPort *self, const void *bytes, gsize n_bytes);
void ps_fake_stream_port_feed_text (PsFakeStreamPort *self, const char *text);
void ps_fake_stream_port_end (PsFakeStreamPort *self);

/* What was written on this connection and not taken yet; taking n bytes makes no room. Owned. */
const GByteArray *ps_fake_stream_port_written (PsFakeStreamPort *self);
void ps_fake_stream_port_take (PsFakeStreamPort *self, gsize n_bytes);

gboolean ps_fake_stream_port_is_open (PsFakeStreamPort *self);
guint ps_fake_stream_port_n_connects (PsFakeStreamPort *self); /* ever begun */
guint ps_fake_stream_port_n_writes (PsFakeStreamPort *self);   /* calls that moved bytes */
gboolean ps_fake_stream_port_wants_write (PsFakeStreamPort *self);
G_END_DECLS

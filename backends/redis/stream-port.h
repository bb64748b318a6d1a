/* SPDX-License-Identifier: Apache-2.0 */
/* A non-blocking byte stream to one server, as the session sees it. */
#pragma once
#include <glib-object.h>
G_BEGIN_DECLS

typedef enum {
  PS_STREAM_DONE,        /* At least one byte was moved. */
  PS_STREAM_WOULD_BLOCK, /* None was; readiness will say when. */
  PS_STREAM_ENDED,       /* The peer closed, or the stream failed: close it. */
} PsStreamResult;

typedef enum {
  PS_STREAM_READABLE = 1 << 0, /* Also an error or a hang-up: reading says which. */
  PS_STREAM_WRITABLE = 1 << 1, /* Only while wanted, or when the connection stands. */
} PsStreamReadiness;

typedef void (*PsStreamReady) (guint readiness, gpointer user_data);

#define PS_TYPE_STREAM_PORT (ps_stream_port_get_type ())
G_DECLARE_INTERFACE (PsStreamPort, ps_stream_port, PS, STREAM_PORT, GObject)
struct _PsStreamPortInterface {
  GTypeInterface g_iface;
  gboolean (*connect) (PsStreamPort *self, GError **error);
  PsStreamResult (*read) (PsStreamPort *self, guint8 *buffer, gsize size, gsize *out_n);
  PsStreamResult (*write) (PsStreamPort *self, const guint8 *bytes, gsize n_bytes, gsize *out_n);
  void (*want_write) (PsStreamPort *self, gboolean wanted);
  void (*close) (PsStreamPort *self);
  void (*set_ready) (PsStreamPort *self, PsStreamReady ready, gpointer user_data);
  const char *(*peer) (PsStreamPort *self);
  const char *(*fault) (PsStreamPort *self); /* may be NULL */
};

/* Begins to connect (the name is looked up anew). FALSE with an error: it could not even begin.
 * Otherwise the first WRITABLE says that the connection stands; a refusal shows as READABLE and
 * PS_STREAM_ENDED. Must be closed. */
gboolean ps_stream_port_connect (PsStreamPort *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* out_n is set only with PS_STREAM_DONE. */
PsStreamResult ps_stream_port_read (PsStreamPort *self, guint8 *buffer, gsize size, gsize *out_n);
PsStreamResult
ps_stream_port_write (PsStreamPort *self, const guint8 *bytes, gsize n_bytes, gsize *out_n);

/* Level-triggered: WRITABLE is reported while wanted. Off after connect's first WRITABLE. */
void ps_stream_port_want_write (PsStreamPort *self, gboolean wanted);

void ps_stream_port_close (PsStreamPort *self); /* Idempotent; no readiness after it. */

/* ready is called from the loop only, never from inside a call of the port. READABLE is
 * level-triggered: it is reported again as long as there is something to read. */
void ps_stream_port_set_ready (PsStreamPort *self, PsStreamReady ready, gpointer user_data);

/* Where to, for people: "unix:/var/run/redis/redis.sock" or "127.0.0.1:6379". */
const char *ps_stream_port_peer (PsStreamPort *self);

/* Why there is no connection (yet), for people, if there is more to say than that the server did
 * not take it; else NULL. Owned by the port, until its next call. */
const char *ps_stream_port_fault (PsStreamPort *self);
G_END_DECLS

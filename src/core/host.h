/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine around the process says and does, as far as it is neither a datagram, a byte
 * stream nor time: signals, the life record on the disk, secrets, random numbers, and which life of
 * the system this is. With this fourth port the rest needs no call of the operating system
 * (decision 0028). */
#pragma once
#include "base/log.h"
#include "core/life-identity.h"
#include <glib-object.h>
G_BEGIN_DECLS

typedef enum { PS_HOST_TERMINATE, PS_HOST_INTERRUPT, PS_HOST_HANG_UP } PsHostSignal;

/* Random numbers of one process. */
typedef struct {
  guint64 back_off;       /* of the jitter between attempts to connect */
  guint32 first_sequence; /* of the requests to the kernel */
} PsHostSeeds;

/* signal: the process was sent one. life_written: the answer to ps_host_write_life. error, if not
 * NULL: the record does not hold the bytes, and why; the old record may stand. */
typedef struct {
  void (*signal) (PsHostSignal signal, gpointer user_data);
  void (*life_written) (const char *error, gpointer user_data);
} PsHostSink;

#define PS_TYPE_HOST (ps_host_get_type ())
G_DECLARE_INTERFACE (PsHost, ps_host, PS, HOST, GObject)
struct _PsHostInterface {
  GTypeInterface g_iface;
  void (*start) (PsHost *self, const PsHostSink *sink, gpointer user_data);
  void (*stop) (PsHost *self);
  const PsLifeIdentity *(*identity) (PsHost *self);
  PsHostSeeds (*seeds) (PsHost *self);
  GBytes *(*read_life) (PsHost *self);
  void (*write_life) (PsHost *self, GBytes *bytes, gboolean whole);
  void (*ended) (PsHost *self, const GError *error);
  /* nullable: */
  char *(*password) (PsHost *self, GError **error); /* There is none. */
  void (*log_output) (PsHost *self, PsLogOutput output);
  void (*links_settled) (PsHost *self);
  void (*burst_over) (PsHost *self);
};

/* The sink is called from the loop only, never from inside a call of the host, and no more after a
 * stop. sink must outlive the host or a stop. */
void ps_host_start (PsHost *self, const PsHostSink *sink, gpointer user_data);
void ps_host_stop (PsHost *self); /* Idempotent. */

/* Owned by the host. */
const PsLifeIdentity *ps_host_identity (PsHost *self);

PsHostSeeds ps_host_seeds (PsHost *self);

/* The password of the databases, empty if none is needed, read anew: for g_free, after it was
 * overwritten. NULL and error: there is none to be had now. Logs nothing and makes no call back. */
char *ps_host_password (PsHost *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The life record as this process found it; NULL or empty: there is none, or none that can be read,
 * which the host says in the log. To be asked for once. For g_bytes_unref. */
GBytes *ps_host_read_life (PsHost *self) G_GNUC_WARN_UNUSED_RESULT;

/* Adds bytes to the record, or puts them in the place of the whole (takes a reference). There may
 * be none to add: then it is found out whether the record is still there. Returns at once; until
 * life_written answers it is not called again. */
void ps_host_write_life (PsHost *self, GBytes *bytes, gboolean whole);

/* Log lines go there from now on. */
void ps_host_log_output (PsHost *self, PsLogOutput output);

/* No link will be taken down any more, which was all that needed a privilege. Once. */
void ps_host_links_settled (PsHost *self);

/* A listing of everything was worked off: memory may go back to the system. */
void ps_host_burst_over (PsHost *self);

/* There is nothing left to do: the process is to end. error: nothing works any more, and why; NULL:
 * it was told to leave. The caller returns to the loop before anything is freed. */
void ps_host_ended (PsHost *self, const GError *error);
G_END_DECLS

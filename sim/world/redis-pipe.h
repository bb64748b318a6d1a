/* SPDX-License-Identifier: Apache-2.0 */
/* One direction of a simulated connection: bytes that take time, arrive in pieces, are held up or
 * cut off, but never change, repeat or overtake each other. */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

typedef struct {
  gsize left;     /* So many more bytes pass, then the pipe they passed is cut; 0: no cut. */
  guint64 n_done; /* cuts that happened */
} PsSimCut;

/* What holds for all pipes of one direction; owned by their listener. */
typedef struct {
  gint64 latency_us; /* for what is put from now on */
  gsize chunk;       /* bytes that arrive at once at most; 0: all */
  gboolean held;     /* Nothing arrives. Pipes must be told when this ends. */
  PsSimCut cut;
  PsSimCut *shared; /* nullable: counts the bytes of other ways, too */
} PsSimWay;

typedef struct _PsSimPipe PsSimPipe;
typedef void (*PsSimPipeFn) (gpointer user_data);

/* arrived is called from a timer when the opening, bytes, or the end have arrived; it may free the
 * pipe. clock and way must outlive the pipe. */
PsSimPipe *ps_sim_pipe_new (PsClock *clock, PsSimWay *way, PsSimPipeFn arrived, gpointer user_data);
void ps_sim_pipe_free (PsSimPipe *self);

/* In the order of the calls; nothing is put behind the end. */
void ps_sim_pipe_open (PsSimPipe *self);
void ps_sim_pipe_put (PsSimPipe *self, const void *bytes, gsize n_bytes);
void ps_sim_pipe_end (PsSimPipe *self);
/* What has not arrived is lost, and the end comes next. */
void ps_sim_pipe_abort (PsSimPipe *self);
/* held is over. */
void ps_sim_pipe_resume (PsSimPipe *self);

/* Bytes put and not taken. */
gsize ps_sim_pipe_n_bytes (const PsSimPipe *self);
gboolean ps_sim_pipe_is_open (const PsSimPipe *self);
/* What arrived and was not taken; valid until the pipe changes. */
const guint8 *ps_sim_pipe_arrived (const PsSimPipe *self, gsize *out_n);
void ps_sim_pipe_take (PsSimPipe *self, gsize n_bytes);
/* The end arrived, maybe with bytes before it that were not taken yet. */
gboolean ps_sim_pipe_has_ended (const PsSimPipe *self);
/* It ended by a cut of its way. */
gboolean ps_sim_pipe_was_cut (const PsSimPipe *self);
G_END_DECLS

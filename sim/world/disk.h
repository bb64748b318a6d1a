/* SPDX-License-Identifier: Apache-2.0 */
/* The disk under the run directory: it holds the life record, and may be slow, stand or be full. */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

typedef struct _PsSimDisk PsSimDisk;

/* A write is done: the record holds it, or error says why not. */
typedef void (*PsSimDiskDone) (const char *error, gpointer user_data);

PsSimDisk *ps_sim_disk_new (void);
void ps_sim_disk_free (PsSimDisk *self);

/* The record as it stands on the disk; owned by it. */
const GString *ps_sim_disk_life (const PsSimDisk *self);

/* The record as it was written, without the damage that was done to it since. Of the same length.
 * For g_string_free. */
GString *ps_sim_disk_life_as_written (const PsSimDisk *self);

/* The record as it will stand when what waits is written. For g_string_free. */
GString *ps_sim_disk_life_to_come (const PsSimDisk *self);

/* Adds bytes to the record, or puts them in its place. It is there at once, as the kernel keeps
 * in memory what is written; on a slow disk after its latency, on one that stands when it goes on.
 * done comes by the clock, never from inside this call, once; one write at a time. */
void ps_sim_disk_write (PsSimDisk *self, PsClock *clock, GBytes *bytes, gboolean whole,
                        PsSimDiskDone done, gpointer user_data);

/* The process that wrote is dead. What waits is never written: its death ends the system call.
 * TRUE: there was something. */
gboolean ps_sim_disk_forget (PsSimDisk *self);

/* Turns a bit of the byte, which must be there. */
void ps_sim_disk_damage_life (PsSimDisk *self, gsize at);
void ps_sim_disk_lose_life (PsSimDisk *self);

/* The writes that began, of nothing too, are numbered from 1. The second is the number of the last
 * one that is in the record; 0: there is no record. */
guint64 ps_sim_disk_n_begun (const PsSimDisk *self);
guint64 ps_sim_disk_last_written (const PsSimDisk *self);

void ps_sim_disk_set_latency_us (PsSimDisk *self, gint64 us);
void ps_sim_disk_stall (PsSimDisk *self, gboolean stall);
void ps_sim_disk_fill (PsSimDisk *self, gboolean fill);

/* Writes of anything; those that waited for a disk that was slow or stood; that found it full. */
guint64 ps_sim_disk_n_writes (const PsSimDisk *self);
guint64 ps_sim_disk_n_slow (const PsSimDisk *self);
guint64 ps_sim_disk_n_full (const PsSimDisk *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimDisk, ps_sim_disk_free)
G_END_DECLS

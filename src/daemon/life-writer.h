/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the life record in a thread of its own: a disk that does not answer holds up this thread
 * alone. */
#pragma once
#include "daemon/life-file.h"
G_BEGIN_DECLS

typedef struct _PsLifeWriter PsLifeWriter;

/* A write is done; error, if not NULL, says why the record does not hold it. */
typedef void (*PsLifeWriterDone) (const char *error, gpointer user_data);

/* Takes ownership of file. NULL with an error when there is no descriptor left. */
PsLifeWriter *
ps_life_writer_new (PsLifeFile *file, PsLifeWriterDone done, gpointer user_data, GError **error);

/* Waits for no write: what the disk has not taken, it never takes. No call of done after it. */
void ps_life_writer_free (PsLifeWriter *self);

/* Adds bytes to the record, or puts them in the place of the whole. done comes from the loop, never
 * from inside this call, once; until then no other write may be asked for. */
void ps_life_writer_write (PsLifeWriter *self, GBytes *bytes, gboolean whole);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLifeWriter, ps_life_writer_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* The run directory of one instance: its lock, and the life record as bytes on disk. What the
 * bytes mean is core/life.h's business. */
#pragma once
#include "core/life.h"
G_BEGIN_DECLS

typedef struct _PsLifeFile PsLifeFile;

#define PS_LIFE_FILE_ERROR (ps_life_file_error_quark ())
GQuark ps_life_file_error_quark (void);
typedef enum {
  PS_LIFE_FILE_ERROR_HELD, /* Another process of this instance lives. */
  PS_LIFE_FILE_ERROR_IO,   /* The operating system said no; the message has path and reason. */
} PsLifeFileError;

/* Makes run_dir/instance (mode 0755) with its parents and takes the lock in it, which is held
 * until the file is freed or the process ends, in whatever way. When another process holds it,
 * the error names its pid. */
PsLifeFile *ps_life_file_open (const char *run_dir, const char *instance,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ps_life_file_free (PsLifeFile *self);

/* The instance of a configuration that names none. */
#define PS_LIFE_FILE_INSTANCE "default"

/* What ps_life_file_read would return, without a lock: for who only wants to look. */
GBytes *ps_life_file_peek (const char *run_dir, const char *instance,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The whole record; empty if there is none yet. NULL on error. */
GBytes *ps_life_file_read (PsLifeFile *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds data at the end with one write. When that fails or is cut short (a full disk), the file is
 * cut back to where it stood; if even that fails, it may end in part of data. Later appends are
 * tried all the same. No fsync: the record outlives the process, never the boot. */
gboolean ps_life_file_append (PsLifeFile *self, const char *data, gsize size,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts data in the place of the whole record: a reader sees the old or the new one. On error the
 * old record stands. */
gboolean ps_life_file_replace (PsLifeFile *self, const char *data, gsize size,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE from a failed append on until a replace succeeds: the record has a gap. The caller logs
 * the error that made it TRUE and is silent about those that follow. */
gboolean ps_life_file_is_degraded (const PsLifeFile *self);

/* Bytes in the record, as far as we know. */
gsize ps_life_file_size (const PsLifeFile *self);

/* Path of the record. Owned by the file. */
const char *ps_life_file_path (const PsLifeFile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLifeFile, ps_life_file_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* The run directory of one instance: its lock, and the life record as bytes on disk. What the
 * bytes mean is start/life-record.h's business. */
#pragma once
#include "start/life-record.h"
G_BEGIN_DECLS

typedef struct _PsLifeFile PsLifeFile;

#define PS_LIFE_FILE_ERROR (ps_life_file_error_quark ())
GQuark ps_life_file_error_quark (void);
typedef enum {
  PS_LIFE_FILE_ERROR_HELD, /* Another process of this instance lives. */
  PS_LIFE_FILE_ERROR_IO,   /* The operating system said no; the message has path and reason. */
} PsLifeFileError;

/* Touches no disk. */
PsLifeFile *ps_life_file_new (const char *run_dir, const char *instance);

/* Makes run_dir/instance (mode 0755) with its parents if it is not there, and takes the lock in it,
 * unless it is held: until the file is freed or the process ends, in whatever way. Where nothing
 * can be written, a lock that is there is taken all the same. When another process holds it, the
 * error names its pid. A lock or a directory that was removed or replaced is taken or made anew. */
gboolean ps_life_file_hold (PsLifeFile *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ps_life_file_free (PsLifeFile *self);

/* The instance of a configuration that names none. */
#define PS_LIFE_FILE_INSTANCE "default"

/* The whole record; empty if there is none. NULL on error. No lock is needed to look. */
GBytes *ps_life_file_read (const PsLifeFile *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As ps_life_file_read; an error is said in the log, and counts as no record: NULL. */
GBytes *ps_life_file_look (const PsLifeFile *self, PsLog *log) G_GNUC_WARN_UNUSED_RESULT;

/* Adds data, which may be empty, at the end with one write, of a record that is still in its place.
 * When that fails or is cut short (a full disk), the file is cut back to where it stood; if even
 * that fails, it may end in part of data. The lock is held before, or it fails. No fsync: the
 * record outlives the process, never the boot. */
gboolean ps_life_file_append (PsLifeFile *self, const char *data, gsize size,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts data in the place of the whole record: a reader sees the old or the new one. On error the
 * old record stands. The lock is held before, or it fails. */
gboolean ps_life_file_replace (PsLifeFile *self, const char *data, gsize size,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLifeFile, ps_life_file_free)
G_END_DECLS

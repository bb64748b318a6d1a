/* SPDX-License-Identifier: Apache-2.0 */
/* A life record, read anew from what start/life-record.h says of the format; shares nothing with
 * the product's parser. Which lines are damaged it does not ask of their checksums: it is told how
 * they were written. */
#pragma once
#include "mirror/flap.h"
G_BEGIN_DECLS

typedef struct {
  gboolean tells_boot, tells_init, tells_netns; /* These lines are whole, */
  gboolean says_copied;                         /* … and this one is there. */
  gboolean is_damaged;                          /* Some line is not. */
  GHashTable *old;                              /* owned set of ifindexes */
  GHashTable *flaps;                            /* owned; name -> PsFlap, both owned */
} PsRecord;

/* The record as it was written and as it stands, of the same length. NULL: nothing of it can be
 * used. */
PsRecord *ps_record_read (const GString *written, const GString *stands);
void ps_record_free (PsRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRecord, ps_record_free)
G_END_DECLS

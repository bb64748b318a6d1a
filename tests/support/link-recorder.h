/* SPDX-License-Identifier: Apache-2.0 */
/* A PsLinkSink that remembers what it was told, in a form that a test can compare. */
#pragma once
#include "core/link-source.h"
G_BEGIN_DECLS

typedef struct _PsLinkRecorder PsLinkRecorder;
struct _PsLinkRecorder {
  GArray *events; /* of PsLinkEvent, all of them; owned */
  gsize n_taken;  /* of them, by take */
  guint n_batches;
  gsize largest_batch;
  guint n_results; /* Calls of admin_down_done. */
  PsNetlinkAdminDownResult result;
  guint n_failures;
  /* nullable: called after each batch was noted. */
  void (*on_batch) (PsLinkRecorder *self, gpointer user_data);
  gpointer on_batch_data;
};

/* With the recorder as user_data. */
extern const PsLinkSink ps_link_recorder_sink;

PsLinkRecorder *ps_link_recorder_new (void);
void ps_link_recorder_free (PsLinkRecorder *self);

/* What came since the last take: "+a" and "-a" for live events of link a, "=a" for a record of a
 * dump, BEGIN, END, INTR (an END that is not complete) and LOST, separated by spaces. Valid until
 * the next call. */
const char *ps_link_recorder_take (PsLinkRecorder *self);

const PsLinkEvent *ps_link_recorder_last (PsLinkRecorder *self); /* There must be one. */

/* How many events of this type there were in all. */
guint ps_link_recorder_count (PsLinkRecorder *self, PsLinkEventType type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLinkRecorder, ps_link_recorder_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as events of the main loop, by signalfd: GLib's own way would start a second thread. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsSignals PsSignals;
typedef void (*PsSignalFn) (int number, gpointer user_data);

/* From now on SIGTERM, SIGINT and SIGHUP reach received, and SIGPIPE is ignored. */
PsSignals *
ps_signals_new (PsSignalFn received, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ps_signals_free (PsSignals *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSignals, ps_signals_free)
G_END_DECLS

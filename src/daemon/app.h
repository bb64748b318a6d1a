/* SPDX-License-Identifier: Apache-2.0 */
/* Joins the parts into a running daemon: the only place that names concrete types. */
#pragma once
#include "core/config.h"
G_BEGIN_DECLS

typedef struct _PsApp PsApp;

/* Takes the lock of the instance, looks for database_config.json, opens the netlink socket. Nothing
 * is connected and no link is touched yet. config must outlive the app. */
PsApp *ps_app_new (const PsConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ps_app_free (PsApp *self);

/* Mirrors until SIGTERM or SIGINT (TRUE, and which of them), or until it cannot go on (FALSE). */
gboolean ps_app_run (PsApp *self, int *out_signal, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsApp, ps_app_free)
G_END_DECLS

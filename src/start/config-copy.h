/* SPDX-License-Identifier: Apache-2.0 */
/* Copies CONFIG_DB PORT to APPL_DB PORT_TABLE through the producer protocol
 * (docs/sonic-protocol.md 3.1, step 2), or in a warm start reads the names only. One object is one
 * attempt. */
#pragma once
#include "core/refusals.h"
#include "mirror/links.h"
#include "start/awaited.h"
#include "start/names.h"
#include "start/odd-names.h"
G_BEGIN_DECLS

typedef enum {
  PS_COPY_ROWS,  /* Produce every row. */
  PS_COPY_NAMES, /* Only learn which ports are configured. */
} PsCopyMode;

typedef struct {
  PsConfigReading reading; /* unless it is PS_CONFIG_WHOLE: try again */
  PsOutcome outcome;       /* PS_APPLIED, or that of the first failure */
  guint n_ports;           /* rows found in CONFIG_DB whose names a netdev can have */
  guint n_produced;        /* rows acknowledged by APPL_DB: the count of PortConfigDone */
} PsCopyResult;

typedef struct {
  PsStore *store;
  PsRefusals *refusals;
  PsLinks *links;
  PsOddNames *odd;
  PsAwaited *awaited;
} PsCopyParts;

/* Exactly once; the copy may be freed inside it. */
typedef void (*PsCopyDone) (const PsCopyResult *result, gpointer user_data);

typedef struct _PsConfigCopy PsConfigCopy;

/* names and what parts holds must outlive it. A reading of awaited begins with it and is told each
 * port before its row is produced, or that APPL_DB will never take that; to end it is the caller's
 * work. Rows that are left out are told: as refused by the task PS_TASK_MARKERS, or to odd for
 * their names; the failure as a whole is the caller's to tell. */
PsConfigCopy *ps_config_copy_start (PsNames *names, const PsCopyParts *parts, PsCopyMode mode,
                                    PsCopyDone done, gpointer user_data);

/* A database was lost: what was produced may be lost with it, so the copy fails, when all that is
 * open was answered. */
void ps_config_copy_break (PsConfigCopy *self);

/* In done, or after the store was stopped; never between: the store would answer to a freed
 * object. */
void ps_config_copy_free (PsConfigCopy *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsConfigCopy, ps_config_copy_free)
G_END_DECLS

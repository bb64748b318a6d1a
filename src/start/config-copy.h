/* SPDX-License-Identifier: Apache-2.0 */
/* Copies CONFIG_DB PORT to APPL_DB PORT_TABLE through the producer protocol
 * (docs/sonic-protocol.md 3.1, step 2), or in a warm start reads the names only. One object is one
 * attempt. */
#pragma once
#include "core/refusals.h"
#include "mirror/links.h"
#include "start/config-reader.h"
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

/* name: of a row, whatever it is. port: a port of CONFIG_DB, once each, before its row is produced.
 * left_out: APPL_DB will never take its row. done: exactly once; the copy may be freed inside it.
 */
typedef struct {
  void (*name) (const PsText *name, gpointer user_data);
  void (*port) (PsPort *port, gpointer user_data);
  void (*left_out) (PsPort *port, gpointer user_data);
  void (*done) (const PsCopyResult *result, gpointer user_data);
} PsCopySink;

typedef struct _PsConfigCopy PsConfigCopy;

/* reader, refusals, links and odd must outlive it. Rows that are left out are told: as refused by
 * the task PS_TASK_MARKERS, or to odd for their names; the failure as a whole is the caller's to
 * tell. */
PsConfigCopy *
ps_config_copy_start (PsConfigReader *reader, PsStore *store, PsRefusals *refusals, PsLinks *links,
                      PsOddNames *odd, PsCopyMode mode, const PsCopySink *sink, gpointer user_data);

/* A database was lost: what was produced may be lost with it, so the copy fails, when all that is
 * open was answered. */
void ps_config_copy_break (PsConfigCopy *self);

/* In done, or after the store was stopped; never between: the store would answer to a freed
 * object. */
void ps_config_copy_free (PsConfigCopy *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsConfigCopy, ps_config_copy_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* The engine: from link events to rows. It owns the port table and is the only writer. Single
 * threaded; it knows neither sockets nor files (docs/rules.md 1, 2, 6). */
#pragma once
#include "core/config.h"
#include "core/host.h"
#include "core/link-source.h"
#include "mirror/port.h"
#include "start/start.h"
G_BEGIN_DECLS

typedef struct {
  PsClock *clock;
  PsLinkSource *source;
  PsStore *store;
  PsHost *host;
  PsLog *log;             /* must outlive the engine */
  const PsConfig *config; /* must outlive the engine */
} PsEngineParts;

typedef struct _PsEngine PsEngine;

PsEngine *ps_engine_new (const PsEngineParts *parts);

/* Stops the source and the store. */
void ps_engine_free (PsEngine *self);

/* Lists the links, connects, decides how to start, and mirrors from then on. */
void ps_engine_start (PsEngine *self);

/* Waits until nothing is on its way to Redis, at most PS_DRAIN_MAX_US (engine/drain.h); then stops
 * listening, has the life record written, at most PS_LEAVE_MAX_US (engine/journal.h), and tells the
 * host that it ended (never from inside this call). */
void ps_engine_drain (PsEngine *self);

/* The host has answered. */
void ps_engine_life_written (PsEngine *self, const char *error);

/* For tests and reports. */
typedef struct {
  gboolean online;       /* every database answers */
  gboolean state_online; /* STATE_DB does */
  const char *away;      /* nullable: a database that does not, or "Redis"; static */
  gboolean started;      /* the start mode is decided */
  PsStart start;
  gboolean complete;               /* the picture of the links is complete */
  gboolean has_eoiu;               /* ... or was once: end of the initial update */
  gint64 eoiu_us;                  /* from ps_engine_start to that */
  guint n_listings, n_interrupted; /* complete ones, and others */
  gboolean reconciled;             /* the rows were read on the connection that stands */
  gboolean init_done;
  guint n_ports, n_pending, n_waiting; /* waiting: rows not yet written */
  guint n_old;
  guint n_refused;       /* tasks that Redis refuses (core/refusals.h) */
  const char *refused;   /* nullable: the first of them, in words; static */
  guint n_repaired;      /* rows of portsyncd that were no hash */
  gboolean record_waits; /* lines of the life record were not handed to the disk yet */
  guint64 progress; /* rises with every batch of events, acknowledgement and change of connection */
} PsEngineStatus;

PsEngineStatus ps_engine_status (const PsEngine *self);
const PsPort *ps_engine_find_port (const PsEngine *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsEngine, ps_engine_free)
G_END_DECLS

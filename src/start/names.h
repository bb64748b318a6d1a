/* SPDX-License-Identifier: Apache-2.0 */
/* Reads CONFIG_DB's PORT table so that a port that is missing from the reading is missing from the
 * configuration. SONiC's database service sets the string CONFIG_DB_INITIALIZED to 0 when it begins
 * to load, and to 1 (older releases: True) when it is done; a flushed CONFIG_DB has no such key. A
 * reading counts only if the string said "loaded" before and after it
 * (docs/decisions/0016-config-db-loaded.md). */
#pragma once
#include "base/clock.h"
#include "base/log.h"
#include "core/store.h"
G_BEGIN_DECLS

/* How soon a CONFIG_DB that is not loaded is worth another reading. */
#define PS_CONFIG_POLL_US G_USEC_PER_SEC

typedef struct _PsNames PsNames;

/* The worse, the greater. */
typedef enum {
  PS_CONFIG_WHOLE, /* CONFIG_DB said before and after that it is loaded: what was read is all */
  PS_CONFIG_NOT_LOADED, /* it did not say so; the log says that, once a minute */
  PS_CONFIG_FAILED,     /* a part was refused or broke off; outcome says why */
} PsConfigReading;

/* outcome: PS_APPLIED unless the reading failed; then of the first part that did. */
typedef void (*PsNamesDone) (PsConfigReading how, const PsOutcome *outcome, gpointer user_data);

/* flag: what CONFIG_DB_INITIALIZED holds, NULL if that is no string. */
gboolean ps_config_says_loaded (const PsText *flag);

/* Hears the names of a reading that another asked for. name: each of CONFIG_DB PORT, whatever it
 * is. done: how the reading ended. */
typedef struct {
  void (*name) (const PsText *name, gpointer user_data);
  void (*done) (PsConfigReading how, gpointer user_data);
} PsNamesListener;

PsNames *ps_names_new (PsClock *clock, PsStore *store, PsLog *log);

/* After the store was stopped: readings that are under way are forgotten. */
void ps_names_free (PsNames *self);

/* row: for each port; never, if CONFIG_DB is not loaded before. What it told is worth nothing
 * unless done says PS_CONFIG_WHOLE. Both are called from the loop only; done once. Several readings
 * may be under way. */
void ps_names_read (PsNames *self, gboolean names_only, PsRowFn row, PsNamesDone done,
                    gpointer user_data);

/* The next reading that begins is told to the listener, too, before it is told to what asked for
 * it.
 */
void ps_names_listen (PsNames *self, const PsNamesListener *listener, gpointer user_data);

/* A database was lost: to listeners the readings that are under way count as failed, whatever comes
 * of them. */
void ps_names_break (PsNames *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsNames, ps_names_free)
G_END_DECLS

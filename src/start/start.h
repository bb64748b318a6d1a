/* SPDX-License-Identifier: Apache-2.0 */
/* Decides, once, how this process starts (docs/rules.md 6.2). The decision is a pure function of
 * evidence.
 */
#pragma once
#include "base/log.h"
#include "core/config.h"
#include "core/store.h"
#include "start/life-record.h"
#include "start/warm-row.h"
G_BEGIN_DECLS

typedef enum {
  PS_START_COLD,   /* The switch starts: old devices go, the configuration is copied. */
  PS_START_RESUME, /* Only this process died. */
  PS_START_WARM,   /* The rest of the switch kept its state: nothing is copied, nothing goes. */
} PsStartMode;

typedef struct {
  gboolean dpu;             /* DEVICE_METADATA|localhost switch_type is "dpu" */
  gboolean has_switch_type; /* there is one */
  gboolean config_unloaded; /* CONFIG_DB did not say, before and after, that it is loaded */
  gboolean warm_system;     /* WARM_RESTART_ENABLE_TABLE|system enable is "true" */
  gboolean warm_swss;       /* …|swss enable */
  char *restore_count;      /* owned, nullable: WARM_RESTART_TABLE|portsyncd restore_count */
  char *warm_state;         /* owned, nullable: …, state */
  gboolean config_done_live, config_done_staged; /* PortConfigDone in APPL_DB */
  /* Ports whose rows in STATE_DB have `state`; owned, nullable: not asked. */
  GPtrArray *rows;
  gboolean rows_live;       /* ... and at least one has a device that lives */
  const PsLifeRecord *life; /* not owned, nullable: of this same life only */
  gboolean adopt;           /* configuration: old_interfaces = adopt */
} PsEvidence;

typedef struct {
  PsStartMode mode;
  gboolean copy;         /* Copy CONFIG_DB and set PortConfigDone. */
  gboolean ignore_old;   /* Devices that exist now are of an earlier run: take them down. */
  gboolean waits;        /* ... but not before CONFIG_DB is loaded: this may be a DPU. */
  guint64 restore_count; /* To be written. */
  gboolean no_count;     /* Warm was asked for, but restore_count is missing: not warm. */
  gboolean bad_count;    /* restore_count is no number; it counts as 0. */
  PsWarmState found;     /* The state that an earlier process left; NONE in a warm start. */
} PsStart;

/* Copies the texts, not the life record. ps_evidence_clear frees them. */
void ps_evidence_copy (PsEvidence *to, const PsEvidence *from);
void ps_evidence_clear (PsEvidence *self);

PsStart ps_start_decide (const PsEvidence *evidence);

/* What a process finds outside Redis. */
typedef struct {
  const PsLifeRecord *life; /* nullable: of this kernel */
  PsLifeWhose whose;
  const PsConfig *config;
  gboolean (*is_living) (const char *port, gpointer user_data); /* The kernel has its device. */
  gpointer user_data;
} PsSurroundings;

/* Completes what was read in Redis by the rest, and decides. The daemon and --print-start-mode both
 * come here, so that they cannot differ. */
PsStart ps_start_weigh (PsEvidence *evidence, const PsSurroundings *around);
const char *ps_start_mode_name (PsStartMode mode);

/* One line: what was decided, and on what grounds. Free with g_free. */
char *ps_start_explain (const PsStart *start, const PsEvidence *evidence);

/* Reads the part of the evidence that is in Redis; the rows of STATE_DB only if no record tells
 * whose life this is, and something may hang on them. done: exactly once; unless outcome is
 * PS_APPLIED, the evidence is incomplete: a refusal, if there was one, else a connection broke. The
 * reader is freed after done, or after the store was stopped. */
typedef struct _PsEvidenceReader PsEvidenceReader;
typedef void (*PsEvidenceDone) (const PsOutcome *outcome, const PsEvidence *evidence,
                                gpointer user_data);

PsEvidenceReader *
ps_evidence_read (PsStore *store, PsLifeWhose whose, PsEvidenceDone done, gpointer user_data);
void ps_evidence_reader_free (PsEvidenceReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsEvidenceReader, ps_evidence_reader_free)
G_END_DECLS

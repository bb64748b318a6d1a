/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a start to its end: WARM_RESTART_TABLE|portsyncd goes from initialized over restored
 * to reconciled, by what was read, written and announced. A start of another mode says when it is
 * reconciled, too. */
#pragma once
#include "engine/members.h"
#include "start/start.h"
G_BEGIN_DECLS

typedef struct _PsWarmStart PsWarmStart;

/* members must outlive it. */
PsWarmStart *ps_warm_start_new (const PsMembers *members);
void ps_warm_start_free (PsWarmStart *self);

/* The start is decided, of whatever mode. */
void ps_warm_start_begin (PsWarmStart *self, const PsStart *start, const PsEvidence *evidence);

/* A state may be due. */
void ps_warm_start_check (PsWarmStart *self);

/* Writes what of the row was not written yet. */
void ps_warm_start_write (PsWarmStart *self);

/* It is not reconciled, and the time in which it must be is not up. */
gboolean ps_warm_start_is_under_way (const PsWarmStart *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsWarmStart, ps_warm_start_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* Says which names of CONFIG_DB PORT are no ports' names: a line for each kind after a reading, and
 * only if that is not what was said last. */
#pragma once
#include "base/log.h"
#include "core/batch.h"
#include "core/port-name.h"
G_BEGIN_DECLS

#define PS_ODD_NAMES_IN_LINE 5  /* The others are counted. */
#define PS_ODD_NAME_BYTES    32 /* Of a name, as far as it is shown. */

typedef struct _PsOddNames PsOddNames;

PsOddNames *ps_odd_names_new (PsLog *log);
void ps_odd_names_free (PsOddNames *self);

/* A reading begins, meets a name that is not PS_NAME_PORT, and is over. */
void ps_odd_names_begin (PsOddNames *self);
void ps_odd_names_note (PsOddNames *self, PsNameKind kind, const PsText *name);
void ps_odd_names_tell (PsOddNames *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsOddNames, ps_odd_names_free)
G_END_DECLS

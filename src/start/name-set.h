/* SPDX-License-Identifier: Apache-2.0 */
/* The names that one reading found. Those of ports in the table are marks in the ports, the others
 * are kept as text, so that a hundred thousand ports cost nothing. Owner of `named` in PsPort. */
#pragma once
#include "core/batch.h"
#include "mirror/port-table.h"
G_BEGIN_DECLS

typedef struct _PsNameSet PsNameSet;

/* id: one set of each lives at a time. table must outlive it. */
PsNameSet *ps_name_set_new (PsPortTable *table, PsNameSetId id);
void ps_name_set_free (PsNameSet *self);

void ps_name_set_clear (PsNameSet *self);
void ps_name_set_add (PsNameSet *self, const PsText *name);

/* A port that came to the table after its name was added is one of it from now on. To be called
 * before two sets are compared. */
void ps_name_set_settle (PsNameSet *self);

gboolean ps_name_set_has_port (const PsNameSet *self, const PsPort *port);
guint ps_name_set_size (const PsNameSet *self);

/* Names that both sets hold. */
guint ps_name_set_n_common (const PsNameSet *self, const PsNameSet *other);

/* The names (char *) that are no ports of the table; they may be removed. Owned by the set. */
GHashTable *ps_name_set_others (const PsNameSet *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsNameSet, ps_name_set_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* A list of texts in one buffer; as a set, it takes each text once. */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

typedef struct _PsKeyList PsKeyList;

PsKeyList *ps_key_list_new (void);
void ps_key_list_free (PsKeyList *self);

void ps_key_list_append (PsKeyList *self, PsText key);

/* FALSE if the text is in the list. All texts must have been added by this function. */
gboolean ps_key_list_add_new (PsKeyList *self, PsText key);

guint ps_key_list_length (const PsKeyList *self);

/* Valid until the list is changed; followed by a NUL. */
PsText ps_key_list_get (const PsKeyList *self, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsKeyList, ps_key_list_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* A list of texts in one buffer; as a set, it takes each text once. */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

typedef struct _PsRedisKeyList PsRedisKeyList;

PsRedisKeyList *ps_redis_key_list_new (void);
void ps_redis_key_list_free (PsRedisKeyList *self);

void ps_redis_key_list_append (PsRedisKeyList *self, PsText key);

/* FALSE if the text is in the list. All texts must have been added by this function. */
gboolean ps_redis_key_list_add_new (PsRedisKeyList *self, PsText key);

guint ps_redis_key_list_length (const PsRedisKeyList *self);

/* Valid until the list is changed; followed by a NUL. */
PsText ps_redis_key_list_get (const PsRedisKeyList *self, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRedisKeyList, ps_redis_key_list_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* What a memory store is told to refuse: by database and whole key, a number of times. */
#pragma once
#include "core/store.h"
G_BEGIN_DECLS

typedef struct {
  PsDb db;
  char *key; /* owned; "*": every key; "VERB KEY": for that operation only; "EXISTS" */
  PsRefusal refusal;
  char *text; /* owned */
  guint n_left;
} PsRefusalEntry;

/* A list of them; free with g_ptr_array_unref. */
GPtrArray *ps_refusal_list_new (void);
void ps_refusal_list_add (GPtrArray *self, PsDb db, const char *key, PsRefusal refusal,
                          const char *text, guint n_times);

/* TRUE if the operation is refused this time; *out_text is for g_free. */
gboolean ps_refusal_list_take (GPtrArray *self, PsDb db, const char *verb, const char *key,
                               PsRefusal *out_refusal, char **out_text);
G_END_DECLS

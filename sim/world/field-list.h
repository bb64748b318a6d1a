/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and fields that are owned: copies of those that others lend for a call. */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

PsText ps_sim_text_copy (PsText text);
void ps_sim_text_free (PsText text);

/* An array of PsField whose texts it owns. */
GArray *ps_sim_field_list_new (void);
void ps_sim_field_list_add (GArray *self, const PsField *fields, gsize n_fields);
G_END_DECLS

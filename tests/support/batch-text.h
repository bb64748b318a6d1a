/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of a batch said in words, for tests. */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

/* "PUT TABLE KEY f=v f=v", "ADD TABLE KEY f=v", "DELETE TABLE KEY", "PRODUCE TABLE KEY f=v" or
 * "CORRECT TABLE KEY f=old f=new". */
void ps_batch_add_text (PsBatch *self, const char *op);
G_END_DECLS

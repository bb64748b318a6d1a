/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/batch-text.h"

void
ps_batch_add_text (PsBatch *self, const char *op)
{
  g_auto (GStrv) words = g_strsplit (op, " ", -1);
  PsOpType type = g_str_equal (words[0], "PUT")       ? PS_OP_PUT
                  : g_str_equal (words[0], "DELETE")  ? PS_OP_DELETE
                  : g_str_equal (words[0], "CORRECT") ? PS_OP_CORRECT
                  : g_str_equal (words[0], "ADD")     ? PS_OP_ADD
                                                      : PS_OP_PRODUCE;
  ps_batch_op (self, type, words[1], ps_text (words[2]));
  for (guint i = 3; words[i] != NULL; i++) {
    g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);
    ps_batch_field (self, ps_text (pair[0]), ps_text (pair[1]));
  }
}

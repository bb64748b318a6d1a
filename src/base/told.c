/* SPDX-License-Identifier: Apache-2.0 */
#include "base/told.h"

gboolean
ps_told_is_due (const PsTold *self, gint64 now_us)
{
  return !self->ever || now_us - self->at_us >= PS_TOLD_EVERY_US;
}

gboolean
ps_told_take (PsTold *self, gint64 now_us)
{
  if (!ps_told_is_due (self, now_us))
    return FALSE;
  *self = (PsTold){TRUE, now_us};
  return TRUE;
}

gboolean
ps_told_is_news (char **told, const char *text)
{
  if (g_strcmp0 (*told, text) == 0)
    return FALSE;
  char *past = *told;
  *told = g_strdup (text);
  g_free (past);
  return TRUE;
}

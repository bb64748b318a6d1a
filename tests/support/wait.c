/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/wait.h"

gboolean
ps_wait_until (PsCondition condition, gpointer user_data, guint timeout_ms)
{
  gint64 end_us = g_get_monotonic_time () + (gint64)timeout_ms * 1000;
  gulong pause_us = 1000;
  while (!condition (user_data)) {
    if (g_get_monotonic_time () >= end_us)
      return condition (user_data);
    g_usleep (pause_us);
    pause_us = MIN (pause_us + 500, 20000);
  }
  return TRUE;
}

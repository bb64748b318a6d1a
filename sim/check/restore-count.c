/* SPDX-License-Identifier: Apache-2.0 */
/* restore_count is one more than before after a warm start, 0 after another, and is not forgotten.
 */
#include "sim/check/invariants.h"
#include "sim/check/process.h"
#include "sim/check/write.h"

static void
judge_count (PsInvariant *check, const char *count)
{
  const PsFacts *facts = check->facts;
  const char *found = facts->warm.count_before;
  guint64 before = 0, now;
  if (found != NULL)
    (void)g_ascii_string_to_unsigned (found, 10, 0, G_MAXUINT64 - 1, &before, NULL);
  guint64 wanted = facts->process.start.mode == PS_START_WARM ? before + 1 : 0;
  if (g_ascii_string_to_unsigned (count, 10, 0, G_MAXUINT64, &now, NULL) && now == wanted)
    return;
  ps_breach (check, g_strdup_printf ("restore_count %" G_GUINT64_FORMAT, wanted), g_strdup (count));
}

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  const char *count = ps_write_value_of (write, PS_FIELD_RESTORE_COUNT);
  if (!ps_write_is_warm_row (write) || !ps_facts_is_its_own (check->facts, write))
    return;
  if (check->facts->warm.count_owed && count == NULL)
    ps_breach (check, g_strdup ("restore_count, with what is written over a row that was deleted"),
               g_strdup ("none"));
  if (count != NULL)
    judge_count (check, count);
}

const PsInvariantType ps_invariant_restore_count = {
    .name = "restore-count",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .write = on_write,
};

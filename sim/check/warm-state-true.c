/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a warm start says what is true. */
#include "sim/check/invariants.h"
#include "sim/check/markers.h"
#include "sim/check/process.h"
#include "sim/check/warm.h"
#include "sim/check/write.h"

static gboolean
is_forced (const PsFacts *facts)
{
  return ps_sim_world_now_us (facts->world) - facts->process.decided_us >=
         ps_sim_world_eoiu_timeout_us (facts->world);
}

/* A link that stands as it did when the start was decided; no other client touched its row. */
static gboolean
is_steady (const PsFacts *facts, const PsTruthPort *port)
{
  return ps_truth_now (port)->event <= facts->process.decided_event && !port->touched;
}

/* The row is awaited, or its live row was there all the time. */
static gboolean
is_written (const PsFacts *facts, const char *name)
{
  g_autofree char *key = g_strconcat (PS_SEEN_LIVE_KEY, name, NULL);
  if (g_hash_table_contains (facts->warm.live, name) &&
      ps_sim_redis_exists (facts->redis, PS_SIM_APPL_DB, key))
    return TRUE;
  return g_hash_table_contains (facts->config.awaited, name) &&
         !g_hash_table_contains (facts->markers.precleared, name);
}

/* What is wrong with the row of a link that stands still; NULL: nothing that is known of. */
static char *
wrong_row (const PsFacts *facts, const PsTruthPort *port)
{
  guint64 wanted = ps_truth_now (port)->value;
  gboolean absent = wanted == PS_TRUTH_ABSENT;
  if (!is_steady (facts, port) || port->row_value == wanted ||
      (!absent && !is_written (facts, port->name)))
    return NULL;
  return g_strdup_printf ("the row of %s is %s", port->name,
                          absent ? "there, and no device" : "not that of its device");
}

static char *
first_wrong_row (const PsFacts *facts)
{
  char *wrong = NULL;
  for (guint i = 0; wrong == NULL && i < ps_truth_length (facts->truth); i++)
    wrong = wrong_row (facts, ps_truth_nth (facts->truth, i));
  return wrong;
}

/* By this process, or it stands there: one before may have announced it in its last moment. */
static gboolean
is_announced (const PsFacts *facts)
{
  return facts->markers.init_done ||
         ps_sim_redis_exists (facts->redis, PS_SIM_APPL_DB, PS_SEEN_LIVE_KEY PS_KEY_INIT_DONE) ||
         ps_sim_redis_exists (facts->redis, PS_SIM_APPL_DB, "_" PS_SEEN_LIVE_KEY PS_KEY_INIT_DONE);
}

/* Why reconciled is not true; NULL: it may be. */
static char *
why_not_reconciled (const PsFacts *facts)
{
  if (!facts->process.listed)
    return g_strdup ("the links were never listed to the end");
  if (!ps_facts_is_warm_open (facts) && !is_announced (facts))
    return g_strdup (PS_KEY_INIT_DONE " was not announced");
  if (facts->config.awaited == NULL)
    return g_strdup ("the configuration is not known");
  g_autofree char *name = ps_facts_first_not_published (facts);
  if (name != NULL)
    return g_strdup_printf ("%s was not published", name);
  return ps_facts_is_lossy (facts) ? NULL : first_wrong_row (facts);
}

/* Of the rows that stood, the first that was not read. */
static char *
why_not_restored (const PsFacts *facts)
{
  for (guint i = 0; i < ps_truth_length (facts->truth); i++) {
    const PsTruthPort *port = ps_truth_nth (facts->truth, i);
    if (ps_facts_is_unread (facts, port))
      return g_strdup_printf ("the row of %s was not read", port->name);
  }
  return NULL;
}

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  const PsFacts *facts = check->facts;
  const char *text = ps_write_value_of (write, PS_FIELD_STATE);
  char *wrong = NULL;
  if (text == NULL || !ps_write_is_warm_row (write) || !ps_facts_is_its_own (facts, write) ||
      (ps_facts_is_warm_open (facts) && is_forced (facts)))
    return;
  PsWarmSeen state = ps_warm_seen_parse (text);
  if (state == PS_WARM_SEEN_RESTORED || state == PS_WARM_SEEN_RECONCILED)
    wrong = why_not_restored (facts);
  if (wrong == NULL && state == PS_WARM_SEEN_RECONCILED)
    wrong = why_not_reconciled (facts);
  if (wrong != NULL)
    ps_breach (check,
               g_strdup_printf ("%s when it is true, or time is over", ps_warm_seen_name (state)),
               wrong);
}

const PsInvariantType ps_invariant_warm_state_true = {
    .name = "warm-state-true",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .write = on_write,
};

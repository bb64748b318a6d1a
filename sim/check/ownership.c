/* SPDX-License-Identifier: Apache-2.0 */
/* We write our own fields and keys, and nothing else in any database. */
#include "sim/check/invariants.h"
#include "sim/check/markers.h"
#include "sim/check/write.h"
#include <string.h>

#define LOGGER_KEY   PS_TABLE_LOGGER "|" PS_KEY_PORTSYNCD
#define CHANNEL_NAME "PORT_TABLE_CHANNEL@0"

static void
judge (PsInvariant *check, const PsSimRedisWrite *write, gboolean is_ours, const char *expected)
{
  if (!is_ours)
    ps_breach (check, g_strdup (expected),
               g_strdup_printf ("%s %s in database %u%s%s", write->verb, write->key.data, write->db,
                                write->n_fields > 0 ? ", first field " : "",
                                write->n_fields > 0 ? write->fields[0].name.data : ""));
}

/* What is no hash may be deleted where our row belongs. A name that is no port's is told by
 * known-ports. */
static void
judge_state (PsInvariant *check, const PsSimRedisWrite *write)
{
  const char *name = ps_write_key_after (write, PS_SEEN_STATE_KEY);
  if (name != NULL && !ps_truth_is_port_name (name, strlen (name)))
    return;
  if (name != NULL) {
    judge (check, write, ps_write_port_row (write) != NULL, "HSET of our four fields, or DEL");
    return;
  }
  gboolean repairs = ps_write_is_key (write, PS_SEEN_RESTORE_KEY) &&
                     ps_write_is_verb (write, "DEL") && check->facts->warm.row_spoiled;
  judge (check, write, ps_write_is_warm_row (write) || repairs,
         "in STATE_DB PORT_TABLE and our WARM_RESTART_TABLE row only");
}

static void
judge_appl (PsInvariant *check, const PsSimRedisWrite *write)
{
  gboolean stages = ps_write_key_after (write, PS_SEEN_STAGED_KEY) != NULL;
  gboolean queues = ps_write_is_key (write, PS_KEY_SET);
  gboolean producer =
      (stages && ps_write_is_verb (write, "HSET")) ||
      (queues && (ps_write_is_verb (write, "SADD") || ps_write_is_verb (write, "SREM"))) ||
      (ps_write_is_key (write, CHANNEL_NAME) && ps_write_is_verb (write, "PUBLISH"));
  judge (check, write, producer || ps_facts_corrected_count (check->facts, write) != NULL,
         "in APPL_DB the producer's SET, or the count of a live marker");
}

static void
judge_config (PsInvariant *check, const PsSimRedisWrite *write)
{
  static const char *const logger[] = {PS_FIELD_LOGLEVEL, PS_FIELD_LOGOUTPUT, NULL};
  judge (check, write,
         ps_write_is_key (write, LOGGER_KEY) && ps_write_is_verb (write, "HSET") &&
             ps_write_has_only (write, logger),
         "in CONFIG_DB our LOGGER row only");
}

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  if (write->db == PS_SIM_STATE_DB)
    judge_state (check, write);
  else if (write->db == PS_SIM_APPL_DB)
    judge_appl (check, write);
  else if (write->db == PS_SIM_CONFIG_DB)
    judge_config (check, write);
  else
    judge (check, write, FALSE, "in APPL_DB, CONFIG_DB and STATE_DB only");
}

const PsInvariantType ps_invariant_ownership = {
    .name = "ownership",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .write = on_write,
};

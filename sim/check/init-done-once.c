/* SPDX-License-Identifier: Apache-2.0 */
/* PortInitDone is produced once a process, and again only when APPL_DB lost it. */
#include "sim/check/invariants.h"
#include "sim/check/write.h"

/* Who connected before it was lost cannot know that: `swss.sh stop` deletes it for good. */
static gboolean
may_announce_again (const PsMarkerFacts *markers, guint64 connection)
{
  return markers->init_lost && connection > markers->init_lost_at;
}

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  const PsFacts *facts = check->facts;
  if (!ps_write_stages (write, PS_KEY_INIT_DONE) ||
      write->connection < facts->process.first_connection)
    return;
  if (facts->markers.init_done && !may_announce_again (&facts->markers, write->connection))
    ps_breach (check,
               g_strdup (PS_KEY_INIT_DONE " once a process, and again only by a connection made "
                                          "after it was lost"),
               g_strdup ("it was produced again"));
}

const PsInvariantType ps_invariant_init_done_once = {
    .name = "init-done-once",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .write = on_write,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* PortConfigDone comes behind every port, and with many ports behind an empty queue. */
#include "sim/check/invariants.h"
#include "sim/check/config.h"
#include "start/markers.h"
#include "sim/check/write.h"
#include <string.h>

/* The end of the producer's call for PortConfigDone, as it stands on the wire. */
static const char marker_call[] = PS_KEY_CONFIG_DONE "\r\n$1\r\n1\r\n$5\r\n" PS_FIELD_COUNT "\r\n";

static const char *
first_not_produced (const PsFacts *facts, GPtrArray *names, guint64 connection)
{
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    const PsTruthPort *port = ps_truth_find (facts->truth, name);
    if (port == NULL || port->staged_connection == 0 || port->staged_connection != connection)
      return name;
  }
  return NULL;
}

/* The configuration stood still since the daemon connected: it must have copied all of it. */
static void
judge_order (PsInvariant *check, GPtrArray *names, guint64 connection, const char *when)
{
  const PsFacts *facts = check->facts;
  const char *name = facts->config.changed ? NULL : first_not_produced (facts, names, connection);
  if (name != NULL)
    ps_breach (
        check,
        g_strdup ("every port's SET acknowledged on this connection before " PS_KEY_CONFIG_DONE),
        g_strdup_printf ("%s was not produced when the marker was %s", name, when));
}

static const char *
first_queued (const PsFacts *facts, GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    if (ps_sim_redis_sismember (facts->redis, PS_SIM_APPL_DB, PS_KEY_SET, names->pdata[i]))
      return g_ptr_array_index (names, i);
  return NULL;
}

/* Pops take at most 128 keys on some switches, at random: the marker could come out first. */
static void
judge_queue (PsInvariant *check, GPtrArray *names)
{
  const PsFacts *facts = check->facts;
  gint64 now_us = ps_sim_world_now_us (facts->world);
  if (names->len <= PS_MARKERS_QUEUE_MAX ||
      now_us - facts->markers.foreign_queued_us < G_USEC_PER_SEC)
    return;
  const char *name = first_queued (facts, names);
  if (name != NULL)
    ps_breach (
        check,
        g_strdup_printf ("%u ports taken from the queue before " PS_KEY_CONFIG_DONE, names->len),
        g_strdup_printf ("%s is still queued", name));
}

static void
on_bytes (PsInvariant *check, guint channel, PsSimTapEvent event, const guint8 *bytes,
          gsize n_bytes)
{
  const PsMarkerFacts *markers = &check->facts->markers;
  if (event != PS_SIM_TAP_WRITTEN || channel != PS_DB_APPL || markers->config_done ||
      memmem (bytes, n_bytes, marker_call, sizeof marker_call - 1) == NULL)
    return;
  g_autoptr (GPtrArray) names = ps_facts_configured (check->facts);
  judge_order (check, names, markers->connection, "sent");
}

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  if (!ps_write_stages (write, PS_KEY_CONFIG_DONE) ||
      write->connection < check->facts->process.first_connection)
    return;
  g_autoptr (GPtrArray) names = ps_facts_configured (check->facts);
  judge_order (check, names, write->connection, "applied");
  judge_queue (check, names);
}

const PsInvariantType ps_invariant_config_done_order = {
    .name = "config-done-order",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .bytes = on_bytes,
    .write = on_write,
};

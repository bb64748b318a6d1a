/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the disk that holds the life record. */
#include "sim/run/verb.h"

static PsSimDisk *
disk_of (const PsVerbCall *call)
{
  return ps_sim_world_disk (call->world);
}

static gboolean
apply_latency (const PsVerbCall *call)
{
  ps_sim_disk_set_latency_us (disk_of (call), call->values[0]);
  return TRUE;
}

static void
heal_latency (const PsVerbCall *call)
{
  ps_sim_disk_set_latency_us (disk_of (call), 0);
}

static gboolean
apply_stall (const PsVerbCall *call)
{
  ps_sim_disk_stall (disk_of (call), TRUE);
  return TRUE;
}

static void
heal_stall (const PsVerbCall *call)
{
  ps_sim_disk_stall (disk_of (call), FALSE);
}

static guint64
met_slow (const PsVerbCall *call)
{
  return ps_sim_disk_n_slow (disk_of (call));
}

static gboolean
apply_full (const PsVerbCall *call)
{
  ps_sim_disk_fill (disk_of (call), TRUE);
  return TRUE;
}

static void
heal_full (const PsVerbCall *call)
{
  ps_sim_disk_fill (disk_of (call), FALSE);
}

static guint64
met_full (const PsVerbCall *call)
{
  return ps_sim_disk_n_full (disk_of (call));
}

const PsVerb ps_verbs_disk[] = {
    {"disk.latency",
     "A write of the life record takes so long.",
     0,
     0,
     FALSE,
     TRUE,
     {{.name = "latency",
       .type = PS_PARAM_DURATION,
       .what = "of each write",
       .max = 3600 * (gint64)G_USEC_PER_SEC}},
     apply_latency,
     heal_latency,
     met_slow},
    {"disk.stall",
     "No write of the life record ends before \"for\" is over.",
     0,
     0,
     TRUE,
     TRUE,
     {{0}},
     apply_stall,
     heal_stall,
     met_slow},
    {"disk.full",
     "There is no room for the life record.",
     0,
     0,
     TRUE,
     TRUE,
     {{0}},
     apply_full,
     heal_full,
     met_full},
    {0},
};

/* SPDX-License-Identifier: Apache-2.0 */
/* The host of a simulated process: the life record is on a simulated disk, signals are sent by the
 * world. */
#pragma once
#include "core/host.h"
#include "sim/world/disk.h"
G_BEGIN_DECLS

#define PS_TYPE_SIM_HOST (ps_sim_host_get_type ())
G_DECLARE_FINAL_TYPE (PsSimHost, ps_sim_host, PS, SIM_HOST, GObject)

/* disk and identity must outlive it. */
PsSimHost *ps_sim_host_new (PsClock *clock, PsSimDisk *disk, const PsLifeIdentity *identity,
                            const PsHostSeeds *seeds);

/* SIGTERM. */
void ps_sim_host_terminate (PsSimHost *self);

/* The process is over, with this exit code; 128 and the number of the signal if it would have ended
 * by one. */
gboolean ps_sim_host_has_ended (const PsSimHost *self, int *out_exit_code);
G_END_DECLS

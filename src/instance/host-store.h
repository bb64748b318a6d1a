/* SPDX-License-Identifier: Apache-2.0 */
/* The store that a configuration asks for, with the host's secrets and random numbers. */
#pragma once
#include "backends/redis/store.h"
#include "core/config.h"
#include "core/host.h"
G_BEGIN_DECLS

/* Where the databases are is for the caller to tell it (ps_redis_store_place), once. host, log and
 * config must outlive it. */
PsRedisStore *ps_host_store_new (PsHost *host, PsClock *clock, PsLog *log, const PsConfig *config);
G_END_DECLS

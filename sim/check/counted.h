/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that a count of PortConfigDone speaks of. */
#pragma once
#include "sim/check/facts.h"
G_BEGIN_DECLS

/* The names of the live rows, sorted, without the markers. Free with g_ptr_array_unref. */
GPtrArray *ps_counted_live (const PsFacts *facts);
/* Likewise those of CONFIG_DB; names that no netdev can have are not produced by us: they count if
 * they are live all the same. */
GPtrArray *ps_counted_configured (const PsFacts *facts, GPtrArray *live);
G_END_DECLS

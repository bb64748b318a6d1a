/* SPDX-License-Identifier: Apache-2.0 */
/* CONFIG_DB as it stood whenever it said that it is loaded (decision 0016), and the ports that the
 * process knows. */
#pragma once
#include "sim/check/facts.h"
G_BEGIN_DECLS

void ps_config_facts_begin (PsFacts *self);
void ps_config_facts_clear (PsFacts *self);
void ps_config_facts_foreign (PsFacts *self, const PsSimRedisWrite *write);
void ps_config_facts_step (PsFacts *self);
/* The configured ports that were read are awaited from now on. */
void ps_config_facts_await (PsFacts *self);

gboolean ps_facts_says_loaded (const PsFacts *self);
/* A name of CONFIG_DB that is produced: one that a netdev can have, and no marker. */
gboolean ps_facts_is_copyable (const char *name);
/* The names of CONFIG_DB's ports that a producer can stage, sorted. Free with g_ptr_array_unref. */
GPtrArray *ps_facts_configured (const PsFacts *self);
guint
ps_facts_count_producible (const PsFacts *self); /* likewise, whatever a netdev may be called */
/* NULL, or why a marker or a count of at most `most` is not of a loaded CONFIG_DB (count NULL:
 * any). Free both texts with g_free. */
char *
ps_facts_why_not_loaded (const PsFacts *self, const char *count, guint most, char **out_expected);
G_END_DECLS

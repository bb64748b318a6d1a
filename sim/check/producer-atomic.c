/* SPDX-License-Identifier: Apache-2.0 */
/* After each command a queued key has its fields staged, and PUBLISH came exactly when a key was
 * queued. A consumer may pop between any two commands, never within one: what it would find counts.
 */
#include "sim/check/invariants.h"
#include "sim/check/write.h"
#include <string.h>

typedef struct {
  PsInvariant check;
  guint64 command; /* whose effects are being told: */
  guint n_queued, n_published;
  GPtrArray *queued; /* owned; of owned char * */
} PsProducerAtomic;

static void
on_init (PsInvariant *check)
{
  PsProducerAtomic *self = (PsProducerAtomic *)check;
  self->queued = g_ptr_array_new_with_free_func (g_free);
}

static void
on_clear (PsInvariant *check)
{
  PsProducerAtomic *self = (PsProducerAtomic *)check;
  g_ptr_array_unref (self->queued);
}

static void
judge_fields (PsProducerAtomic *self, const char *name)
{
  PsSimRedis *redis = self->check.facts->redis;
  g_autofree char *key = g_strconcat (PS_SEEN_STAGED_KEY, name, NULL);
  if (ps_sim_redis_sismember (redis, PS_SIM_APPL_DB, PS_KEY_SET, name) &&
      !ps_sim_redis_exists (redis, PS_SIM_APPL_DB, key))
    ps_breach (&self->check, g_strdup ("fields staged for each queued key"),
               g_strdup_printf ("%s has none", name));
}

/* The command is over. */
static void
on_step (PsInvariant *check)
{
  PsProducerAtomic *self = (PsProducerAtomic *)check;
  if ((self->n_published > 0) != (self->n_queued > 0))
    ps_breach (check, g_strdup ("PUBLISH exactly when a key was queued"),
               g_strdup_printf ("%u keys, %u PUBLISH", self->n_queued, self->n_published));
  for (guint i = 0; i < self->queued->len; i++)
    judge_fields (self, g_ptr_array_index (self->queued, i));
  self->n_queued = self->n_published = 0;
  g_ptr_array_set_size (self->queued, 0);
}

static void
unqueue (PsProducerAtomic *self, const char *name)
{
  for (guint i = 0; i < self->queued->len; i++)
    if (strcmp (g_ptr_array_index (self->queued, i), name) == 0) {
      g_ptr_array_remove_index (self->queued, i);
      self->n_queued--;
      return;
    }
}

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  PsProducerAtomic *self = (PsProducerAtomic *)check;
  if (write->command != self->command)
    on_step (check);
  self->command = write->command;
  if (write->db != PS_SIM_APPL_DB)
    return;
  gboolean is_queue = ps_write_is_key (write, PS_KEY_SET);
  for (gsize i = 0; is_queue && i < write->n_fields; i++) {
    if (ps_write_is_verb (write, "SADD")) {
      g_ptr_array_add (self->queued, g_strdup (write->fields[i].name.data));
      self->n_queued++;
    } else if (ps_write_is_verb (write, "SREM")) {
      unqueue (self, write->fields[i].name.data);
    }
  }
  self->n_published += ps_write_is_verb (write, "PUBLISH");
}

const PsInvariantType ps_invariant_producer_atomic = {
    .name = "producer-atomic",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsProducerAtomic),
    .init = on_init,
    .clear = on_clear,
    .step = on_step,
    .write = on_write,
};

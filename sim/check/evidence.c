/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/evidence.h"
#include "sim/check/config.h"
#include "sim/check/write.h"

#define METADATA_KEY PS_TABLE_METADATA "|" PS_KEY_LOCALHOST

static gboolean
holds (const PsFacts *self, guint db, const char *key, const char *field, const char *value)
{
  return g_strcmp0 (ps_sim_redis_hget (self->redis, db, key, field), value) == 0;
}

static gboolean
has_fields (const PsFacts *self, const char *key)
{
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (self->redis, PS_SIM_APPL_DB, key);
  return fields->len > 0;
}

static gboolean
is_warm_asked (const PsFacts *self)
{
  const char *count =
      ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, PS_SEEN_RESTORE_KEY, PS_FIELD_RESTORE_COUNT);
  gboolean asked = holds (self, PS_SIM_STATE_DB, PS_TABLE_WARM_ENABLE "|" PS_KEY_SYSTEM,
                          PS_FIELD_ENABLE, PS_VALUE_TRUE) ||
                   holds (self, PS_SIM_STATE_DB, PS_TABLE_WARM_ENABLE "|" PS_KEY_SWSS,
                          PS_FIELD_ENABLE, PS_VALUE_TRUE);
  return asked && count != NULL && count[0] != '\0';
}

/* A row of STATE_DB whose device the kernel has. */
static gboolean
has_living_row (const PsFacts *self)
{
  for (guint i = 0; i < ps_sim_kernel_length (self->kernel); i++) {
    const char *name = ps_sim_kernel_nth (self->kernel, i)->name;
    g_autofree char *key = g_strconcat (PS_TABLE_PORT_TABLE "|", name, NULL);
    if (holds (self, PS_SIM_STATE_DB, key, PS_FIELD_STATE, PS_VALUE_OK))
      return TRUE;
  }
  return FALSE;
}

static PsStart
wanted_start (const PsFacts *self, gboolean copied)
{
  const PsEvidenceFacts *evidence = &self->evidence;
  gboolean live = has_fields (self, PS_TABLE_PORT_TABLE ":" PS_KEY_CONFIG_DONE);
  gboolean staged = has_fields (self, PS_TABLE_PORT_STAGED ":" PS_KEY_CONFIG_DONE);
  gboolean dpu = holds (self, PS_SIM_CONFIG_DB, METADATA_KEY, PS_FIELD_SWITCH_TYPE, PS_VALUE_DPU);
  gboolean resumes = evidence->has_record && (!copied || live || staged);
  if (!evidence->has_record && !evidence->record_tells)
    resumes = live && has_living_row (self);
  if (is_warm_asked (self))
    return (PsStart){.mode = PS_START_WARM, .copy = !live};
  if (resumes)
    return (PsStart){.mode = PS_START_RESUME, .copy = TRUE};
  return (PsStart){.mode = PS_START_COLD,
                   .copy = TRUE,
                   .ignore_old = !dpu && !ps_sim_world_options (self->world)->adopt};
}

/* Before CONFIG_DB is loaded, a cold start that would take links down does not know whether this is
 * a DPU. */
gboolean
ps_facts_start_may_wait (const PsFacts *self)
{
  gboolean copied = self->evidence.record_copied != PS_KNOWN_NO;
  return wanted_start (self, copied).ignore_old && !ps_facts_says_loaded (self) &&
         ps_sim_redis_hget (self->redis, PS_SIM_CONFIG_DB, METADATA_KEY, PS_FIELD_SWITCH_TYPE) ==
             NULL;
}

gboolean
ps_start_is_same (const PsStart *a, const PsStart *b)
{
  return a->mode == b->mode && a->copy == b->copy && a->ignore_old == b->ignore_old;
}

/* The account says whose record it is and what stands in it; damage may have hidden that. */
static void
read_record (PsFacts *self)
{
  PsEvidenceFacts *evidence = &self->evidence;
  const PsAccountFacts *account = &self->account;
  PsSimDisk *disk = ps_sim_world_disk (self->world);
  g_autoptr (GString) written = ps_sim_disk_life_as_written (disk);
  PsRecord *found = evidence->found = ps_record_read (written, ps_sim_disk_life (disk));
  if (found == NULL)
    return;
  gboolean same_boot = account->boot == ps_sim_world_boot (self->world);
  evidence->knows_devices = found->tells_boot && found->tells_netns && same_boot;
  evidence->record_tells = found->tells_boot && found->tells_netns && found->tells_init;
  evidence->has_record =
      evidence->record_tells && same_boot && account->init == ps_sim_world_init (self->world);
  if (evidence->has_record && (!found->is_damaged || found->says_copied))
    evidence->record_copied = account->copied;
  evidence->record_damaged =
      evidence->knows_devices && (found->is_damaged || ps_sim_world_record_is_behind (self->world));
}

/* The record as this process finds it; it is rewritten only when the start was decided. An actor
 * that keeps none is held to what a record would say: whether it is the first of its boot. */
void
ps_evidence_facts_begin (PsFacts *self)
{
  PsEvidenceFacts *evidence = &self->evidence;
  g_clear_pointer (&evidence->found, ps_record_free);
  *evidence = (PsEvidenceFacts){0};
  if (ps_sim_world_options (self->world)->actor == PS_SIM_ACTOR_DAEMON)
    read_record (self);
  else {
    evidence->record_tells = TRUE;
    evidence->has_record = ps_sim_world_n_starts_of_life (self->world) > 1;
    evidence->record_copied = evidence->has_record ? PS_KNOWN_YES : PS_KNOWN_NO;
  }
  evidence->wanted = wanted_start (self, evidence->record_copied == PS_KNOWN_YES);
  ps_evidence_facts_watch (self);
}

/* What changes under its eyes it may have read before or after; nor is it judged by a record that
 * may hold "copied" or not. */
void
ps_evidence_facts_watch (PsFacts *self)
{
  PsStart wanted = wanted_start (self, self->evidence.record_copied != PS_KNOWN_NO);
  self->evidence.changed |= !ps_start_is_same (&wanted, &self->evidence.wanted);
}

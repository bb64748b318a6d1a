/* SPDX-License-Identifier: Apache-2.0 */
/* How a process must start (docs/rules.md 6.2), from what stands in the databases and what was done
 * to the life record; nothing of the daemon's own decision is asked, and none of its parser. */
#include "core/schema.h"
#include "sim/check/check-private.h"

#define RESTORE_KEY  PS_TABLE_WARM_RESTART "|" PS_KEY_PORTSYNCD
#define METADATA_KEY PS_TABLE_METADATA "|" PS_KEY_LOCALHOST

static gboolean
holds (PsCheck *self, guint db, const char *key, const char *field, const char *value)
{
  return g_strcmp0 (ps_sim_redis_hget (self->redis, db, key, field), value) == 0;
}

static gboolean
has_fields (PsCheck *self, const char *key)
{
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (self->redis, PS_SIM_APPL_DB, key);
  return fields->len > 0;
}

static gboolean
is_warm_asked (PsCheck *self)
{
  const char *count =
      ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, RESTORE_KEY, PS_FIELD_RESTORE_COUNT);
  gboolean asked = holds (self, PS_SIM_STATE_DB, PS_TABLE_WARM_ENABLE "|" PS_KEY_SYSTEM,
                          PS_FIELD_ENABLE, PS_VALUE_TRUE) ||
                   holds (self, PS_SIM_STATE_DB, PS_TABLE_WARM_ENABLE "|" PS_KEY_SWSS,
                          PS_FIELD_ENABLE, PS_VALUE_TRUE);
  return asked && count != NULL && count[0] != '\0';
}

/* A row of STATE_DB whose device the kernel has. */
static gboolean
has_living_row (PsCheck *self)
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
wanted_start (PsCheck *self, gboolean copied)
{
  const PsCheckProcess *process = &self->process;
  gboolean live = has_fields (self, PS_TABLE_PORT_TABLE ":" PS_KEY_CONFIG_DONE);
  gboolean staged = has_fields (self, PS_TABLE_PORT_STAGED ":" PS_KEY_CONFIG_DONE);
  gboolean dpu = holds (self, PS_SIM_CONFIG_DB, METADATA_KEY, PS_FIELD_SWITCH_TYPE, PS_VALUE_DPU);
  gboolean resumes = process->has_record && (!copied || live || staged);
  if (!process->has_record && !process->record_tells)
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
ps_check_start_may_wait (PsCheck *self)
{
  gboolean copied = self->process.record_copied != PS_CHECK_NO;
  return wanted_start (self, copied).ignore_old && !ps_check_says_loaded (self) &&
         ps_sim_redis_hget (self->redis, PS_SIM_CONFIG_DB, METADATA_KEY, PS_FIELD_SWITCH_TYPE) ==
             NULL;
}

static gboolean
is_same (const PsStart *a, const PsStart *b)
{
  return a->mode == b->mode && a->copy == b->copy && a->ignore_old == b->ignore_old;
}

static char *
describe (const PsStart *start)
{
  return g_strdup_printf ("a %s start, configuration %s, old devices %s",
                          ps_start_mode_name (start->mode), start->copy ? "copied" : "left",
                          start->ignore_old ? "ignored" : "kept");
}

/* The account says whose record it is and what stands in it; damage may have hidden that. */
static void
read_record (PsCheck *self)
{
  PsCheckProcess *process = &self->process;
  const PsCheckAccount *account = &self->account;
  PsSimDisk *disk = ps_sim_world_disk (self->world);
  g_autoptr (GString) written = ps_sim_disk_life_as_written (disk);
  PsRecord *found = process->found = ps_record_read (written, ps_sim_disk_life (disk));
  if (found == NULL)
    return;
  gboolean same_boot = account->boot == ps_sim_world_boot (self->world);
  process->knows_devices = found->tells_boot && found->tells_netns && same_boot;
  process->record_tells = found->tells_boot && found->tells_netns && found->tells_init;
  process->has_record =
      process->record_tells && same_boot && account->init == ps_sim_world_init (self->world);
  if (process->has_record && (!found->is_damaged || found->says_copied))
    process->record_copied = account->copied;
  process->record_damaged =
      process->knows_devices && (found->is_damaged || ps_sim_world_record_is_behind (self->world));
}

/* The record as this process finds it; it is rewritten only when the start was decided. An actor
 * that keeps none is held to what a record would say: whether it is the first of its boot. */
void
ps_check_begin_decision (PsCheck *self)
{
  PsCheckProcess *process = &self->process;
  if (ps_sim_world_options (self->world)->actor == PS_SIM_ACTOR_DAEMON)
    read_record (self);
  else {
    process->record_tells = TRUE;
    process->has_record = ps_sim_world_n_starts_of_life (self->world) > 1;
    process->record_copied = process->has_record ? PS_CHECK_YES : PS_CHECK_NO;
  }
  process->wanted_start = wanted_start (self, process->record_copied == PS_CHECK_YES);
  ps_check_watch_decision (self);
}

/* What changes under its eyes it may have read before or after; nor is it judged by a record that
 * may hold "copied" or not. */
void
ps_check_watch_decision (PsCheck *self)
{
  PsStart wanted = wanted_start (self, self->process.record_copied != PS_CHECK_NO);
  self->process.evidence_changed |= !is_same (&wanted, &self->process.wanted_start);
}

void
ps_check_judge_decision (PsCheck *self)
{
  const PsCheckProcess *process = &self->process;
  if (!process->evidence_changed && !is_same (&process->wanted_start, &process->start))
    ps_check_fail (self, PS_CHECK_START_DECISION, describe (&process->wanted_start),
                   describe (&process->start));
}

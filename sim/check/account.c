/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/account.h"

/* Whatever the last process wrote stands for everything that it knew when that write began. */
static void
settle (PsAccountFacts *account, guint64 last_written)
{
  if (account->first_write == 0 || last_written < account->first_write)
    return;
  account->boot = account->process_boot;
  account->init = account->process_init;
  account->copied = last_written >= account->says_copied      ? PS_KNOWN_YES
                    : last_written >= account->may_say_copied ? PS_KNOWN_MAYBE
                                                              : PS_KNOWN_NO;
}

void
ps_account_facts_begin (PsFacts *self)
{
  PsAccountFacts *account = &self->account;
  const PsSimDisk *disk = ps_sim_world_disk (self->world);
  settle (account, ps_sim_disk_last_written (disk));
  account->first_write = ps_sim_disk_n_begun (disk) + 1;
  account->says_copied = account->may_say_copied = G_MAXUINT64;
  account->process_boot = ps_sim_world_boot (self->world);
  account->process_init = ps_sim_world_init (self->world);
  account->connection = 0;
}

/* Who leaves the configuration as it is found PortConfigDone; who resumes goes on from what was
 * known, be it by Redis alone. */
static PsKnown
is_copied_before (const PsFacts *self)
{
  if (!self->process.start.copy)
    return PS_KNOWN_YES;
  if (self->process.start.mode != PS_START_RESUME)
    return PS_KNOWN_NO;
  return self->evidence.has_record ? self->evidence.record_copied : PS_KNOWN_YES;
}

void
ps_account_facts_decided (PsFacts *self)
{
  PsAccountFacts *account = &self->account;
  PsKnown copied = is_copied_before (self);
  if (copied != PS_KNOWN_NO)
    account->may_say_copied = account->first_write;
  if (copied == PS_KNOWN_YES)
    account->says_copied = account->first_write;
}

static guint64
next_write (PsFacts *self)
{
  return ps_sim_disk_n_begun (ps_sim_world_disk (self->world)) + 1;
}

void
ps_account_facts_config_done (PsFacts *self, guint64 connection)
{
  PsAccountFacts *account = &self->account;
  account->may_say_copied = MIN (account->may_say_copied, next_write (self));
  account->connection = connection;
  account->errors = ps_sim_redis_counters (self->redis)->errors;
}

/* Its reply may have been an error. */
void
ps_account_facts_step (PsFacts *self)
{
  PsAccountFacts *account = &self->account;
  if (account->connection == 0 || !ps_sim_redis_has_read (self->redis, account->connection))
    return;
  if (ps_sim_redis_counters (self->redis)->errors == account->errors)
    account->says_copied = MIN (account->says_copied, next_write (self));
  account->connection = 0;
}

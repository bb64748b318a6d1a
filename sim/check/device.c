/* SPDX-License-Identifier: Apache-2.0 */
/* A row belongs to a device, not to a name (design 5.4): who enslaves ports acts on the deletion
 * that comes between two devices, though their rows may be equal. */
#include "sim/check/check-private.h"

static guint64
count_errors (PsCheck *self)
{
  return ps_sim_redis_counters (self->redis)->errors;
}

static const PsTruthEntry *
entry (const PsTruthPort *port, guint i)
{
  return &g_array_index (port->entries, PsTruthEntry, i);
}

/* TRUE if a device had the state of the last write then, and this one since. What equal devices
 * cannot be told from is taken for one device. */
static gboolean
can_be_one_device (const PsTruthPort *port, guint64 value)
{
  for (guint i = 0; i < port->entries->len; i++) {
    const PsTruthEntry *before = entry (port, i);
    if (before->value != port->put_value || before->event > port->put_until)
      continue;
    for (guint k = i; k < port->entries->len; k++)
      if (entry (port, k)->value == value && entry (port, k)->ifindex == before->ifindex)
        return TRUE;
  }
  return FALSE;
}

/* On one connection, or the row that was there may not be what was written last; with no error
 * since, or the deletion may have been refused. */
static gboolean
is_clear (PsCheck *self, const PsTruthPort *port, guint64 connection)
{
  return port->put_connection == connection && !port->forgotten && !port->deleted &&
         !port->vanished && port->put_errors == count_errors (self);
}

/* A state that no device had is no-invention's to tell. */
static gboolean
was_so (const PsTruthPort *port, guint64 value)
{
  for (guint i = 0; i < port->entries->len; i++)
    if (entry (port, i)->value == value)
      return TRUE;
  return FALSE;
}

void
ps_check_device_put (PsCheck *self, PsTruthPort *port, guint64 connection, guint64 value)
{
  if (is_clear (self, port, connection) && was_so (port, value) && !can_be_one_device (port, value))
    ps_check_fail (self, PS_CHECK_DELETE_BETWEEN,
                   g_strdup_printf ("%s deleted before it is written for another device, %u",
                                    port->name, ps_truth_now (port)->ifindex),
                   g_strdup_printf ("written over the row of device %u", entry (port, 0)->ifindex));
  port->put_value = value;
  port->put_until = ps_truth_n_events (self->truth);
  port->put_errors = count_errors (self);
  port->vanished = FALSE;
}

void
ps_check_device_vanished (PsCheck *self, const char *name)
{
  for (guint i = 0; name == NULL && i < ps_truth_length (self->truth); i++)
    ps_truth_nth (self->truth, i)->vanished = TRUE;
  if (name != NULL)
    ps_truth_port (self->truth, name)->vanished = TRUE;
}

/* What was written last was acknowledged, and the device at that time is known. */
static gboolean
is_outlived (PsCheck *self, const PsTruthPort *port)
{
  const PsTruthEntry *now = ps_truth_now (port), *then = entry (port, 0);
  return port->put_process == self->process.number && port->put_value == then->value &&
         !port->forgotten && !port->unsure && !port->deleted && !port->vanished &&
         now->value != PS_TRUTH_ABSENT && now->ifindex != then->ifindex &&
         port->gone_event > port->put_until;
}

const PsTruthPort *
ps_check_device_outlived (PsCheck *self)
{
  for (guint i = 0; i < ps_truth_length (self->truth); i++)
    if (is_outlived (self, ps_truth_nth (self->truth, i)))
      return ps_truth_nth (self->truth, i);
  return NULL;
}

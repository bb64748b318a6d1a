/* SPDX-License-Identifier: Apache-2.0 */
/* A row belongs to a device, not to a name (docs/rules.md 2.4): who enslaves ports acts on the
 * deletion that comes between two devices, though their rows may be equal. */
#include "sim/check/check-private.h"

static guint64
count_errors (PsCheck *self)
{
  return ps_sim_redis_counters (self->redis)->errors;
}

/* The row as it was written last stands, and the daemon knows for what device: it was told so, and
 * its record has it. */
static gboolean
is_known (const PsTruthPort *port)
{
  return port->put_device != 0 && !port->unsure && !port->deleted && !port->vanished;
}

/* No answer was lost since, and none was an error: no deletion was refused. */
static gboolean
is_undisturbed (PsCheck *self, const PsTruthPort *port, guint64 connection)
{
  return port->put_errors == count_errors (self) &&
         (port->put_connection == connection ||
          port->put_connection < self->process.first_connection);
}

void
ps_check_device_put (PsCheck *self, PsTruthPort *port, guint64 connection, guint64 value)
{
  guint32 device = ps_truth_device_with (port, value);
  if (device != 0 && device != port->put_device && is_known (port) &&
      is_undisturbed (self, port, connection))
    ps_check_fail (
        self, PS_CHECK_DELETE_BETWEEN,
        g_strdup_printf ("%s deleted before it is written for device %u", port->name, device),
        g_strdup_printf ("written over the row of device %u", port->put_device));
  port->put_device = device;
  port->put_errors = count_errors (self);
  port->vanished = FALSE;
}

void
ps_check_device_forget (PsCheck *self)
{
  for (guint i = 0; i < ps_truth_length (self->truth); i++)
    ps_truth_nth (self->truth, i)->put_device = 0;
}

void
ps_check_device_vanished (PsCheck *self, const char *name)
{
  for (guint i = 0; name == NULL && i < ps_truth_length (self->truth); i++)
    ps_truth_nth (self->truth, i)->vanished = TRUE;
  if (name != NULL)
    ps_truth_port (self->truth, name)->vanished = TRUE;
}

static gboolean
is_outlived (const PsTruthPort *port)
{
  const PsTruthEntry *now = ps_truth_now (port);
  return is_known (port) && now->value != PS_TRUTH_ABSENT && now->ifindex != port->put_device;
}

const PsTruthPort *
ps_check_device_outlived (PsCheck *self)
{
  for (guint i = 0; i < ps_truth_length (self->truth); i++)
    if (is_outlived (ps_truth_nth (self->truth, i)))
      return ps_truth_nth (self->truth, i);
  return NULL;
}

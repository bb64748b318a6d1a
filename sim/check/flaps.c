/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/flaps.h"
#include <string.h>

typedef struct {
  guint64 ups, downs;
} Count;

typedef struct {
  char name[IFNAMSIZ];
  guint32 ifindex; /* the port's device; 0: none */
  gboolean moved;  /* a device came or went since the process began */
  PsFlap found;    /* as the process found it in its record */
  /* Of the devices before, and from where the present one counts: */
  Count most, least;
  PsCarrier most_base, least_base;
  gboolean is_owed;  /* the present one counts for the lower bound */
  gboolean is_found; /* it is the recorded one, and was there all the time */
} Port;

struct _PsFlaps {
  PsSimKernel *kernel;    /* not owned */
  PsTruth *truth;         /* not owned */
  GHashTable *by_name;    /* owned; owns the ports */
  GPtrArray *ports;       /* owned; in order of first sight */
  GHashTable *by_ifindex; /* owned; ifindex -> the port whose device it is */
  gboolean decided;
};

PsFlaps *
ps_flaps_new (PsSimKernel *kernel, PsTruth *truth)
{
  PsFlaps *self = g_new0 (PsFlaps, 1);
  self->kernel = kernel;
  self->truth = truth;
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->ports = g_ptr_array_new ();
  self->by_ifindex = g_hash_table_new (NULL, NULL);
  return self;
}

void
ps_flaps_free (PsFlaps *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_ifindex);
  g_ptr_array_unref (self->ports);
  g_hash_table_unref (self->by_name);
  g_free (self);
}

static Port *
take_port (PsFlaps *self, const char *name)
{
  Port *port = g_hash_table_lookup (self->by_name, name);
  if (port != NULL)
    return port;
  port = g_new0 (Port, 1);
  g_strlcpy (port->name, name, sizeof port->name);
  g_hash_table_insert (self->by_name, port->name, port);
  g_ptr_array_add (self->ports, port);
  return port;
}

/* The counters are 32 bits wide and wrap. */
static void
add_since (Count *sum, const PsCarrier *base, const PsCarrier *now)
{
  sum->ups += (guint32)(now->ups - base->ups);
  sum->downs += (guint32)(now->downs - base->downs);
}

static gboolean
is_below (guint32 counter, guint32 other)
{
  return (gint32)(counter - other) < 0;
}

/* A device that has the ifindex of the recorded one may be that, or may have replaced it and be
 * taken for it: at most it counts from where either stood. Where it runs backwards, it is another.
 */
static void
take_for_found (Port *port, const PsCarrier *now)
{
  const PsCarrier *last = &port->found.last;
  port->most_base.ups = is_below (now->ups, last->ups) ? now->ups : last->ups;
  port->most_base.downs = is_below (now->downs, last->downs) ? now->downs : last->downs;
  port->is_found = !port->moved && !is_below (now->changes, last->changes) &&
                   !is_below (now->ups, last->ups) && !is_below (now->downs, last->downs);
}

static void
attach (PsFlaps *self, Port *port, const PsSimLink *link)
{
  g_hash_table_insert (self->by_ifindex, GUINT_TO_POINTER (link->ifindex), port);
  port->ifindex = link->ifindex;
  port->most_base = port->least_base = link->carrier;
  port->is_owed = self->decided;
  if (!self->decided && port->found.ifindex == link->ifindex)
    take_for_found (port, &link->carrier);
}

static void
detach (PsFlaps *self, Port *port, const PsCarrier *last)
{
  g_hash_table_remove (self->by_ifindex, GUINT_TO_POINTER (port->ifindex));
  add_since (&port->most, &port->most_base, last);
  if (port->is_owed)
    add_since (&port->least, &port->least_base, last);
  port->ifindex = 0;
  port->is_owed = port->is_found = FALSE;
  port->moved = TRUE;
}

static gboolean
is_ports (PsFlaps *self, const PsSimLink *link)
{
  return ps_truth_is_port_name (link->name, strlen (link->name)) &&
         strcmp (link->kind, "team") != 0 &&
         !(self->decided && ps_truth_is_old (self->truth, link->ifindex));
}

void
ps_flaps_take (PsFlaps *self, const PsSimLink *link, gboolean removed)
{
  Port *port = g_hash_table_lookup (self->by_ifindex, GUINT_TO_POINTER (link->ifindex));
  if (port != NULL && !removed && strcmp (port->name, link->name) == 0)
    return;
  if (port != NULL)
    detach (self, port, &link->carrier);
  if (removed || !is_ports (self, link))
    return;
  port = take_port (self, link->name);
  port->moved = TRUE;
  attach (self, port, link);
}

static void
take_found (PsFlaps *self, const char *name, const PsFlap *found)
{
  Port *port = take_port (self, name);
  port->found = *found;
  port->most = (Count){found->ups, found->downs};
  add_since (&port->most, &found->base, &found->last);
  port->least = port->most;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static void
forget_all (PsFlaps *self)
{
  g_hash_table_remove_all (self->by_ifindex);
  g_ptr_array_set_size (self->ports, 0);
  g_hash_table_remove_all (self->by_name);
  self->decided = FALSE;
}

/* In the order of names: the one that is told first must not depend on addresses. */
void
ps_flaps_begin_process (PsFlaps *self, const PsRecord *found)
{
  forget_all (self);
  GList *names = found != NULL ? g_hash_table_get_keys (found->flaps) : NULL;
  names = g_list_sort (names, compare_names);
  for (GList *l = names; l != NULL; l = l->next)
    take_found (self, l->data, g_hash_table_lookup (found->flaps, l->data));
  g_list_free (names);
  for (guint i = 0; i < ps_sim_kernel_length (self->kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (self->kernel, i);
    if (is_ports (self, link))
      attach (self, take_port (self, link->name), link);
  }
}

void
ps_flaps_decide (PsFlaps *self)
{
  self->decided = TRUE;
  for (guint i = 0; i < self->ports->len; i++) {
    Port *port = g_ptr_array_index (self->ports, i);
    if (port->ifindex != 0 && ps_truth_is_old (self->truth, port->ifindex))
      detach (self, port, &ps_sim_kernel_find_ifindex (self->kernel, port->ifindex)->carrier);
  }
}

void
ps_flaps_listed (PsFlaps *self)
{
  for (guint i = 0; i < self->ports->len; i++) {
    Port *port = g_ptr_array_index (self->ports, i);
    if (port->ifindex == 0 || port->is_owed)
      continue;
    port->is_owed = TRUE;
    port->least_base = port->is_found
                           ? port->found.last
                           : ps_sim_kernel_find_ifindex (self->kernel, port->ifindex)->carrier;
  }
}

/* A device that is down does not tell of its carrier. */
static void
sum_up (PsFlaps *self, const Port *port, Count *least, Count *most)
{
  *least = port->least;
  *most = port->most;
  if (port->ifindex == 0)
    return;
  const PsSimLink *link = ps_sim_kernel_find_ifindex (self->kernel, port->ifindex);
  add_since (most, &port->most_base, &link->carrier);
  if (port->is_owed && (link->flags & IFF_UP) != 0)
    add_since (least, &port->least_base, &link->carrier);
}

static gboolean
is_wrong (PsFlaps *self, const Port *port, const PsEngine *engine, PsFlapsWrong *out)
{
  const PsPort *have = ps_engine_find_port (engine, port->name);
  Count least, most;
  sum_up (self, port, &least, &most);
  *out = (PsFlapsWrong){
      .name = port->name,
      .ups = have != NULL ? ps_flap_ups (&have->device.flap) : 0,
      .downs = have != NULL ? ps_flap_downs (&have->device.flap) : 0,
      .least_ups = least.ups,
      .least_downs = least.downs,
      .most_ups = most.ups,
      .most_downs = most.downs,
  };
  return out->ups < least.ups || out->ups > most.ups || out->downs < least.downs ||
         out->downs > most.downs;
}

gboolean
ps_flaps_find_wrong (PsFlaps *self, const PsEngine *engine, gboolean lossy, PsFlapsWrong *out)
{
  for (guint i = 0; i < self->ports->len; i++) {
    const Port *port = g_ptr_array_index (self->ports, i);
    if (!(lossy && port->moved) && is_wrong (self, port, engine, out))
      return TRUE;
  }
  return FALSE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/soak.h"

#define FLAPS_MAX 300
#define MTU_MIN   1280

typedef gboolean (*Suits) (const PsDevice *device);

/* A random netdev that suits; NULL if none does. */
static PsDevice *
draw_device (PsSoak *self, Suits suits)
{
  guint first = ps_soak_draw (self, self->n_devices);
  for (guint i = 0; i < self->n_devices; i++) {
    PsDevice *device = &self->devices[(first + i) % self->n_devices];
    if (suits (device))
      return device;
  }
  return NULL;
}

static gboolean
exists (const PsDevice *device)
{
  return device->kind != PS_DEVICE_NONE;
}

static gboolean
is_missing (const PsDevice *device)
{
  return device->kind == PS_DEVICE_NONE && device->configured;
}

static gboolean
is_free (const PsDevice *device)
{
  return (device->kind == PS_DEVICE_VETH || device->kind == PS_DEVICE_TAP) && !device->enslaved;
}

static gboolean
is_enslaved (const PsDevice *device)
{
  return device->kind != PS_DEVICE_NONE && device->enslaved;
}

static void
set_admin (PsSoak *self)
{
  PsDevice *device = draw_device (self, exists);
  gboolean up = ps_soak_draw (self, 3) > 0;
  if (device == NULL)
    return;
  ps_journal_say (self->journal, "admin %s %s", device->name, up ? "up" : "down");
  ps_netdevs_set_up (self->rig->netdevs, device->name, up);
  ps_netdevs_commit (self->rig->netdevs);
}

static void
set_mtu (PsSoak *self)
{
  PsDevice *device = draw_device (self, exists);
  if (device == NULL)
    return;
  guint mtu = MTU_MIN + ps_soak_draw (self, ps_device_mtu_max (device) - MTU_MIN + 1);
  ps_journal_say (self->journal, "mtu %s %u", device->name, mtu);
  ps_netdevs_set_mtu (self->rig->netdevs, device->name, mtu);
  ps_netdevs_commit (self->rig->netdevs);
}

static void
flap (PsSoak *self, guint n)
{
  PsDevice *device = draw_device (self, ps_device_has_carrier);
  gboolean last = ps_soak_draw (self, 4) > 0;
  if (device == NULL)
    return;
  ps_journal_say (self->journal, "carrier %s %u changes, then %s", device->name, n,
                  last ? "on" : "off");
  ps_device_flap (device, self->rig->netdevs, n, last);
}

static void
set_carrier (PsSoak *self)
{
  flap (self, 1);
}

static void
flap_often (PsSoak *self)
{
  flap (self, 2 + ps_soak_draw (self, FLAPS_MAX));
}

/* Cables of a whole card pulled and plugged. */
static void
flap_many (PsSoak *self)
{
  guint n = 1 + ps_soak_draw (self, 4);
  ps_journal_say (self->journal, "carrier of all, %u changes each, then on", n);
  for (guint i = 0; i < self->n_devices; i++)
    if (ps_device_has_carrier (&self->devices[i]))
      ps_device_flap (&self->devices[i], self->rig->netdevs, n, TRUE);
}

static void
set_alias (PsSoak *self)
{
  PsDevice *device = draw_device (self, exists);
  if (device == NULL)
    return;
  ps_journal_say (self->journal, "alias %s", device->name);
  ps_netdevs_set_alias (self->rig->netdevs, device->name, "noted");
  ps_netdevs_commit (self->rig->netdevs);
}

static void
delete_one (PsSoak *self)
{
  PsDevice *device = draw_device (self, exists);
  if (device == NULL)
    return;
  ps_journal_say (self->journal, "delete %s", device->name);
  ps_device_delete (device, self->rig->netdevs);
}

static void
create_one (PsSoak *self)
{
  PsDevice *device = draw_device (self, is_missing);
  if (device != NULL)
    ps_soak_make_device (self, device);
}

/* Deleted and made again at once: another device of the same name. */
static void
replace_one (PsSoak *self)
{
  PsDevice *device = draw_device (self, ps_device_is_port);
  if (device == NULL)
    return;
  ps_journal_say (self->journal, "replace %s", device->name);
  ps_device_delete (device, self->rig->netdevs);
  ps_soak_make_device (self, device);
}

static void
rename_one (PsSoak *self)
{
  PsDevice *device = draw_device (self, ps_device_is_port);
  char name[IF_NAMESIZE];
  if (device == NULL)
    return;
  g_snprintf (name, sizeof name, "away%s", device->port + strlen ("Ethernet"));
  ps_journal_say (self->journal, "rename %s %s", device->name, name);
  ps_device_rename (device, self->rig->netdevs, name);
}

static void
rename_back (PsSoak *self)
{
  PsDevice *device = draw_device (self, ps_device_is_away);
  if (device == NULL)
    return;
  ps_journal_say (self->journal, "rename %s %s", device->name, device->port);
  ps_device_rename (device, self->rig->netdevs, device->port);
}

static void
swap_two (PsSoak *self)
{
  PsDevice *one = draw_device (self, ps_device_is_port);
  PsDevice *other = draw_device (self, ps_device_is_port);
  if (one == NULL || one == other)
    return;
  ps_journal_say (self->journal, "swap the names %s and %s", one->name, other->name);
  ps_device_swap (one, self->rig->netdevs, other);
}

static void
enslave (PsSoak *self)
{
  PsDevice *device = draw_device (self, is_free);
  if (device == NULL)
    return;
  ps_journal_say (self->journal, "enslave %s", device->name);
  ps_netdevs_set_master (self->rig->netdevs, device->name, PS_SOAK_BRIDGE);
  ps_netdevs_commit (self->rig->netdevs);
  device->enslaved = TRUE;
}

static void
release (PsSoak *self)
{
  PsDevice *device = draw_device (self, is_enslaved);
  if (device == NULL)
    return;
  ps_journal_say (self->journal, "release %s", device->name);
  ps_netdevs_set_master (self->rig->netdevs, device->name, NULL);
  ps_netdevs_commit (self->rig->netdevs);
  device->enslaved = FALSE;
}

/* --- breakout ------------------------------------------------------------------------------- */

/* What portmgrd does when the operator has changed CONFIG_DB. */
static void
produce (PsSoak *self, PsDevice *device)
{
  ps_db_do (self->rig->db, PS_DB_APPL,
            "EVAL %s 3 PORT_TABLE_KEY_SET PORT_TABLE_DEL_SET _PORT_TABLE:%s %s %s",
            "redis.call('SADD', KEYS[1], ARGV[1]) "
            "if ARGV[2] == 'DEL' then redis.call('SADD', KEYS[2], ARGV[1]) "
            "redis.call('DEL', KEYS[3]) "
            "else redis.call('HSET', KEYS[3], 'lanes', '1,2', 'speed', '50000') end "
            "return redis.call('PUBLISH', 'PORT_TABLE_CHANNEL@0', 'G')",
            device->port, device->port, device->configured ? "SET" : "DEL");
}

static void
set_configured (PsSoak *self, PsDevice *device, gboolean configured)
{
  device->configured = configured;
  ps_soak_ports_changed (self);
  if (configured)
    ps_soak_write_config (self);
  else
    ps_db_do (self->rig->db, PS_DB_CONFIG, "DEL PORT|%s", device->port);
  produce (self, device);
  g_autofree char *key = g_strconcat ("PORT_TABLE:", device->port, NULL);
  if (configured)
    ps_rig_wait_key (self->rig, PS_DB_APPL, key);
  else
    ps_rig_wait_no_key (self->rig, PS_DB_APPL, key);
}

/* One port becomes two, or two one. Saved at once: a Redis that came back with the ports of before
 * would have to be told by the operator, not by us. */
static void
break_out (PsSoak *self)
{
  PsDevice *pair = &self->devices[2 * ps_soak_draw (self, self->n_devices / 2)];
  gboolean split = !pair[1].configured;
  ps_journal_say (self->journal, "breakout of %s to %u", pair->port, split ? 2 : 1);
  for (guint i = 0; i < (split ? 1 : 2); i++) {
    set_configured (self, &pair[i], FALSE);
    ps_device_delete (&pair[i], self->rig->netdevs);
  }
  for (guint i = 0; i < (split ? 2 : 1); i++) {
    set_configured (self, &pair[i], TRUE);
    ps_soak_make_device (self, &pair[i]);
  }
  ps_soak_save (self);
}

static gboolean
can_break_out (const PsSoak *self)
{
  return ps_soak_can_configure (self) && !self->copying && !self->redis_is_old;
}

const PsSoakAction ps_soak_link_actions[] = {
    {"admin", 80, NULL, set_admin},
    {"mtu", 80, NULL, set_mtu},
    {"carrier", 80, NULL, set_carrier},
    {"flap", 40, NULL, flap_often},
    {"flap-all", 8, NULL, flap_many},
    {"alias", 8, NULL, set_alias},
    {"delete", 20, NULL, delete_one},
    {"create", 32, NULL, create_one},
    {"replace", 20, NULL, replace_one},
    {"rename", 16, NULL, rename_one},
    {"rename-back", 24, NULL, rename_back},
    {"swap", 12, NULL, swap_two},
    {"enslave", 16, NULL, enslave},
    {"release", 16, NULL, release},
    {"breakout", 4, can_break_out, break_out},
    {NULL},
};

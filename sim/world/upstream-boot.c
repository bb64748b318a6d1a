/* SPDX-License-Identifier: Apache-2.0 */
/* From exec to the main loop, in the order of docs/predecessor.md 1.1. Each step asks one
 * thing, and the next one takes the answer. */
#include "backends/netlink/encode.h"
#include "core/schema.h"
#include "sim/world/upstream-private.h"
#include "sim/world/upstream-script.h"
#include "sim/world/world.h"
#include "sim/world/sonic-keys.h"
#include <string.h>

/* What a producer loads when it is made, whether it will be used or not. */
static const char *const scripts[] = {
    PS_UPSTREAM_SET_TEXT,
    "-- SONiC's producer: DEL of one key",
    "-- SONiC's producer: SET of many keys",
    "-- SONiC's producer: DEL of many keys",
    "-- SONiC's producer: clear",
    "-- SONiC's producer: apply a view",
};

/* --- the links before us (docs/predecessor.md 1.4) ------------------------------------------ */

static void
set_next_down (PsUpstream *self)
{
  if (self->at == self->downs->len) {
    ps_upstream_read_links (self);
    return;
  }
  const char *name = g_ptr_array_index (self->downs, self->at);
  const PsSimLink *link = ps_sim_kernel_find (self->kernel, name);
  self->at++;
  if (link != NULL)
    ps_sim_kernel_set_admin (self->kernel, link->ifindex, FALSE);
  ps_upstream_busy (self, PS_UPSTREAM_FORK_US, set_next_down);
}

static void
take_old_links (PsUpstream *self)
{
  for (guint i = 0; !self->dpu && i < ps_sim_kernel_length (self->kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (self->kernel, i);
    if (!g_str_has_prefix (link->name, "Ethernet"))
      continue;
    g_hash_table_add (self->old, GUINT_TO_POINTER (link->ifindex));
    g_ptr_array_add (self->downs, g_strdup (link->name));
  }
  self->at = 0;
  set_next_down (self);
}

static gboolean
has_field (const PsRedisReply *row, const char *name)
{
  for (gsize i = 0; i + 1 < row->n_elements; i += 2)
    if (ps_text_equal (row->elements[i].text, ps_text (name)))
      return TRUE;
  return FALSE;
}

/* The constructor of the part that mirrors links: a live row with admin_status is taken for a port
 * whose netdev is there. */
static void
read_live_rows (PsUpstream *self)
{
  const char *name;
  if (self->reply != NULL) {
    name = g_ptr_array_index (self->ports, self->at++);
    if (has_field (self->reply, PS_FIELD_ADMIN))
      g_hash_table_remove (self->pending, name);
  }
  if (self->at == self->ports->len) {
    take_old_links (self);
    return;
  }
  name = g_ptr_array_index (self->ports, self->at);
  g_autofree char *key = ps_sim_live_key (name);
  ps_upstream_say (self, PS_DB_APPL, read_live_rows, "HGETALL", key);
}

static void
load_again (PsUpstream *self)
{
  if (self->at < G_N_ELEMENTS (scripts)) {
    ps_upstream_say (self, PS_DB_APPL, load_again, "SCRIPT", "LOAD", scripts[self->at++]);
    return;
  }
  self->at = 0;
  self->reply = NULL;
  if (self->warm)
    ps_upstream_read_links (self);
  else
    read_live_rows (self);
}

static void
mirror (PsUpstream *self)
{
  self->at = 0;
  load_again (self);
}

/* --- the configuration ----------------------------------------------------------------------- */

static void
announce_config (PsUpstream *self)
{
  g_autofree char *count = g_strdup_printf ("%u", g_hash_table_size (self->pending));
  const char *const pair[] = {PS_FIELD_COUNT, count};
  ps_upstream_produce (self, mirror, PS_KEY_CONFIG_DONE, pair, 1);
}

/* All fields as they stand, but for what follows an '@' in their names; none, if the row went since
 * its name was read: the consumer takes that for a deletion. */
static void
produce_port (PsUpstream *self, PsUpstreamStep next)
{
  const PsRedisReply *row = self->reply;
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; i < row->n_elements; i++) {
    char *text = g_strdup (row->elements[i].text.data);
    if (i % 2 == 0)
      text[strcspn (text, "@")] = '\0';
    g_ptr_array_add (pairs, text);
  }
  ps_upstream_produce (self, next, g_ptr_array_index (self->ports, self->at),
                       (const char *const *)pairs->pdata, pairs->len / 2);
}

/* Asked, produced, paid for; port by port. */
static void
copy_ports (PsUpstream *self)
{
  if (self->reply != NULL && self->reply->type == PS_REDIS_REPLY_ARRAY) {
    produce_port (self, copy_ports);
  } else if (self->reply != NULL) {
    self->at++;
    ps_upstream_busy (self, PS_UPSTREAM_PORT_US, copy_ports);
  } else if (self->at < self->ports->len) {
    g_autofree char *key = ps_sim_config_key (g_ptr_array_index (self->ports, self->at));
    ps_upstream_say (self, PS_DB_CONFIG, copy_ports, "HGETALL", key);
  } else {
    announce_config (self);
  }
}

static void
take_keys (PsUpstream *self)
{
  for (gsize i = 0; i < self->reply->n_elements; i++) {
    char *name = g_strdup (self->reply->elements[i].text.data + strlen (PS_SIM_CONFIG_KEY));
    g_ptr_array_add (self->ports, name);
    g_hash_table_add (self->pending, name);
  }
  self->at = 0;
  self->reply = NULL;
  if (self->warm)
    mirror (self);
  else
    copy_ports (self);
}

/* It joins the group only now: what the socket has so far, it never got. */
static void
open_links (PsUpstream *self)
{
  guint8 request[PS_NETLINK_DUMP_BYTES];
  PsDatagramResult result;
  PsDatagramInfo info;
  do
    result =
        ps_datagram_port_receive (self->netlink, self->buffer, PS_UPSTREAM_DATAGRAM_MAX, &info);
  while (result == PS_DATAGRAM_RECEIVED || result == PS_DATAGRAM_OVERRUN);
  ps_datagram_port_send (self->netlink, request, ps_netlink_encode_dump (request, 1));
  ps_upstream_say (self, PS_DB_CONFIG, take_keys, "KEYS", PS_SIM_CONFIG_KEY "*");
}

/* --- warm or cold (docs/predecessor.md 1.5) ------------------------------------------------- */

static void
begin_cold (PsUpstream *self)
{
  ps_upstream_say (self, PS_DB_STATE, open_links, "HSET", PS_SIM_RESTORE_KEY,
                   PS_FIELD_RESTORE_COUNT, "0");
}

static void
take_count (PsUpstream *self)
{
  guint64 count;
  if (self->reply->type == PS_REDIS_REPLY_NIL || self->reply->text.size == 0) {
    begin_cold (self);
    return;
  }
  if (!g_ascii_string_to_unsigned (self->reply->text.data, 10, 0, G_MAXUINT32, &count, NULL)) {
    ps_upstream_throw (self, "restore_count is no number");
    return;
  }
  self->warm = TRUE;
  g_autofree char *next = g_strdup_printf ("%" G_GUINT64_FORMAT, count + 1);
  ps_upstream_say (self, PS_DB_STATE, open_links, "HSET", PS_SIM_RESTORE_KEY,
                   PS_FIELD_RESTORE_COUNT, next);
}

static gboolean
is_true (const PsRedisReply *reply)
{
  return reply->type == PS_REDIS_REPLY_STRING &&
         ps_text_equal (reply->text, ps_text (PS_VALUE_TRUE));
}

static void
take_swss (PsUpstream *self)
{
  self->warm_enabled |= is_true (self->reply);
  if (self->warm_enabled)
    ps_upstream_say (self, PS_DB_STATE, take_count, "HGET", PS_SIM_RESTORE_KEY,
                     PS_FIELD_RESTORE_COUNT);
  else
    begin_cold (self);
}

static void
take_system (PsUpstream *self)
{
  self->warm_enabled = is_true (self->reply);
  ps_upstream_say (self, PS_DB_STATE, take_swss, "HGET", PS_TABLE_WARM_ENABLE "|" PS_KEY_SWSS,
                   PS_FIELD_ENABLE);
}

static void
take_switch_type (PsUpstream *self)
{
  self->dpu = self->reply->type == PS_REDIS_REPLY_STRING &&
              ps_text_equal (self->reply->text, ps_text (PS_VALUE_DPU));
  ps_upstream_say (self, PS_DB_STATE, take_system, "HGET", PS_TABLE_WARM_ENABLE "|" PS_KEY_SYSTEM,
                   PS_FIELD_ENABLE);
}

/* --- connections, log, scripts --------------------------------------------------------------- */

static void
load_scripts (PsUpstream *self)
{
  if (self->at < G_N_ELEMENTS (scripts))
    ps_upstream_say (self, PS_DB_APPL, load_scripts, "SCRIPT", "LOAD", scripts[self->at++]);
  else
    ps_upstream_say (self, PS_DB_CONFIG, take_switch_type, "HGET",
                     PS_TABLE_METADATA "|" PS_KEY_LOCALHOST, PS_FIELD_SWITCH_TYPE);
}

static void
begin_loading (PsUpstream *self)
{
  self->at = 0;
  load_scripts (self);
}

static void
take_log_output (PsUpstream *self)
{
  gboolean found = self->reply->type == PS_REDIS_REPLY_STRING;
  g_autofree char *output = g_strdup (found ? self->reply->text.data : "SYSLOG");
  const char *level = self->log_level != NULL ? self->log_level : "NOTICE";
  if (found && self->log_level != NULL)
    begin_loading (self);
  else
    ps_upstream_say (self, PS_DB_CONFIG, begin_loading, "HSET", PS_SIM_LOGGER_KEY,
                     PS_FIELD_LOGLEVEL, level, PS_FIELD_LOGOUTPUT, output);
}

static void
take_log_level (PsUpstream *self)
{
  if (self->reply->type == PS_REDIS_REPLY_STRING)
    self->log_level = g_strdup (self->reply->text.data);
  ps_upstream_say (self, PS_DB_CONFIG, take_log_output, "HGET", PS_SIM_LOGGER_KEY,
                   PS_FIELD_LOGOUTPUT);
}

/* A connection, then its database; a reply is that of SELECT. */
static void
open_databases (PsUpstream *self)
{
  static const char *const numbers[] = {
      [PS_DB_CONFIG] = G_STRINGIFY (PS_SIM_CONFIG_DB),
      [PS_DB_APPL] = G_STRINGIFY (PS_SIM_APPL_DB),
      [PS_DB_STATE] = G_STRINGIFY (PS_SIM_STATE_DB),
  };
  if (self->reply != NULL)
    self->at++;
  if (self->at == PS_N_DBS)
    ps_upstream_say (self, PS_DB_CONFIG, take_log_level, "HGET", PS_SIM_LOGGER_KEY,
                     PS_FIELD_LOGLEVEL);
  else if (!self->connected[self->at])
    ps_upstream_connect (self, self->at, open_databases);
  else
    ps_upstream_say (self, self->at, open_databases, "SELECT", numbers[self->at]);
}

void
ps_upstream_boot (PsUpstream *self)
{
  self->at = 0;
  open_databases (self);
}

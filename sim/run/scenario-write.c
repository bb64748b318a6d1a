/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"
#include "sim/run/json-line.h"
#include "sim/run/scenario.h"
#include <string.h>

static void
put_text (JsonBuilder *b, const char *name, const char *text)
{
  json_builder_set_member_name (b, name);
  json_builder_add_string_value (b, text);
}

/* As 0 each of these stands for "as without". */
static void
put_count (JsonBuilder *b, const char *name, guint64 count)
{
  if (count == 0)
    return;
  json_builder_set_member_name (b, name);
  json_builder_add_int_value (b, (gint64)count);
}

static void
put_duration (JsonBuilder *b, const char *name, gint64 us)
{
  g_autofree char *text = ps_units_format (PS_UNITS_DURATION, us);
  if (us > 0)
    put_text (b, name, text);
}

static void
put_flag (JsonBuilder *b, const char *name, gboolean flag)
{
  json_builder_set_member_name (b, name);
  json_builder_add_boolean_value (b, flag);
}

/* One member of the root: its name and its value on a line of its own. */
static void
put_member (GString *out, const char *name, JsonBuilder *value)
{
  g_autoptr (JsonNode) node = json_builder_get_root (value);
  g_string_append_printf (out, ",\n  \"%s\": ", name);
  ps_json_put_line (out, node);
}

static void
put_root_text (GString *out, const char *name, const char *text)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), text);
  g_string_append_printf (out, ",\n  \"%s\": ", name);
  ps_json_put_line (out, node);
}

/* A list with a line for each element; nothing if it is empty. */
static void
put_list (GString *out, const char *name, JsonBuilder *list)
{
  g_autoptr (JsonNode) node = json_builder_get_root (list);
  JsonArray *array = json_node_get_array (node);
  guint n = json_array_get_length (array);
  if (n == 0)
    return;
  g_string_append_printf (out, ",\n  \"%s\": [", name);
  for (guint i = 0; i < n; i++) {
    g_string_append (out, i > 0 ? ",\n    " : "\n    ");
    ps_json_put_line (out, json_array_get_element (array, i));
  }
  g_string_append (out, "\n  ]");
}

static void
put_tags (GString *out, const PsScenario *self)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  if (self->tags->len == 0)
    return;
  json_builder_begin_array (b);
  for (guint i = 0; i < self->tags->len; i++)
    json_builder_add_string_value (b, g_ptr_array_index (self->tags, i));
  json_builder_end_array (b);
  put_member (out, "tags", b);
}

static void
put_seeds (GString *out, const PsScenario *self)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "base");
  json_builder_add_int_value (b, (gint64)self->seed_base);
  put_count (b, "count", self->n_seeds);
  json_builder_end_object (b);
  put_member (out, "seeds", b);
}

static void
put_orchagent (JsonBuilder *b, const PsSimOrchagentOptions *options)
{
  static const PsSimOrchagentOptions standard;
  if (memcmp (options, &standard, sizeof standard) == 0)
    return;
  json_builder_set_member_name (b, "orchagent");
  json_builder_begin_object (b);
  put_count (b, "batch", options->batch);
  put_duration (b, "start_delay", options->start_delay_us);
  put_duration (b, "pop_delay", options->pop_delay_us);
  put_duration (b, "device_delay", options->device_delay_us);
  if (options->leaves_netdevs)
    put_flag (b, "netdevs", FALSE);
  if (options->kind != NULL)
    put_text (b, "kind", options->kind[0] != '\0' ? options->kind : "physical");
  json_builder_end_object (b);
}

static void
put_links (JsonBuilder *b, const PsScenario *self)
{
  if (self->links->len <= self->setup.n_ports)
    return;
  json_builder_set_member_name (b, "links");
  json_builder_begin_array (b);
  for (guint i = self->setup.n_ports; i < self->links->len; i++)
    json_builder_add_string_value (b, g_ptr_array_index (self->links, i));
  json_builder_end_array (b);
}

static void
put_redis (JsonBuilder *b, const PsSimWorldOptions *world)
{
  static const char *const names[PS_N_DBS] = {
      [PS_DB_CONFIG] = "CONFIG_DB", [PS_DB_APPL] = "APPL_DB", [PS_DB_STATE] = "STATE_DB"};
  if (world->redis != PS_SIM_REDIS_7_0)
    put_text (b, "redis", ps_sim_redis_kind_names[world->redis]);
  if (!world->own_server[PS_DB_CONFIG] && !world->own_server[PS_DB_APPL] &&
      !world->own_server[PS_DB_STATE])
    return;
  json_builder_set_member_name (b, "own_server");
  json_builder_begin_array (b);
  for (guint i = 0; i < PS_N_DBS; i++)
    if (world->own_server[i])
      json_builder_add_string_value (b, names[i]);
  json_builder_end_array (b);
}

static void
put_setup (GString *out, const PsScenario *self)
{
  const PsSimWorldOptions *world = &self->setup.world;
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "ports");
  json_builder_add_int_value (b, self->setup.n_ports);
  put_links (b, self);
  put_count (b, "receive_buffer", world->receive_buffer_bytes);
  put_duration (b, "audit", world->audit_interval_us);
  put_duration (b, "reply_deadline", world->reply_deadline_us);
  if (world->adopt)
    put_flag (b, "adopt", TRUE);
  put_duration (b, "latency", world->latency_us);
  put_redis (b, world);
  if (self->setup.dpu)
    put_flag (b, "dpu", TRUE);
  put_orchagent (b, &world->orchagent);
  json_builder_end_object (b);
  put_member (out, "setup", b);
}

static void
put_steps (GString *out, const PsScenario *self)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_array (b);
  for (guint i = 0; i < self->steps->len; i++)
    ps_step_write (g_ptr_array_index (self->steps, i), self->links, self->duration_us, b);
  json_builder_end_array (b);
  put_list (out, "steps", b);
}

static void
put_expects (GString *out, const PsScenario *self)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_array (b);
  for (guint i = 0; i < self->expects->len; i++)
    ps_expect_write (g_ptr_array_index (self->expects, i), b);
  json_builder_end_array (b);
  put_list (out, "expect", b);
}

static void
put_without (GString *out, const PsScenario *self)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_array (b);
  for (guint i = 0; i < self->without->len; i++) {
    const PsWithout *without = g_ptr_array_index (self->without, i);
    json_builder_begin_object (b);
    put_text (b, "check", without->check);
    put_text (b, "reason", without->reason);
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
  put_list (out, "without", b);
}

static gboolean
is_known (const PsScenario *self, const char *name)
{
  if (g_strv_contains (ps_check_names (), name))
    return TRUE;
  for (guint i = 0; i < self->expects->len; i++)
    if (strcmp (((PsExpect *)g_ptr_array_index (self->expects, i))->name, name) == 0)
      return TRUE;
  return FALSE;
}

/* But for expectations that are not there any more. */
static void
put_upstream (GString *out, const PsScenario *self)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();
  guint n = 0;
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "fails");
  json_builder_begin_array (b);
  for (guint i = 0; i < self->upstream_fails->len; i++) {
    const char *name = g_ptr_array_index (self->upstream_fails, i);
    if (!is_known (self, name))
      continue;
    json_builder_add_string_value (b, name);
    n++;
  }
  json_builder_end_array (b);
  json_builder_end_object (b);
  if (n > 0)
    put_member (out, "upstream", b);
}

char *
ps_scenario_to_text (const PsScenario *self)
{
  GString *out = g_string_new (NULL);
  g_autofree char *duration = ps_units_format (PS_UNITS_DURATION, self->duration_us);
  g_string_printf (out, "{\n  \"scenario\": %d", PS_SCENARIO_FORMAT);
  put_root_text (out, "name", self->name);
  put_root_text (out, "why", self->why);
  put_tags (out, self);
  put_seeds (out, self);
  put_root_text (out, "duration", duration);
  put_setup (out, self);
  put_steps (out, self);
  put_expects (out, self);
  put_without (out, self);
  put_upstream (out, self);
  g_string_append (out, "\n}\n");
  return g_string_free (out, FALSE);
}

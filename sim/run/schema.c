/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/scenario.h"

/* What the loader cannot say in a table: the shapes that stand under "definitions". */
static const char *const definitions =
    "{"
    "\"duration\":{\"type\":\"string\",\"pattern\":\"^[0-9]+(us|ms|s|m|h)$\"},"
    "\"drawn_duration\":{\"anyOf\":[{\"$ref\":\"#/definitions/duration\"},"
    "{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,\"additionalProperties\":false,"
    "\"properties\":{\"uniform\":{\"type\":\"array\",\"minItems\":2,\"maxItems\":2,"
    "\"items\":{\"$ref\":\"#/definitions/duration\"}},"
    "\"exp\":{\"$ref\":\"#/definitions/duration\"},"
    "\"choice\":{\"type\":\"array\",\"minItems\":1,"
    "\"items\":{\"$ref\":\"#/definitions/duration\"}}}}]},"
    "\"drawn_count\":{\"anyOf\":[{\"type\":\"integer\"},"
    "{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,\"additionalProperties\":false,"
    "\"properties\":{\"uniform\":{\"type\":\"array\",\"minItems\":2,\"maxItems\":2,"
    "\"items\":{\"type\":\"integer\"}},\"exp\":{\"type\":\"integer\"},"
    "\"choice\":{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"integer\"}}}}]},"
    "\"links\":{\"anyOf\":[{\"type\":\"string\"},"
    "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"string\"}},"
    "{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,\"additionalProperties\":false,"
    "\"properties\":{\"glob\":{\"type\":\"string\"},"
    "\"sample\":{\"type\":\"integer\",\"minimum\":1}}}]},"
    "\"ramp\":{\"type\":\"object\",\"required\":[\"from\",\"to\"],\"additionalProperties\":false,"
    "\"properties\":{\"from\":{\"type\":\"integer\",\"minimum\":1},"
    "\"to\":{\"type\":\"integer\",\"minimum\":1}}},"
    "\"upstream\":{\"type\":\"object\",\"required\":[\"fails\"],\"additionalProperties\":false,"
    "\"properties\":{\"fails\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":8,"
    "\"items\":{\"type\":\"string\"}}}}"
    "}";

/* member of a step: its definition, or a plain type. */
static const char *const step_types[][2] = {
    {"id", "string"},
    {"why", "string"},
    {"at", "#drawn_duration"},
    {"after", "string"},
    {"delay", "#drawn_duration"},
    {"every", "#drawn_duration"},
    {"ramp", "#ramp"},
    {"from", "#duration"},
    {"until", "#duration"},
    {"times", "integer"},
    {"jitter", "#drawn_duration"},
    {"for", "#drawn_duration"},
    {"p", "number"},
    {"links", "#links"},
};

static void
put_type (JsonBuilder *b, const char *type)
{
  json_builder_begin_object (b);
  if (type[0] == '#') {
    g_autofree char *reference = g_strconcat ("#/definitions/", type + 1, NULL);
    json_builder_set_member_name (b, "$ref");
    json_builder_add_string_value (b, reference);
  } else {
    json_builder_set_member_name (b, "type");
    json_builder_add_string_value (b, type);
  }
  json_builder_end_object (b);
}

static void
put_words (JsonBuilder *b, const char *const *words)
{
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "enum");
  json_builder_begin_array (b);
  for (guint i = 0; words[i] != NULL; i++)
    json_builder_add_string_value (b, words[i]);
  json_builder_end_array (b);
  json_builder_end_object (b);
}

static void
put_text (JsonBuilder *b, const char *name, const char *value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_string_value (b, value);
}

static void
put_param (JsonBuilder *b, const PsVerbParam *param)
{
  static const char *const types[] = {"#drawn_count", "#drawn_duration", "boolean", "string"};
  json_builder_set_member_name (b, param->name);
  if (param->type == PS_PARAM_WORD)
    put_words (b, param->words);
  else
    put_type (b, types[param->type]);
}

static gboolean
has_member (const PsVerb *verb, const char *name)
{
  if (g_str_equal (name, "links"))
    return verb->links_max > 0;
  return !g_str_equal (name, "for") || verb->heal != NULL;
}

static void
put_required (JsonBuilder *b, const PsVerb *verb)
{
  json_builder_set_member_name (b, "required");
  json_builder_begin_array (b);
  json_builder_add_string_value (b, "id");
  json_builder_add_string_value (b, "do");
  if (verb->links_max > 0)
    json_builder_add_string_value (b, "links");
  if (verb->must_end)
    json_builder_add_string_value (b, "for");
  for (const PsVerbParam *param = verb->params; param->name != NULL; param++)
    if (!param->optional)
      json_builder_add_string_value (b, param->name);
  json_builder_end_array (b);
}

static void
put_verb (JsonBuilder *b, const PsVerb *verb)
{
  const char *only[] = {verb->name, NULL};
  json_builder_begin_object (b);
  put_text (b, "title", verb->name);
  put_text (b, "description", verb->what);
  put_text (b, "type", "object");
  put_required (b, verb);
  json_builder_set_member_name (b, "additionalProperties");
  json_builder_add_boolean_value (b, FALSE);
  json_builder_set_member_name (b, "properties");
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "do");
  put_words (b, only);
  for (guint i = 0; i < G_N_ELEMENTS (step_types); i++) {
    if (!has_member (verb, step_types[i][0]))
      continue;
    json_builder_set_member_name (b, step_types[i][0]);
    put_type (b, step_types[i][1]);
  }
  for (const PsVerbParam *param = verb->params; param->name != NULL; param++)
    put_param (b, param);
  json_builder_end_object (b);
  json_builder_end_object (b);
}

static void
put_steps (JsonBuilder *b)
{
  json_builder_begin_object (b);
  put_text (b, "type", "array");
  json_builder_set_member_name (b, "items");
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "oneOf");
  json_builder_begin_array (b);
  for (const PsVerb *verb = ps_verbs (); verb->name != NULL; verb++)
    put_verb (b, verb);
  json_builder_end_array (b);
  json_builder_end_object (b);
  json_builder_end_object (b);
}

static void
put_properties (JsonBuilder *b)
{
  static const char *const types[][2] = {
      {"name", "string"},  {"why", "string"},         {"tags", "array"},
      {"seeds", "object"}, {"duration", "#duration"}, {"setup", "object"},
      {"expect", "array"}, {"without", "array"},      {"upstream", "#upstream"}};
  json_builder_set_member_name (b, "properties");
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "scenario");
  json_builder_begin_object (b);
  json_builder_set_member_name (b, "const");
  json_builder_add_int_value (b, PS_SCENARIO_FORMAT);
  json_builder_end_object (b);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    json_builder_set_member_name (b, types[i][0]);
    put_type (b, types[i][1]);
  }
  json_builder_set_member_name (b, "steps");
  put_steps (b);
  json_builder_end_object (b);
}

char *
ps_scenario_schema (void)
{
  static const char *const required[] = {"scenario", "name", "why", "duration", "setup", "steps"};
  g_autoptr (JsonBuilder) b = json_builder_new ();
  json_builder_begin_object (b);
  put_text (b, "$schema", "http://json-schema.org/draft-07/schema#");
  put_text (b, "title", "A scenario of portsim");
  put_text (b, "type", "object");
  json_builder_set_member_name (b, "required");
  json_builder_begin_array (b);
  for (guint i = 0; i < G_N_ELEMENTS (required); i++)
    json_builder_add_string_value (b, required[i]);
  json_builder_end_array (b);
  json_builder_set_member_name (b, "additionalProperties");
  json_builder_add_boolean_value (b, FALSE);
  put_properties (b);
  json_builder_set_member_name (b, "definitions");
  json_builder_add_value (b, json_from_string (definitions, NULL));
  json_builder_end_object (b);
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  return json_to_string (root, TRUE);
}

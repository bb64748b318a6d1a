/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"
#include "sim/run/expect.h"

static void
put_text (JsonBuilder *out, const char *name, const char *text)
{
  json_builder_set_member_name (out, name);
  json_builder_add_string_value (out, text);
}

static void
put_number (JsonBuilder *out, const char *name, gint64 number)
{
  json_builder_set_member_name (out, name);
  json_builder_add_int_value (out, number);
}

static void
put_bounds (JsonBuilder *out, const PsPredicate *self)
{
  if (self->low == self->high) {
    put_number (out, "is", self->low);
    return;
  }
  if (self->low > 0 || self->high == G_MAXINT64)
    put_number (out, "ge", self->low);
  if (self->high != G_MAXINT64)
    put_number (out, "le", self->high);
}

static void
put_row (JsonBuilder *out, const PsPredicate *self)
{
  put_text (out, "row", self->key);
  put_text (out, "db", ps_predicate_db_name (self));
  if (self->field != NULL) {
    put_text (out, "field", self->field);
    put_text (out, "is", self->value);
    return;
  }
  json_builder_set_member_name (out, "exists");
  json_builder_add_boolean_value (out, self->exists);
}

static void
put_predicate (JsonBuilder *out, const PsPredicate *self)
{
  json_builder_begin_object (out);
  switch (self->kind) {
  case PS_PREDICATE_COUNTER:
    put_text (out, "counter", ps_counter_names ()[self->counter]);
    put_bounds (out, self);
    break;
  case PS_PREDICATE_ROW:
    put_row (out, self);
    break;
  case PS_PREDICATE_WRITES:
    put_text (out, "writes", self->verb);
    put_text (out, "db", ps_predicate_db_name (self));
    put_text (out, "key", self->key);
    put_bounds (out, self);
    break;
  case PS_PREDICATE_LOG:
    put_text (out, "log", self->key);
    put_bounds (out, self);
    break;
  }
  json_builder_end_object (out);
}

void
ps_expect_write (const PsExpect *self, JsonBuilder *out)
{
  static const char *const words[] = {
      [PS_EXPECT_ALWAYS] = "always",
      [PS_EXPECT_NEVER] = "never",
      [PS_EXPECT_EVENTUALLY] = "eventually",
      [PS_EXPECT_AT_END] = "at_end",
  };
  json_builder_begin_object (out);
  put_text (out, "name", self->name);
  if (self->why != NULL)
    put_text (out, "why", self->why);
  if (self->when == PS_EXPECT_WITHIN) {
    g_autofree char *within = ps_units_format (PS_UNITS_DURATION, self->within_us);
    put_text (out, "within", within);
    put_text (out, "of", self->of_id);
    json_builder_set_member_name (out, "that");
  } else {
    if (self->of_id != NULL)
      put_text (out, "from", self->of_id);
    json_builder_set_member_name (out, words[self->when]);
  }
  put_predicate (out, &self->that);
  json_builder_end_object (out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/expect.h"
#include "sim/run/step.h"
#include <string.h>

static const char *const members[] = {"name",   "why", "always", "never", "within", "eventually",
                                      "at_end", "of",  "from",   "that",  NULL};
static const char *const db_words[] = {"APPL_DB", "CONFIG_DB", "STATE_DB", NULL};
static const guint db_ids[] = {PS_SIM_APPL_DB, PS_SIM_CONFIG_DB, PS_SIM_STATE_DB};
static const char *const write_words[] = {"HSET", "DEL", "SADD", "PUBLISH", NULL};

static const char *const counter_members[] = {"counter", "is", "ge", "le", NULL};
static const char *const row_members[] = {"row", "db", "field", "is", "exists", NULL};
static const char *const writes_members[] = {"writes", "db", "key", "is", "ge", "le", NULL};
static const char *const log_members[] = {"log", "is", "ge", "le", NULL};

static const char *const counter_names[] = {
    "kernel.sent",    "kernel.dropped", "kernel.overruns", "kernel.dumps",
    "kernel.stale",   "kernel.changed", "kernel.starved",  "redis.connects",
    "redis.commands", "redis.errors",   "redis.cuts",      "orchagent.popped",
    "orchagent.late", "daemon.starts",  "daemon.writes",   NULL};

const char *const *
ps_counter_names (void)
{
  return counter_names;
}

guint64
ps_counter_value (guint counter, PsSimWorld *world, const PsCheck *check)
{
  const PsSimKernelCounters *kernel = ps_sim_kernel_counters (ps_sim_world_kernel (world));
  const PsSimRedisCounters *redis = ps_sim_redis_counters (ps_sim_world_redis (world));
  PsSimOrchagent *orchagent = ps_sim_world_orchagent (world);
  const guint64 values[] = {
      kernel->sent,
      kernel->dropped,
      kernel->overruns,
      kernel->dumps,
      kernel->stale,
      kernel->changed_dumps,
      kernel->starved,
      redis->connects,
      redis->commands,
      redis->errors,
      redis->faults[PS_SIM_REDIS_CUT],
      ps_sim_orchagent_n_popped (orchagent),
      ps_sim_orchagent_n_late (orchagent),
      ps_sim_world_n_starts (world),
      ps_check_counters (check)->writes,
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (values) + 1 == G_N_ELEMENTS (counter_names));
  return values[counter];
}

/* --- reading -------------------------------------------------------------------------------- */

static gboolean
read_bound (const PsPlace *place, const char *name, gint64 *out, guint *found, GError **error)
{
  PsPlace at;
  if (!ps_place_member (place, name, &at))
    return TRUE;
  ++*found;
  return ps_place_read_integer (&at, 0, G_MAXINT64, out, error);
}

static gboolean
read_bounds (const PsPlace *place, PsPredicate *out, GError **error)
{
  guint is = 0, others = 0;
  out->high = G_MAXINT64;
  if (!read_bound (place, "is", &out->low, &is, error))
    return FALSE;
  if (is > 0)
    out->high = out->low;
  if (!read_bound (place, "ge", &out->low, &others, error) ||
      !read_bound (place, "le", &out->high, &others, error))
    return FALSE;
  if (is + (others > 0) != 1)
    return ps_place_fail (place, error, "must have \"is\", or \"ge\" or \"le\" or both of them");
  return out->low <= out->high || ps_place_fail (place, error, "\"ge\" is above \"le\"");
}

static gboolean
read_db (const PsPlace *place, PsPredicate *out, GError **error)
{
  PsPlace at;
  guint index;
  if (!ps_place_require (place, "db", &at, error) ||
      !ps_place_read_word (&at, "database", db_words, &index, error))
    return FALSE;
  out->db = db_ids[index];
  return TRUE;
}

const char *
ps_predicate_db_name (const PsPredicate *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (db_ids); i++)
    if (db_ids[i] == self->db)
      return db_words[i];
  g_assert_not_reached ();
}

static gboolean
copy_text (const PsPlace *place, const char *name, char **out, GError **error)
{
  PsPlace at;
  const char *text;
  if (!ps_place_require (place, name, &at, error) || !ps_place_read_name (&at, &text, error))
    return FALSE;
  *out = g_strdup (text);
  return TRUE;
}

static gboolean
read_row (const PsPlace *place, PsPredicate *out, GError **error)
{
  PsPlace at;
  out->kind = PS_PREDICATE_ROW;
  if (!ps_place_check_object (place, row_members, error) ||
      !copy_text (place, "row", &out->key, error) || !read_db (place, out, error))
    return FALSE;
  gboolean about_field =
      ps_place_member (place, "field", &at) || ps_place_member (place, "is", &at);
  gboolean about_row = ps_place_member (place, "exists", &at);
  if (about_field == about_row)
    return ps_place_fail (place, error, "must have \"field\" and \"is\", or else \"exists\"");
  if (about_row)
    return ps_place_read_flag (&at, &out->exists, error);
  return copy_text (place, "field", &out->field, error) &&
         copy_text (place, "is", &out->value, error);
}

static gboolean
read_writes (const PsPlace *place, PsPredicate *out, GError **error)
{
  PsPlace at;
  guint verb;
  out->kind = PS_PREDICATE_WRITES;
  ps_place_member (place, "writes", &at);
  if (!ps_place_check_object (place, writes_members, error) ||
      !ps_place_read_word (&at, "effect", write_words, &verb, error) ||
      !read_db (place, out, error) || !copy_text (place, "key", &out->key, error))
    return FALSE;
  out->verb = g_strdup (write_words[verb]);
  return read_bounds (place, out, error);
}

static gboolean
read_predicate (const PsPlace *place, PsPredicate *out, GError **error)
{
  PsPlace at;
  if (ps_place_member (place, "counter", &at)) {
    out->kind = PS_PREDICATE_COUNTER;
    return ps_place_check_object (place, counter_members, error) &&
           ps_place_read_word (&at, "counter", counter_names, &out->counter, error) &&
           read_bounds (place, out, error);
  }
  if (ps_place_member (place, "log", &at)) {
    out->kind = PS_PREDICATE_LOG;
    return ps_place_check_object (place, log_members, error) &&
           copy_text (place, "log", &out->key, error) && read_bounds (place, out, error);
  }
  if (ps_place_member (place, "row", &at))
    return read_row (place, out, error);
  if (ps_place_member (place, "writes", &at))
    return read_writes (place, out, error);
  return ps_place_fail (place, error, "must have one of \"counter\", \"row\", \"writes\", \"log\"");
}

static gboolean
read_within (const PsPlace *place, PsExpect *self, GError **error)
{
  PsPlace at;
  ps_place_member (place, "within", &at);
  if (!ps_place_read_duration (&at, &self->within_us, error) ||
      !copy_text (place, "of", &self->of_id, error) ||
      !ps_place_require (place, "that", &at, error))
    return FALSE;
  return read_predicate (&at, &self->that, error);
}

static gboolean
read_when (const PsPlace *place, PsExpect *self, GError **error)
{
  static const char *const words[] = {"always", "never", "within", "eventually", "at_end"};
  PsPlace at;
  guint found = 0;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (ps_place_member (place, words[i], &at)) {
      self->when = (PsExpectWhen)i;
      found++;
    }
  if (found != 1)
    return ps_place_fail (place, error,
                          "must have one of \"always\", \"never\", \"within\", "
                          "\"eventually\", \"at_end\"");
  if (self->when == PS_EXPECT_WITHIN)
    return read_within (place, self, error);
  if (ps_place_member (place, "of", &at) || ps_place_member (place, "that", &at))
    return ps_place_fail (&at, error, "goes with \"within\" only");
  ps_place_member (place, words[self->when], &at);
  return read_predicate (&at, &self->that, error);
}

PsExpect *
ps_expect_read (const PsPlace *place, GError **error)
{
  g_autoptr (PsExpect) self = g_new0 (PsExpect, 1);
  PsPlace at;
  self->of = PS_STEP_NONE;
  if (!ps_place_require_object (place, error))
    return NULL;
  gboolean ok = ps_place_check_object (place, members, error);
  ok &= copy_text (place, "name", &self->name, error);
  gboolean timed = read_when (place, self, error);
  if (ps_place_member (place, "why", &at))
    ok &= copy_text (place, "why", &self->why, error);
  if (timed && ps_place_member (place, "from", &at))
    ok &= self->when == PS_EXPECT_WITHIN ? ps_place_fail (&at, error, "does not go with \"within\"")
                                         : copy_text (place, "from", &self->of_id, error);
  return timed && ok ? g_steal_pointer (&self) : NULL;
}

void
ps_expect_free (PsExpect *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->why);
  g_free (self->of_id);
  g_free (self->that.key);
  g_free (self->that.field);
  g_free (self->that.value);
  g_free (self->that.verb);
  g_free (self);
}

/* --- judging -------------------------------------------------------------------------------- */

static guint64
number_of (const PsPredicate *self, PsSimWorld *world, const PsCheck *check, guint64 matches)
{
  if (self->kind == PS_PREDICATE_COUNTER)
    return ps_counter_value (self->counter, world, check);
  return matches;
}

gboolean
ps_predicate_holds (const PsPredicate *self, PsSimWorld *world, const PsCheck *check,
                    guint64 matches)
{
  PsSimRedis *redis = ps_sim_world_redis (world);
  if (self->kind != PS_PREDICATE_ROW) {
    guint64 number = number_of (self, world, check, matches);
    return number >= (guint64)self->low && number <= (guint64)self->high;
  }
  if (self->field == NULL)
    return ps_sim_redis_exists (redis, self->db, self->key) == self->exists;
  return g_strcmp0 (ps_sim_redis_hget (redis, self->db, self->key, self->field), self->value) == 0;
}

gboolean
ps_predicate_fits_write (const PsPredicate *self, const PsSimRedisWrite *write)
{
  return self->kind == PS_PREDICATE_WRITES && write->connection != 0 && write->db == self->db &&
         strcmp (write->verb, self->verb) == 0 &&
         g_pattern_match_simple (self->key, write->key.data);
}

gboolean
ps_predicate_fits_log (const PsPredicate *self, const char *line)
{
  return self->kind == PS_PREDICATE_LOG && g_pattern_match_simple (self->key, line);
}

static const char *
subject_of (const PsPredicate *self)
{
  return self->kind == PS_PREDICATE_COUNTER ? counter_names[self->counter] : self->key;
}

char *
ps_predicate_expected (const PsPredicate *self)
{
  if (self->kind == PS_PREDICATE_ROW && self->field == NULL)
    return g_strdup_printf ("%s %s", self->key, self->exists ? "exists" : "does not exist");
  if (self->kind == PS_PREDICATE_ROW)
    return g_strdup_printf ("%s of %s is \"%s\"", self->field, self->key, self->value);
  const char *verb = self->verb != NULL ? self->verb : "";
  const char *space = self->verb != NULL ? " " : "";
  if (self->high == G_MAXINT64)
    return g_strdup_printf ("%s%s%s: at least %" G_GINT64_FORMAT, verb, space, subject_of (self),
                            self->low);
  return g_strdup_printf ("%s%s%s: from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, verb, space,
                          subject_of (self), self->low, self->high);
}

char *
ps_predicate_seen (const PsPredicate *self, PsSimWorld *world, const PsCheck *check,
                   guint64 matches)
{
  PsSimRedis *redis = ps_sim_world_redis (world);
  if (self->kind != PS_PREDICATE_ROW)
    return g_strdup_printf ("%" G_GUINT64_FORMAT, number_of (self, world, check, matches));
  if (self->field == NULL)
    return g_strdup (ps_sim_redis_exists (redis, self->db, self->key) ? "it exists"
                                                                      : "no such row");
  const char *value = ps_sim_redis_hget (redis, self->db, self->key, self->field);
  return value != NULL ? g_strdup_printf ("\"%s\"", value) : g_strdup ("no such field");
}

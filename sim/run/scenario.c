/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/scenario.h"
#include <string.h>

static const char *const members[] = {"scenario", "name",     "why",      "tags",
                                      "seeds",    "duration", "setup",    "steps",
                                      "expect",   "without",  "upstream", NULL};
static const char *const seeds_members[] = {"base", "count", NULL};
static const char *const setup_members[] = {
    "ports",   "links", "receive_buffer", "audit",      "reply_deadline", "adopt",
    "latency", "dpu",   "redis",          "own_server", "orchagent",      NULL};
static const char *const orchagent_members[] = {
    "batch", "start_delay", "pop_delay", "device_delay", "netdevs", "kind", NULL};
static const char *const without_members[] = {"check", "reason", NULL};
static const char *const upstream_members[] = {"fails", NULL};
static const char *const kind_words[] = {"veth", "physical", NULL};
static const char *const db_words[PS_N_DBS + 1] = {
    [PS_DB_CONFIG] = "CONFIG_DB", [PS_DB_APPL] = "APPL_DB", [PS_DB_STATE] = "STATE_DB"};

#define DURATION_MAX (G_GINT64_CONSTANT (3600000000) * 24 * 31)

/* --- simple members ------------------------------------------------------------------------- */

static gboolean
read_optional_duration (const PsPlace *object, const char *name, gint64 *out, GError **error)
{
  PsPlace at;
  return !ps_place_member (object, name, &at) || ps_place_read_duration (&at, out, error);
}

static gboolean
read_optional_integer (const PsPlace *object, const char *name, gint64 min, gint64 max, gint64 *out,
                       GError **error)
{
  PsPlace at;
  return !ps_place_member (object, name, &at) || ps_place_read_integer (&at, min, max, out, error);
}

static gboolean
read_optional_flag (const PsPlace *object, const char *name, gboolean *out, GError **error)
{
  PsPlace at;
  return !ps_place_member (object, name, &at) || ps_place_read_flag (&at, out, error);
}

static gboolean
copy_text (const PsPlace *object, const char *name, char **out, GError **error)
{
  PsPlace at;
  const char *text;
  if (!ps_place_require (object, name, &at, error) || !ps_place_read_text (&at, &text, error))
    return FALSE;
  *out = g_strdup (text);
  return TRUE;
}

/* It stands in TAP, where a # begins a directive that would turn a failure into a pass. */
static gboolean
copy_name (const PsPlace *root, char **out, GError **error)
{
  PsPlace at;
  const char *text;
  if (!ps_place_require (root, "name", &at, error) || !ps_place_read_name (&at, &text, error))
    return FALSE;
  if (strchr (text, '#') != NULL)
    return ps_place_fail (&at, error, "must not have a #");
  *out = g_strdup (text);
  return TRUE;
}

static gboolean
read_seeds (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace seeds;
  gint64 base = 1, count = 1;
  if (ps_place_member (root, "seeds", &seeds) &&
      (!ps_place_check_object (&seeds, seeds_members, error) ||
       !read_optional_integer (&seeds, "base", 0, G_MAXINT64, &base, error) ||
       !read_optional_integer (&seeds, "count", 1, PS_SCENARIO_SEEDS_MAX, &count, error)))
    return FALSE;
  self->seed_base = (guint64)base;
  self->n_seeds = (guint)count;
  return TRUE;
}

static gboolean
read_tags (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace tags;
  const char *tag;
  if (!ps_place_member (root, "tags", &tags))
    return TRUE;
  if (!ps_place_check_array (&tags, 16, error))
    return FALSE;
  gboolean ok = TRUE;
  for (PS_PLACE_EACH (&tags, at)) {
    if (!ps_place_read_name (&at, &tag, error))
      ok = FALSE;
    else
      g_ptr_array_add (self->tags, g_strdup (tag));
  }
  return ok;
}

static gboolean
read_duration (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace at;
  gint64 us;
  self->duration_us = DURATION_MAX; /* If it cannot be read, nothing is said to be behind it. */
  if (!ps_place_require (root, "duration", &at, error) || !ps_place_read_duration (&at, &us, error))
    return FALSE;
  if (us <= 0 || us > DURATION_MAX)
    return ps_place_fail (&at, error, "must be above 0 and at most 31 days");
  self->duration_us = us;
  return TRUE;
}

/* Of another format nothing else can be said. */
static gboolean
read_format (const PsPlace *root, GError **error)
{
  PsPlace at;
  gint64 format;
  return ps_place_require (root, "scenario", &at, error) &&
         ps_place_read_integer (&at, PS_SCENARIO_FORMAT, PS_SCENARIO_FORMAT, &format, error);
}

static gboolean
read_head (const PsPlace *root, PsScenario *self, GError **error)
{
  gboolean ok = ps_place_check_object (root, members, error);
  ok &= copy_name (root, &self->name, error);
  ok &= copy_text (root, "why", &self->why, error);
  ok &= read_tags (root, self, error);
  ok &= read_seeds (root, self, error);
  return read_duration (root, self, error) && ok;
}

/* --- set-up --------------------------------------------------------------------------------- */

static gboolean
read_orchagent (const PsPlace *setup, PsSimOrchagentOptions *out, GError **error)
{
  PsPlace place, at;
  gboolean netdevs = TRUE;
  gint64 batch = 0;
  guint kind;
  if (!ps_place_member (setup, "orchagent", &place))
    return TRUE;
  gboolean ok = ps_place_check_object (&place, orchagent_members, error);
  ok &= read_optional_integer (&place, "batch", 1, 1024, &batch, error);
  ok &= read_optional_duration (&place, "start_delay", &out->start_delay_us, error);
  ok &= read_optional_duration (&place, "pop_delay", &out->pop_delay_us, error);
  ok &= read_optional_duration (&place, "device_delay", &out->device_delay_us, error);
  ok &= read_optional_flag (&place, "netdevs", &netdevs, error);
  out->batch = (guint)batch;
  out->leaves_netdevs = !netdevs;
  if (!ps_place_member (&place, "kind", &at))
    return ok;
  if (!ps_place_read_word (&at, "kind", kind_words, &kind, error))
    return FALSE;
  out->kind = kind == 0 ? "veth" : "";
  return ok;
}

static gboolean
has_link (const PsScenario *self, const char *name)
{
  for (guint i = 0; i < self->links->len; i++)
    if (strcmp (g_ptr_array_index (self->links, i), name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
read_more_links (const PsPlace *setup, PsScenario *self, GError **error)
{
  PsPlace list;
  const char *name;
  if (!ps_place_member (setup, "links", &list))
    return TRUE;
  if (!ps_place_check_array (&list, 1000, error))
    return FALSE;
  for (PS_PLACE_EACH (&list, at)) {
    if (!ps_place_read_name (&at, &name, error))
      return FALSE;
    if (strlen (name) >= IFNAMSIZ)
      return ps_place_fail (&at, error, "a name of a link has at most %d bytes", IFNAMSIZ - 1);
    if (has_link (self, name))
      return ps_place_fail (&at, error, "there is a link \"%s\" already", name);
    g_ptr_array_add (self->links, g_strdup (name));
  }
  return TRUE;
}

static gboolean
read_own_server (const PsPlace *list, PsSimWorldOptions *out, GError **error)
{
  gboolean ok = TRUE;
  guint db;
  if (!ps_place_check_array (list, PS_N_DBS, error))
    return FALSE;
  for (PS_PLACE_EACH (list, at)) {
    if (!ps_place_read_word (&at, "database", db_words, &db, error))
      ok = FALSE;
    else if (out->own_server[db])
      ok = ps_place_fail (&at, error, "%s has a server of its own already", db_words[db]);
    else
      out->own_server[db] = TRUE;
  }
  return ok;
}

static gboolean
read_redis (const PsPlace *setup, PsSimWorldOptions *out, GError **error)
{
  PsPlace at;
  guint kind = PS_SIM_REDIS_7_0;
  gboolean ok = !ps_place_member (setup, "redis", &at) ||
                ps_place_read_word (&at, "server", ps_sim_redis_kind_names, &kind, error);
  out->redis = (PsSimRedisKind)kind;
  if (ps_place_member (setup, "own_server", &at))
    ok &= read_own_server (&at, out, error);
  return ok;
}

static gboolean
read_world (const PsPlace *setup, PsSimWorldOptions *out, GError **error)
{
  gint64 buffer = 0;
  gboolean ok = read_optional_integer (setup, "receive_buffer", 4096, 1 << 30, &buffer, error);
  ok &= read_optional_duration (setup, "audit", &out->audit_interval_us, error);
  ok &= read_optional_duration (setup, "reply_deadline", &out->reply_deadline_us, error);
  ok &= read_optional_duration (setup, "latency", &out->latency_us, error);
  ok &= read_optional_flag (setup, "adopt", &out->adopt, error);
  ok &= read_redis (setup, out, error);
  out->receive_buffer_bytes = (gsize)buffer;
  return read_orchagent (setup, &out->orchagent, error) && ok;
}

static gboolean
read_ports (const PsPlace *setup, PsScenario *self, GError **error)
{
  PsPlace at;
  gint64 n_ports;
  if (!ps_place_require (setup, "ports", &at, error) ||
      !ps_place_read_integer (&at, 0, PS_SCENARIO_PORTS_MAX, &n_ports, error))
    return FALSE;
  self->setup.n_ports = (guint)n_ports;
  for (guint i = 0; i < self->setup.n_ports; i++)
    g_ptr_array_add (self->links, g_strdup_printf ("Ethernet%u", i));
  return TRUE;
}

/* out_links: all links are known. */
static gboolean
read_setup (const PsPlace *root, PsScenario *self, gboolean *out_links, GError **error)
{
  PsPlace setup;
  *out_links = FALSE;
  if (!ps_place_require (root, "setup", &setup, error))
    return FALSE;
  gboolean ok = ps_place_check_object (&setup, setup_members, error);
  if (!ps_place_is (&setup, PS_JSON_OBJECT))
    return FALSE;
  *out_links = read_ports (&setup, self, error);
  ok &= read_optional_flag (&setup, "dpu", &self->setup.dpu, error);
  ok &= read_world (&setup, &self->setup.world, error);
  *out_links &= read_more_links (&setup, self, error);
  return ok && *out_links;
}

/* --- lists ---------------------------------------------------------------------------------- */

static gboolean
find_step (const PsScenario *self, const char *id, guint *out)
{
  for (guint i = 0; i < self->steps->len; i++)
    if (strcmp (((PsStep *)g_ptr_array_index (self->steps, i))->id, id) == 0) {
      *out = i;
      return TRUE;
    }
  return FALSE;
}

/* NULL: it has no such member, or no text in it. */
static const char *
text_of (const PsPlace *place, const char *member)
{
  PsPlace at;
  return ps_place_member (place, member, &at) ? at.value->text : NULL;
}

/* The member, if it is there, names a step of the list; that may have an error of its own. */
static gboolean
check_reference (const PsPlace *place, const char *member, const PsPlace *steps, GError **error)
{
  const char *id = text_of (place, member);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  if (id == NULL)
    return TRUE;
  for (PS_PLACE_EACH (steps, step)) {
    const char *known = text_of (&step, "id");
    if (known != NULL)
      g_ptr_array_add (ids, (gpointer)known);
  }
  g_ptr_array_add (ids, NULL);
  if (g_strv_contains ((const char *const *)ids->pdata, id))
    return TRUE;
  PsPlace at;
  ps_place_member (place, member, &at);
  return ps_place_fail_unknown (&at, "no step", id, (const char *const *)ids->pdata, error);
}

/* Steps that wait for each other in a ring would never come. */
static gboolean
is_in_ring (const PsScenario *self, guint index)
{
  guint at = index;
  for (guint n = 0; n <= self->steps->len; n++) {
    at = ((PsStep *)g_ptr_array_index (self->steps, at))->after;
    if (at == PS_STEP_NONE)
      return FALSE;
  }
  return TRUE;
}

/* numbers: where in the list each step stands that could be read. */
static gboolean
resolve_steps (const PsPlace *list, const GArray *numbers, PsScenario *self, GError **error)
{
  gboolean ok = TRUE;
  for (PS_PLACE_EACH (list, place)) {
    ok &= check_reference (&place, "after", list, error);
  }
  for (guint i = 0; i < self->steps->len; i++) {
    PsStep *step = g_ptr_array_index (self->steps, i);
    if (step->after_id != NULL)
      find_step (self, step->after_id, &step->after);
  }
  for (guint i = 0; i < self->steps->len; i++) {
    PsPlace place = ps_place_element (list, g_array_index (numbers, guint, i)), at;
    ps_place_member (&place, "after", &at);
    if (is_in_ring (self, i))
      ok = ps_place_fail (&at, error, "waits for itself");
  }
  return ok;
}

static gboolean
read_step (const PsPlace *place, const GPtrArray *links, GArray *numbers, PsScenario *self,
           GError **error)
{
  guint other;
  PsPlace at;
  g_autoptr (PsStep) step = ps_step_read (place, links, self->duration_us, error);
  if (step == NULL)
    return FALSE;
  ps_place_member (place, "id", &at);
  if (find_step (self, step->id, &other))
    return ps_place_fail (&at, error, "step %u is called \"%s\", too",
                          g_array_index (numbers, guint, other), step->id);
  g_array_append_val (numbers, place->index);
  g_ptr_array_add (self->steps, g_steal_pointer (&step));
  return TRUE;
}

static gboolean
read_steps (const PsPlace *root, const GPtrArray *links, PsScenario *self, GError **error)
{
  PsPlace list;
  gboolean ok = TRUE;
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  if (!ps_place_require (root, "steps", &list, error) ||
      !ps_place_check_array (&list, PS_SCENARIO_STEPS_MAX, error))
    return FALSE;
  for (PS_PLACE_EACH (&list, place))
    ok &= read_step (&place, links, numbers, self, error);
  return resolve_steps (&list, numbers, self, error) && ok;
}

static gboolean
read_expect (const PsPlace *root, const PsPlace *place, PsScenario *self, GError **error)
{
  PsPlace steps;
  PsExpect *expect = ps_expect_read (place, error);
  gboolean ok = expect != NULL;
  if (ps_place_member (root, "steps", &steps) && ps_place_is (&steps, PS_JSON_ARRAY))
    ok &= check_reference (place, "of", &steps, error) &
          check_reference (place, "from", &steps, error);
  if (expect == NULL)
    return FALSE;
  g_ptr_array_add (self->expects, expect);
  if (expect->of_id != NULL)
    find_step (self, expect->of_id, &expect->of);
  return ok;
}

static gboolean
read_expects (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace list;
  gboolean ok = TRUE;
  if (!ps_place_member (root, "expect", &list))
    return TRUE;
  if (!ps_place_check_array (&list, PS_SCENARIO_EXPECTS_MAX, error))
    return FALSE;
  for (PS_PLACE_EACH (&list, place)) {
    ok &= read_expect (root, &place, self, error);
  }
  return ok;
}

static gboolean
read_one_without (const PsPlace *place, PsScenario *self, GError **error)
{
  PsPlace at;
  guint check;
  gboolean ok = ps_place_check_object (place, without_members, error);
  PsWithout *without = g_new0 (PsWithout, 1);
  g_ptr_array_add (self->without, without);
  if (!ps_place_require (place, "check", &at, error) ||
      !ps_place_read_word (&at, "check", ps_check_names (), &check, error))
    ok = FALSE;
  else
    without->check = g_strdup (ps_check_names ()[check]);
  return copy_text (place, "reason", &without->reason, error) && ok;
}

static gboolean
read_without (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace list;
  if (!ps_place_member (root, "without", &list))
    return TRUE;
  if (!ps_place_check_array (&list, 32, error))
    return FALSE;
  gboolean ok = TRUE;
  for (PS_PLACE_EACH (&list, place)) {
    ok &= read_one_without (&place, self, error);
  }
  return ok;
}

/* The checks, and what the file expects; NULL-terminated. Free with g_ptr_array_unref. */
static GPtrArray *
names_to_fail (const PsScenario *self)
{
  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 0; ps_check_names ()[i] != NULL; i++)
    g_ptr_array_add (names, (gpointer)ps_check_names ()[i]);
  for (guint i = 0; i < self->expects->len; i++)
    g_ptr_array_add (names, ((PsExpect *)g_ptr_array_index (self->expects, i))->name);
  g_ptr_array_add (names, NULL);
  return names;
}

static gboolean
read_upstream (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace upstream, list;
  guint name;
  if (!ps_place_member (root, "upstream", &upstream))
    return TRUE;
  if (!ps_place_check_object (&upstream, upstream_members, error) ||
      !ps_place_require (&upstream, "fails", &list, error) ||
      !ps_place_check_array (&list, 8, error))
    return FALSE;
  gboolean ok = TRUE;
  g_autoptr (GPtrArray) known = names_to_fail (self);
  for (PS_PLACE_EACH (&list, at)) {
    if (!ps_place_read_word (&at, "check or expectation", (const char *const *)known->pdata, &name,
                             error))
      ok = FALSE;
    else
      g_ptr_array_add (self->upstream_fails, g_strdup (g_ptr_array_index (known, name)));
  }
  return ok;
}

/* --- public --------------------------------------------------------------------------------- */

static void
free_without (gpointer data)
{
  PsWithout *without = data;
  g_free (without->check);
  g_free (without->reason);
  g_free (without);
}

/* What the names of checks and expectations are is not known before they are read. */
static gboolean
read_all (const PsPlace *root, PsScenario *self, GError **error)
{
  gboolean has_links = FALSE;
  if (!ps_place_require_object (root, error) || !read_format (root, error))
    return FALSE;
  gboolean ok = read_head (root, self, error);
  ok &= read_setup (root, self, &has_links, error);
  ok &= read_steps (root, has_links ? self->links : NULL, self, error);
  gboolean named = read_expects (root, self, error);
  ok &= read_without (root, self, error);
  return named && read_upstream (root, self, error) && ok;
}

static PsScenario *
parse (const char *text, gsize size, const char *origin, GPtrArray *faults, GError **error)
{
  g_autoptr (PsJson) document = ps_document_parse (text, size, origin, error);
  if (document == NULL)
    return NULL;
  PsPlace root = ps_place_root (origin, document, faults);
  g_autoptr (PsScenario) self = g_new0 (PsScenario, 1);
  self->origin = g_strdup (origin);
  self->tags = g_ptr_array_new_with_free_func (g_free);
  self->links = g_ptr_array_new_with_free_func (g_free);
  self->steps = g_ptr_array_new_with_free_func ((GDestroyNotify)ps_step_free);
  self->expects = g_ptr_array_new_with_free_func ((GDestroyNotify)ps_expect_free);
  self->without = g_ptr_array_new_with_free_func (free_without);
  self->upstream_fails = g_ptr_array_new_with_free_func (g_free);
  return read_all (&root, self, error) ? g_steal_pointer (&self) : NULL;
}

PsScenario *
ps_scenario_parse (const char *text, gsize size, const char *origin, GError **error)
{
  return parse (text, size, origin, NULL, error);
}

PsScenario *
ps_scenario_parse_all (const char *text, gsize size, const char *origin, GPtrArray *out_faults)
{
  g_autoptr (GError) error = NULL;
  PsScenario *self = parse (text, size, origin, out_faults, &error);
  if (self == NULL && out_faults->len == 0) /* It is no JSON. */
    g_ptr_array_add (out_faults, g_strdup (error->message));
  return self;
}

void
ps_scenario_free (PsScenario *self)
{
  if (self == NULL)
    return;
  g_free (self->origin);
  g_free (self->name);
  g_free (self->why);
  g_ptr_array_unref (self->tags);
  g_ptr_array_unref (self->links);
  g_ptr_array_unref (self->steps);
  g_ptr_array_unref (self->expects);
  g_ptr_array_unref (self->without);
  g_ptr_array_unref (self->upstream_fails);
  g_free (self);
}

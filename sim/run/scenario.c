/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/scenario.h"
#include "core/nearest.h"
#include <string.h>

static const char *const members[] = {"scenario", "name",     "why",      "tags",
                                      "seeds",    "duration", "setup",    "steps",
                                      "expect",   "without",  "upstream", NULL};
static const char *const seeds_members[] = {"base", "count", NULL};
static const char *const setup_members[] = {"ports",          "links", "receive_buffer", "audit",
                                            "reply_deadline", "adopt", "latency",        "dpu",
                                            "orchagent",      NULL};
static const char *const orchagent_members[] = {
    "batch", "start_delay", "pop_delay", "device_delay", "netdevs", "kind", NULL};
static const char *const without_members[] = {"check", "reason", NULL};
static const char *const upstream_members[] = {"fails", NULL};
static const char *const kind_words[] = {"veth", "physical", NULL};

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
  for (guint i = 0; i < ps_place_length (&tags); i++) {
    PsPlace at = ps_place_element (&tags, i);
    if (!ps_place_read_name (&at, &tag, error))
      return FALSE;
    g_ptr_array_add (self->tags, g_strdup (tag));
  }
  return TRUE;
}

static gboolean
read_head (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace at;
  gint64 format;
  if (!ps_place_check_object (root, members, error) ||
      !ps_place_require (root, "scenario", &at, error) ||
      !ps_place_read_integer (&at, PS_SCENARIO_FORMAT, PS_SCENARIO_FORMAT, &format, error) ||
      !copy_name (root, &self->name, error) || !copy_text (root, "why", &self->why, error) ||
      !read_tags (root, self, error) || !read_seeds (root, self, error) ||
      !ps_place_require (root, "duration", &at, error) ||
      !ps_place_read_duration (&at, &self->duration_us, error))
    return FALSE;
  if (self->duration_us > 0 && self->duration_us <= DURATION_MAX)
    return TRUE;
  return ps_place_fail (&at, error, "must be above 0 and at most 31 days");
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
  if (!ps_place_check_object (&place, orchagent_members, error) ||
      !read_optional_integer (&place, "batch", 1, 1024, &batch, error) ||
      !read_optional_duration (&place, "start_delay", &out->start_delay_us, error) ||
      !read_optional_duration (&place, "pop_delay", &out->pop_delay_us, error) ||
      !read_optional_duration (&place, "device_delay", &out->device_delay_us, error) ||
      !read_optional_flag (&place, "netdevs", &netdevs, error))
    return FALSE;
  out->batch = (guint)batch;
  out->leaves_netdevs = !netdevs;
  if (!ps_place_member (&place, "kind", &at))
    return TRUE;
  if (!ps_place_read_word (&at, "kind", kind_words, &kind, error))
    return FALSE;
  out->kind = kind == 0 ? "veth" : "";
  return TRUE;
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
  for (guint i = 0; i < ps_place_length (&list); i++) {
    PsPlace at = ps_place_element (&list, i);
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
read_world (const PsPlace *setup, PsSimWorldOptions *out, GError **error)
{
  gint64 buffer = 0;
  if (!read_optional_integer (setup, "receive_buffer", 4096, 1 << 30, &buffer, error) ||
      !read_optional_duration (setup, "audit", &out->audit_interval_us, error) ||
      !read_optional_duration (setup, "reply_deadline", &out->reply_deadline_us, error) ||
      !read_optional_duration (setup, "latency", &out->latency_us, error) ||
      !read_optional_flag (setup, "adopt", &out->adopt, error))
    return FALSE;
  out->receive_buffer_bytes = (gsize)buffer;
  return read_orchagent (setup, &out->orchagent, error);
}

static gboolean
read_setup (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace setup, at;
  gint64 n_ports;
  if (!ps_place_require (root, "setup", &setup, error) ||
      !ps_place_check_object (&setup, setup_members, error) ||
      !ps_place_require (&setup, "ports", &at, error) ||
      !ps_place_read_integer (&at, 0, PS_SCENARIO_PORTS_MAX, &n_ports, error))
    return FALSE;
  self->setup.n_ports = (guint)n_ports;
  for (guint i = 0; i < self->setup.n_ports; i++)
    g_ptr_array_add (self->links, g_strdup_printf ("Ethernet%u", i));
  return read_optional_flag (&setup, "dpu", &self->setup.dpu, error) &&
         read_world (&setup, &self->setup.world, error) && read_more_links (&setup, self, error);
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

static gboolean
fail_dangling (const PsScenario *self, const PsPlace *at, const char *id, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  for (guint i = 0; i < self->steps->len; i++)
    g_ptr_array_add (ids, ((PsStep *)g_ptr_array_index (self->steps, i))->id);
  g_ptr_array_add (ids, NULL);
  const char *near = ps_nearest (id, (const char *const *)ids->pdata);
  return ps_place_fail (at, error, "no step \"%s\"%s%s%s", id,
                        near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                        near != NULL ? "\"?" : "");
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

static gboolean
resolve_steps (const PsPlace *list, PsScenario *self, GError **error)
{
  for (guint i = 0; i < self->steps->len; i++) {
    PsStep *step = g_ptr_array_index (self->steps, i);
    PsPlace place = ps_place_element (list, i), at;
    if (step->after_id == NULL)
      continue;
    ps_place_member (&place, "after", &at);
    if (!find_step (self, step->after_id, &step->after))
      return fail_dangling (self, &at, step->after_id, error);
  }
  for (guint i = 0; i < self->steps->len; i++) {
    PsPlace place = ps_place_element (list, i), at;
    ps_place_member (&place, "after", &at);
    if (is_in_ring (self, i))
      return ps_place_fail (&at, error, "waits for itself");
  }
  return TRUE;
}

static gboolean
read_steps (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace list;
  guint other;
  if (!ps_place_require (root, "steps", &list, error) ||
      !ps_place_check_array (&list, PS_SCENARIO_STEPS_MAX, error))
    return FALSE;
  for (guint i = 0; i < ps_place_length (&list); i++) {
    PsPlace place = ps_place_element (&list, i), at;
    g_autoptr (PsStep) step = ps_step_read (&place, self->links, self->duration_us, error);
    if (step == NULL)
      return FALSE;
    ps_place_member (&place, "id", &at);
    if (find_step (self, step->id, &other))
      return ps_place_fail (&at, error, "step %u is called \"%s\", too", other, step->id);
    g_ptr_array_add (self->steps, g_steal_pointer (&step));
  }
  return resolve_steps (&list, self, error);
}

static gboolean
read_expects (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace list;
  if (!ps_place_member (root, "expect", &list))
    return TRUE;
  if (!ps_place_check_array (&list, PS_SCENARIO_EXPECTS_MAX, error))
    return FALSE;
  for (guint i = 0; i < ps_place_length (&list); i++) {
    PsPlace place = ps_place_element (&list, i), at;
    PsExpect *expect = ps_expect_read (&place, error);
    if (expect == NULL)
      return FALSE;
    g_ptr_array_add (self->expects, expect);
    if (!ps_place_member (&place, "of", &at))
      ps_place_member (&place, "from", &at);
    if (expect->of_id != NULL && !find_step (self, expect->of_id, &expect->of))
      return fail_dangling (self, &at, expect->of_id, error);
  }
  return TRUE;
}

static gboolean
read_without (const PsPlace *root, PsScenario *self, GError **error)
{
  PsPlace list;
  if (!ps_place_member (root, "without", &list))
    return TRUE;
  if (!ps_place_check_array (&list, 32, error))
    return FALSE;
  for (guint i = 0; i < ps_place_length (&list); i++) {
    PsPlace place = ps_place_element (&list, i), at;
    guint check;
    if (!ps_place_check_object (&place, without_members, error) ||
        !ps_place_require (&place, "check", &at, error) ||
        !ps_place_read_word (&at, "check", ps_check_names (), &check, error))
      return FALSE;
    PsWithout *without = g_new0 (PsWithout, 1);
    g_ptr_array_add (self->without, without);
    without->check = g_strdup (ps_check_names ()[check]);
    if (!copy_text (&place, "reason", &without->reason, error))
      return FALSE;
  }
  return TRUE;
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
  g_autoptr (GPtrArray) known = names_to_fail (self);
  for (guint i = 0; i < ps_place_length (&list); i++) {
    PsPlace at = ps_place_element (&list, i);
    if (!ps_place_read_word (&at, "check or expectation", (const char *const *)known->pdata, &name,
                             error))
      return FALSE;
    g_ptr_array_add (self->upstream_fails, g_strdup (g_ptr_array_index (known, name)));
  }
  return TRUE;
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

PsScenario *
ps_scenario_parse (const char *text, gsize size, const char *origin, GError **error)
{
  g_autoptr (JsonNode) node = ps_document_parse (text, size, origin, error);
  if (node == NULL)
    return NULL;
  PsPlace root = ps_place_root (origin, node);
  g_autoptr (PsScenario) self = g_new0 (PsScenario, 1);
  self->origin = g_strdup (origin);
  self->tags = g_ptr_array_new_with_free_func (g_free);
  self->links = g_ptr_array_new_with_free_func (g_free);
  self->steps = g_ptr_array_new_with_free_func ((GDestroyNotify)ps_step_free);
  self->expects = g_ptr_array_new_with_free_func ((GDestroyNotify)ps_expect_free);
  self->without = g_ptr_array_new_with_free_func (free_without);
  self->upstream_fails = g_ptr_array_new_with_free_func (g_free);
  if (!read_head (&root, self, error) || !read_setup (&root, self, error) ||
      !read_steps (&root, self, error) || !read_expects (&root, self, error) ||
      !read_without (&root, self, error) || !read_upstream (&root, self, error))
    return NULL;
  return g_steal_pointer (&self);
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

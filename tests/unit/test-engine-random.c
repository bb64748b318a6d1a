/* SPDX-License-Identifier: Apache-2.0 */
/* Random histories of a switch against the engine: after each, everything is healed, and the
 * databases must be what design 5.3 says. A failure prints its seed; PS_RANDOM_SEED=N runs that one
 * alone and prints the history. */
#include "core/rng.h"
#include "core/schema.h"
#include "tests/support/engine-world.h"
#include <string.h>

#define N_SEEDS      2000
#define N_STEPS      40
#define N_PORTS      8  /* names Ethernet0 … */
#define N_CONFIGURED 6  /* of them in CONFIG_DB */
#define N_IFINDEXES  24 /* 1 … */
#define SETTLE_MS    75000
#define QUIET_MS     60000
#define LIVE_SEEN_US (12 * G_USEC_PER_SEC) /* how long a live row that went may count as there */

/* What the test knows of a port's name. */
typedef struct {
  char name[IFNAMSIZ];
  gboolean replaced;   /* its device went or changed at some time */
  gboolean unsure;     /* no exact flap count: things happened while nobody looked */
  gboolean had_device; /* in this process's time, one that is not old */
  guint64 downs;       /* carrier losses of its devices */
  gint64 live_us;      /* when its live row was last there */
} Name;

typedef struct {
  PsEngineWorld *w;
  guint64 seed;
  PsRng rng;
  gboolean verbose;
  gboolean no_audit; /* Healing is not left to it. */
  Name names[N_PORTS];
  gboolean old[N_IFINDEXES + 1];
  gboolean old_settled; /* this process's old set was taken over into `old` */
  gboolean deaf, flushed_appl, has_life;
  guint n_init_done; /* of this process */
  guint n_seen;      /* lines of the write log looked at */
  gint64 run_us;     /* when the last run began */
  gboolean held;     /* answers of Redis wait, and grow old */
  gint64 held_us;    /* when they last did */
} History;

static guint
draw (History *h, guint bound)
{
  return (guint)ps_rng_below (&h->rng, bound);
}

#define tell(h, ...)                                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if ((h)->verbose)                                                                              \
      g_test_message (__VA_ARGS__);                                                                \
  }                                                                                                \
  G_STMT_END

/* Fails with the seed. */
#define expect(h, condition, ...)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!(condition)) {                                                                            \
      g_autofree char *what_ = g_strdup_printf (__VA_ARGS__);                                      \
      g_autofree char *writes_ = ps_memory_store_log_text ((h)->w->store);                         \
      g_test_message ("%s%s", (h)->verbose ? (h)->w->lines->str : "",                              \
                      (h)->verbose ? writes_ : "");                                                \
      g_error ("seed %" G_GUINT64_FORMAT ": %s", (h)->seed, what_);                                \
    }                                                                                              \
  }                                                                                                \
  G_STMT_END

/* --- the kernel's side ----------------------------------------------------------------------- */

static const PsLinkEvent *
link_at (History *h, guint32 ifindex)
{
  return ps_script_source_peek (h->w->source, ifindex);
}

static const PsLinkEvent *
link_named (History *h, const char *name)
{
  for (guint32 i = 1; i <= N_IFINDEXES; i++) {
    const PsLinkEvent *link = link_at (h, i);
    if (link != NULL && strcmp (link->name, name) == 0)
      return link;
  }
  return NULL;
}

static Name *
name_of (History *h, const char *name)
{
  for (guint i = 0; i < N_PORTS; i++)
    if (strcmp (h->names[i].name, name) == 0)
      return &h->names[i];
  return NULL;
}

static gboolean
is_started (History *h)
{
  return h->w->engine != NULL && ps_engine_status (h->w->engine).started;
}

static gboolean
is_watched (History *h)
{
  return is_started (h) && !h->deaf;
}

/* Something of who bears the name changed. */
static void
identity_changes (History *h, const char *name)
{
  Name *n = name_of (h, name);
  if (n == NULL)
    return;
  n->replaced = TRUE;
  n->unsure |= !is_watched (h);
}

static void
add_link (History *h)
{
  guint32 ifindex = 1 + draw (h, N_IFINDEXES);
  const char *name = h->names[draw (h, N_PORTS)].name;
  if (link_at (h, ifindex) != NULL || link_named (h, name) != NULL)
    return;
  /* A device that took the ifindex of another while nobody looked cannot be told from it. */
  if (!is_watched (h) && h->old[ifindex])
    return;
  tell (h, "add %s %u", name, ifindex);
  Name *n = name_of (h, name);
  n->unsure |= !is_watched (h);
  n->had_device |= is_started (h);
  h->old[ifindex] = FALSE;
  ps_script_source_link (h->w->source, name, ifindex, draw (h, 2) ? UP : NO_LINK);
}

static void
remove_link (History *h, guint32 ifindex)
{
  const PsLinkEvent *link = link_at (h, ifindex);
  if (link == NULL)
    return;
  tell (h, "remove %s %u", link->name, ifindex);
  identity_changes (h, link->name);
  if (is_watched (h))
    h->old[ifindex] = FALSE;
  ps_script_source_remove (h->w->source, ifindex);
}

static void
rename_link (History *h, guint32 ifindex, const char *name)
{
  const PsLinkEvent *link = link_at (h, ifindex);
  if (link == NULL || link_named (h, name) != NULL)
    return;
  if (!is_started (h))
    return; /* whose old device it would be is a matter of taste */
  tell (h, "rename %s %u to %s", link->name, ifindex, name);
  identity_changes (h, link->name);
  identity_changes (h, name);
  Name *n = name_of (h, name);
  if (n != NULL && !h->old[ifindex])
    n->had_device = TRUE;
  ps_script_source_rename (h->w->source, ifindex, name);
}

static void
swap_links (History *h)
{
  const PsLinkEvent *a = link_at (h, 1 + draw (h, N_IFINDEXES));
  const PsLinkEvent *b = link_at (h, 1 + draw (h, N_IFINDEXES));
  if (a == NULL || b == NULL || a == b)
    return;
  PsLinkEvent was_a = *a, was_b = *b;
  rename_link (h, was_a.ifindex, "tmp0");
  rename_link (h, was_b.ifindex, was_a.name);
  rename_link (h, was_a.ifindex, was_b.name);
}

static void
flap (History *h, guint n)
{
  guint32 ifindex = 1 + draw (h, N_IFINDEXES);
  for (guint i = 0; i < n; i++) {
    const PsLinkEvent *link = link_at (h, ifindex);
    if (link == NULL)
      return;
    gboolean was_up = (link->flags & IFF_RUNNING) != 0;
    Name *name = name_of (h, link->name);
    if (name != NULL && was_up && !h->old[ifindex])
      name->downs++;
    if (name != NULL && h->old[ifindex])
      name->unsure |= !is_started (h); /* it is not known yet that the device is old */
    tell (h, "flap %s %u", link->name, ifindex);
    ps_script_source_link (h->w->source, link->name, ifindex, was_up ? NO_LINK : UP);
  }
}

static void
kernel_step (History *h)
{
  guint32 ifindex = 1 + draw (h, N_IFINDEXES);
  switch (draw (h, 7)) {
  case 0:
  case 1:
    add_link (h);
    return;
  case 2:
    remove_link (h, ifindex);
    return;
  case 3:
    rename_link (h, ifindex, h->names[draw (h, N_PORTS)].name);
    return;
  case 4:
    swap_links (h);
    return;
  default:
    flap (h, 1 + draw (h, 5));
    return;
  }
}

static void
set_deaf (History *h, gboolean deaf)
{
  gboolean was_deaf = h->deaf;
  h->deaf = deaf;
  ps_script_source_set_deaf (h->w->source, deaf);
  if (was_deaf && !deaf && (h->no_audit || draw (h, 2)))
    ps_script_source_lost (h->w->source);
}

static void
source_step (History *h)
{
  guint what = draw (h, 5);
  tell (h, "source %u", what);
  if (what == 0) {
    ps_script_source_lost (h->w->source);
  } else if (what == 1) {
    ps_script_source_interrupt_snapshots (h->w->source, 1 + draw (h, 3));
  } else if (what == 2) {
    ps_script_source_hold_snapshots (h->w->source, draw (h, 2));
  } else if (is_started (h)) {
    set_deaf (h, !h->deaf);
  }
}

/* --- the databases' side --------------------------------------------------------------------- */

static PsMemoryDb *
db (History *h, PsDb which)
{
  return ps_memory_store_db (h->w->store, which);
}

static gboolean
is_live (History *h, const char *name)
{
  g_autofree char *key = g_strdup_printf ("PORT_TABLE:%s", name);
  return ps_memory_db_exists (db (h, PS_DB_APPL), key);
}

static gboolean
has_marker (History *h, const char *marker)
{
  g_autofree char *staged = g_strdup_printf ("_PORT_TABLE:%s", marker);
  return is_live (h, marker) || ps_memory_db_exists (db (h, PS_DB_APPL), staged);
}

static void
flush_db (History *h, PsDb which)
{
  tell (h, "flush db %d", (int)which);
  ps_memory_db_flush (db (h, which));
  h->flushed_appl |= which == PS_DB_APPL;
}

static void
hold (History *h, gboolean hold)
{
  if (h->held)
    h->held_us = ps_clock_now_us (PS_CLOCK (h->w->clock));
  h->held = hold;
  ps_memory_store_hold (h->w->store, hold);
}

static void
store_step (History *h)
{
  PsDb which = draw (h, PS_N_DBS);
  guint what = draw (h, 8);
  tell (h, "store %u db %d", what, (int)which);
  switch (what) {
  case 0:
  case 1:
    ps_memory_store_set_online (h->w->store, FALSE);
    return;
  case 2:
    ps_memory_store_set_online (h->w->store, TRUE);
    return;
  case 3:
    hold (h, draw (h, 2));
    return;
  case 4:
    ps_memory_store_refuse (h->w->store, which, "*", PS_REFUSAL_TRANSIENT, "BUSY", 1 + draw (h, 4));
    return;
  case 5:
    ps_memory_store_lose (h->w->store, 1 + draw (h, 4), draw (h, 2));
    return;
  case 6:
    if (draw (h, 4) == 0)
      flush_db (h, draw (h, 2) ? PS_DB_STATE : PS_DB_APPL);
    return;
  default:
    hold (h, FALSE);
    return;
  }
}

static void
switch_step (History *h)
{
  const char *name = h->names[draw (h, N_PORTS)].name;
  g_autofree char *key = g_strdup_printf ("PORT_TABLE:%s", name);
  guint what = draw (h, 7);
  tell (h, "switch %u %s", what, name);
  switch (what) {
  case 0:
    ps_memory_db_delete (db (h, PS_DB_APPL), key);
    return;
  case 1:
    ps_engine_world_make_live (h->w, name);
    return;
  case 2:
    ps_memory_db_set (db (h, PS_DB_STATE), "WARM_RESTART_ENABLE_TABLE|system", "enable",
                      draw (h, 3) == 0 ? "true" : "false");
    return;
  default:
    g_ptr_array_unref (ps_memory_store_pop (h->w->store, 1 + draw (h, 5)));
    return;
  }
}

/* --- the process ----------------------------------------------------------------------------- */

/* Once a process has decided how it starts: which devices are old from now on? */
static void
settle_old (History *h)
{
  if (h->old_settled || !is_started (h))
    return;
  h->old_settled = TRUE;
  PsStart how = ps_engine_status (h->w->engine).start;
  gsize n = 0;
  const guint32 *downed = ps_script_source_downed (h->w->source, &n);
  tell (h, "started %s, %" G_GSIZE_FORMAT " down", ps_start_mode_name (how.mode), n);
  if (how.mode == PS_START_COLD || !h->has_life)
    memset (h->old, 0, sizeof h->old);
  h->has_life = TRUE;
  for (gsize i = 0; i < n; i++)
    h->old[downed[i]] = TRUE;
  for (guint32 i = 1; i <= N_IFINDEXES; i++)
    h->old[i] &= link_at (h, i) != NULL;
  for (guint i = 0; i < N_PORTS; i++) {
    const PsLinkEvent *link = link_named (h, h->names[i].name);
    h->names[i].had_device |= link != NULL && !h->old[link->ifindex];
    h->names[i].unsure |= how.mode == PS_START_COLD && link != NULL;
    h->names[i].replaced |= how.mode == PS_START_COLD;
  }
}

static void
start (History *h)
{
  h->n_init_done = 0;
  h->old_settled = FALSE;
  h->flushed_appl = FALSE;
  for (guint i = 0; i < N_PORTS; i++)
    h->names[i].had_device = FALSE;
  ps_engine_world_start (h->w);
  settle_old (h);
}

static void
forget_flaps (History *h)
{
  for (guint i = 0; i < N_PORTS; i++)
    h->names[i].unsure = TRUE;
}

static void
end (History *h)
{
  if (draw (h, 3) == 0)
    forget_flaps (h); /* what is queued dies with the process */
  else
    ps_engine_world_run_ms (h->w, 0);
  if (draw (h, 3) == 0) {
    ps_engine_drain (h->w->engine);
    ps_engine_world_run_ms (h->w, PS_DRAIN_MAX_US / 1000);
    expect (h, h->w->drained, "SIGTERM was not answered");
    settle_old (h);
  }
  ps_engine_world_kill (h->w);
  h->deaf = FALSE;
  if (draw (h, 6) == 0) {
    tell (h, "life record lost");
    g_string_truncate (h->w->life, 0);
    h->has_life = FALSE;
    forget_flaps (h);
  }
}

static void
process_step (History *h)
{
  if (draw (h, 3) > 0)
    return;
  tell (h, "%s", h->w->engine == NULL ? "start" : "end");
  if (h->w->engine == NULL)
    start (h);
  else
    end (h);
}

/* --- what must hold -------------------------------------------------------------------------- */

static void
check_port_write (History *h, const char *line)
{
  for (guint i = 0; i < N_PORTS; i++) {
    Name *n = &h->names[i];
    g_autofree char *put = g_strdup_printf ("STATE PUT PORT_TABLE|%s ", n->name);
    g_autofree char *del = g_strdup_printf ("STATE DELETE PORT_TABLE|%s", n->name);
    if (g_str_has_prefix (line, put))
      expect (h, h->run_us - MAX (n->live_us, h->held_us) <= LIVE_SEEN_US,
              "written without a live row: %s", line);
    expect (h, strcmp (line, del) != 0 || n->replaced, "the device never went: %s", line);
  }
}

static void
check_writes (History *h)
{
  const GPtrArray *log = ps_memory_store_log (h->w->store);
  for (; h->n_seen < log->len; h->n_seen++) {
    const char *line = g_ptr_array_index (log, h->n_seen);
    check_port_write (h, line);
    if (g_str_has_prefix (line, "APPL PRODUCE PORT_TABLE:PortInitDone"))
      expect (h, h->n_init_done++ == 0 || h->flushed_appl, "PortInitDone twice");
    if (g_str_has_prefix (line, "APPL PRODUCE PORT_TABLE:PortConfigDone"))
      expect (h, g_str_has_suffix (line, "count=6"), "wrong count: %s", line);
  }
}

static void
note_live (History *h)
{
  h->run_us = ps_clock_now_us (PS_CLOCK (h->w->clock));
  if (h->held)
    h->held_us = h->run_us;
  for (guint i = 0; i < N_PORTS; i++)
    if (is_live (h, h->names[i].name))
      h->names[i].live_us = h->run_us;
}

static void
run (History *h, gint64 ms)
{
  note_live (h);
  ps_engine_world_run_ms (h->w, ms);
  settle_old (h);
  check_writes (h);
}

static void
check_rows (History *h)
{
  for (guint i = 0; i < N_PORTS; i++) {
    const char *name = h->names[i].name;
    const PsLinkEvent *link = link_named (h, name);
    gboolean there = link != NULL && !h->old[link->ifindex];
    g_autofree char *row = ps_engine_world_row (h->w, name);
    if (!there)
      expect (h, strcmp (row, "-") == 0, "%s has no device, but a row: %s", name, row);
    if (!there || !is_live (h, name))
      continue;
    const char *want = (link->flags & IFF_RUNNING) ? "ok up up 9100"
                       : (link->flags & IFF_UP)    ? "ok down up 9100"
                                                   : "ok down down 9100";
    expect (h, strcmp (row, want) == 0, "%s is %s, not %s", name, want, row);
  }
}

static void
check_markers (History *h)
{
  PsEngineStatus status = ps_engine_status (h->w->engine);
  gboolean all = TRUE, none_missing = TRUE;
  for (guint i = 0; i < N_CONFIGURED; i++) {
    const char *name = h->names[i].name;
    const PsLinkEvent *link = link_named (h, name);
    const PsPort *port = ps_engine_find_port (h->w->engine, name);
    all &= link != NULL && !h->old[link->ifindex] && is_live (h, name);
    none_missing &= h->names[i].had_device || (port != NULL && port->precleared);
  }
  if (h->flushed_appl)
    return;
  expect (h, has_marker (h, PS_KEY_CONFIG_DONE), "no PortConfigDone");
  expect (h, !all || status.init_done, "every port is there, but no PortInitDone");
  expect (h, none_missing || !status.init_done, "PortInitDone before every port was there");
  expect (h, !status.init_done || has_marker (h, PS_KEY_INIT_DONE), "PortInitDone is not there");
}

static void
check_flaps (History *h)
{
  for (guint i = 0; i < N_PORTS; i++) {
    const PsPort *port = ps_engine_find_port (h->w->engine, h->names[i].name);
    guint64 downs = port != NULL ? ps_flap_downs (&port->flap) : 0;
    expect (h, h->names[i].unsure || downs == h->names[i].downs,
            "%s went down %u times, counted %u", h->names[i].name, (guint)h->names[i].downs,
            (guint)downs);
  }
}

static void
check_others (History *h)
{
  static const char *const keys[] = {"PORT_TABLE|Ethernet0.10", "PORT_TABLE|PortChannel1"};
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    guint n = ps_memory_store_n_writes (h->w->store, PS_DB_STATE, keys[i]);
    expect (h, n == 0, "%s was written", keys[i]);
  }
}

static void
heal (History *h)
{
  tell (h, "heal");
  hold (h, FALSE);
  ps_memory_store_set_online (h->w->store, TRUE);
  ps_script_source_hold_snapshots (h->w->source, FALSE);
  set_deaf (h, FALSE);
  if (h->w->engine == NULL)
    start (h);
  for (guint i = 0; i < 5; i++) {
    run (h, SETTLE_MS / 5);
    while (ps_memory_store_n_pending (h->w->store) > 0)
      g_ptr_array_unref (ps_memory_store_pop (h->w->store, 128));
  }
}

static void
check_end (History *h)
{
  PsEngineStatus status = ps_engine_status (h->w->engine);
  expect (h, status.started && status.complete, "not started, or no complete picture");
  expect (h, status.n_waiting == 0, "%u ports wait", status.n_waiting);
  expect (h, ps_memory_store_n_open (h->w->store) == 0, "requests are open");
  check_rows (h);
  check_markers (h);
  check_flaps (h);
  check_others (h);
  ps_memory_store_clear_log (h->w->store);
  ps_engine_world_run_ms (h->w, QUIET_MS);
  const GPtrArray *log = ps_memory_store_log (h->w->store);
  expect (h, log->len == 0, "written in quiet: %s", (char *)g_ptr_array_index (log, 0));
  check_rows (h);
}

/* --- a history ------------------------------------------------------------------------------- */

static void
set_up (History *h, PsEngineWorld *w, guint64 seed, gboolean verbose)
{
  *h = (History){.w = w, .seed = seed, .verbose = verbose};
  ps_rng_seed (&h->rng, seed);
  h->no_audit = draw (h, 2);
  w->config->audit_interval_us = (h->no_audit ? 3600 : 20) * (gint64)G_USEC_PER_SEC;
  if (draw (h, 4) == 0)
    w->config->old_interfaces = PS_OLD_ADOPT;
  for (guint i = 0; i < N_PORTS; i++) {
    g_snprintf (h->names[i].name, IFNAMSIZ, "Ethernet%u", 4 * i);
    if (i < N_CONFIGURED)
      ps_engine_world_configure (w, h->names[i].name);
  }
  PsMemoryDb *state = db (h, PS_DB_STATE);
  ps_memory_db_set (state, "PORT_TABLE|Ethernet0.10", "state", "ok");
  ps_memory_db_set (state, "PORT_TABLE|PortChannel1", "state", "ok");
  for (guint i = draw (h, 6); i > 0; i--)
    add_link (h);
}

static void
step (History *h)
{
  static const gint64 pauses_ms[] = {0, 0, 0, 0, 5, 100, 1500, 12000};
  switch (draw (h, 8)) {
  case 0:
    source_step (h);
    break;
  case 1:
  case 2:
    store_step (h);
    break;
  case 3:
    switch_step (h);
    break;
  case 4:
    process_step (h);
    break;
  default:
    kernel_step (h);
    break;
  }
  if (draw (h, 2))
    run (h, pauses_ms[draw (h, G_N_ELEMENTS (pauses_ms))]);
}

static void
run_seed (guint64 seed, gboolean verbose)
{
  PsEngineWorld w = {0};
  History h;
  ps_engine_world_set_up (&w, NULL);
  set_up (&h, &w, seed, verbose);
  start (&h);
  for (guint i = 0; i < N_STEPS; i++)
    step (&h);
  heal (&h);
  check_end (&h);
  ps_engine_world_tear_down (&w, NULL);
}

/* Whatever happened, the end is right, and quiet. */
static void
test_random (void)
{
  const char *only = g_getenv ("PS_RANDOM_SEED");
  if (only != NULL) {
    run_seed (g_ascii_strtoull (only, NULL, 10), TRUE);
    return;
  }
  for (guint64 seed = 1; seed <= N_SEEDS; seed++)
    run_seed (seed, FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-random/histories", test_random);
  return g_test_run ();
}

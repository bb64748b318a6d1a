/* SPDX-License-Identifier: Apache-2.0 */
/* Random histories of a switch against the engine: after each, everything is healed, and the
 * databases must be what docs/rules.md 2.3 says. A failure prints its seed; PS_RANDOM_SEED=N runs
 * that one alone and prints the history. */
#include "tests/support/random-history.h"

#define N_SEEDS      2000
#define N_STEPS      40
#define SETTLE_MS    75000
#define QUIET_MS     60000
#define LIVE_SEEN_US (12 * G_USEC_PER_SEC) /* how long a live row that went may count as there */

/* --- what must hold -------------------------------------------------------------------------- */

static void
check_port_write (PsHistory *h, const char *line)
{
  for (guint i = 0; i < PS_HISTORY_PORTS; i++) {
    PsHistoryName *n = &h->names[i];
    g_autofree char *put = g_strdup_printf ("STATE PUT PORT_TABLE|%s ", n->name);
    g_autofree char *del = g_strdup_printf ("STATE DELETE PORT_TABLE|%s", n->name);
    if (g_str_has_prefix (line, put))
      ps_history_expect (h, h->run_us - MAX (n->live_us, h->held_us) <= LIVE_SEEN_US,
                         "written without a live row: %s", line);
    ps_history_expect (h, strcmp (line, del) != 0 || n->replaced, "the device never went: %s",
                       line);
  }
}

static void
check_writes (PsHistory *h)
{
  const GPtrArray *log = ps_memory_store_log (h->w->store);
  for (; h->n_seen < log->len; h->n_seen++) {
    const char *line = g_ptr_array_index (log, h->n_seen);
    check_port_write (h, line);
    if (g_str_has_prefix (line, "APPL PRODUCE PORT_TABLE:PortInitDone"))
      ps_history_expect (h, h->n_init_done++ == 0 || h->flushed_appl, "PortInitDone twice");
    if (g_str_has_prefix (line, "APPL PRODUCE PORT_TABLE:PortConfigDone"))
      ps_history_expect (h, g_str_has_suffix (line, "count=6"), "wrong count: %s", line);
  }
}

static void
note_live (PsHistory *h)
{
  h->run_us = ps_clock_now_us (PS_CLOCK (h->w->clock));
  if (h->held)
    h->held_us = h->run_us;
  for (guint i = 0; i < PS_HISTORY_PORTS; i++)
    if (ps_history_is_live (h, h->names[i].name))
      h->names[i].live_us = h->run_us;
}

static void
run (PsHistory *h, gint64 ms)
{
  note_live (h);
  ps_engine_world_run_ms (h->w, ms);
  ps_history_settle_old (h);
  check_writes (h);
}

static void
check_rows (PsHistory *h)
{
  for (guint i = 0; i < PS_HISTORY_PORTS; i++) {
    const char *name = h->names[i].name;
    const PsLinkEvent *link = ps_history_link_named (h, name);
    gboolean there = link != NULL && !h->old[link->ifindex];
    g_autofree char *row = ps_engine_world_row (h->w, name);
    if (!there)
      ps_history_expect (h, strcmp (row, "-") == 0, "%s has no device, but a row: %s", name, row);
    if (!there || !ps_history_is_live (h, name))
      continue;
    const char *want = (link->flags & IFF_RUNNING) ? "ok up up 9100"
                       : (link->flags & IFF_UP)    ? "ok down up 9100"
                                                   : "ok down down 9100";
    ps_history_expect (h, strcmp (row, want) == 0, "%s is %s, not %s", name, want, row);
  }
}

static void
check_markers (PsHistory *h)
{
  PsEngineStatus status = ps_engine_status (h->w->engine);
  gboolean all = TRUE, none_missing = TRUE;
  for (guint i = 0; i < PS_HISTORY_CONFIGURED; i++) {
    const char *name = h->names[i].name;
    const PsLinkEvent *link = ps_history_link_named (h, name);
    const PsPort *port = ps_engine_find_port (h->w->engine, name);
    all &= link != NULL && !h->old[link->ifindex] && ps_history_is_live (h, name);
    none_missing &= h->names[i].had_device || (port != NULL && port->boot.precleared);
  }
  if (h->flushed_appl)
    return;
  ps_history_expect (h, ps_history_has_marker (h, PS_KEY_CONFIG_DONE), "no PortConfigDone");
  ps_history_expect (h, !all || status.init_done, "every port is there, but no PortInitDone");
  ps_history_expect (h, none_missing || !status.init_done,
                     "PortInitDone before every port was there");
  ps_history_expect (h, !status.init_done || ps_history_has_marker (h, PS_KEY_INIT_DONE),
                     "PortInitDone is not there");
}

static void
check_flaps (PsHistory *h)
{
  for (guint i = 0; i < PS_HISTORY_PORTS; i++) {
    const PsPort *port = ps_engine_find_port (h->w->engine, h->names[i].name);
    guint64 downs = port != NULL ? ps_flap_downs (&port->device.flap) : 0;
    ps_history_expect (h, h->names[i].unsure || downs == h->names[i].downs,
                       "%s went down %u times, counted %u", h->names[i].name,
                       (guint)h->names[i].downs, (guint)downs);
  }
}

static void
check_others (PsHistory *h)
{
  static const char *const keys[] = {"PORT_TABLE|Ethernet0.10", "PORT_TABLE|PortChannel1"};
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    guint n = ps_memory_store_n_writes (h->w->store, PS_DB_STATE, keys[i]);
    ps_history_expect (h, n == 0, "%s was written", keys[i]);
  }
}

static void
heal (PsHistory *h)
{
  ps_history_tell (h, "heal");
  ps_history_hold (h, FALSE);
  ps_memory_store_set_online (h->w->store, TRUE);
  ps_script_source_hold_snapshots (h->w->source, FALSE);
  ps_history_set_silent (h, FALSE);
  if (h->w->engine == NULL)
    ps_history_start (h);
  for (guint i = 0; i < 5; i++) {
    run (h, SETTLE_MS / 5);
    while (ps_memory_store_n_pending (h->w->store) > 0)
      g_ptr_array_unref (ps_memory_store_pop (h->w->store, 128));
  }
}

static void
check_end (PsHistory *h)
{
  PsEngineStatus status = ps_engine_status (h->w->engine);
  ps_history_expect (h, status.started && status.complete, "not started, or no complete picture");
  ps_history_expect (h, status.n_waiting == 0, "%u ports wait", status.n_waiting);
  ps_history_expect (h, ps_memory_store_n_open (h->w->store) == 0, "requests are open");
  check_rows (h);
  check_markers (h);
  check_flaps (h);
  check_others (h);
  ps_memory_store_clear_log (h->w->store);
  ps_engine_world_run_ms (h->w, QUIET_MS);
  const GPtrArray *log = ps_memory_store_log (h->w->store);
  ps_history_expect (h, log->len == 0, "written in quiet: %s", (char *)g_ptr_array_index (log, 0));
  check_rows (h);
}

/* --- a history ------------------------------------------------------------------------------- */

static void
set_up (PsHistory *h, PsEngineWorld *w, guint64 seed, gboolean verbose)
{
  *h = (PsHistory){.w = w, .seed = seed, .verbose = verbose};
  ps_rng_seed (&h->rng, seed);
  h->no_audit = ps_history_draw (h, 2);
  w->config->audit_interval_us = (h->no_audit ? 3600 : 20) * (gint64)G_USEC_PER_SEC;
  if (ps_history_draw (h, 4) == 0)
    w->config->old_interfaces = PS_OLD_ADOPT;
  for (guint i = 0; i < PS_HISTORY_PORTS; i++) {
    g_snprintf (h->names[i].name, IFNAMSIZ, "Ethernet%u", 4 * i);
    if (i < PS_HISTORY_CONFIGURED)
      ps_engine_world_configure (w, h->names[i].name);
  }
  PsSimRedisDb *state = ps_history_db (h, PS_DB_STATE);
  ps_memory_db_set (state, "PORT_TABLE|Ethernet0.10", "state", "ok");
  ps_memory_db_set (state, "PORT_TABLE|PortChannel1", "state", "ok");
  for (guint i = ps_history_draw (h, 6); i > 0; i--)
    ps_history_add_link (h);
}

static void
step (PsHistory *h)
{
  static const gint64 pauses_ms[] = {0, 0, 0, 0, 5, 100, 1500, 12000};
  switch (ps_history_draw (h, 8)) {
  case 0:
    ps_history_source_step (h);
    break;
  case 1:
  case 2:
    ps_history_store_step (h);
    break;
  case 3:
    ps_history_switch_step (h);
    break;
  case 4:
    ps_history_process_step (h);
    break;
  default:
    ps_history_kernel_step (h);
    break;
  }
  if (ps_history_draw (h, 2))
    run (h, pauses_ms[ps_history_draw (h, G_N_ELEMENTS (pauses_ms))]);
}

static void
run_seed (guint64 seed, gboolean verbose)
{
  PsEngineWorld w = {0};
  PsHistory h;
  ps_engine_world_set_up (&w, NULL);
  set_up (&h, &w, seed, verbose);
  ps_history_start (&h);
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

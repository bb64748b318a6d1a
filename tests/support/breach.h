/* SPDX-License-Identifier: Apache-2.0 */
/* A breach that is planted in a simulated switch, and the check that must find it. */
#pragma once
#include "tests/support/check-fixture.h"

#define FOREVER 1000000 /* times a fault happens */

/* When the check must have found it: at once, after settling, at the stop. */
typedef enum { NOW, SETTLE, STOP } When;

typedef struct {
  const char *path, *name;
  void (*plant) (Fixture *f);
  When when;
} Breach;

/* The checks whose breaches are planted in test-sim-warm.c. */
static const char *const warm_checks[] = {"warm-state-order", "warm-state-true", "count-repaired",
                                          "links-untouched",  "read-first",      "no-rewrite",
                                          "old-links-down"};

/* … in test-sim-rates.c. */
static const char *const rate_checks[] = {"command-rate", "exists-rate", "retry-rate", "log-rate",
                                          "record-rate"};

/* … in test-sim-config.c. */
static const char *const config_checks[] = {"config-loaded", "config-done-rows"};

/* The planted breach is found by the check that is there for it, and told with what was seen. */
static inline void
test_breach (gconstpointer data)
{
  const Breach *breach = data;
  Fixture f = {0};
  set_up (&f, 1);
  breach->plant (&f);
  if (breach->when == SETTLE)
    g_assert_false (ps_check_settle (f.check));
  else if (breach->when == STOP)
    g_assert_false (ps_check_stop (f.check));
  const PsCheckFailure *failure = ps_check_failure (f.check);
  g_assert_nonnull (failure);
  g_assert_cmpstr (failure->name, ==, breach->name);
  g_assert_cmpint (failure->kind, ==, breach->when == NOW ? PS_CHECK_SAFETY : PS_CHECK_LIVENESS);
  g_assert_cmpstr (failure->expected, !=, "");
  g_assert_cmpstr (failure->seen, !=, "");
  g_assert_cmpint (failure->time_us, >, 0);
  tear_down (&f);
}

static inline gboolean
has_breach (const Breach *breaches, gsize n, const char *name)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (breaches[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

static inline void
add_breaches (const Breach *breaches, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    g_autofree char *path = g_strconcat ("/sim-check/breach/", breaches[i].path, NULL);
    g_test_add_data_func (path, &breaches[i], test_breach);
  }
}

/* The daemon dies and comes back in the midst of a warm restart. */
static inline void
begin_warm (Fixture *f)
{
  ps_sim_world_set_warm (f->world, "swss", TRUE);
  g_assert_true (ps_sim_world_kill_daemon (f->world));
  g_assert_true (ps_sim_world_start_daemon (f->world));
}

static inline void
restart_warm (Fixture *f)
{
  boot (f, N_PORTS);
  begin_warm (f);
  run (f, SECOND);
  assert_green (f);
}

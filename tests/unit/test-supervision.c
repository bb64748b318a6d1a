/* SPDX-License-Identifier: Apache-2.0 */
/* What the service manager hears, by a real socket and a clock moved by hand. */
#include "daemon/supervision.h"
#include "base/virtual-clock.h"
#include "tests/support/notify-sink.h"
#include <unistd.h>

#define READY_US (30 * G_USEC_PER_SEC)

typedef struct {
  PsVirtualClock *clock;
  PsNotifySink *sink;
  PsNotify *notify;
  PsEngineStatus status;
  PsSupervision *supervision;
} Fixture;

static PsEngineStatus
give_status (gpointer user_data)
{
  return ((Fixture *)user_data)->status;
}

static void
set_up (Fixture *f, gconstpointer watchdog)
{
  g_autofree char *name = g_strdup_printf ("@portsyncd-test-%d", (int)getpid ());
  f->clock = ps_virtual_clock_new ();
  f->sink = ps_notify_sink_new (name);
  f->notify = ps_notify_new (name, watchdog, NULL);
  f->status = (PsEngineStatus){.away = "Redis"};
  f->supervision = ps_supervision_new (PS_CLOCK (f->clock), f->notify, READY_US, give_status, f);
}

static void
tear_down (Fixture *f, gconstpointer watchdog)
{
  ps_supervision_free (f->supervision);
  ps_notify_free (f->notify);
  ps_notify_sink_free (f->sink);
  g_assert_cmpuint (ps_virtual_clock_n_timers (f->clock), ==, 0);
  g_assert_finalize_object (f->clock);
}

static void
expect_after (Fixture *f, gint64 ms, const char *expected)
{
  ps_virtual_clock_advance (f->clock, ms * 1000);
  g_autofree char *heard = ps_notify_sink_take (f->sink);
  g_assert_cmpstr (heard, ==, expected);
}

static void
set_acknowledged (Fixture *f)
{
  f->status = (PsEngineStatus){.online = TRUE,
                               .state_online = TRUE,
                               .started = TRUE,
                               .complete = TRUE,
                               .reconciled = TRUE,
                               .init_done = TRUE,
                               .n_ports = 4};
}

/* READY comes when the picture is complete and acknowledged, not before; until then the manager is
 * asked for time, once a second; afterwards it hears changes only, at most one a second. */
static void
test_ready (Fixture *f, gconstpointer data)
{
  expect_after (f, 0,
                "EXTEND_TIMEOUT_USEC=11000000,STATUS=starting: Redis is not connected; "
                "0 ports wait");
  expect_after (f, 900, "");
  f->status.online = f->status.state_online = f->status.started = TRUE;
  expect_after (f, 100,
                "EXTEND_TIMEOUT_USEC=11000000,STATUS=starting: 0 ports, 0 wait for Redis; the "
                "picture of the links is incomplete; reading STATE_DB; PortInitDone waits for 0");
  set_acknowledged (f);
  f->status.n_waiting = 1;
  expect_after (f, 900, "");
  f->status.n_waiting = 0;
  expect_after (f, 50, "READY=1,STATUS=4 ports, 0 wait for Redis");
  expect_after (f, 10000, "");
  for (guint i = 0; i < 10; i++) {
    f->status.n_ports++;
    ps_virtual_clock_advance (f->clock, 100 * 1000);
  }
  expect_after (f, 1000, "STATUS=5 ports, 0 wait for Redis / STATUS=14 ports, 0 wait for Redis");
}

/* After the deadline the start goes on without the picture, and the status says what is missing;
 * what is mended later is told. */
static void
test_degraded (Fixture *f, gconstpointer data)
{
  ps_virtual_clock_advance (f->clock, READY_US - 1000);
  g_autofree char *before = ps_notify_sink_take (f->sink);
  g_assert_null (strstr (before, "READY"));
  expect_after (f, 0, "");
  expect_after (f, 1, "READY=1,STATUS=degraded: Redis is not connected; 0 ports wait");
  expect_after (f, 60000, "");
  set_acknowledged (f);
  expect_after (f, 1000, "STATUS=4 ports, 0 wait for Redis");
}

/* What Redis refuses is named. */
static void
test_refused (Fixture *f, gconstpointer data)
{
  set_acknowledged (f);
  f->status.n_refused = 1;
  f->status.refused = "EXISTS in APPL_DB";
  expect_after (f, 0, "READY=1,STATUS=4 ports, 0 wait for Redis; Redis refuses EXISTS in APPL_DB");
  f->status.n_refused = 3;
  expect_after (f, 1050,
                "STATUS=4 ports, 0 wait for Redis; Redis refuses EXISTS in APPL_DB and 2 more");
}

static guint
n_fed (Fixture *f, gint64 ms)
{
  guint n = 0;
  /* In steps: the socket holds few messages. */
  for (gint64 at_ms = 0; at_ms <= ms; at_ms += 3000) {
    ps_virtual_clock_advance (f->clock, MIN (3000, ms - at_ms) * 1000);
    g_autofree char *heard = ps_notify_sink_take (f->sink);
    g_auto (GStrv) parts = g_strsplit (heard, "WATCHDOG=1", -1);
    n += g_strv_length (parts) - (heard[0] != '\0' ? 1 : 0);
  }
  return n;
}

/* The watchdog is fed three times in its period while nothing is owed, while Redis is away, and
 * while there is progress; it starves a minute after progress stopped, and is fed again with it. */
static void
test_watchdog (Fixture *f, gconstpointer data)
{
  set_acknowledged (f);
  g_assert_cmpuint (n_fed (f, 0), ==, 1);
  g_assert_cmpuint (n_fed (f, 9000), ==, 3);
  f->status.online = f->status.state_online = f->status.reconciled = FALSE;
  f->status.n_waiting = 3;
  g_assert_cmpuint (n_fed (f, 30000), ==, 10);
  g_assert_cmpuint (n_fed (f, 180000), ==, 60);
  f->status.online = f->status.state_online = TRUE;
  for (guint i = 0; i < 30; i++) {
    f->status.progress++;
    g_assert_cmpuint (n_fed (f, 3000), ==, 1);
  }
  g_assert_cmpuint (n_fed (f, 57000), ==, 19);
  g_assert_cmpuint (n_fed (f, 60000), ==, 0);
  f->status.progress++;
  g_assert_cmpuint (n_fed (f, 3000), ==, 1);
}

/* A listing that never ends is no progress either. */
static void
test_watchdog_listing (Fixture *f, gconstpointer data)
{
  set_acknowledged (f);
  f->status.complete = FALSE;
  g_assert_cmpuint (n_fed (f, 59000), ==, 20);
  g_assert_cmpuint (n_fed (f, 60000), ==, 0);
}

/* STOPPING is said once, and no status after it; the watchdog is fed until the end. */
static void
test_stopping (Fixture *f, gconstpointer data)
{
  set_acknowledged (f);
  ps_virtual_clock_advance (f->clock, 2 * G_USEC_PER_SEC);
  g_free (ps_notify_sink_take (f->sink));
  ps_supervision_stopping (f->supervision);
  ps_supervision_stopping (f->supervision);
  expect_after (f, 0, "STOPPING=1,STATUS=writing what is still to be written");
  f->status.n_ports++;
  expect_after (f, 1000, "WATCHDOG=1");
}

/* No manager to be told: no timer, no message, nothing. */
static void
test_no_manager (void)
{
  static const char *const names[] = {NULL, "", "@", "/", "relative", "vsock:1:2"};
  g_autofree char *long_name = g_strnfill (200, '/');
  g_autoptr (PsVirtualClock) clock = ps_virtual_clock_new ();
  for (guint i = 0; i <= G_N_ELEMENTS (names); i++) {
    const char *name = i < G_N_ELEMENTS (names) ? names[i] : long_name;
    g_autoptr (PsNotify) notify = ps_notify_new (name, "1000000", NULL);
    g_autoptr (PsSupervision) supervision =
        ps_supervision_new (PS_CLOCK (clock), notify, READY_US, give_status, NULL);
    g_assert_false (ps_notify_is_wanted (notify));
    g_assert_false (ps_notify_send (notify, "READY=1"));
    g_assert_cmpint (ps_notify_watchdog_us (notify), ==, 0);
    g_assert_cmpuint (ps_virtual_clock_n_timers (clock), ==, 0);
    ps_supervision_stopping (supervision);
  }
}

/* A watchdog that is another process's, or no number, is not fed. */
static void
test_watchdog_of_others (void)
{
  g_autofree char *ours = g_strdup_printf ("%d", (int)getpid ());
  const struct {
    const char *usec, *pid;
    gint64 expected;
  } cases[] = {
      {"30000000", NULL, 30000000},
      {"30000000", ours, 30000000},
      {"30000000", "1", 0},
      {"30000000", "x", 0},
      {"0", NULL, 0},
      {"-1", NULL, 0},
      {"30s", NULL, 0},
      {"", NULL, 0},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PsNotify) notify = ps_notify_new ("@x", cases[i].usec, cases[i].pid);
    g_assert_cmpint (ps_notify_watchdog_us (notify), ==, cases[i].expected);
  }
}

/* A socket with a path; and one without a reader takes no time and loses no READY. */
static void
test_path_and_full (void)
{
  g_autofree char *dir = g_dir_make_tmp ("portsyncd-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "notify", NULL);
  g_autoptr (PsNotify) notify = ps_notify_new (path, NULL, NULL);
  g_assert_false (ps_notify_send (notify, "READY=1"));
  g_autoptr (PsNotifySink) sink = ps_notify_sink_new (path);
  g_assert_true (ps_notify_send (notify, "READY=1"));
  guint n = 1;
  while (ps_notify_send (notify, "X=1") && n < 100000)
    n++;
  g_assert_cmpuint (n, <, 100000);
  Fixture f = {.clock = ps_virtual_clock_new ()};
  set_acknowledged (&f);
  f.supervision = ps_supervision_new (PS_CLOCK (f.clock), notify, READY_US, give_status, &f);
  ps_virtual_clock_advance (f.clock, G_USEC_PER_SEC);
  g_free (ps_notify_sink_take (sink));
  ps_virtual_clock_advance (f.clock, G_USEC_PER_SEC);
  g_autofree char *heard = ps_notify_sink_take (sink);
  g_assert_cmpstr (heard, ==, "READY=1,STATUS=4 ports, 0 wait for Redis");
  ps_supervision_free (f.supervision);
  g_object_unref (f.clock);
  g_clear_pointer (&sink, ps_notify_sink_free);
  g_assert_cmpint (rmdir (dir), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, watchdog, fn)                                                                    \
  g_test_add ("/supervision/" name, Fixture, watchdog, set_up, fn, tear_down)
  ADD ("ready", NULL, test_ready);
  ADD ("degraded", NULL, test_degraded);
  ADD ("refused", NULL, test_refused);
  ADD ("watchdog", "9000000", test_watchdog);
  ADD ("watchdog-listing", "9000000", test_watchdog_listing);
  ADD ("stopping", "9000000", test_stopping);
  g_test_add_func ("/supervision/no-manager", test_no_manager);
  g_test_add_func ("/supervision/watchdog-of-others", test_watchdog_of_others);
  g_test_add_func ("/supervision/path-and-full", test_path_and_full);
  return g_test_run ();
}

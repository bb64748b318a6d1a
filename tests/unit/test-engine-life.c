/* SPDX-License-Identifier: Apache-2.0 */
/* The life record over a disk that stands or is full: what waits for it, and what does not. */
#include "engine/journal.h"
#include "engine/starter.h"
#include "tests/support/engine-world.h"
#include <string.h>

#define COUNT(key) ps_memory_db_get (ps_memory_store_db (w->store, PS_DB_APPL), (key), "count")
#define STAGED     COUNT ("_PORT_TABLE:PortConfigDone")

static void
boot (PsEngineWorld *w)
{
  ps_engine_world_configure (w, "Ethernet0");
  ps_engine_world_make_live (w, "Ethernet0");
  ps_engine_world_start (w);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 1100);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
}

static guint
n_lines (PsEngineWorld *w, const char *text)
{
  guint n = 0;
  for (const char *at = w->lines->str; (at = strstr (at, text)) != NULL; at++)
    n++;
  return n;
}

/* Rows are written while a write of the record stands, and it says so once. */
static void
test_rows_do_not_wait (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  w->disk_stands = TRUE;
  ps_script_source_remove (w->source, 10);
  ps_script_source_link (w->source, "Ethernet0", 11, UP);
  ps_engine_world_run_ms (w, 10);
  g_assert_nonnull (w->disk_bytes);
  ps_script_source_link (w->source, "Ethernet0", 11, NO_LINK);
  ps_engine_world_run_ms (w, 10);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  ps_engine_world_run_ms (w, 60 * 1000);
  g_assert_cmpuint (n_lines (w, "The disk has not taken the life record"), ==, 1);
  ps_engine_world_disk_goes_on (w);
  ps_engine_world_run_ms (w, 10);
  g_assert_cmpuint (n_lines (w, "The life record is written again"), ==, 1);
  g_assert_nonnull (strstr (w->life->str, "\nport Ethernet0 11 "));
}

/* What waits is bounded: beyond the bound the whole record is written when the disk goes on, and
 * says the last of it all. */
static void
test_waiting_is_bounded (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  w->disk_stands = TRUE;
  for (guint i = 0; i < 5000; i++) {
    ps_script_source_remove (w->source, 10 + i);
    ps_script_source_link (w->source, "Ethernet0", 11 + i, UP);
    ps_engine_world_run_ms (w, 1);
  }
  guint n_appended = w->n_appended, n_replaced = w->n_replaced;
  gsize before = w->life->len;
  ps_engine_world_disk_goes_on (w);
  ps_engine_world_run_ms (w, 10);
  g_assert_cmpuint (w->n_replaced, ==, n_replaced + 1);
  g_assert_cmpuint (w->n_appended, ==, n_appended);
  g_assert_cmpuint (w->life->len, <=, before);
  g_assert_nonnull (strstr (w->life->str, "\nport Ethernet0 5010 5010 "));
}

/* Below the bound they are one piece. */
static void
test_waiting_is_one_piece (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  w->disk_stands = TRUE;
  for (guint i = 0; i < 20; i++) {
    ps_script_source_remove (w->source, 10 + i);
    ps_script_source_link (w->source, "Ethernet0", 11 + i, UP);
    ps_engine_world_run_ms (w, 1);
  }
  guint n_appended = w->n_appended;
  ps_engine_world_disk_goes_on (w);
  ps_engine_world_run_ms (w, 10);
  g_assert_cmpuint (w->n_appended, ==, n_appended + 1);
  g_assert_nonnull (strstr (w->life->str, "\nport Ethernet0 30 30 "));
}

/* A cold start announces nothing before its record stands: five seconds long, not for ever. */
static void
test_copy_waits (PsEngineWorld *w, gconstpointer data)
{
  gboolean goes_on = GPOINTER_TO_INT (data);
  ps_engine_world_configure (w, "Ethernet0");
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  w->disk_stands = TRUE;
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, PS_COPY_WAITS_MAX_US / 1000 - 100);
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 1);
  g_assert_null (STAGED);
  if (goes_on)
    ps_engine_world_disk_goes_on (w);
  ps_engine_world_run_ms (w, goes_on ? 50 : 200);
  g_assert_cmpstr (STAGED, ==, "1");
  g_assert_cmpuint (n_lines (w, "does not wait for the life record any longer"), ==, !goes_on);
}

/* Redis is away when the record stands: the configuration follows when it is back. */
static void
test_copy_waits_for_redis (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure (w, "Ethernet0");
  w->disk_stands = TRUE;
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 100);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_disk_goes_on (w);
  ps_engine_world_run_ms (w, 100);
  g_assert_null (STAGED);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpstr (STAGED, ==, "1");
}

/* Nothing waits for a record that cannot be written; it is tried each ten seconds, a line each when
 * that begins, has another reason, and ends. */
static void
test_full (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure (w, "Ethernet0");
  w->disk_error = "cannot replace life: No space left on device";
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 50);
  g_assert_cmpstr (STAGED, ==, "1");
  ps_engine_world_run_ms (w, 60 * 1000);
  g_assert_cmpuint (n_lines (w, "No space left"), ==, 1);
  g_assert_cmpuint (w->n_replaced, ==, 7);
  w->disk_error = "cannot replace life: Read-only file system";
  ps_engine_world_run_ms (w, 20 * 1000);
  g_assert_cmpuint (n_lines (w, "Read-only"), ==, 1);
  g_assert_cmpuint (w->life->len, ==, 0);
  w->disk_error = NULL;
  ps_engine_world_run_ms (w, 10 * 1000);
  g_assert_cmpuint (n_lines (w, "The life record is written again"), ==, 1);
  g_assert_cmpuint (w->n_replaced, ==, 10);
  g_assert_nonnull (strstr (w->life->str, "\ncopied "));
}

/* SIGTERM waits half a second for the last record, and says what it leaves. */
static void
test_leaving (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  w->disk_stands = TRUE;
  ps_engine_drain (w->engine);
  ps_engine_world_run_ms (w, PS_LEAVE_MAX_US / 1000 - 10);
  g_assert_false (w->drained);
  ps_engine_world_run_ms (w, 20);
  g_assert_true (w->drained);
  g_assert_cmpuint (n_lines (w, "Leaving without the last life record: "), ==, 1);
}

/* A write that stands when SIGTERM comes is waited for, and then the last record. */
static void
test_leaving_late (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  w->disk_stands = TRUE;
  ps_script_source_remove (w->source, 10);
  ps_script_source_link (w->source, "Ethernet0", 11, UP);
  ps_engine_world_run_ms (w, 10);
  guint n_replaced = w->n_replaced;
  ps_engine_drain (w->engine);
  ps_engine_world_run_ms (w, 100);
  g_assert_false (w->drained);
  ps_engine_world_disk_goes_on (w);
  ps_engine_world_run_ms (w, 10);
  g_assert_true (w->drained);
  g_assert_cmpuint (w->n_replaced, ==, n_replaced + 1);
  g_assert_cmpuint (n_lines (w, "Leaving without"), ==, 0);
}

#define ADD(name, fn, data)                                                                        \
  g_test_add ("/engine-life/" name, PsEngineWorld, data, ps_engine_world_set_up, fn,               \
              ps_engine_world_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("rows-do-not-wait", test_rows_do_not_wait, NULL);
  ADD ("waiting-is-bounded", test_waiting_is_bounded, NULL);
  ADD ("waiting-is-one-piece", test_waiting_is_one_piece, NULL);
  ADD ("copy-waits", test_copy_waits, GINT_TO_POINTER (TRUE));
  ADD ("copy-waits-no-longer", test_copy_waits, GINT_TO_POINTER (FALSE));
  ADD ("copy-waits-for-redis", test_copy_waits_for_redis, NULL);
  ADD ("full", test_full, NULL);
  ADD ("leaving", test_leaving, NULL);
  ADD ("leaving-late", test_leaving_late, NULL);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What every PsStore must do. Usage: contract-store memory|fake|sim|redis. */
#include "tests/contract/store-rig.h"
#include "tests/support/batch-text.h"
#include "tests/support/memory-store.h"
#include <string.h>

/* --- Tests --- */

/* A store is offline until it says online, once, with generation 1. */
static void
test_online (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new ();
  ps_store_rig_settle (rig);
  g_assert_false (ps_store_is_online (rig->store));
  ps_store_start (rig->store, &ps_store_rig_sink, rig);
  g_assert_false (ps_store_is_online (rig->store));
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  ps_store_rig_settle (rig);
  ps_store_rig_expect_seen (rig, "online1 ");
}

/* A PUT adds fields and leaves others; a DELETE takes the row; tickets rise; done comes later. */
static void
test_put_delete (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_commit (rig, PS_DB_STATE,
                       "PUT T a x=1 y=2\nPUT T a y=3 z=4\nPUT T b x=\nDELETE T gone");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c1:AAAA ");
  ps_store_rig_check_rows (rig, PS_DB_STATE, "T", "a b gone", "a x=1 y=3 z=4\nb x=\ngone\n");
  ps_store_rig_commit (rig, PS_DB_STATE, "DELETE T a");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c3:A ");
  ps_store_rig_check_rows (rig, PS_DB_STATE, "T", NULL, "b x=\n");
}

/* The databases are apart. */
static void
test_databases (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a db=state");
  ps_store_rig_commit (rig, PS_DB_CONFIG, "PUT T a db=config");
  ps_store_rig_commit (rig, PS_DB_APPL, "PUT T a db=appl");
  ps_store_rig_wait_done (rig, 3);
  ps_store_rig_check_rows (rig, PS_DB_STATE, "", "T|a T:a", "T|a db=state\nT:a\n");
  ps_store_rig_check_rows (rig, PS_DB_CONFIG, "", "T|a T:a", "T|a db=config\nT:a\n");
  ps_store_rig_check_rows (rig, PS_DB_APPL, "", "T|a T:a", "T|a\nT:a db=appl\n");
}

/* PRODUCE stages the fields, queues the key once, and leaves the live row alone. */
static void
test_produce (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_other_sets (rig, PS_DB_APPL, "PORT_TABLE:E0", "mtu", "1");
  ps_store_rig_commit (rig, PS_DB_APPL,
                       "PRODUCE PORT_TABLE E0 mtu=9 lanes=1,2\nPRODUCE PORT_TABLE E4 mtu=5\n"
                       "PRODUCE PORT_TABLE E0 mtu=7");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c1:AAA ");
  ps_store_rig_check_rows (rig, PS_DB_APPL, "PORT_TABLE", NULL, "E0 mtu=1\n");
  ps_store_rig_check_rows (rig, PS_DB_APPL, "_PORT_TABLE", NULL, "E0 mtu=7 lanes=1,2\nE4 mtu=5\n");
  g_assert_cmpuint (ps_store_rig_size_of_set (rig, PS_DB_APPL, "PORT_TABLE_KEY_SET"), ==, 2);
  ps_store_rig_exists (rig, PS_DB_APPL, "", "PORT_TABLE_KEY_SET");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "e4:1 ");
}

/* A full batch, of every kind of operation in turn. */
static void
test_full_batch (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  static const char *const kinds[] = {"PUT T k%u a=b", "DELETE T k%u",
                                      "PRODUCE PORT_TABLE k%u a=b c=d"};
  g_autoptr (GString) expected = g_string_new ("c1:");
  PsBatch *batch = ps_batch_new (PS_DB_APPL);
  for (guint i = 0; !ps_batch_is_full (batch); i++) {
    g_autoptr (GString) op = g_string_new (kinds[i / 200]);
    g_autofree char *number = g_strdup_printf ("%u", i);
    g_string_replace (op, "%u", number, 1);
    ps_batch_add_text (batch, op->str);
    g_string_append_c (expected, 'A');
  }
  g_string_append_c (expected, ' ');
  ps_store_rig_commit_batch (rig, batch);
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, expected->str);
  g_assert_cmpuint (ps_store_rig_size_of_set (rig, PS_DB_APPL, "PORT_TABLE_KEY_SET"), ==, 112);
}

/* A whole table: each row once, without tables whose name only begins alike, and without what a
 * pattern would match if its characters were not meant literally. */
static void
test_table (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  static const char *const keys[] = {"PORT|E0",  "PORT|E4",  "PORTX|E8", "PORT",  "APORT|E9",
                                     "P*T|star", "P?T|mark", "P[OR]T|b", "P\\T|c"};
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    ps_store_rig_other_sets (rig, PS_DB_CONFIG, keys[i], "f", "v");
  ps_store_rig_check_rows (rig, PS_DB_CONFIG, "PORT", NULL, "E0 f=v\nE4 f=v\n");
  ps_store_rig_check_rows (rig, PS_DB_CONFIG, "P*T", NULL, "star f=v\n");
  ps_store_rig_check_rows (rig, PS_DB_CONFIG, "P?T", NULL, "mark f=v\n");
  ps_store_rig_check_rows (rig, PS_DB_CONFIG, "P[OR]T", NULL, "b f=v\n");
  ps_store_rig_check_rows (rig, PS_DB_CONFIG, "P\\T", NULL, "c f=v\n");
  ps_store_rig_check_rows (rig, PS_DB_CONFIG, "NONE", NULL, "");
}

/* A table of names only: the rows are there, without fields. */
static void
test_names (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_other_sets (rig, PS_DB_CONFIG, "PORT|E0", "f", "v");
  ps_store_rig_other_spoils (rig, PS_DB_CONFIG, "PORT|E4");
  PsRead read = {.db = PS_DB_CONFIG, .table = "PORT", .names_only = TRUE};
  ps_store_rig_read (rig, &read);
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_sort_rows (rig);
  ps_store_rig_expect_rows (rig, "E0\nE4\n");
  ps_store_rig_expect_seen (rig, "r1:A ");
}

/* A table of more rows than a window or a page. */
static void
test_large_table (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  guint n = 3000;
  for (guint i = 0; i < n;) {
    PsBatch *batch = ps_batch_new (PS_DB_STATE);
    for (; i < n && !ps_batch_is_full (batch); i++) {
      g_autofree char *op = g_strdup_printf ("PUT T row%04u number=%u", i, i);
      ps_batch_add_text (batch, op);
    }
    ps_store_rig_commit_batch (rig, batch);
  }
  ps_store_rig_wait_done (rig, 6);
  PsRead read = {.db = PS_DB_STATE, .table = "T"};
  ps_store_rig_read (rig, &read);
  ps_store_rig_wait_done (rig, 1);
  g_assert_cmpuint (rig->rows->len, ==, n);
  ps_store_rig_sort_rows (rig);
  for (guint i = 0; i < n; i++) {
    g_autofree char *row = g_strdup_printf ("row%04u number=%u", i, i);
    g_assert_cmpstr (g_ptr_array_index (rig->rows, i), ==, row);
  }
}

/* EXISTS counts rows, of a table or as whole keys, whatever they hold. */
static void
test_exists (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_other_sets (rig, PS_DB_STATE, "T|a", "f", "v");
  ps_store_rig_other_spoils (rig, PS_DB_STATE, "T|b");
  ps_store_rig_exists (rig, PS_DB_STATE, "T", "a b c");
  ps_store_rig_exists (rig, PS_DB_STATE, "T", "c");
  ps_store_rig_exists (rig, PS_DB_STATE, "", "T|a T|c");
  ps_store_rig_exists (rig, PS_DB_STATE, "",
                       "T" PS_STORE_SEPARATOR "a T" PS_STORE_SEPARATOR "b U" PS_STORE_SEPARATOR
                       "a");
  ps_store_rig_wait_done (rig, 4);
  ps_store_rig_expect_seen (rig, "e1:2 e2:0 e3:1 e4:2 ");
}

/* GET tells the string that a key holds, nothing if there is no such key, an empty string as such,
 * and refuses a key that holds something else; the requests behind it go on. */
static void
test_get (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_other_sets_string (rig, PS_DB_CONFIG, "A", "1");
  ps_store_rig_other_sets_string (rig, PS_DB_CONFIG, "B", "");
  ps_store_rig_other_sets (rig, PS_DB_CONFIG, "C", "f", "v");
  ps_store_rig_get (rig, PS_DB_CONFIG, "A");
  ps_store_rig_get (rig, PS_DB_CONFIG, "B");
  ps_store_rig_get (rig, PS_DB_CONFIG, "C");
  ps_store_rig_get (rig, PS_DB_CONFIG, "D");
  ps_store_rig_get (rig, PS_DB_CONFIG, "A");
  ps_store_rig_wait_done (rig, 5);
  ps_store_rig_expect_seen (rig, "g1:\"1\"/1 g2:\"\"/0 g3:R g4:- g5:\"1\"/1 ");
  ps_store_rig_get (rig, PS_DB_STATE, "A");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "g6:- ");
}

/* A key of another type is refused by itself: the others of the same request go on, a produced key
 * is not queued, and DELETE takes it. */
static void
test_wrong_type (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_other_spoils (rig, PS_DB_APPL, "T:bad");
  ps_store_rig_other_spoils (rig, PS_DB_APPL, "_T:bad");
  ps_store_rig_commit (rig, PS_DB_APPL,
                       "PUT T a f=1\nPUT T bad f=1\nPUT T b f=1\n"
                       "PRODUCE T p f=1\nPRODUCE T bad f=1\nPRODUCE T q f=1");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c1:ARAARA ");
  g_assert_cmpuint (ps_store_rig_size_of_set (rig, PS_DB_APPL, "T_KEY_SET"), ==, 2);
  g_autofree char *expected =
      g_strdup_printf ("a f=1\nb f=1\nbad refused:%d\n", PS_REFUSAL_WRONGTYPE);
  ps_store_rig_check_rows (rig, PS_DB_APPL, "T", NULL, expected);
  ps_store_rig_check_rows (rig, PS_DB_APPL, "_T", "p q", "p f=1\nq f=1\n");
  ps_store_rig_commit (rig, PS_DB_APPL, "DELETE T bad\nPUT T bad f=2");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_check_rows (rig, PS_DB_APPL, "T", "bad", "bad f=2\n");
}

/* A produced row without fields would be taken for a deletion by its consumer: it is refused, and
 * nothing is queued. A PUT without fields does nothing, well. */
static void
test_no_fields (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_commit (rig, PS_DB_APPL, "PRODUCE T a");
  ps_store_rig_commit (rig, PS_DB_APPL, "PUT T a");
  ps_store_rig_commit (rig, PS_DB_APPL, "PRODUCE T a\nPRODUCE T b f=1\nPUT T b\nPRODUCE T c");
  ps_store_rig_wait_done (rig, 3);
  ps_store_rig_expect_seen (rig, "c1:R c2:A c3:RAAR ");
  g_assert_cmpuint (ps_store_rig_size_of_set (rig, PS_DB_APPL, "T_KEY_SET"), ==, 1);
  ps_store_rig_check_rows (rig, PS_DB_APPL, "T", NULL, "");
}

/* An added field is written only if the row does not hold it; it makes the row. */
static void
test_add (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_other_spoils (rig, PS_DB_CONFIG, "T|c");
  ps_store_rig_commit (rig, PS_DB_CONFIG,
                       "PUT T a f=1\nADD T a f=2\nADD T a g=3\nADD T b f=4\nADD T b f=5\n"
                       "ADD T c f=1\nADD T d\nADD T d f=1 g=2");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c1:AAAAARRR ");
  ps_store_rig_check_rows (rig, PS_DB_CONFIG, "T", "a b d", "a f=1 g=3\nb f=4\nd\n");
}

/* A field is put right only in a row that is there and holds what is expected; otherwise nothing is
 * done, and that is no error, unless it is no row at all. Other fields stay. */
static void
test_correct (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_commit (rig, PS_DB_APPL, "PUT T a f=1 g=7\nPUT T b f=1\nPUT T c g=1");
  ps_store_rig_other_spoils (rig, PS_DB_APPL, "T:d");
  ps_store_rig_commit (rig, PS_DB_APPL,
                       "CORRECT T a f=1 f=22\nCORRECT T b f=2 f=22\nCORRECT T c f=1 f=22\n"
                       "CORRECT T d f=1 f=22\nCORRECT T e f=1 f=22\nCORRECT T a f=1\n"
                       "CORRECT T a g=7 g=8\nPUT T c g=2");
  ps_store_rig_wait_done (rig, 2);
  ps_store_rig_expect_seen (rig, "c1:AAA c2:AAARARAA ");
  ps_store_rig_check_rows (rig, PS_DB_APPL, "T", "a b c e", "a f=22 g=8\nb f=1\nc g=2\ne\n");
}

/* What is staged for rows that are there does not matter, unless it is this one; a row to come or
 * to go does. */
static void
test_correct_staged (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_commit (rig, PS_DB_APPL, "PUT T a f=1\nPUT T b f=1\nPRODUCE T b f=5");
  ps_store_rig_commit (rig, PS_DB_APPL, "CORRECT T a f=1 f=2\nCORRECT T b f=1 f=2");
  ps_store_rig_wait_done (rig, 2);
  ps_store_rig_check_rows (rig, PS_DB_APPL, "T", "a b", "a f=2\nb f=1\n");
  ps_store_rig_commit (rig, PS_DB_APPL, "PRODUCE T x f=1");
  ps_store_rig_commit (rig, PS_DB_APPL, "CORRECT T a f=2 f=3");
  ps_store_rig_wait_done (rig, 2);
  ps_store_rig_check_rows (rig, PS_DB_APPL, "T", "a", "a f=2\n");
}

/* A queue that is none is said; it is not looked at when rows are to go. */
static void
test_correct_queues (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_commit (rig, PS_DB_APPL, "PUT T a f=1");
  ps_store_rig_other_spoils (rig, PS_DB_APPL, "T_KEY_SET");
  ps_store_rig_commit (rig, PS_DB_APPL, "CORRECT T a f=1 f=2\nCORRECT T a f=7 f=2");
  ps_store_rig_wait_done (rig, 2);
  ps_store_rig_expect_seen (rig, "c1:A c2:RA ");
  ps_store_rig_other_sets (rig, PS_DB_APPL, "T_DEL_SET", "f", "1");
  ps_store_rig_commit (rig, PS_DB_APPL, "CORRECT T a f=1 f=2");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c3:A ");
  ps_store_rig_check_rows (rig, PS_DB_APPL, "T", "a", "a f=1\n");
}

/* Values are bytes: empty, with NUL, line ends and what is not UTF-8. */
static void
test_bytes (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  static const PsText values[] = {{"", 0}, {"a\0b", 3}, {"\r\n$5\r\n", 6}, {"\xff\xfe", 2}};
  PsBatch *batch = ps_batch_new (PS_DB_STATE);
  ps_batch_op (batch, PS_OP_PUT, "T", ps_text ("a"));
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    char name[2] = {(char)('0' + i), '\0'};
    ps_batch_field (batch, ps_text (name), values[i]);
  }
  ps_store_rig_commit_batch (rig, batch);
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c1:A ");
  ps_store_rig_check_rows (rig, PS_DB_STATE, "T", "a", "a 0= 1=a 2=\r\n$5\r\n 3=\xff\xfe\n");
}

/* Requests of one database are done, and take effect, in the order in which they were made. */
static void
test_order (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  const char *const keys[] = {"a"};
  PsRead row = {.db = PS_DB_STATE, .table = "T", .keys = keys, .n_keys = 1};
  PsRead table = {.db = PS_DB_STATE, .table = "T"};
  ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a n=1");
  ps_store_rig_read (rig, &row);
  ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a n=2");
  ps_store_rig_read_more (rig, &table);
  ps_store_rig_commit (rig, PS_DB_STATE, "DELETE T a");
  ps_store_rig_exists (rig, PS_DB_STATE, "T", "a");
  ps_store_rig_wait_done (rig, 6);
  ps_store_rig_expect_seen (rig, "c1:A r2:A c3:A r4:A c5:A e6:0 ");
  ps_store_rig_expect_rows (rig, "a n=1\na n=2\n");
}

/* What was seen without the word "offline", which must be there once. */
static void
expect_loss (PsStoreRig *rig, const char *expected)
{
  g_auto (GStrv) parts = g_strsplit (rig->seen->str, "offline ", -1);
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  g_string_printf (rig->seen, "%s%s", parts[0], parts[1]);
  ps_store_rig_expect_seen (rig, expected);
}

/* When the server is lost, open requests end unknown and the store is offline (which of its three
 * connections notices first is chance); requests made then end unknown too, later; when the server
 * is back, the generation is the next one. */
static void
test_loss (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  if (ps_store_rig_is ("redis"))
    ps_redis_server_pause (rig->server);
  if (ps_store_rig_is ("sim"))
    ps_sim_redis_stop (rig->sim, PS_SIM_REDIS_ALL, TRUE);
  if (ps_store_rig_is ("memory"))
    ps_memory_store_hold (PS_MEMORY_STORE (rig->store), TRUE);
  ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a n=1\nPUT T b n=1");
  ps_store_rig_exists (rig, PS_DB_STATE, "T", "a");
  ps_store_rig_get (rig, PS_DB_STATE, "K");
  ps_store_rig_settle (rig);
  ps_store_rig_expect_seen (rig, "");
  ps_store_rig_server_gone (rig);
  WAIT_FOR (rig, strstr (rig->seen->str, "offline") != NULL && rig->n_done == 3);
  expect_loss (rig, "c1:?? e2:? g3:? ");
  rig->n_done = 0;
  ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a n=2");
  ps_store_rig_exists (rig, PS_DB_CONFIG, "T", "a");
  ps_store_rig_get (rig, PS_DB_CONFIG, "K");
  ps_store_rig_wait_done (rig, 3);
  ps_store_rig_expect_seen (rig, "c4:? e5:? g6:? ");
  ps_store_rig_server_back (rig);
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  ps_store_rig_expect_seen (rig, "online2 ");
  if (ps_store_rig_is ("memory"))
    ps_memory_store_hold (PS_MEMORY_STORE (rig->store), FALSE);
  ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a n=3");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_check_rows (rig, PS_DB_STATE, "T", "a", "a n=3\n");
}

/* A database that is lost concerns no other: requests of the others are done, its own end
 * unknown, and only its generation rises. */
static void
test_loss_of_one (void)
{
  for (PsDb db = 0; db < PS_N_DBS; db++) {
    g_autoptr (PsStoreRig) rig = ps_store_rig_new_apart (db);
    PsDb other = (db + 1) % PS_N_DBS;
    ps_store_rig_db_gone (rig, db);
    WAIT_FOR (rig, !ps_store_is_db_online (rig->store, db));
    ps_store_rig_settle (rig);
    ps_store_rig_expect_seen (rig, "offline ");
    g_assert_true (ps_store_is_db_online (rig->store, other));
    g_assert_false (ps_store_is_online (rig->store));
    ps_store_rig_commit (rig, other, "PUT T a n=1");
    ps_store_rig_exists (rig, db, "T", "a");
    ps_store_rig_wait_done (rig, 2);
    g_assert_nonnull (strstr (rig->seen->str, "c1:A "));
    g_assert_nonnull (strstr (rig->seen->str, "e2:? "));
    g_string_truncate (rig->seen, 0);
    ps_store_rig_db_back (rig, db);
    WAIT_FOR (rig, ps_store_is_online (rig->store));
    ps_store_rig_settle (rig);
    ps_store_rig_expect_seen (rig, "online2 ");
    ps_store_rig_exists (rig, other, "T", "a");
    ps_store_rig_exists (rig, db, "T", "a");
    ps_store_rig_wait_done (rig, 2);
    g_assert_nonnull (strstr (rig->seen->str, "e3:1 "));
    g_assert_nonnull (strstr (rig->seen->str, "e4:0 "));
  }
}

static void
chain (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  PsStoreRig *rig = user_data;
  ps_store_rig_on_commit (ticket, outcomes, n, user_data);
  if (rig->n_chain-- == 0)
    return;
  PsBatch *batch = ps_batch_new (PS_DB_STATE);
  ps_batch_add_text (batch, "PUT T a n=1");
  rig->inside = TRUE;
  ps_store_commit (rig->store, batch, chain, rig);
  rig->inside = FALSE;
}

/* A done function may make the next request. */
static void
test_chain (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  const PsOutcome begin = {.result = PS_APPLIED};
  rig->n_chain = 3;
  chain (0, &begin, 1, rig);
  ps_store_rig_wait_done (rig, 4);
  ps_store_rig_expect_seen (rig, "c0:A c1:A c2:A c3:A ");
}

/* After stop, nothing arrives: not from open requests, and not when the server goes. A store that
 * was stopped can be started again. */
static void
test_stop (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a n=1");
  ps_store_rig_exists (rig, PS_DB_STATE, "T", "a");
  ps_store_stop (rig->store);
  ps_store_stop (rig->store);
  g_assert_false (ps_store_is_online (rig->store));
  ps_store_rig_settle (rig);
  ps_store_rig_expect_seen (rig, "");
  g_assert_cmpuint (rig->n_done, ==, 0);
  ps_store_start (rig->store, &ps_store_rig_sink, rig);
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  ps_store_rig_expect_seen (rig, "online2 ");
}

/* Stop may be called from every function that the store calls; that one is the last. */
static void
test_stop_inside (void)
{
  static const char *const when[] = {"online", "offline", "commit", "row",
                                     "names",  "read",    "exists", "get"};
  for (guint i = 0; i < G_N_ELEMENTS (when); i++) {
    g_autoptr (PsStoreRig) rig = ps_store_rig_new ();
    rig->stop_now = i == 0;
    ps_store_start (rig->store, &ps_store_rig_sink, rig);
    WAIT_FOR (rig, rig->seen->len > 0);
    g_string_truncate (rig->seen, 0);
    if (i == 0) {
      ps_store_rig_settle (rig);
      ps_store_rig_expect_seen (rig, "");
      continue;
    }
    ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a n=1\nPUT T b n=1");
    ps_store_rig_wait_done (rig, 1);
    g_string_truncate (rig->seen, 0);
    rig->stop_now = TRUE;
    PsRead read = {.db = PS_DB_STATE, .table = i == 5 ? "NONE" : "T", .names_only = i == 4};
    if (i == 1)
      ps_store_rig_server_gone (rig);
    if (i == 2)
      ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a n=1");
    if (i >= 3 && i <= 5)
      ps_store_rig_read (rig, &read);
    if (i == 7)
      ps_store_rig_get (rig, PS_DB_STATE, "K");
    ps_store_rig_exists (rig, PS_DB_STATE, "T", "a");
    WAIT_FOR (rig, rig->seen->len > 0);
    ps_store_rig_settle (rig);
    g_assert_cmpuint (rig->rows->len, ==, i == 3 || i == 4 ? 1 : 0);
    g_assert_null (strchr (strchr (rig->seen->str, ' ') + 1, ' '));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >, 1);
  ps_store_rig_implementation = argv[1];
  g_test_add_func ("/store/online", test_online);
  g_test_add_func ("/store/put-delete", test_put_delete);
  g_test_add_func ("/store/databases", test_databases);
  g_test_add_func ("/store/produce", test_produce);
  g_test_add_func ("/store/full-batch", test_full_batch);
  g_test_add_func ("/store/table", test_table);
  g_test_add_func ("/store/names", test_names);
  g_test_add_func ("/store/large-table", test_large_table);
  g_test_add_func ("/store/exists", test_exists);
  g_test_add_func ("/store/get", test_get);
  g_test_add_func ("/store/wrong-type", test_wrong_type);
  g_test_add_func ("/store/no-fields", test_no_fields);
  g_test_add_func ("/store/add", test_add);
  g_test_add_func ("/store/correct", test_correct);
  g_test_add_func ("/store/correct/staged", test_correct_staged);
  g_test_add_func ("/store/correct/queues", test_correct_queues);
  g_test_add_func ("/store/bytes", test_bytes);
  g_test_add_func ("/store/order", test_order);
  g_test_add_func ("/store/loss", test_loss);
  g_test_add_func ("/store/loss-of-one", test_loss_of_one);
  g_test_add_func ("/store/chain", test_chain);
  g_test_add_func ("/store/stop", test_stop);
  g_test_add_func ("/store/stop-inside", test_stop_inside);
  return g_test_run ();
}

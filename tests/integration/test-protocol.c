/* SPDX-License-Identifier: Apache-2.0 */
/* What a conversation does to a real Redis, against SONiC's protocol written down once more: plain
 * commands, one port after another, in a server of their own (docs/sonic-protocol.md 2.1 to
 * 2.4). */
#include "tests/support/monitor.h"
#include "tests/support/rig.h"
#include <string.h>

#define N_PORTS 6
#define CHANNEL "PORT_TABLE_CHANNEL@0"
#define KEY_SET "PORT_TABLE_KEY_SET"

typedef struct {
  PsRig *rig;
  PsMonitor *monitor;
  GPtrArray *commands; /* owned by the monitor */
} World;

/* A DPU, whose netdevs and rows are there first: so all is said without a consumer. */
static void
set_up (World *w, gconstpointer data)
{
  PsRigSetup setup = {.n_ports = N_PORTS, .switch_type = "dpu"};
  w->rig = ps_rig_new (&setup);
  ps_rig_make_veths (w->rig, 0, N_PORTS);
  ps_rig_settle_links (w->rig);
  ps_rig_make_live (w->rig, 0, N_PORTS);
  w->monitor = ps_monitor_new (ps_redis_server_socket (w->rig->redis));
  ps_daemon_start (w->rig->daemon);
  ps_rig_wait_key (w->rig, PS_DB_APPL, "_PORT_TABLE:PortInitDone");
  ps_rig_settle (w->rig);
  w->commands = ps_monitor_commands (w->monitor, w->rig->db);
}

static void
tear_down (World *w, gconstpointer data)
{
  ps_daemon_terminate (w->rig->daemon);
  ps_monitor_free (w->monitor);
  ps_rig_free (w->rig);
}

/* --- the result ------------------------------------------------------------------------------- */

static void
produce (PsDb *to, const char *key, guint n, const char *const *fields)
{
  gint64 added = ps_db_integer (to, PS_DB_APPL, "SADD " KEY_SET " %s", key);
  for (guint i = 0; i < n; i += 2) {
    g_auto (GStrv) name = g_strsplit (fields[i], "@", 2);
    ps_db_do (to, PS_DB_APPL, "HSET _PORT_TABLE:%s %s %s", key, name[0], fields[i + 1]);
  }
  if (added > 0)
    ps_db_do (to, PS_DB_APPL, "PUBLISH " CHANNEL " G");
}

static void
produce_port (PsDb *from, PsDb *to, const char *port)
{
  redisReply *row = ps_db_run (from, PS_DB_CONFIG, "HGETALL PORT|%s", port);
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();
  for (gsize i = 0; i < row->elements; i++)
    g_ptr_array_add (fields, row->element[i]->str);
  produce (to, port, fields->len, (const char *const *)fields->pdata);
  freeReplyObject (row);
}

static int
compare_replies (const void *a, const void *b)
{
  return strcmp ((*(redisReply *const *)a)->str, (*(redisReply *const *)b)->str);
}

/* "KEY: WORD WORD ...", sorted, for hashes and sets. */
static char *
row_text (PsDb *db, const char *key)
{
  redisReply *type = ps_db_run (db, PS_DB_APPL, "TYPE %s", key);
  gboolean is_hash = strcmp (type->str, "hash") == 0;
  gboolean is_set = strcmp (type->str, "set") == 0;
  freeReplyObject (type);
  g_assert_true (is_hash || is_set);
  redisReply *row = ps_db_run (db, PS_DB_APPL, is_hash ? "HGETALL %s" : "SMEMBERS %s", key);
  gsize size = is_hash ? 2 : 1;
  g_autoptr (GString) text = g_string_new (key);
  qsort (row->element, row->elements / size, size * sizeof *row->element, compare_replies);
  for (gsize i = 0; i < row->elements; i++)
    g_string_append_printf (text, " %s", row->element[i]->str);
  freeReplyObject (row);
  return g_strdup (text->str);
}

/* Everything in APPL_DB but the live rows, a line each, sorted. */
static char *
staged_text (PsDb *db)
{
  redisReply *keys = ps_db_run (db, PS_DB_APPL, "KEYS *");
  g_autoptr (GString) text = g_string_new (NULL);
  qsort (keys->element, keys->elements, sizeof *keys->element, compare_replies);
  for (gsize i = 0; i < keys->elements; i++) {
    if (g_str_has_prefix (keys->element[i]->str, "PORT_TABLE:"))
      continue;
    g_autofree char *row = row_text (db, keys->element[i]->str);
    g_string_append_printf (text, "%s\n", row);
  }
  freeReplyObject (keys);
  return g_strdup (text->str);
}

/* After a cold boot APPL_DB holds, key for key and field for field, what SONiC's own producer
 * leaves there; and a row of STATE_DB its four fields, whatever their order. */
static void
test_result (World *w, gconstpointer data)
{
  g_autoptr (PsRedisServer) server = ps_redis_server_new (NULL);
  g_autoptr (PsDb) reference = ps_db_new (ps_redis_server_socket (server));
  g_autofree char *count = g_strdup_printf ("%u", N_PORTS);
  const char *done[] = {"count", count, NULL}, *init[] = {"lanes", "0", NULL};
  for (guint i = 0; i < N_PORTS; i++)
    produce_port (w->rig->db, reference, ps_port_name (i).text);
  produce (reference, "PortConfigDone", 2, done);
  produce (reference, "PortInitDone", 2, init);
  g_autofree char *is = staged_text (w->rig->db);
  g_autofree char *should_be = staged_text (reference);
  g_assert_cmpstr (is, ==, should_be);
  g_assert_nonnull (strstr (is, "adv_speeds 100000,40000"));
  g_assert_cmpint (ps_db_integer (w->rig->db, PS_DB_STATE, "HLEN PORT_TABLE|Ethernet0"), ==, 4);
}

/* --- the order -------------------------------------------------------------------------------- */

static guint
count (World *w, int db, const char *verb, const char *key)
{
  guint n = 0;
  for (guint at = 0; (at = ps_monitor_find (w->commands, at, db, verb, key)) < w->commands->len;
       at++)
    n++;
  return n;
}

static guint
find_member (World *w, const char *member)
{
  guint at = ps_monitor_find (w->commands, 0, PS_DB_APPL, "SADD", KEY_SET);
  while (at < w->commands->len &&
         strcmp (((PsMonitorCommand *)w->commands->pdata[at])->words[2], member) != 0)
    at = ps_monitor_find (w->commands, at + 1, PS_DB_APPL, "SADD", KEY_SET);
  g_assert_cmpuint (at, <, w->commands->len);
  return at;
}

/* A key is queued, its fields are staged at once and in one script, and then it is announced. */
static guint
assert_produced (World *w, const char *key)
{
  g_autofree char *staged = g_strdup_printf ("_PORT_TABLE:%s", key);
  guint queued = find_member (w, key);
  guint fields = ps_monitor_find (w->commands, 0, PS_DB_APPL, "HSET", staged);
  guint told = ps_monitor_find (w->commands, fields, PS_DB_APPL, "PUBLISH", CHANNEL);
  g_assert_cmpuint (fields, ==, queued + 1);
  g_assert_cmpuint (told, <, w->commands->len);
  g_assert_cmpuint (count (w, PS_DB_APPL, "HSET", staged), ==, 1);
  for (guint i = queued; i <= told; i++)
    g_assert_true (((PsMonitorCommand *)w->commands->pdata[i])->by_script);
  g_assert_cmpstr (((PsMonitorCommand *)w->commands->pdata[told])->words[2], ==, "G");
  return told;
}

/* Live rows are the consumer's. */
static void
assert_live_rows_left (World *w)
{
  for (guint i = 0; i < w->commands->len; i++) {
    const PsMonitorCommand *command = w->commands->pdata[i];
    if (command->db != PS_DB_APPL || ps_monitor_only_reads (command))
      continue;
    for (guint word = 1; command->words[word] != NULL; word++)
      g_assert_false (g_str_has_prefix (command->words[word], "PORT_TABLE:"));
  }
}

/* All ports are announced before PortConfigDone is queued; PortInitDone comes behind it and behind
 * every row of STATE_DB; no reader is told twice, and no live row is touched. */
static void
test_order (World *w, gconstpointer data)
{
  guint told = 0, shown = 0;
  for (guint i = 0; i < N_PORTS; i++) {
    g_autofree char *row = g_strdup_printf ("PORT_TABLE|%s", ps_port_name (i).text);
    told = MAX (told, assert_produced (w, ps_port_name (i).text));
    g_assert_cmpuint (count (w, PS_DB_STATE, "HSET", row), ==, 1);
    shown = MAX (shown, ps_monitor_find (w->commands, 0, PS_DB_STATE, "HSET", row));
  }
  guint done = find_member (w, "PortConfigDone"), init = find_member (w, "PortInitDone");
  g_assert_cmpuint (told, <, done);
  g_assert_cmpuint (assert_produced (w, "PortConfigDone"), <, init);
  g_assert_cmpuint (shown, <, init);
  assert_produced (w, "PortInitDone");
  g_assert_cmpuint (count (w, PS_DB_APPL, "SADD", KEY_SET), ==, N_PORTS + 2);
  g_assert_cmpuint (count (w, PS_DB_APPL, "PUBLISH", CHANNEL), ==, 3);
  assert_live_rows_left (w);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add ("/protocol/result", World, NULL, set_up, test_result, tear_down);
  g_test_add ("/protocol/order", World, NULL, set_up, test_order, tear_down);
  return g_test_run ();
}

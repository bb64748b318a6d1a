/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/rig.h"
#include "tests/support/kernel-dump.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define REPORT_BYTES 12000 /* the end of each file, when a test fails */

/* What the report shows; set while a rig exists. Read in a signal handler. */
static char report_files[3][256];

static void
report_file (const char *path)
{
  char buffer[REPORT_BYTES];
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  if (lseek (fd, -REPORT_BYTES, SEEK_END) < 0)
    lseek (fd, 0, SEEK_SET);
  ssize_t n = read (fd, buffer, sizeof buffer);
  close (fd);
  if (n <= 0)
    return;
  ssize_t ignored = write (2, "\n--- ", 5);
  ignored = write (2, path, strlen (path));
  ignored = write (2, "\n", 1);
  ignored = write (2, buffer, (size_t)n);
  (void)ignored;
}

static void
report (int signal_number)
{
  for (guint i = 0; i < G_N_ELEMENTS (report_files); i++)
    report_file (report_files[i]);
  signal (signal_number, SIG_DFL);
  raise (signal_number);
}

void
ps_rig_init (int *argc, char ***argv)
{
  ps_netns_isolate ();
  g_test_init (argc, argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGABRT, report);
  signal (SIGTRAP, report);
}

guint64
ps_rig_seed (void)
{
  const char *given = g_getenv ("PS_RIG_SEED");
  guint64 seed = given != NULL ? g_ascii_strtoull (given, NULL, 10)
                               : ((guint64)g_random_int () << 16 ^ (guint64)g_get_real_time ());
  g_test_message ("PS_RIG_SEED=%" G_GUINT64_FORMAT, seed);
  return seed;
}

void
ps_rig_add_config (PsRig *self, guint first, guint n)
{
  for (guint i = first; i < first + n; i++)
    ps_db_queue (self->db, PS_DB_CONFIG,
                 "HSET PORT|%s alias etp%u index %u lanes %u,%u,%u,%u speed 100000 mtu 9100 "
                 "admin_status up adv_speeds@ 100000,40000",
                 ps_port_name (i).text, i + 1, i, i * 4, i * 4 + 1, i * 4 + 2, i * 4 + 3);
  ps_db_flush (self->db);
}

void
ps_rig_make_live (PsRig *self, guint first, guint n)
{
  for (guint i = first; i < first + n; i++)
    ps_db_queue (self->db, PS_DB_APPL, "HSET PORT_TABLE:%s lanes %u speed 100000",
                 ps_port_name (i).text, i * 4);
  ps_db_flush (self->db);
}

void
ps_rig_make_veths (PsRig *self, guint first, guint n)
{
  for (guint i = first; i < first + n; i++) {
    PsName port = ps_port_name (i), peer = ps_peer_name (port.text);
    ps_netdevs_add_veth (self->netdevs, port.text, peer.text, 0);
    ps_netdevs_set_up (self->netdevs, peer.text, TRUE);
    ps_netdevs_set_up (self->netdevs, port.text, TRUE);
  }
  ps_netdevs_commit (self->netdevs);
}

void
ps_rig_note_old (PsRig *self)
{
  g_autoptr (GArray) links = ps_kernel_dump ();
  for (guint i = 0; i < links->len; i++) {
    const PsKernelLink *link = &g_array_index (links, PsKernelLink, i);
    if (g_str_has_prefix (link->name, "Ethernet"))
      g_array_append_val (self->old, link->ifindex);
  }
}

void
ps_rig_start_orchagent (PsRig *self)
{
  PsOrchagentSetup setup = {
      .unix_socket_path = ps_redis_server_socket (self->redis),
      .batch = self->setup.batch,
      .delay_ms = self->setup.delay_ms,
      .held = self->setup.held,
      .makes_netdevs = self->setup.makes_netdevs,
      .host_tx_ready = self->setup.host_tx_ready,
  };
  g_clear_pointer (&self->orchagent, ps_orchagent_free);
  self->orchagent = ps_orchagent_new (&setup);
}

void
ps_rig_redis_is_back (PsRig *self)
{
  const char *path = ps_redis_server_socket (self->redis);
  g_clear_pointer (&self->keyspace, ps_keyspace_free);
  ps_db_disconnect (self->db);
  self->keyspace = ps_keyspace_new (path, PS_DB_STATE, "PORT_TABLE|");
}

static void
watch_file (guint i, const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_strlcpy (report_files[i], path, sizeof report_files[i]);
}

static void
fill_config_db (PsRig *self)
{
  ps_rig_add_config (self, 0, self->setup.n_ports);
  ps_db_do (self->db, PS_DB_CONFIG, "SET CONFIG_DB_INITIALIZED 1");
  if (self->setup.switch_type != NULL)
    ps_db_do (self->db, PS_DB_CONFIG, "HSET DEVICE_METADATA|localhost switch_type %s",
              self->setup.switch_type);
}

static void
start_redis (PsRig *self)
{
  self->redis = ps_redis_server_new (NULL);
  watch_file (2, ps_redis_server_dir (self->redis), "redis.log");
  self->db = ps_db_new (ps_redis_server_socket (self->redis));
  ps_daemon_set (self->daemon, "database", "config", ps_redis_server_config (self->redis));
  ps_rig_redis_is_back (self);
  fill_config_db (self);
  if (self->setup.batch > 0)
    ps_rig_start_orchagent (self);
}

PsRig *
ps_rig_new (const PsRigSetup *setup)
{
  g_autofree char *template = g_build_filename (PS_NETNS_DIR, "case-XXXXXX", NULL);
  PsRig *self = g_new0 (PsRig, 1);
  ps_netns_enter_new ();
  self->setup = *setup;
  self->dir = g_strdup (g_mkdtemp (template));
  if (self->dir == NULL)
    g_error ("cannot make a directory in " PS_NETNS_DIR);
  watch_file (0, self->dir, "portsyncd.out");
  watch_file (1, self->dir, "syslog");
  g_autofree char *tee = g_build_filename (self->dir, "syslog", NULL);
  self->old = g_array_new (FALSE, FALSE, sizeof (int));
  self->netdevs = ps_netdevs_new ();
  self->syslog = ps_syslog_sink_new ("/dev/log", tee);
  self->daemon = ps_daemon_new (self->dir);
  if (!setup->no_redis)
    start_redis (self);
  return self;
}

void
ps_rig_free (PsRig *self)
{
  if (self == NULL)
    return;
  ps_daemon_free (self->daemon);
  ps_orchagent_free (self->orchagent);
  ps_keyspace_free (self->keyspace);
  ps_db_free (self->db);
  ps_redis_server_free (self->redis);
  ps_syslog_sink_free (self->syslog);
  ps_netdevs_free (self->netdevs);
  g_array_unref (self->old);
  g_free (self->dir);
  g_free (self);
}

typedef struct {
  PsRig *rig;
  int db;
  const char *key, *field, *value;
  gint64 number;
} Question;

static gboolean
key_exists (gpointer user_data)
{
  const Question *q = user_data;
  redisReply *reply = ps_db_try (q->rig->db, q->db, "EXISTS %s", q->key);
  gboolean yes = reply != NULL && reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
  if (reply != NULL)
    freeReplyObject (reply);
  return yes;
}

static gboolean
key_is_gone (gpointer user_data)
{
  const Question *q = user_data;
  return !ps_db_exists (q->rig->db, q->db, q->key);
}

static gboolean
field_is (gpointer user_data)
{
  const Question *q = user_data;
  g_autofree char *value = ps_db_hget (q->rig->db, q->db, q->key, q->field);
  return g_strcmp0 (value, q->value) == 0;
}

static gboolean
line_is_there (gpointer user_data)
{
  const Question *q = user_data;
  return ps_rig_n_lines (q->rig, q->key) > 0;
}

static gboolean
was_popped (gpointer user_data)
{
  const Question *q = user_data;
  return ps_orchagent_count (q->rig->orchagent, q->key) > 0;
}

void
ps_rig_wait_key (PsRig *self, int db, const char *key)
{
  Question q = {self, db, key, NULL, NULL, 0};
  if (!ps_wait_until (key_exists, &q, PS_WAIT_MS))
    g_error ("there is no %s in database %d", key, db);
}

void
ps_rig_wait_no_key (PsRig *self, int db, const char *key)
{
  Question q = {self, db, key, NULL, NULL, 0};
  if (!ps_wait_until (key_is_gone, &q, PS_WAIT_MS))
    g_error ("%s is still in database %d", key, db);
}

void
ps_rig_wait_field (PsRig *self, int db, const char *key, const char *field, const char *value)
{
  Question q = {self, db, key, field, value, 0};
  if (!ps_wait_until (field_is, &q, PS_WAIT_MS)) {
    g_autofree char *is = ps_db_hget (self->db, db, key, field);
    g_error ("%s %s in database %d is %s, not %s", key, field, db, is, value);
  }
}

void
ps_rig_wait_line (PsRig *self, const char *text)
{
  Question q = {self, 0, text, NULL, NULL, 0};
  if (!ps_wait_until (line_is_there, &q, PS_WAIT_MS))
    g_error ("no log line has \"%s\" in it", text);
}

void
ps_rig_wait_popped (PsRig *self, const char *key)
{
  Question q = {self, 0, key, NULL, NULL, 0};
  if (!ps_wait_until (was_popped, &q, PS_WAIT_MS))
    g_error ("%s was not popped", key);
}

guint
ps_rig_n_lines (PsRig *self, const char *text)
{
  g_autofree char *output = ps_daemon_output (self->daemon);
  guint n = ps_syslog_sink_count (self->syslog, text);
  for (const char *at = output; (at = strstr (at, text)) != NULL; at++)
    n++;
  return n;
}

void
ps_rig_assert_line_once (PsRig *self, const char *text)
{
  ps_rig_wait_line (self, text);
  g_assert_cmpuint (ps_rig_n_lines (self, text), ==, 1);
}

void
ps_rig_boot (PsRig *self)
{
  ps_daemon_start (self->daemon);
  ps_rig_wait_key (self, PS_DB_APPL, "PORT_TABLE:PortInitDone");
  ps_rig_settle (self);
}

/* The order of the two questions matters: what is popped keeps orchagent busy. */
static gboolean
orchagent_rests (gpointer user_data)
{
  PsRig *self = user_data;
  return ps_db_integer (self->db, PS_DB_APPL, "EXISTS PORT_TABLE_KEY_SET") == 0 &&
         !ps_orchagent_is_busy (self->orchagent);
}

void
ps_rig_settle_links (PsRig *self)
{
  g_autoptr (GArray) links = ps_kernel_dump ();
  for (guint i = 0; i < links->len; i++)
    ps_netdevs_look (self->netdevs, g_array_index (links, PsKernelLink, i).ifindex);
  ps_netdevs_commit_any (self->netdevs);
}

/* What is under way in orchagent and in the kernel's link watch comes first: both sides may agree
 * now and not a moment later. */
static void
let_rest (PsRig *self)
{
  if (self->orchagent != NULL && !ps_orchagent_is_held (self->orchagent) &&
      !ps_wait_until (orchagent_rests, self, PS_WAIT_MS))
    g_error ("keys of PORT_TABLE_KEY_SET are stranded: orchagent was not told");
  ps_rig_settle_links (self);
}

void
ps_rig_settle (PsRig *self)
{
  let_rest (self);
  ps_state_assert_equal (self->db, self->old, PS_WAIT_MS);
}

void
ps_rig_settle_and_clear (PsRig *self)
{
  ps_rig_settle (self);
  ps_keyspace_sync (self->keyspace, self->db);
  ps_keyspace_clear (self->keyspace);
}

static gboolean
daemon_has_read (gpointer user_data)
{
  PsRig *self = user_data;
  return ps_daemon_netlink_queue (self->daemon) == 0 &&
         ps_rig_n_lines (self, "All links are listed again") >=
             ps_rig_n_lines (self, "Link messages were lost");
}

void
ps_rig_finish (PsRig *self)
{
  /* Rows that agree by chance say nothing of the carrier counters. */
  if (!ps_wait_until (daemon_has_read, self, PS_WAIT_MS))
    g_error ("the daemon does not read what the kernel has for it");
  ps_rig_settle (self);
  ps_daemon_terminate (self->daemon);
  ps_state_assert_carriers (self->daemon, self->db, self->old);
  ps_rig_settle (self);
}

void
ps_rig_restart_daemon (PsRig *self)
{
  ps_daemon_kill (self->daemon);
  ps_daemon_start (self->daemon);
}

void
ps_rig_forget_life (PsRig *self)
{
  if (g_unlink (ps_daemon_life_file (self->daemon)) != 0)
    g_error ("there is no %s to delete", ps_daemon_life_file (self->daemon));
}

/* Each poll is at least one EXISTS. Ours are none while a test counts polls. */
static gint64
n_polls (PsRig *self)
{
  return ps_db_info (self->db, "commandstats", "cmdstat_exists:", "calls=");
}

static gboolean
polls_reached (gpointer user_data)
{
  const Question *q = user_data;
  return n_polls (q->rig) >= q->number;
}

void
ps_rig_wait_polls (PsRig *self, guint n)
{
  Question q = {self, 0, NULL, NULL, NULL, n_polls (self) + n};
  if (!ps_wait_until (polls_reached, &q, PS_WAIT_MS + n * 2000))
    g_error ("the daemon does not poll Redis");
}

guint
ps_rig_n_events (PsRig *self, const char *port, const char *operation)
{
  ps_keyspace_sync (self->keyspace, self->db);
  return ps_keyspace_count (self->keyspace, port, operation);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/engine-world.h"
#include "sim/world/sonic-keys.h"
#include <string.h>

#define IFINDEX_MAX 4096 /* A new process finds the links with a number below this. */

static void
on_disk_answer (gpointer user_data)
{
  PsEngineWorld *w = user_data;
  w->disk_answer = 0;
  ps_engine_life_written (w->engine, w->disk_error);
}

static void
write_bytes (PsEngineWorld *w)
{
  g_autoptr (GBytes) bytes = g_steal_pointer (&w->disk_bytes);
  gsize size = 0;
  const char *text = g_bytes_get_data (bytes, &size);
  w->disk_answer =
      ps_clock_arm (PS_CLOCK (w->clock), ps_clock_now_us (PS_CLOCK (w->clock)), on_disk_answer, w);
  if (w->disk_error != NULL)
    return;
  if (w->disk_whole)
    g_string_truncate (w->life, 0);
  g_string_append_len (w->life, text, (gssize)size);
}

/* It is there at once, and that is said in the next turn; unless the disk stands, or is full. */
static void
take (PsEngineWorld *w, GBytes *bytes, gboolean whole)
{
  g_assert_true (w->disk_answer == 0 && w->disk_bytes == NULL);
  w->disk_bytes = g_bytes_ref (bytes);
  w->disk_whole = whole;
  if (!w->disk_stands)
    write_bytes (w);
}

static void
forget_write (PsEngineWorld *w)
{
  ps_clock_clear (PS_CLOCK (w->clock), &w->disk_answer);
  g_clear_pointer (&w->disk_bytes, g_bytes_unref);
}

/* --- the host ------------------------------------------------------------------------------- */

struct _PsWorldHost {
  GObject parent;
  PsEngineWorld *w; /* not owned */
};

#define PS_TYPE_WORLD_HOST (ps_world_host_get_type ())
G_DECLARE_FINAL_TYPE (PsWorldHost, ps_world_host, PS, WORLD_HOST, GObject)

static PsEngineWorld *
world_of (PsHost *host)
{
  return PS_WORLD_HOST (host)->w;
}

static const PsLifeIdentity *
world_identity (PsHost *host)
{
  return world_of (host)->identity;
}

static GBytes *
world_read_life (PsHost *host)
{
  const GString *life = world_of (host)->life;
  return g_bytes_new (life->str, life->len);
}

static void
world_write_life (PsHost *host, GBytes *bytes, gboolean whole)
{
  PsEngineWorld *w = world_of (host);
  w->n_replaced += whole;
  w->n_appended += !whole && g_bytes_get_size (bytes) > 0;
  take (w, bytes, whole);
}

static void
world_log_output (PsHost *host, PsLogOutput output)
{
  g_string_append_printf (world_of (host)->lines, "output %d\n", (int)output);
}

static void
world_links_settled (PsHost *host)
{
  world_of (host)->n_settled++;
}

static void
world_burst_over (PsHost *host)
{
  world_of (host)->n_bursts++;
}

static void
world_ended (PsHost *host, const GError *error)
{
  PsEngineWorld *w = world_of (host);
  g_assert_false (w->drained);
  if (error != NULL)
    w->failed = TRUE;
  else
    w->drained = TRUE;
}

static void
host_iface_init (PsHostInterface *iface)
{
  iface->identity = world_identity;
  iface->read_life = world_read_life;
  iface->write_life = world_write_life;
  iface->log_output = world_log_output;
  iface->links_settled = world_links_settled;
  iface->burst_over = world_burst_over;
  iface->ended = world_ended;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PsWorldHost, ps_world_host, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PS_TYPE_HOST, host_iface_init))

static void
ps_world_host_init (PsWorldHost *self G_GNUC_UNUSED)
{
}

static void
ps_world_host_class_init (PsWorldHostClass *klass G_GNUC_UNUSED)
{
}

/* --- the world ------------------------------------------------------------------------------ */

static void
write_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  PsEngineWorld *w = user_data;
  g_string_append_printf (w->lines, "%s %s\n", ps_log_level_name (level), text);
}

void
ps_engine_world_set_up (PsEngineWorld *w, gconstpointer data)
{
  w->clock = ps_virtual_clock_new ();
  w->source = ps_script_source_new (PS_CLOCK (w->clock));
  w->store = ps_memory_store_new (PS_CLOCK (w->clock));
  w->config = ps_config_new ();
  w->identity = ps_life_identity_new ("boot-1", 100, "4:1");
  w->life = g_string_new (NULL);
  w->lines = g_string_new (NULL);
  w->log = ps_log_new (PS_CLOCK (w->clock), write_line, w);
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  ps_memory_db_set_string (config, "CONFIG_DB_INITIALIZED", "1");
  ps_memory_db_set (config, "LOGGER|portsyncd", "LOGLEVEL", "DEBUG");
  ps_memory_db_set (config, "LOGGER|portsyncd", "LOGOUTPUT", "SYSLOG");
}

void
ps_engine_world_tear_down (PsEngineWorld *w, gconstpointer data)
{
  forget_write (w);
  g_clear_pointer (&w->engine, ps_engine_free);
  g_assert_finalize_object (g_steal_pointer (&w->source));
  g_assert_finalize_object (g_steal_pointer (&w->store));
  ps_log_free (w->log);
  g_assert_cmpuint (ps_virtual_clock_n_timers (w->clock), ==, 0);
  g_assert_finalize_object (g_steal_pointer (&w->clock));
  ps_config_free (w->config);
  ps_life_identity_free (w->identity);
  g_string_free (w->life, TRUE);
  g_string_free (w->lines, TRUE);
}

void
ps_engine_world_start (PsEngineWorld *w)
{
  g_autoptr (PsWorldHost) host = g_object_new (PS_TYPE_WORLD_HOST, NULL);
  host->w = w;
  PsEngineParts parts = {
      .clock = PS_CLOCK (w->clock),
      .source = PS_LINK_SOURCE (w->source),
      .store = PS_STORE (w->store),
      .log = w->log,
      .config = w->config,
      .host = PS_HOST (host),
  };
  w->drained = FALSE;
  w->n_settled = 0;
  w->engine = ps_engine_new (&parts);
  ps_engine_start (w->engine);
  ps_engine_world_run_ms (w, 0);
}

void
ps_engine_world_kill (PsEngineWorld *w)
{
  g_autoptr (PsScriptSource) before = g_steal_pointer (&w->source);
  forget_write (w);
  g_clear_pointer (&w->engine, ps_engine_free);
  w->source = ps_script_source_new (PS_CLOCK (w->clock));
  for (guint32 i = 1; i < IFINDEX_MAX; i++) {
    const PsLinkEvent *link = ps_script_source_peek (before, i);
    if (link != NULL)
      ps_script_source_put (w->source, link);
  }
}

void
ps_engine_world_configure (PsEngineWorld *w, const char *name)
{
  g_autofree char *key = g_strdup_printf ("PORT|%s", name);
  PsSimRedisDb *db = ps_memory_store_db (w->store, PS_DB_CONFIG);
  ps_memory_db_set (db, key, "lanes", "1,2,3,4");
  ps_memory_db_set (db, key, "mtu", "9100");
}

void
ps_engine_world_configure_ports (PsEngineWorld *w, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_engine_world_configure (w, name);
  }
}

void
ps_engine_world_links_up (PsEngineWorld *w, guint n, guint32 first_ifindex)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_script_source_link (w->source, name, first_ifindex + i, UP);
  }
  ps_engine_world_run_ms (w, 100);
}

void
ps_engine_world_make_live (PsEngineWorld *w, const char *name)
{
  g_autofree char *key = ps_sim_live_key (name);
  ps_memory_db_set (ps_memory_store_db (w->store, PS_DB_APPL), key, "lanes", "1,2,3,4");
}

void
ps_engine_world_disk_goes_on (PsEngineWorld *w)
{
  w->disk_stands = FALSE;
  if (w->disk_bytes != NULL)
    write_bytes (w);
}

void
ps_engine_world_run_ms (PsEngineWorld *w, gint64 ms)
{
  ps_virtual_clock_advance (w->clock, ms * 1000);
}

void
ps_engine_world_consume (PsEngineWorld *w)
{
  while (ps_memory_store_n_pending (w->store) > 0) {
    g_ptr_array_unref (ps_memory_store_pop (w->store, 1024));
    ps_engine_world_run_ms (w, 200);
  }
  ps_engine_world_run_ms (w, 1100);
}

char *
ps_engine_world_row (PsEngineWorld *w, const char *name)
{
  g_autofree char *key = g_strdup_printf ("PORT_TABLE|%s", name);
  PsSimRedisDb *db = ps_memory_store_db (w->store, PS_DB_STATE);
  const char *state = ps_memory_db_get (db, key, "state");
  if (state == NULL)
    return g_strdup ("-");
  return g_strjoin (" ", state, ps_memory_db_get (db, key, "netdev_oper_status"),
                    ps_memory_db_get (db, key, "admin_status"), ps_memory_db_get (db, key, "mtu"),
                    NULL);
}

void
ps_engine_world_boot (PsEngineWorld *w, guint n)
{
  ps_engine_world_configure_ports (w, n);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
}

void
ps_engine_world_boot_one (PsEngineWorld *w)
{
  ps_engine_world_boot (w, 1);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
}

guint
ps_engine_world_n_lines (PsEngineWorld *w, const char *text)
{
  guint n = 0;
  for (const char *p = w->lines->str; (p = strstr (p, text)) != NULL; p++)
    n++;
  return n;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/session.h"
#include "backends/netlink/socket.h"
#include "daemon/glib-clock.h"
#include "mirror/flush.h"
#include "mirror/links.h"
#include "tests/bench/cases.h"
#include "tests/bench/limit-links.h"
#include "tests/bench/process.h"
#include "tests/bench/table.h"
#include "tests/support/netdevs.h"
#include "tests/support/netns.h"
#include "tests/support/port-names.h"
#include <unistd.h>

#define N_LINKS       32768
#define N_LINKS_QUICK 2048

/* The daemon's own source and port table on the real kernel. No row belongs to a daemon here. */
typedef struct {
  GMainLoop *loop;
  PsGlibClock *clock;
  PsLinkSource *source;
  PsPortTable *table;
  PsLinks *links;
  PsLog *log;
  guint n_changed;
  gboolean complete;
} Mirror;

static void
say (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  if (level <= PS_LOG_WARN)
    g_printerr ("%s\n", text);
}

static void
on_changed (PsPort *port, gpointer user_data)
{
  Mirror *self = user_data;
  self->n_changed++;
}

static void
on_baseline (PsPort *port, gpointer user_data)
{
}

static void
on_old_gone (guint32 ifindex, gpointer user_data)
{
}

static const PsLinksSink links_sink = {on_changed, on_baseline, on_old_gone};

static void
on_events (const PsLinkEvent *events, gsize n_events, gpointer user_data)
{
  Mirror *self = user_data;
  for (gsize i = 0; i < n_events; i++) {
    ps_links_apply (self->links, &events[i]);
    if (events[i].type == PS_LINK_SNAPSHOT_END) {
      self->complete = events[i].complete;
      g_main_loop_quit (self->loop);
    }
  }
}

static void
on_admin_down_done (const PsNetlinkAdminDownResult *result, gpointer user_data)
{
}

static void
on_failed (const GError *error, gpointer user_data)
{
  g_error ("the link source failed: %s", error->message);
}

static const PsLinkSink link_sink = {on_events, on_admin_down_done, on_failed};

static void
set_up (Mirror *self)
{
  g_autoptr (GError) error = NULL;
  PsNetlinkSocket *socket = ps_netlink_socket_new (NULL, 0, &error);
  g_assert_no_error (error);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->clock = ps_glib_clock_new (NULL);
  self->log = ps_log_new (PS_CLOCK (self->clock), say, NULL);
  self->table = ps_port_table_new ();
  self->links = ps_links_new (self->table, self->log, &links_sink, self);
  self->source = PS_LINK_SOURCE (
      ps_netlink_session_new (PS_DATAGRAM_PORT (socket), PS_CLOCK (self->clock), self->log, 1));
  g_object_unref (socket);
  ps_link_source_start (self->source, &link_sink, self);
}

static void
tear_down (Mirror *self)
{
  ps_link_source_stop (self->source);
  g_object_unref (self->source);
  ps_links_free (self->links);
  ps_port_table_free (self->table);
  ps_log_free (self->log);
  g_object_unref (self->clock);
  g_main_loop_unref (self->loop);
}

static double
resync_ms (Mirror *self, guint n)
{
  gint64 start_us = g_get_monotonic_time ();
  self->n_changed = 0;
  ps_link_source_request_snapshot (self->source);
  g_main_loop_run (self->loop);
  double ms = (double)(g_get_monotonic_time () - start_us) / 1000;
  g_assert_true (self->complete);
  g_assert_cmpuint (self->n_changed, >=, n);
  return ms;
}

static void
count (const LimitLink *link, void *user_data)
{
  guint *n = user_data;
  (*n)++;
}

static double
walk_ms (int fd, guint n)
{
  guint n_seen = 0;
  gint64 start_us = g_get_monotonic_time ();
  limit_links_dump (fd, count, &n_seen);
  double ms = (double)(g_get_monotonic_time () - start_us) / 1000;
  g_assert_cmpuint (n_seen, ==, n);
  return ms;
}

static void
make_links (guint n)
{
  g_autoptr (PsNetdevs) netdevs = ps_netdevs_new ();
  for (guint i = 0; i < n; i++)
    ps_netdevs_add (netdevs, ps_port_name (i).text, "ifb", 0);
  ps_netdevs_commit (netdevs);
}

void
ps_case_resync (const PsBenchOptions *options)
{
  guint n = options->quick ? N_LINKS_QUICK : N_LINKS;
  Mirror mirror = {0};
  PsSamples ours = {0}, bare = {0};
  ps_netns_open_own (); /* Held for ever. */
  ps_netns_enter_new ();
  ps_netns_disable_ipv6 ();
  make_links (n);
  set_up (&mirror);
  int fd = limit_links_open (FALSE);
  resync_ms (&mirror, n); /* The first makes the ports. */
  for (guint i = 0; i < options->n_reps; i++) {
    ps_samples_add (&ours, resync_ms (&mirror, n));
    ps_samples_add (&bare, walk_ms (fd, n));
  }
  close (fd);
  tear_down (&mirror);
  g_autofree char *name = g_strdup_printf ("full resync of %u links", n);
  ps_table_row (&(PsFigure){name, "ms", &ours, &bare, PS_BAR_RATIO, 1.5, PS_BAR_RATIO, 3, NULL});
}

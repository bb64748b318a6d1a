/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/netlink-world.h"
#include "backends/netlink/encode.h"

static void
keep_warning (PsLogLevel level, const char *function, const char *text, gpointer data)
{
  PsNetlinkWorld *w = data;
  if (level <= PS_LOG_WARN)
    g_ptr_array_add (w->warnings, g_strdup (text));
}

void
ps_netlink_world_set_up (PsNetlinkWorld *w, gconstpointer data)
{
  w->clock = ps_virtual_clock_new ();
  w->port = ps_fake_datagram_port_new (PS_CLOCK (w->clock), PORT_ID);
  w->log = ps_log_new (PS_CLOCK (w->clock), keep_warning, w);
  w->session =
      ps_netlink_session_new (PS_DATAGRAM_PORT (w->port), PS_CLOCK (w->clock), w->log, FIRST);
  w->source = PS_LINK_SOURCE (w->session);
  w->warnings = g_ptr_array_new_with_free_func (g_free);
  w->seen = ps_link_recorder_new ();
  w->out = g_byte_array_new ();
  ps_link_source_start (w->source, &ps_link_recorder_sink, w->seen);
}

void
ps_netlink_world_tear_down (PsNetlinkWorld *w, gconstpointer data)
{
  if (w->session != NULL)
    g_assert_finalize_object (w->session);
  g_assert_cmpuint (ps_virtual_clock_n_timers (w->clock), ==, 0);
  g_assert_finalize_object (w->port);
  ps_log_free (w->log);
  g_ptr_array_unref (w->warnings);
  g_assert_finalize_object (w->clock);
  ps_link_recorder_free (w->seen);
  g_byte_array_unref (w->out);
}

void
ps_netlink_world_add_link (PsNetlinkWorld *w, PsMessageOrigin origin, const char *name,
                           guint32 ifindex)
{
  PsLinkEvent link = {.ifindex = ifindex, .flags = IFF_UP};
  g_strlcpy (link.name, name, sizeof link.name);
  ps_message_append_link (w->out, origin, &link);
}

void
ps_netlink_world_arrive (PsNetlinkWorld *w)
{
  ps_fake_datagram_port_push (w->port, w->out->data, w->out->len);
  g_byte_array_set_size (w->out, 0);
}

void
ps_netlink_world_live (PsNetlinkWorld *w, const char *name, guint32 ifindex)
{
  ps_netlink_world_add_link (w, (PsMessageOrigin){0}, name, ifindex);
  ps_netlink_world_arrive (w);
}

void
ps_netlink_world_run (PsNetlinkWorld *w, gint64 delta_us)
{
  ps_virtual_clock_advance (w->clock, delta_us);
}

const char *
ps_netlink_world_seen (PsNetlinkWorld *w)
{
  ps_netlink_world_run (w, 0);
  return ps_link_recorder_take (w->seen);
}

/* Answers the dump in flight at once. */
void
ps_netlink_world_finish_dump (PsNetlinkWorld *w, guint32 sequence, int code)
{
  ps_message_append_done (w->out, (PsMessageOrigin){NLM_F_MULTI, sequence, PORT_ID}, code);
  ps_netlink_world_arrive (w);
}

void
ps_netlink_world_start_dump (PsNetlinkWorld *w)
{
  ps_link_source_request_snapshot (w->source);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "BEGIN");
}

const PsNetlinkCounters *
ps_netlink_world_counters (PsNetlinkWorld *w)
{
  return ps_netlink_session_counters (w->session);
}

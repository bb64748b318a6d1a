/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/port-table.h"

/* A device belongs to one port, a port has one device: taking one detaches both sides. */
static void
test_attach (void)
{
  g_autoptr (PsPortTable) table = ps_port_table_new ();
  PsPort *a = ps_port_table_add (table, "Ethernet0"), *b = ps_port_table_add (table, "Ethernet4");
  g_assert_true (ps_port_table_add (table, "Ethernet0") == a);
  ps_port_table_attach (table, a, 5);
  ps_port_table_attach (table, b, 6);
  ps_port_table_attach (table, a, 6);
  g_assert_cmpint (b->device.presence, ==, PS_PRESENCE_GONE);
  g_assert_null (ps_port_table_find_ifindex (table, 5));
  g_assert_true (ps_port_table_find_ifindex (table, 6) == a);
  ps_port_table_detach (table, a);
  g_assert_null (ps_port_table_find_ifindex (table, 6));
  g_assert_cmpint (a->device.presence, ==, PS_PRESENCE_GONE);
}

/* The table takes PS_PORTS_MAX ports and refuses the next, without losing one that it holds. */
static void
test_full (void)
{
  g_autoptr (PsPortTable) table = ps_port_table_new ();
  char name[IFNAMSIZ];
  for (guint i = 0; i < PS_PORTS_MAX; i++) {
    g_snprintf (name, sizeof name, "Ethernet%u", i);
    g_assert_nonnull (ps_port_table_add (table, name));
  }
  g_assert_null (ps_port_table_add (table, "Ethernet-Rec0"));
  g_assert_nonnull (ps_port_table_find (table, "Ethernet77"));
  g_assert_cmpuint (ps_port_table_length (table), ==, PS_PORTS_MAX);
}

/* Only ports that say nothing are dropped, each for one reason kept. */
static void
test_drop_idle (void)
{
  g_autoptr (PsPortTable) table = ps_port_table_new ();
  static const char *const names[] = {"Ethernet0", "Ethernet1", "Ethernet2", "Ethernet3",
                                      "Ethernet4", "Ethernet5", "Ethernet6", "Ethernet7"};
  PsPort *p[G_N_ELEMENTS (names)];
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    p[i] = ps_port_table_add (table, names[i]);
    p[i]->device.presence = PS_PRESENCE_GONE;
  }
  p[1]->row.have.present = TRUE;
  p[2]->boot.configured = (PsMark){1};
  p[3]->row.unregistered = TRUE;
  p[4]->queue.dirty = TRUE;
  p[5]->device.presence = PS_PRESENCE_UNKNOWN;
  p[6]->device.flap.downs = 1;
  g_assert_cmpuint (ps_port_table_drop_idle (table), ==, 2);
  g_assert_null (ps_port_table_find (table, "Ethernet0"));
  g_assert_null (ps_port_table_find (table, "Ethernet7"));
  for (guint i = 1; i < 7; i++)
    g_assert_nonnull (ps_port_table_find (table, names[i]));
}

/* What a port wants, and what must be written for it (docs/rules.md 2.3, 2.4). */
static void
test_wants (void)
{
  PsPort port = {.device = {.presence = PS_PRESENCE_UNKNOWN}, .live = {.there = TRUE}};
  port.row.have =
      (PsRowState){.present = TRUE, .exact = TRUE, .up = TRUE, .mtu = 9100, .ifindex = 5};
  g_assert_cmpint (ps_port_want (&port), ==, PS_WANT_HOLD);
  g_assert_false (ps_port_must_delete (&port));
  port.device.presence = PS_PRESENCE_PRESENT;
  port.device.ifindex = 5;
  port.device.flags = IFF_UP;
  port.device.mtu = 9100;
  g_assert_true (ps_port_is_published (&port));
  port.queue.in_flight = TRUE; /* What is on its way may be a deletion. */
  g_assert_false (ps_port_is_published (&port));
  port.queue.in_flight = FALSE;
  port.live.there = FALSE;
  g_assert_false (ps_port_is_published (&port));
  port.live.stood = TRUE;
  g_assert_true (ps_port_is_published (&port));
  port.live.there = TRUE;
  port.live.stood = FALSE;
  port.device.flags |= IFF_RUNNING;
  g_assert_true (ps_port_must_put (&port));
  g_assert_false (ps_port_must_delete (&port));
  port.device.flags = IFF_UP;
  port.device.ifindex = 6;
  g_assert_true (ps_port_must_delete (&port));
  g_assert_true (ps_port_must_put (&port));
  port.live.there = FALSE;
  g_assert_true (ps_port_must_delete (&port));
  g_assert_false (ps_port_must_put (&port));
  port.device.presence = PS_PRESENCE_GONE;
  g_assert_true (ps_port_must_delete (&port));
  port.row.have.present = FALSE;
  g_assert_false (ps_port_must_delete (&port));
  port.row.unregistered = TRUE;
  g_assert_true (ps_port_must_delete (&port));
}

/* A mark that is set is equal to TRUE: who compares it with what Redis says must find no change
 * where there is none. */
static void
test_marks (void)
{
  PsPort port = {
      .live = {.there = TRUE},
      .boot = {.pending = TRUE},
      .queue = {.dirty = TRUE, .in_flight = TRUE},
  };
  port.row.unregistered |= TRUE;
  g_assert_cmpint (port.live.there, ==, TRUE);
  g_assert_cmpint (port.boot.pending, ==, TRUE);
  g_assert_cmpint (port.row.unregistered, ==, TRUE);
  g_assert_cmpint (port.queue.dirty, ==, TRUE);
  g_assert_cmpint (port.queue.in_flight, ==, TRUE);
  g_assert_cmpint (port.queue.refused, ==, FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/port-table/attach", test_attach);
  g_test_add_func ("/port-table/full", test_full);
  g_test_add_func ("/port-table/drop-idle", test_drop_idle);
  g_test_add_func ("/port-table/wants", test_wants);
  g_test_add_func ("/port-table/marks", test_marks);
  return g_test_run ();
}

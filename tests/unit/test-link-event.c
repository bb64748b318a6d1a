/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/link-event-text.h"

static PsLinkEvent
sample (void)
{
  return (PsLinkEvent){
      .type = PS_LINK_UPSERT,
      .fields = PS_LINK_HAS_MTU | PS_LINK_HAS_MASTER | PS_LINK_HAS_KIND | PS_LINK_HAS_CARRIER,
      .ifindex = 7,
      .flags = 0x41,
      .mtu = 9100,
      .master = 3,
      .carrier = {5, 3, 2},
      .name = "Ethernet0",
      .kind = "veth",
      .received_us = 1,
  };
}

#define DIFFER(change)                                                                             \
  do {                                                                                             \
    PsLinkEvent one = sample (), other = sample ();                                                \
    change;                                                                                        \
    g_assert_false (ps_link_event_equal (&one, &other));                                           \
    g_assert_false (ps_link_event_equal (&other, &one));                                           \
  } while (0)

/* Every fact that counts makes two events different; the time of arrival does not. */
static void
test_equal (void)
{
  PsLinkEvent a = sample (), b = sample ();
  b.received_us = 99;
  g_assert_true (ps_link_event_equal (&a, &b));
  DIFFER (other.type = PS_LINK_REMOVE);
  DIFFER (other.ifindex = 8);
  DIFFER (other.flags = 0x1);
  DIFFER (other.mtu = 1500);
  DIFFER (other.master = 0);
  DIFFER (other.name[8] = '1');
  DIFFER (other.kind[0] = 't');
  DIFFER (other.carrier.changes++);
  DIFFER (other.carrier.ups++);
  DIFFER (other.carrier.downs++);
  DIFFER (other.from_dump = TRUE);
  DIFFER (other.registered = TRUE);
  DIFFER (other.fields &= ~(guint)PS_LINK_HAS_MTU);
}

/* An attribute that the message did not carry is not compared. */
static void
test_missing_attributes (void)
{
  PsLinkEvent a = sample (), b = sample ();
  a.fields = b.fields = 0;
  b.mtu = 1;
  b.master = 9;
  b.kind[0] = 'x';
  b.carrier.changes = 77;
  g_assert_true (ps_link_event_equal (&a, &b));
}

/* Of a snapshot's marks only completeness counts; of a loss nothing. */
static void
test_marks (void)
{
  PsLinkEvent end = {.type = PS_LINK_SNAPSHOT_END, .complete = TRUE}, other = end;
  other.mtu = 5;
  g_assert_true (ps_link_event_equal (&end, &other));
  other.complete = FALSE;
  g_assert_false (ps_link_event_equal (&end, &other));
  PsLinkEvent lost = {.type = PS_LINK_LOST}, lost_too = {.type = PS_LINK_LOST, .ifindex = 4};
  g_assert_true (ps_link_event_equal (&lost, &lost_too));
  g_assert_false (ps_link_event_equal (&lost, &end));
}

/* The text of an event is one line that shows what the message carried, and names are escaped. */
static void
test_text (void)
{
  PsLinkEvent event = sample ();
  g_autofree char *full = ps_link_event_to_string (&event);
  g_assert_cmpstr (
      full, ==, "upsert Ethernet0 ifindex=7 flags=0x41 mtu=9100 master=3 kind=veth carrier=5/3/2");
  event.type = PS_LINK_REMOVE;
  event.fields = 0;
  event.from_dump = event.registered = TRUE;
  g_strlcpy (event.name, "a\nb", sizeof event.name);
  g_autofree char *bare = ps_link_event_to_string (&event);
  g_assert_cmpstr (bare, ==, "remove a\\x0ab ifindex=7 flags=0x41 dump registered");
  PsLinkEvent end = {.type = PS_LINK_SNAPSHOT_END};
  g_autofree char *interrupted = ps_link_event_to_string (&end);
  g_assert_cmpstr (interrupted, ==, "snapshot-end interrupted");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link-event/equal", test_equal);
  g_test_add_func ("/link-event/missing-attributes", test_missing_attributes);
  g_test_add_func ("/link-event/marks", test_marks);
  g_test_add_func ("/link-event/text", test_text);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One message of the kernel: what the decoder takes is within its bounds, and the same link in the
 * kernel's own words is decoded as the same. */
#include "backends/netlink/decode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/link-message.h"
#include "tests/support/link-event-text.h"
#include <string.h>

static void
check_event (const PsLinkEvent *event)
{
  gsize n_name = strnlen (event->name, sizeof event->name);
  g_assert_true (event->type == PS_LINK_UPSERT || event->type == PS_LINK_REMOVE);
  g_assert_true (n_name > 0 && n_name < sizeof event->name);
  g_assert_cmpuint (strnlen (event->kind, sizeof event->kind), <, sizeof event->kind);
  g_assert_cmpint ((event->fields & PS_LINK_HAS_KIND) != 0, ==, event->kind[0] != '\0');
  g_assert_true (event->ifindex > 0 && event->ifindex <= G_MAXINT32);
  g_assert_true (event->type == PS_LINK_UPSERT || !event->registered);
  g_assert_false (event->from_dump);
  g_assert_cmpint (event->received_us, ==, 0);
  g_autofree char *text = ps_link_event_to_string (event);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_null (strpbrk (text, "\n\r"));
}

static void
check_again (const PsLinkEvent *event)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  PsLinkEvent again;
  ps_message_append_link (bytes, (PsMessageOrigin){0}, event);
  g_assert_cmpint (ps_netlink_decode_link (bytes->data, bytes->len, &again), ==,
                   PS_NETLINK_DECODE_OK);
  g_assert_true (ps_link_event_equal (event, &again));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct nlmsghdr header;
  PsLinkEvent event;
  int error;
  gboolean whole = ps_netlink_decode_header (data, size, &header);
  if (whole)
    g_assert_true (header.nlmsg_len >= NLMSG_HDRLEN && header.nlmsg_len <= size);
  if (ps_netlink_decode_error (data, size, &error))
    g_assert_true (whole && header.nlmsg_type == NLMSG_ERROR && error >= 0);
  if (ps_netlink_decode_done (data, size, &error))
    g_assert_true (whole && header.nlmsg_type == NLMSG_DONE && error >= 0);
  PsNetlinkDecodeResult result = ps_netlink_decode_link (data, size, &event);
  if (!whole)
    g_assert_cmpint (result, ==, PS_NETLINK_DECODE_MALFORMED);
  if (result != PS_NETLINK_DECODE_OK)
    return 0;
  check_event (&event);
  check_again (&event);
  return 0;
}

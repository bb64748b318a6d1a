/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/decode.h"
#include "tests/support/link-message.h"
#include "tests/support/link-event-text.h"
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define LINK_HEADER (NLMSG_HDRLEN + sizeof (struct ifinfomsg))

static const PsLinkEvent full_link = {
    .type = PS_LINK_UPSERT,
    .fields = PS_LINK_HAS_MTU | PS_LINK_HAS_MASTER | PS_LINK_HAS_KIND | PS_LINK_HAS_CARRIER,
    .ifindex = 42,
    .flags = 0x11043,
    .mtu = 9100,
    .master = 3,
    .carrier = {5, 3, 2},
    .name = "Ethernet0",
    .kind = "veth",
};

/* Decodes from a block of exactly this size, so that a sanitizer sees a read beyond it. */
static PsNetlinkDecodeResult
decode (const guint8 *bytes, gsize size, PsLinkEvent *out_event)
{
  g_autofree guint8 *exact = g_memdup2 (bytes, MAX (size, 1));
  return ps_netlink_decode_link (exact, size, out_event);
}

static PsNetlinkDecodeResult
decode_array (GByteArray *message, PsLinkEvent *out_event)
{
  return decode (message->data, message->len, out_event);
}

/* A message of AF_UNSPEC without attributes. */
static GByteArray *
bare (guint16 type, struct ifinfomsg info)
{
  GByteArray *out = g_byte_array_new ();
  ps_message_append (out, type, (PsMessageOrigin){0}, &info, sizeof info);
  return out;
}

static GByteArray *
named (const char *name)
{
  GByteArray *out = bare (RTM_NEWLINK, (struct ifinfomsg){.ifi_index = 1});
  ps_message_append_attr (out, 0, IFLA_IFNAME, name, strlen (name) + 1);
  return out;
}

static void
set_length (GByteArray *message, guint32 length)
{
  memcpy (message->data, &length, sizeof length);
}

/* Every field that the kernel sends arrives as sent. */
static void
test_full (void)
{
  g_autoptr (GByteArray) message = g_byte_array_new ();
  PsLinkEvent event, remove = full_link;
  ps_message_append_link (message, (PsMessageOrigin){0}, &full_link);
  g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
  g_assert_true (ps_link_event_equal (&event, &full_link));
  g_assert_cmpint (event.received_us, ==, 0);

  g_byte_array_set_size (message, 0);
  remove.type = PS_LINK_REMOVE;
  ps_message_append_link (message, (PsMessageOrigin){0}, &remove);
  g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
  g_assert_true (ps_link_event_equal (&event, &remove));
}

/* A message with a name only has no other field, and stale memory does not shine through. */
static void
test_only_name (void)
{
  g_autoptr (GByteArray) message = named ("Ethernet0");
  PsLinkEvent event;
  memset (&event, 0xff, sizeof event);
  g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
  g_assert_cmpuint (event.fields, ==, 0);
  g_assert_cmpuint (event.mtu, ==, 0);
  g_assert_cmpuint (event.master, ==, 0);
  g_assert_cmpstr (event.kind, ==, "");
  g_assert_false (event.registered);
  g_assert_false (event.from_dump);
}

/* ifi_change of all ones says "registered", on RTM_NEWLINK only. */
static void
test_registered (void)
{
  struct ifinfomsg info = {.ifi_index = 1, .ifi_change = G_MAXUINT32};
  PsLinkEvent event;
  for (guint16 type = RTM_NEWLINK; type <= RTM_DELLINK; type++) {
    g_autoptr (GByteArray) message = bare (type, info);
    ps_message_append_attr (message, 0, IFLA_IFNAME, "a", 2);
    g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
    g_assert_cmpint (event.registered, ==, type == RTM_NEWLINK);
  }
}

/* What is not about a link, or about another family's view of it, is ignored. */
static void
test_ignored (void)
{
  PsLinkEvent event;
  const guint16 types[] = {RTM_GETLINK, RTM_NEWADDR, NLMSG_DONE, NLMSG_NOOP, 0xffff};
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autoptr (GByteArray) message = bare (types[i], (struct ifinfomsg){.ifi_index = 1});
    g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_IGNORED);
  }
  for (guint16 type = RTM_NEWLINK; type <= RTM_DELLINK; type++) {
    g_autoptr (GByteArray) message =
        bare (type, (struct ifinfomsg){.ifi_family = AF_BRIDGE, .ifi_index = 1});
    ps_message_append_attr (message, 0, IFLA_IFNAME, "Ethernet0", 10);
    g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_IGNORED);
  }
}

/* A message that is shorter than it says, or than a link message must be, is malformed; any cut
 * of a good one is either malformed or, beyond its end, the same. */
static void
test_lengths (void)
{
  static const guint32 lengths[] = {0, 1, 15, 16, 17, 31, 1 << 16, G_MAXUINT32};
  g_autoptr (GByteArray) message = named ("Ethernet0");
  PsLinkEvent event;
  guint32 length = message->len;
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    set_length (message, lengths[i]);
    g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_MALFORMED);
  }
  set_length (message, length + 1);
  g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_MALFORMED);
  set_length (message, length);
  for (gsize size = 0; size < length; size++)
    g_assert_cmpint (decode (message->data, size, &event), ==, PS_NETLINK_DECODE_MALFORMED);
}

/* Every cut of a full message with its length corrected: never a wrong value, and a field only if
 * its attribute is whole. */
static void
test_every_cut (void)
{
  g_autoptr (GByteArray) message = g_byte_array_new ();
  PsLinkEvent event;
  ps_message_append_link (message, (PsMessageOrigin){0}, &full_link);
  guint n_ok = 0;
  for (guint32 length = message->len; length > 0; length--) {
    set_length (message, length);
    if (decode (message->data, length, &event) != PS_NETLINK_DECODE_OK)
      continue;
    n_ok++;
    PsLinkEvent expected = full_link;
    expected.fields &= event.fields;
    g_assert_true (ps_link_event_equal (&event, &expected));
  }
  g_assert_cmpuint (n_ok, >=, 7); /* After each attribute that follows the name. */
}

/* Names: 1 to 15 bytes before a NUL, whatever they are; nothing else is a name. */
static void
test_names (void)
{
  static const char *const good[] = {
      "a",           "Ethernet0123456", "Eth\xc3\xa9rnet", "Ether|net:",
      "line\nbreak", "\xff\xfe",        "Ethernet-Rec0"};
  PsLinkEvent event;
  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GByteArray) message = named (good[i]);
    g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
    g_assert_cmpstr (event.name, ==, good[i]);
  }
  static const struct {
    const char *bytes;
    gsize size;
  } bad[] = {{"", 0},
             {"\0", 1},
             {"\0abc", 5},
             {"Ethernet0", 9},           /* not terminated */
             {"Ethernet01234567", 16},   /* not terminated, at the limit */
             {"Ethernet01234567\0", 17}, /* one too long */
             {"Ethernet0123456789\0", 19}};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GByteArray) message = bare (RTM_NEWLINK, (struct ifinfomsg){.ifi_index = 1});
    ps_message_append_attr (message, 0, IFLA_IFNAME, bad[i].bytes, bad[i].size);
    g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_MALFORMED);
  }
  g_autoptr (GByteArray) nameless = bare (RTM_NEWLINK, (struct ifinfomsg){.ifi_index = 1});
  g_assert_cmpint (decode_array (nameless, &event), ==, PS_NETLINK_DECODE_MALFORMED);
}

/* Alternative names are no names, wherever they stand: neither of a device that has one nor of one
 * that has none. */
static void
test_alternative_names (void)
{
  PsLinkEvent event;
  struct {
    struct nlattr head;
    char name[16];
  } alternative = {{sizeof alternative, IFLA_ALT_IFNAME}, "Ethernet99"};
  g_autoptr (GByteArray) message = named ("eth7");
  g_autoptr (GByteArray) nameless = bare (RTM_NEWLINK, (struct ifinfomsg){.ifi_index = 1});
  ps_message_append_attr (message, 0, IFLA_ALT_IFNAME, "Ethernet99", sizeof "Ethernet99");
  ps_message_append_attr (message, 0, IFLA_PROP_LIST | NLA_F_NESTED, &alternative,
                          sizeof alternative);
  g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
  g_assert_cmpstr (event.name, ==, "eth7");
  ps_message_append_attr (nameless, 0, IFLA_PROP_LIST | NLA_F_NESTED, &alternative,
                          sizeof alternative);
  g_assert_cmpint (decode_array (nameless, &event), ==, PS_NETLINK_DECODE_MALFORMED);
}

/* ifindexes are positive. */
static void
test_ifindexes (void)
{
  static const struct {
    int ifindex;
    PsNetlinkDecodeResult result;
  } cases[] = {{0, PS_NETLINK_DECODE_MALFORMED},
               {-1, PS_NETLINK_DECODE_MALFORMED},
               {G_MININT, PS_NETLINK_DECODE_MALFORMED},
               {1, PS_NETLINK_DECODE_OK},
               {G_MAXINT, PS_NETLINK_DECODE_OK}};
  PsLinkEvent event;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) message =
        bare (RTM_NEWLINK, (struct ifinfomsg){.ifi_index = cases[i].ifindex});
    ps_message_append_attr (message, 0, IFLA_IFNAME, "a", 2);
    g_assert_cmpint (decode_array (message, &event), ==, cases[i].result);
    if (cases[i].result == PS_NETLINK_DECODE_OK)
      g_assert_cmpuint (event.ifindex, ==, (guint)cases[i].ifindex);
  }
}

/* An optional attribute of the wrong length is as if it were not there; the name stays good. */
static void
test_optional_lengths (void)
{
  static const guint16 types[] = {IFLA_MTU, IFLA_MASTER, IFLA_CARRIER_CHANGES,
                                  IFLA_CARRIER_UP_COUNT, IFLA_CARRIER_DOWN_COUNT};
  static const gsize sizes[] = {0, 1, 3, 5, 8};
  PsLinkEvent event;
  for (guint t = 0; t < G_N_ELEMENTS (types); t++) {
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
      g_autoptr (GByteArray) message = named ("Ethernet0");
      ps_message_append_attr (message, 0, types[t], "\1\2\3\4\5\6\7\10", sizes[s]);
      g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
      g_assert_cmpuint (event.fields, ==, 0);
    }
  }
}

/* The carrier counters count only if all three are there. */
static void
test_carrier_counters (void)
{
  static const guint16 types[] = {IFLA_CARRIER_CHANGES, IFLA_CARRIER_UP_COUNT,
                                  IFLA_CARRIER_DOWN_COUNT};
  PsLinkEvent event;
  for (guint present = 0; present < 8; present++) {
    g_autoptr (GByteArray) message = named ("Ethernet0");
    for (guint i = 0; i < 3; i++)
      if (present & (1U << i))
        ps_message_append_attr (message, 0, types[i], &(guint32){i + 1}, 4);
    g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
    g_assert_cmpuint (event.fields, ==, present == 7 ? PS_LINK_HAS_CARRIER : 0);
  }
  g_assert_cmpuint (event.carrier.changes, ==, 1);
  g_assert_cmpuint (event.carrier.ups, ==, 2);
  g_assert_cmpuint (event.carrier.downs, ==, 3);
}

/* Appends a raw attribute head and as many bytes as data has, whatever nla_len claims. */
static void
append_raw (GByteArray *message, guint16 nla_len, guint16 type, const char *data, guint n_data)
{
  struct nlattr head = {nla_len, type};
  g_byte_array_append (message, (const guint8 *)&head, sizeof head);
  g_byte_array_append (message, (const guint8 *)data, n_data);
  set_length (message, message->len);
}

/* An attribute that claims less than its head, or more than there is, makes the message
 * malformed; one that ends the message without padding does not, nor do up to 3 stray bytes. */
static void
test_attribute_lengths (void)
{
  PsLinkEvent event;
  for (guint16 claimed = 0; claimed < 12; claimed++) {
    g_autoptr (GByteArray) message = named ("Ethernet0");
    append_raw (message, claimed, IFLA_MTU, "\1\0\0\0", 4);
    PsNetlinkDecodeResult expected =
        claimed >= 4 && claimed <= 8 ? PS_NETLINK_DECODE_OK : PS_NETLINK_DECODE_MALFORMED;
    /* 4 leaves four zero bytes, which are no attribute; 5 to 8 are padded to the end. */
    if (claimed == 4)
      expected = PS_NETLINK_DECODE_MALFORMED;
    g_assert_cmpint (decode_array (message, &event), ==, expected);
  }
  g_autoptr (GByteArray) unpadded = bare (RTM_NEWLINK, (struct ifinfomsg){.ifi_index = 1});
  append_raw (unpadded, 4 + 2, IFLA_IFNAME, "a\0", 2);
  g_assert_cmpint (decode_array (unpadded, &event), ==, PS_NETLINK_DECODE_OK);
  g_assert_cmpstr (event.name, ==, "a");
  for (guint n = 1; n <= 3; n++) {
    g_autoptr (GByteArray) message = named ("Ethernet0");
    g_byte_array_append (message, (const guint8 *)"\xff\xff\xff", n);
    set_length (message, message->len);
    g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
  }
}

/* Of two attributes of one type the last counts, and NLA_F_NESTED does not hide a type. */
static void
test_duplicates_and_flags (void)
{
  g_autoptr (GByteArray) message = named ("first");
  PsLinkEvent event;
  ps_message_append_attr (message, 0, IFLA_MTU, &(guint32){1}, 4);
  ps_message_append_attr (message, 0, IFLA_MTU | NLA_F_NESTED, &(guint32){2}, 4);
  ps_message_append_attr (message, 0, IFLA_IFNAME | NLA_F_NET_BYTEORDER, "second", 7);
  g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
  g_assert_cmpstr (event.name, ==, "second");
  g_assert_cmpuint (event.mtu, ==, 2);
}

/* A kind is cut to fit; one that is empty or stands in broken link info is missing. */
static void
test_kinds (void)
{
  static const struct {
    const char *info; /* the payload of IFLA_LINKINFO */
    gsize size;
    const char *kind; /* NULL: missing */
  } cases[] = {
      {"\x09\0\1\0team\0\0\0\0", 12, "team"},
      {"\x08\0\1\0team", 8, "team"},
      {"\x18\0\1\0a-kind-beyond-15-by\0", 24, "a-kind-beyond-1"},
      {"\x05\0\1\0\0\0\0\0", 8, NULL},
      {"\x04\0\1\0", 4, NULL},
      {"\x09\0\2\0team\0\0\0\0", 12, NULL},
      {"\xff\0\1\0team\0\0\0\0", 12, NULL},
      {"\x03\0\1\0team\0\0\0\0", 12, NULL},
      {"\x09", 1, NULL},
      {"", 0, NULL},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) message = named ("Ethernet0");
    PsLinkEvent event;
    ps_message_append_attr (message, 0, IFLA_LINKINFO, cases[i].info, cases[i].size);
    g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
    g_assert_cmpint ((event.fields & PS_LINK_HAS_KIND) != 0, ==, cases[i].kind != NULL);
    g_assert_cmpstr (event.kind, ==, cases[i].kind != NULL ? cases[i].kind : "");
  }
}

/* Unknown types, and big ones that are skipped, do not disturb. */
static void
test_unknown_attributes (void)
{
  g_autoptr (GByteArray) message = g_byte_array_new ();
  g_autofree guint8 *big = g_malloc0 (60000);
  PsLinkEvent event;
  ps_message_append_link (message, (PsMessageOrigin){0}, &full_link);
  ps_message_append_attr (message, 0, IFLA_VFINFO_LIST, big, 60000);
  ps_message_append_attr (message, 0, 0x3fff, "xyz", 3);
  ps_message_append_attr (message, 0, 0, NULL, 0);
  g_assert_cmpint (decode_array (message, &event), ==, PS_NETLINK_DECODE_OK);
  g_assert_true (ps_link_event_equal (&event, &full_link));
}

/* The code of NLMSG_ERROR and NLMSG_DONE; short ones, positive codes and other types have none. */
static void
test_codes (void)
{
  g_autoptr (GByteArray) error = g_byte_array_new ();
  g_autoptr (GByteArray) done = g_byte_array_new ();
  int code = -1;
  ps_message_append_error (error, 1, 2, EBUSY);
  ps_message_append_done (done, (PsMessageOrigin){0}, -EINTR);
  g_assert_true (ps_netlink_decode_error (error->data, error->len, &code));
  g_assert_cmpint (code, ==, EBUSY);
  g_assert_true (ps_netlink_decode_done (done->data, done->len, &code));
  g_assert_cmpint (code, ==, EINTR);
  g_assert_false (ps_netlink_decode_done (error->data, error->len, &code));
  g_assert_false (ps_netlink_decode_error (done->data, done->len, &code));
  g_assert_false (ps_netlink_decode_error (error->data, error->len - 1, &code));
  for (guint32 length = 0; length < 20; length++) {
    set_length (done, length);
    g_assert_false (ps_netlink_decode_done (done->data, done->len, &code));
  }
  set_length (done, 20);
  static const gint32 wrong[] = {1, G_MAXINT32, G_MININT32};
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    memcpy (done->data + NLMSG_HDRLEN, &wrong[i], sizeof wrong[i]);
    g_assert_false (ps_netlink_decode_done (done->data, done->len, &code));
  }
  g_assert_cmpint (code, ==, EINTR);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/netlink-decode/full", test_full);
  g_test_add_func ("/netlink-decode/only-name", test_only_name);
  g_test_add_func ("/netlink-decode/registered", test_registered);
  g_test_add_func ("/netlink-decode/ignored", test_ignored);
  g_test_add_func ("/netlink-decode/lengths", test_lengths);
  g_test_add_func ("/netlink-decode/every-cut", test_every_cut);
  g_test_add_func ("/netlink-decode/names", test_names);
  g_test_add_func ("/netlink-decode/alternative-names", test_alternative_names);
  g_test_add_func ("/netlink-decode/ifindexes", test_ifindexes);
  g_test_add_func ("/netlink-decode/optional-lengths", test_optional_lengths);
  g_test_add_func ("/netlink-decode/carrier-counters", test_carrier_counters);
  g_test_add_func ("/netlink-decode/attribute-lengths", test_attribute_lengths);
  g_test_add_func ("/netlink-decode/duplicates-and-flags", test_duplicates_and_flags);
  g_test_add_func ("/netlink-decode/kinds", test_kinds);
  g_test_add_func ("/netlink-decode/unknown-attributes", test_unknown_attributes);
  g_test_add_func ("/netlink-decode/codes", test_codes);
  return g_test_run ();
}

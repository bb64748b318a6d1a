/* SPDX-License-Identifier: Apache-2.0 */
/* Our decoder against libnl-route's, on messages of the real kernel (recorded when the test runs),
 * on mutations of them and on noise. Root, in a network namespace of its own. */
#include "backends/netlink/decode.h"
#include "backends/netlink/encode.h"
#include "backends/netlink/socket.h"
#include "base/rng.h"
#include "tests/support/netdevs.h"
#include "tests/support/netns.h"
#include <linux/rtnetlink.h>
#include <netlink/cache.h>
#include <netlink/msg.h>
#include <netlink/route/link.h>
#include <string.h>
#include <unistd.h>

#define N_MUTATIONS 200000
#define N_NOISE     20000

static GPtrArray *recorded; /* of owned GBytes, one link message each */

/* What both decoders made of one message, to see that the comparison is not empty. */
typedef struct {
  guint n_both, n_ours, n_theirs, n_neither;
} Tally;

static void
keep_link (struct nl_object *object, void *data)
{
  struct rtnl_link **out = data;
  nl_object_get (object);
  *out = (struct rtnl_link *)object;
}

/* libnl-route 3.7 follows a null pointer when a kind has statistics of its own but no data. */
static gboolean
kills_libnl (const struct nlmsghdr *header)
{
  const struct nlattr *info = nlmsg_attrdata (header, sizeof (struct ifinfomsg));
  int left = nlmsg_attrlen (header, sizeof (struct ifinfomsg));
  for (; nla_ok (info, left); info = nla_next (info, &left)) {
    if (nla_type (info) != IFLA_LINKINFO || nla_len (info) < 0)
      continue;
    if (nla_find (nla_data (info), nla_len (info), IFLA_INFO_XSTATS) != NULL &&
        nla_find (nla_data (info), nla_len (info), IFLA_INFO_DATA) == NULL)
      return TRUE;
  }
  return FALSE;
}

/* libnl's view of the message; NULL if it rejects it. */
static struct rtnl_link *
parse_theirs (const guint8 *bytes)
{
  if (kills_libnl ((gconstpointer)bytes))
    return NULL;
  struct rtnl_link *link = NULL;
  struct nl_msg *message = nlmsg_convert ((struct nlmsghdr *)(gpointer)bytes);
  g_assert_nonnull (message);
  nlmsg_set_proto (message, NETLINK_ROUTE);
  (void)nl_msg_parse (message, keep_link, &link);
  nlmsg_free (message);
  return link;
}

/* How many attributes of this type stand in a run; *out_last is the last. */
static guint
count_attrs (const struct nlattr *head, int size, int type, const struct nlattr **out_last)
{
  guint n = 0;
  const struct nlattr *attr;
  int left;
  nla_for_each_attr (attr, head, size, left)
  {
    if (nla_type (attr) == type) {
      n++;
      *out_last = attr;
    }
  }
  return n;
}

static const struct nlattr *
only_attr (const guint8 *bytes, int type)
{
  const struct nlmsghdr *header = (gconstpointer)bytes;
  const struct nlattr *attr = NULL;
  guint n = count_attrs (nlmsg_attrdata (header, sizeof (struct ifinfomsg)),
                         nlmsg_attrlen (header, sizeof (struct ifinfomsg)), type, &attr);
  return n == 1 ? attr : NULL;
}

/* A number that stands in the message exactly once and in the right size must be seen by us, and
 * as theirs; one of the wrong size must not be seen. With duplicates the rules differ. */
static void
compare_number (const guint8 *bytes, int type, gboolean have, guint32 ours)
{
  const struct nlattr *attr = only_attr (bytes, type);
  if (attr == NULL)
    return;
  g_assert_cmpint (have, ==, nla_len (attr) == 4);
  if (have)
    g_assert_cmpuint (ours, ==, nla_get_u32 (attr));
}

static void
compare_kind (const guint8 *bytes, struct rtnl_link *theirs, const PsLinkEvent *ours)
{
  const struct nlattr *info = only_attr (bytes, IFLA_LINKINFO), *attr = NULL;
  const char *kind = rtnl_link_get_type (theirs);
  if (info == NULL || kind == NULL)
    return;
  if (count_attrs (nla_data (info), nla_len (info), IFLA_INFO_KIND, &attr) != 1)
    return;
  g_autofree char *cut = g_strndup (kind, sizeof ours->kind - 1);
  g_assert_cmpstr (ours->kind, ==, cut);
}

static void
compare (const guint8 *bytes, struct rtnl_link *theirs, const PsLinkEvent *ours)
{
  guint32 changes;
  gboolean has_carrier = (ours->fields & PS_LINK_HAS_CARRIER) != 0;
  g_assert_cmpuint (ours->ifindex, ==, (guint32)rtnl_link_get_ifindex (theirs));
  g_assert_cmpuint (ours->flags, ==, rtnl_link_get_flags (theirs));
  g_assert_cmpstr (ours->name, ==, rtnl_link_get_name (theirs));
  compare_number (bytes, IFLA_MTU, (ours->fields & PS_LINK_HAS_MTU) != 0, ours->mtu);
  compare_number (bytes, IFLA_MASTER, (ours->fields & PS_LINK_HAS_MASTER) != 0, ours->master);
  compare_kind (bytes, theirs, ours);
  if (!has_carrier)
    return;
  compare_number (bytes, IFLA_CARRIER_CHANGES, TRUE, ours->carrier.changes);
  compare_number (bytes, IFLA_CARRIER_UP_COUNT, TRUE, ours->carrier.ups);
  compare_number (bytes, IFLA_CARRIER_DOWN_COUNT, TRUE, ours->carrier.downs);
  if (only_attr (bytes, IFLA_CARRIER_CHANGES) != NULL) {
    g_assert_cmpint (rtnl_link_get_carrier_changes (theirs, &changes), ==, 0);
    g_assert_cmpuint (changes, ==, ours->carrier.changes);
  }
}

/* Why we, unlike libnl, may reject a message: there must be a reason. */
static gboolean
has_reason (const guint8 *bytes, struct rtnl_link *theirs)
{
  const struct nlmsghdr *header = (gconstpointer)bytes;
  const struct nlattr *head = nlmsg_attrdata (header, sizeof (struct ifinfomsg)), *attr;
  int size = nlmsg_attrlen (header, sizeof (struct ifinfomsg)), left;
  const struct nlattr *name = only_attr (bytes, IFLA_IFNAME);
  nla_for_each_attr (attr, head, size, left) continue;
  gboolean is_clean = left < NLA_HDRLEN && name != NULL && nla_len (name) <= IFNAMSIZ &&
                      *(const char *)nla_data (name) != '\0';
  return !is_clean || rtnl_link_get_ifindex (theirs) <= 0;
}

/* bytes are as many as their nlmsg_len says, and aligned. */
static void
check_message (const guint8 *bytes, gsize size, Tally *tally)
{
  PsLinkEvent ours;
  PsNetlinkDecodeResult result = ps_netlink_decode_link (bytes, size, &ours);
  if (result == PS_NETLINK_DECODE_IGNORED)
    return;
  struct rtnl_link *theirs = parse_theirs (bytes);
  if (result == PS_NETLINK_DECODE_OK && theirs != NULL) {
    compare (bytes, theirs, &ours);
    tally->n_both++;
  } else if (result == PS_NETLINK_DECODE_OK) {
    tally->n_ours++;
  } else if (theirs != NULL) {
    g_assert_true (has_reason (bytes, theirs));
    tally->n_theirs++;
  } else {
    tally->n_neither++;
  }
  if (theirs != NULL)
    rtnl_link_put (theirs);
}

static void
keep_messages (const guint8 *bytes, gsize size)
{
  struct nlmsghdr header;
  for (gsize at = 0; at < size; at += NLMSG_ALIGN (header.nlmsg_len)) {
    g_assert_true (ps_netlink_decode_header (bytes + at, size - at, &header));
    if (header.nlmsg_type == RTM_NEWLINK || header.nlmsg_type == RTM_DELLINK)
      g_ptr_array_add (recorded, g_bytes_new (bytes + at, header.nlmsg_len));
  }
}

static void
keep_queue (PsDatagramPort *port)
{
  g_autofree guint8 *buffer = g_malloc (65536);
  PsDatagramInfo info;
  while (ps_datagram_port_receive (port, buffer, 65536, &info) == PS_DATAGRAM_RECEIVED) {
    g_assert_cmpuint (info.length, <=, 65536);
    keep_messages (buffer, info.length);
  }
}

/* The life of links of every kind that we can make, as events and as a dump. */
static void
record (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PsNetdevs) netdevs = ps_netdevs_new ();
  g_autoptr (PsNetlinkSocket) socket = ps_netlink_socket_new (NULL, 0, &error);
  g_assert_no_error (error);
  PsDatagramPort *port = PS_DATAGRAM_PORT (socket);
  ps_netdevs_add_veth (netdevs, "Ethernet0", "peer0", 0);
  ps_netdevs_add_veth (netdevs, "Ethernet4", "peer4", 0x7ffffffe);
  ps_netdevs_add (netdevs, "Bridge", "bridge", 0);
  ps_netdevs_commit (netdevs);
  int tap = ps_tap_new ("Ethernet8");
  ps_netdevs_set_up (netdevs, "Ethernet0", TRUE);
  ps_netdevs_set_up (netdevs, "peer0", TRUE);
  ps_netdevs_set_up (netdevs, "Ethernet8", TRUE);
  ps_netdevs_set_mtu (netdevs, "Ethernet0", 9100);
  ps_netdevs_set_alias (netdevs, "Ethernet0", "an alias");
  ps_netdevs_set_master (netdevs, "Ethernet0", "Bridge");
  ps_netdevs_set_up (netdevs, "peer0", FALSE);
  ps_netdevs_rename (netdevs, "Ethernet4", "Ethernet-Rec0");
  ps_netdevs_commit (netdevs);
  ps_tap_set_carrier (tap, FALSE);
  keep_queue (port);
  guint8 request[PS_NETLINK_DUMP_BYTES];
  gsize size = ps_netlink_encode_dump (request, 1);
  g_assert_cmpint (ps_datagram_port_send (port, request, size), ==, 0);
  keep_queue (port);
  ps_netdevs_set_master (netdevs, "Ethernet0", NULL);
  ps_netdevs_delete (netdevs, "Ethernet0");
  ps_netdevs_delete (netdevs, "Bridge");
  ps_netdevs_commit (netdevs);
  close (tap);
  keep_queue (port);
}

/* Every message of the kernel is understood by both, and equal in every field. */
static void
test_recorded (void)
{
  Tally tally = {0};
  guint n_removed = 0, n_mastered = 0, n_ignored = 0;
  for (guint i = 0; i < recorded->len; i++) {
    gsize size;
    const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (recorded, i), &size);
    PsLinkEvent event;
    PsNetlinkDecodeResult result = ps_netlink_decode_link (bytes, size, &event);
    n_ignored += result == PS_NETLINK_DECODE_IGNORED; /* AF_BRIDGE */
    if (result == PS_NETLINK_DECODE_IGNORED)
      continue;
    g_assert_cmpint (result, ==, PS_NETLINK_DECODE_OK);
    g_assert_true (event.fields & PS_LINK_HAS_MTU);
    n_removed += event.type == PS_LINK_REMOVE;
    n_mastered += (event.fields & PS_LINK_HAS_MASTER) != 0;
    if (event.type == PS_LINK_UPSERT)
      g_assert_true (event.fields & PS_LINK_HAS_CARRIER);
    check_message (bytes, size, &tally);
  }
  g_assert_cmpuint (tally.n_both, ==, recorded->len - n_ignored);
  g_assert_cmpuint (tally.n_both, >=, 25);
  g_assert_cmpuint (n_removed, >=, 3);
  g_assert_cmpuint (n_mastered, >=, 2);
  g_assert_cmpuint (n_ignored, >=, 1);
}

static void
mutate_once (GByteArray *message, PsRng *rng)
{
  static const guint16 lengths[] = {0, 1, 3, 4, 5, 8, 12, 0x7fff, 0xffff};
  guint at = (guint)ps_rng_below (rng, message->len);
  guint16 word;
  switch (ps_rng_below (rng, 5)) {
  case 0:
    message->data[at] ^= (guint8)(1U << ps_rng_below (rng, 8));
    break;
  case 1:
    message->data[at] = (guint8)ps_rng_next (rng);
    break;
  case 2: /* A length or a type that is wrong in a likely way. */
    word = lengths[ps_rng_below (rng, G_N_ELEMENTS (lengths))];
    at = MIN (at & ~3U, message->len - 4);
    memcpy (message->data + at, &word, sizeof word);
    break;
  case 3: /* One of the types that we read. */
    word = (guint16)ps_rng_below (rng, 64);
    at = MIN (at & ~3U, message->len - 4);
    memcpy (message->data + at + 2, &word, sizeof word);
    break;
  default:
    if (message->len > 64)
      g_byte_array_set_size (message, message->len - (guint)ps_rng_below (rng, 32));
    break;
  }
}

/* Gives the message a block of its own of exactly its size, for the sanitizer's sake. */
static void
check_exact (GByteArray *message, Tally *tally)
{
  struct nlmsghdr header;
  g_autofree guint8 *exact = g_memdup2 (message->data, message->len);
  PsLinkEvent event;
  (void)ps_netlink_decode_link (exact, message->len, &event);
  header = *(struct nlmsghdr *)(gpointer)exact;
  header.nlmsg_len = message->len;
  memcpy (exact, &header, sizeof header);
  check_message (exact, message->len, tally);
}

/* Mutations never crash our decoder; where libnl accepts one we agree, or have a reason. */
static void
test_mutated (void)
{
  Tally tally = {0};
  PsRng rng;
  ps_rng_seed (&rng, 20240607);
  g_autoptr (GByteArray) message = g_byte_array_new ();
  for (guint i = 0; i < N_MUTATIONS; i++) {
    gsize size;
    const guint8 *bytes = g_bytes_get_data (
        g_ptr_array_index (recorded, (guint)ps_rng_below (&rng, recorded->len)), &size);
    g_byte_array_set_size (message, 0);
    g_byte_array_append (message, bytes, (guint)size);
    for (guint64 n = 1 + ps_rng_below (&rng, 4); n > 0; n--)
      mutate_once (message, &rng);
    check_exact (message, &tally);
  }
  g_test_message ("both %u, only we %u, only libnl %u, neither %u", tally.n_both, tally.n_ours,
                  tally.n_theirs, tally.n_neither);
  g_assert_cmpuint (tally.n_both, >, N_MUTATIONS / 10);
  g_assert_cmpuint (tally.n_neither, >, 0);
}

/* Noise behind a plausible header is never accepted by chance in a way that libnl would not. */
static void
test_noise (void)
{
  Tally tally = {0};
  PsRng rng;
  ps_rng_seed (&rng, 7);
  g_autoptr (GByteArray) message = g_byte_array_new ();
  for (guint i = 0; i < N_NOISE; i++) {
    g_byte_array_set_size (message, 32 + (guint)ps_rng_below (&rng, 512));
    for (guint at = 0; at < message->len; at++)
      message->data[at] = (guint8)ps_rng_next (&rng);
    struct nlmsghdr header = {.nlmsg_len = message->len, .nlmsg_type = RTM_NEWLINK};
    memcpy (message->data, &header, sizeof header);
    message->data[NLMSG_HDRLEN] = AF_UNSPEC;
    check_exact (message, &tally);
  }
  g_assert_cmpuint (tally.n_both + tally.n_ours + tally.n_theirs + tally.n_neither, ==, N_NOISE);
  g_assert_cmpuint (tally.n_both, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ps_netns_enter_new ();
  recorded = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  record ();
  g_test_add_func ("/netlink-oracle/recorded", test_recorded);
  g_test_add_func ("/netlink-oracle/mutated", test_mutated);
  g_test_add_func ("/netlink-oracle/noise", test_noise);
  int result = g_test_run ();
  g_ptr_array_unref (recorded);
  return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/forged.h"
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define ANOTHER_PROCESS 4711
#define GHOST_IFINDEX   0x7000000 /* above all that the simulated kernel gives */
#define HUGE_BYTES      (60 * 1024)
#define NOBODYS_TYPE    250
#define NOBODYS_ANSWER  0xdeadbeef /* a sequence number of no open request */

const char *const ps_forged_names[PS_FORGED_N + 1] = {
    [PS_FORGED_FOREIGN] = "foreign",
    [PS_FORGED_GHOST] = "ghost",
    [PS_FORGED_BRIDGE] = "bridge",
    [PS_FORGED_BARE] = "bare",
    [PS_FORGED_NAMELESS] = "nameless",
    [PS_FORGED_LONG_NAME] = "long_name",
    [PS_FORGED_SHORT] = "short",
    [PS_FORGED_BEYOND] = "beyond",
    [PS_FORGED_EMPTY_ATTR] = "empty_attribute",
    [PS_FORGED_HUGE] = "huge",
    [PS_FORGED_ERROR] = "error",
    [PS_FORGED_DONE] = "done",
    [PS_FORGED_UNKNOWN] = "unknown",
    [PS_FORGED_N] = NULL,
};

static void
append_attr (GByteArray *out, guint16 type, const void *data, gsize size)
{
  static const guint8 padding[NLA_ALIGNTO];
  struct nlattr head = {.nla_len = (guint16)(NLA_HDRLEN + size), .nla_type = type};
  g_byte_array_append (out, (const guint8 *)&head, sizeof head);
  g_byte_array_append (out, data, (guint)size);
  g_byte_array_append (out, padding, (guint)(NLA_ALIGN (size) - size));
}

static void
append_head (GByteArray *out, guint16 type, guint32 sequence, const void *payload, gsize size)
{
  struct nlmsghdr header = {.nlmsg_type = type, .nlmsg_seq = sequence};
  g_byte_array_append (out, (const guint8 *)&header, sizeof header);
  g_byte_array_append (out, payload, (guint)size);
}

static void
append_link (GByteArray *out, guint16 type, guint8 family, guint32 ifindex, const PsSimLink *link)
{
  struct ifinfomsg info = {
      .ifi_family = family, .ifi_index = (int)ifindex, .ifi_flags = link->flags};
  append_head (out, type, 0, &info, sizeof info);
}

static void
append_name (GByteArray *out, const PsSimLink *link)
{
  append_attr (out, IFLA_IFNAME, link->name, strlen (link->name) + 1);
}

static void
append_newlink (GByteArray *out, const PsSimLink *link)
{
  append_link (out, RTM_NEWLINK, AF_UNSPEC, link->ifindex, link);
}

static void
append_answer (GByteArray *out, guint16 type, gint32 code)
{
  struct nlmsgerr answer = {.error = code};
  append_head (out, type, NOBODYS_ANSWER, &answer, sizeof answer);
}

static void
build_dellink (GByteArray *out, PsForged kind, const PsSimLink *link)
{
  static const guint32 master = 1;
  guint32 ifindex = kind == PS_FORGED_GHOST ? GHOST_IFINDEX : link->ifindex;
  guint8 family = kind == PS_FORGED_BRIDGE ? AF_BRIDGE : AF_UNSPEC;
  append_link (out, RTM_DELLINK, family, ifindex, link);
  append_name (out, link);
  if (kind == PS_FORGED_BRIDGE)
    append_attr (out, IFLA_MASTER, &master, sizeof master);
}

static void
build_newlink (GByteArray *out, PsForged kind, const PsSimLink *link)
{
  static const char endless[] = "Ethernet0123456789012345";
  static const struct nlattr empty;
  append_newlink (out, link);
  if (kind == PS_FORGED_NAMELESS)
    append_attr (out, IFLA_MTU, &link->mtu, sizeof link->mtu);
  else if (kind == PS_FORGED_LONG_NAME)
    append_attr (out, IFLA_IFNAME, endless, strlen (endless));
  else
    append_name (out, link);
  if (kind == PS_FORGED_EMPTY_ATTR)
    g_byte_array_append (out, (const guint8 *)&empty, sizeof empty);
  if (kind != PS_FORGED_HUGE)
    return;
  g_autofree guint8 *functions = g_malloc0 (HUGE_BYTES);
  append_attr (out, IFLA_VFINFO_LIST, functions, HUGE_BYTES);
}

static void
build (GByteArray *out, PsForged kind, const PsSimLink *link)
{
  switch (kind) {
  case PS_FORGED_FOREIGN:
  case PS_FORGED_GHOST:
  case PS_FORGED_BRIDGE:
    build_dellink (out, kind, link);
    return;
  case PS_FORGED_ERROR:
    append_answer (out, NLMSG_ERROR, -EBUSY);
    return;
  case PS_FORGED_DONE:
    append_answer (out, NLMSG_DONE, 0);
    return;
  case PS_FORGED_UNKNOWN:
    append_link (out, NOBODYS_TYPE, AF_UNSPEC, link->ifindex, link);
    return;
  case PS_FORGED_BARE:
  case PS_FORGED_NAMELESS:
  case PS_FORGED_LONG_NAME:
  case PS_FORGED_SHORT:
  case PS_FORGED_BEYOND:
  case PS_FORGED_EMPTY_ATTR:
  case PS_FORGED_HUGE:
    build_newlink (out, kind, link);
    return;
  case PS_FORGED_N:
    break;
  }
  g_assert_not_reached ();
}

static guint32
told_length (PsForged kind, guint length)
{
  if (kind == PS_FORGED_SHORT)
    return sizeof (struct nlmsghdr) - 4;
  return kind == PS_FORGED_BEYOND ? length + 64 : length;
}

void
ps_forged_send (PsSimKernel *kernel, PsForged kind, const PsSimLink *link)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  build (bytes, kind, link);
  guint32 length = told_length (kind, bytes->len);
  memcpy (bytes->data + offsetof (struct nlmsghdr, nlmsg_len), &length, sizeof length);
  ps_sim_kernel_forge (kernel, kind == PS_FORGED_FOREIGN ? ANOTHER_PROCESS : 0, bytes->data,
                       bytes->len);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/request.h"
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

gboolean
ps_request_is_dump (const guint8 *bytes, gsize n_bytes)
{
  struct nlmsghdr header;
  if (n_bytes < sizeof header)
    return FALSE;
  memcpy (&header, bytes, sizeof header);
  return header.nlmsg_type == RTM_GETLINK && (header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

gboolean
ps_request_sets_links (const guint8 *bytes, gsize n_bytes)
{
  struct nlmsghdr header;
  for (gsize at = 0; at + sizeof header <= n_bytes; at += NLMSG_ALIGN (header.nlmsg_len)) {
    memcpy (&header, bytes + at, sizeof header);
    if (header.nlmsg_type == RTM_SETLINK)
      return TRUE;
    if (header.nlmsg_len < sizeof header)
      return FALSE;
  }
  return FALSE;
}

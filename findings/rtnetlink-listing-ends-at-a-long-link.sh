#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# RTM_GETLINK with NLM_F_DUMP and without a non-zero IFLA_EXT_MASK loses links and reports success.
#
# The kernel asks each link how long its message can be, to choose a buffer for the listing, only if
# the request carries a non-zero IFLA_EXT_MASK. Without it the buffer has a fixed size (32 KiB at
# the most). A link whose message is longer, here by its alternative names, does not fit even into
# an empty buffer. One would expect an error such as EMSGSIZE. The kernel ends the listing there
# instead, with NLMSG_DONE and error 0: that link and all links behind it are missing, and nothing
# says so. The reader's own buffer does not matter, and NLM_F_DUMP_INTR is not set.
# An attribute with the value 0 counts as none; each other value helps (1 and 8 were tried).
#
# Seen on Linux 6.18 and 6.12 by comparing two listings of the same links in a private network
# namespace: one with the attribute, one without. Links made after the long one come behind it.
set -euo pipefail

if [ "${1:-}" != inside ]; then
  for tool in ip:iproute2 python3:python3; do
    command -v "${tool%:*}" >/dev/null ||
      { echo "needs ${tool%:*} (Debian package ${tool#*:})" >&2; exit 2; }
  done
  flags=(--net)
  [ "$(id -u)" = 0 ] || flags+=(--user --map-root-user)
  unshare "${flags[@]}" true || { echo "needs a private network namespace" >&2; exit 2; }
  echo "kernel $(uname -r), $(ip -V)"
  # The namespace ends with the process, and its links with it.
  exec unshare "${flags[@]}" "$0" inside
fi

kind=dummy
ip link add before type $kind 2>/dev/null || { kind=ifb && ip link add before type $kind; }
ip link add long type $kind
ip link add after type $kind
for number in $(seq 300); do
  ip link property add dev long altname "$(printf 'a%0120d' "$number")"
done

exec python3 - <<'PYTHON'
import socket
import struct
import sys

RTM_GETLINK, NLM_F_REQUEST_DUMP, NLMSG_ERROR, NLMSG_DONE = 18, 0x301, 2, 3
NLM_F_DUMP_INTR = 0x10
IFLA_IFNAME, IFLA_EXT_MASK = 3, 29


def names_in(message):
    at = 32  # behind nlmsghdr and ifinfomsg
    while at + 4 <= len(message):
        size, kind = struct.unpack_from("HH", message, at)
        if kind == IFLA_IFNAME:
            yield message[at + 4:at + size - 1].decode()
        at += (size + 3) & ~3


def listing(mask):
    """(names of all links, error of NLMSG_DONE, whether a message was marked as interrupted)"""
    names, interrupted = [], False
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.settimeout(10)
        body = bytes(16)
        if mask is not None:
            body += struct.pack("HHI", 8, IFLA_EXT_MASK, mask)
        head = struct.pack("IHHII", 16 + len(body), RTM_GETLINK, NLM_F_REQUEST_DUMP, 1, 0)
        kernel.send(head + body)
        while True:
            data = kernel.recv(1 << 20)
            at = 0
            while at < len(data):
                size, kind, flags = struct.unpack_from("IHH", data, at)
                interrupted |= bool(flags & NLM_F_DUMP_INTR)
                if kind in (NLMSG_DONE, NLMSG_ERROR):
                    return names, struct.unpack_from("i", data, at + 16)[0], interrupted
                names += names_in(data[at:at + size])
                at += (size + 3) & ~3


whole, whole_error, _ = listing(8)  # RTEXT_FILTER_SKIP_STATS
cut, cut_error, interrupted = listing(None)
print(f"expected without IFLA_EXT_MASK: the same {len(whole)} links, or an error")
print(f"seen with the attribute:    {len(whole)} links, error {whole_error}: {' '.join(whole)}")
print(f"seen without the attribute: {len(cut)} links, error {cut_error}, "
      f"interrupted {interrupted}: {' '.join(cut)}")
if not {"before", "long", "after"} <= set(whole) or whole_error != 0:
    sys.exit("the listing with the attribute is not whole: nothing can be said")
held = cut_error == 0 and not interrupted and not {"long", "after"} & set(cut)
print("the surprise holds" if held else "changed")
sys.exit(0 if held else 1)
PYTHON

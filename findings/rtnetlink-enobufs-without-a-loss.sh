#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A netlink socket says ENOBUFS although no message was dropped.
#
# netlink(7) explains ENOBUFS by messages that were lost, and programs answer it by listing
# everything anew. While a listing (NLM_F_DUMP) is being read it can mean less: the kernel makes the
# next part of the listing inside recv(). If that part finds no room beside live messages that wait
# in the queue, recv() fails with ENOBUFS. The part is made again at a later recv(). One would
# expect a lost message and a rise of the socket's drop counter. Instead the counter
# (SK_MEMINFO_DROPS of SO_MEMINFO) stays 0, each live message arrives, and the listing is complete
# and ends with NLMSG_DONE. A reader that lists anew at each ENOBUFS does so without need, and by
# that provokes the next one.
#
# Seen on Linux 6.18 with a receive buffer of 22,000 bytes asked for and 60 links in a private
# network namespace: the listing was asked for, six links changed before it was read, then all was
# read.
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

for number in $(seq 60); do
  ip link add "b$number" type bridge
done

exec python3 - <<'PYTHON'
import errno
import socket
import struct
import subprocess
import sys

RTM_NEWLINK, RTM_GETLINK, NLM_F_REQUEST_DUMP, NLM_F_MULTI = 16, 18, 0x301, 2
NLMSG_ERROR, NLMSG_DONE, RTMGRP_LINK, IFLA_EXT_MASK = 2, 3, 1, 29
SO_MEMINFO, SK_MEMINFO_DROPS = 55, 8
BUFFER, N_LINKS, N_CHANGES = 22000, 61, 6


def drops(kernel):
    values = kernel.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36)
    return struct.unpack("9I", values)[SK_MEMINFO_DROPS]


def read_all(kernel):
    """(links of the listing, live messages, ENOBUFS, error of NLMSG_DONE)"""
    listed, live, starved = set(), 0, 0
    while True:
        try:
            data = kernel.recv(1 << 16)
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            starved += 1
            continue
        at = 0
        while at < len(data):
            size, kind, flags = struct.unpack_from("IHH", data, at)
            if kind in (NLMSG_DONE, NLMSG_ERROR):
                return listed, live, starved, struct.unpack_from("i", data, at + 16)[0]
            if kind == RTM_NEWLINK and flags & NLM_F_MULTI:
                listed.add(struct.unpack_from("i", data, at + 20)[0])
            elif kind == RTM_NEWLINK:
                live += 1
            at += (size + 3) & ~3


with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
    kernel.settimeout(10)
    kernel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    kernel.bind((0, RTMGRP_LINK))
    body = bytes(16) + struct.pack("HHI", 8, IFLA_EXT_MASK, 8)
    kernel.send(struct.pack("IHHII", 16 + len(body), RTM_GETLINK, NLM_F_REQUEST_DUMP, 1, 0) + body)
    for number in range(1, N_CHANGES + 1):
        subprocess.run(["ip", "link", "set", f"b{number}", "mtu", "1400"], check=True)
    links, changes, starved, error = read_all(kernel)
    lost = drops(kernel)

print("expected: ENOBUFS only with a rise of the drop counter")
print(f"seen: ENOBUFS {starved} times, {lost} drops; {len(links)} of {N_LINKS} links listed, "
      f"error {error}, {changes} of {N_CHANGES} changes heard")
held = starved > 0 and lost == 0 and len(links) == N_LINKS and error == 0 and changes >= N_CHANGES
print("the surprise holds" if held else "changed")
sys.exit(0 if held else 1)
PYTHON

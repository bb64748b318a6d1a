#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hiredis: redisCommand() on a blocking connection can return without having sent its command.
#
# One would expect that redisCommand() sends the command and waits for an answer, and that on a
# connection with subscriptions the worst is an answer that belongs to another command. But when an
# earlier read brought more than one whole reply, redisCommand() finds the next one in the reader,
# returns that, and does not write to the socket at all. No error is set. The command stays in the
# output buffer until a later call has to wait, which may be never: a program that now waits for
# messages of its second channel with poll() waits for a subscription that the server has not heard
# of.
#
# It takes a message that arrives in the same read as the answer to the first subscription, as on
# any busy channel. Seen with hiredis 0.14 and redis-server 7.0 of Debian 12: a message of the first
# pattern arrives, SUBSCRIBE "two" returns that message, and PUBSUB NUMSUB says that "two" has no
# subscriber.
set -euo pipefail

for tool in cc:gcc pkg-config:pkg-config redis-server:redis-server; do
  command -v "${tool%:*}" >/dev/null ||
    { echo "needs ${tool%:*} (Debian package ${tool#*:})" >&2; exit 2; }
done
pkg-config --exists hiredis || { echo "needs hiredis (Debian package libhiredis-dev)" >&2; exit 2; }

folder=$(mktemp -d)
server=''
clean () {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap clean EXIT
echo "hiredis $(pkg-config --modversion hiredis), $(redis-server --version | cut -d' ' -f1-3)"

redis-server --port 0 --unixsocket "$folder/redis" --save '' --dir "$folder" \
  --logfile "$folder/log" &
server=$!

cat >"$folder/try.c" <<'C'
#include <hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tried again while the server starts, 10 s at most. */
static redisContext *
dial (const char *path)
{
  for (int i = 0; i < 1000; i++) {
    redisContext *link = redisConnectUnix (path);
    if (link != NULL && link->err == 0)
      return link;
    redisFree (link);
    poll (NULL, 0, 10);
  }
  fprintf (stderr, "no server at %s\n", path);
  exit (2);
}

static redisReply *
checked (redisReply *reply)
{
  if (reply != NULL)
    return reply;
  fprintf (stderr, "the server did not answer\n");
  exit (2);
}

int
main (int argc, char **argv)
{
  redisContext *listener = dial (argv[1]), *other = dial (argv[1]);
  int done = 0;

  /* The answer to PSUBSCRIBE and a message are both in the socket before anything is read. */
  redisAppendCommand (listener, "PSUBSCRIBE on*");
  while (!done)
    if (redisBufferWrite (listener, &done) != REDIS_OK)
      return 2;
  redisReply *heard;
  do {
    heard = checked (redisCommand (other, "PUBLISH one hello"));
  } while (heard->integer == 0);

  redisReply *first;
  if (redisGetReply (listener, (void **)&first) != REDIS_OK)
    return 2;
  redisReply *second = checked (redisCommand (listener, "SUBSCRIBE two"));
  redisReply *count = checked (redisCommand (other, "PUBSUB NUMSUB two"));

  const char *kind = second->element[0]->str;
  long long subscribers = count->element[1]->integer;
  printf ("expected: SUBSCRIBE was sent, and \"two\" has 1 subscriber\n");
  printf ("seen: SUBSCRIBE returned a \"%s\", error \"%s\", and \"two\" has %lld subscribers\n",
          kind, listener->errstr, subscribers);
  return strcmp (kind, "pmessage") == 0 && listener->err == 0 && subscribers == 0 ? 0 : 1;
}
C
read -ra flags <<<"$(pkg-config --cflags --libs hiredis)"
cc -o "$folder/try" "$folder/try.c" "${flags[@]}"
"$folder/try" "$folder/redis"

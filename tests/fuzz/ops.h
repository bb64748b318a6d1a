/* SPDX-License-Identifier: Apache-2.0 */
/* What the bytes of the two session targets mean: for them, and for the program that writes seeds.
 * Each operation is one byte (modulo their number) and what is said behind it. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* A block is a number and as many bytes; a number is two bytes, the lower one first. */
typedef enum {
  PS_NETLINK_OP_DATAGRAM, /* block */
  PS_NETLINK_OP_FOREIGN,  /* number: the sender; block */
  PS_NETLINK_OP_MESSAGE,  /* byte: type; byte: flags (PsNetlinkFrom); block: payload */
  PS_NETLINK_OP_LINK,     /* byte: PsNetlinkFrom; byte: ifindex; byte: which name, and whether it
                           * is gone */
  PS_NETLINK_OP_DONE,     /* byte: errno */
  PS_NETLINK_OP_ERROR,    /* byte: errno */
  PS_NETLINK_OP_ARRIVE,   /* The messages so far are a datagram. */
  PS_NETLINK_OP_TIME,     /* number: milliseconds */
  PS_NETLINK_OP_SNAPSHOT,
  PS_NETLINK_OP_ADMIN_DOWN, /* byte: how many links */
  PS_NETLINK_OP_OVERRUN,    /* byte: how many messages */
  PS_NETLINK_OP_DROP,       /* byte: how many messages */
  PS_NETLINK_OP_FAIL_SENDS, /* byte: errno; byte: how often */
  PS_NETLINK_OP_ROOM,       /* byte: datagrams */
  PS_NETLINK_OP_CLOSE,      /* byte: errno */
  PS_NETLINK_N_OPS,
} PsNetlinkOp;

/* Flags of a message. */
typedef enum {
  PS_NETLINK_FROM_DUMP = 1 << 0,        /* NLM_F_MULTI, our port id, number of the last request */
  PS_NETLINK_FROM_INTERRUPTED = 1 << 1, /* NLM_F_DUMP_INTR */
  PS_NETLINK_FROM_EARLIER = 1 << 2,     /* the number before the last */
} PsNetlinkFrom;

typedef enum {
  PS_REDIS_OP_FEED,   /* block: from the server */
  PS_REDIS_OP_SAY,    /* byte: which of ps_redis_sayings */
  PS_REDIS_OP_TIME,   /* number: milliseconds */
  PS_REDIS_OP_END,    /* The server closes. */
  PS_REDIS_OP_COMMIT, /* byte: which of the target's batches */
  PS_REDIS_OP_READ,   /* byte: which of the target's readings */
  PS_REDIS_OP_EXISTS,
  PS_REDIS_OP_CONNECT, /* byte: PsFakeConnect, from now on */
  PS_REDIS_OP_CHUNKS,  /* number, number: bytes of a read, of a write */
  PS_REDIS_OP_ROOM,    /* number: bytes that can be written */
  PS_REDIS_OP_STOP,
  PS_REDIS_OP_START,
  PS_REDIS_OP_FREE, /* The next function that is called frees the session. */
  PS_REDIS_N_OPS,
} PsRedisOp;

#define PS_REDIS_FLAG_PRODUCES 1 /* of the first byte: APPL_DB's session, with the script */

typedef enum {
  PS_REDIS_SAY_HELLO,  /* what a server says to SELECT and PING */
  PS_REDIS_SAY_SCRIPT, /* to SCRIPT LOAD */
  PS_REDIS_SAY_OK,
  PS_REDIS_SAY_ZERO,
  PS_REDIS_SAY_ONE,
  PS_REDIS_SAY_NIL,
  PS_REDIS_SAY_EMPTY,
  PS_REDIS_SAY_ROW,
  PS_REDIS_SAY_PRODUCED,
  PS_REDIS_SAY_PAGE, /* of SCAN, with more to come */
  PS_REDIS_SAY_LAST_PAGE,
  PS_REDIS_SAY_NOSCRIPT,
  PS_REDIS_SAY_READONLY,
  PS_REDIS_SAY_LOADING,
  PS_REDIS_SAY_WRONGTYPE,
  PS_REDIS_SAY_MAXCLIENTS,
  PS_REDIS_N_SAYINGS,
} PsRedisSaying;
G_END_DECLS

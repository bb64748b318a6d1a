/* SPDX-License-Identifier: Apache-2.0 */
/* What stands for the scripts that SONiC's producer loads. The texts are ours; the digest of the
 * one that matters is the one that the original has on the wire (docs/predecessor.md 1.1). */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* KEYS: the channel, the pending set, and the staged hash once for each field. ARGV: the text to
 * publish, the key, then name and value of each field. Effect and reply:
 * docs/sonic-protocol.md 2.2; nil. An error ends it where it stands. */
#define PS_UPSTREAM_SET_TEXT                                                                       \
  "local fresh = redis.call ('SADD', KEYS[2], ARGV[2]) "                                           \
  "for field = 3, #KEYS do "                                                                       \
  "  redis.call ('HSET', KEYS[field], ARGV[2 * field - 3], ARGV[2 * field - 2]) "                  \
  "end "                                                                                           \
  "if fresh == 1 then redis.call ('PUBLISH', KEYS[1], ARGV[1]) end"
#define PS_UPSTREAM_SET_DIGEST "c7faa1a7e03275dadf2e8be09c0b6208cebff3f5"
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* The producer's SET as one script for many keys (docs/sonic-protocol.md 2.2, 2.4). */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

#define PS_REDIS_SCRIPT_KEYS_MAX 128 /* in one call, behind one PUBLISH (docs/rules.md 3.1) */

/* KEYS: the channel, the pending set, then the staged hash of each key. ARGV: the text to publish,
 * then for each key its name, the number of its fields, and name and value of each field. The reply
 * is an array of one element a key: 1 or 0 (newly pending or already so), or the error's text, in
 * which case nothing was done for that key. */
typedef struct {
  const char *text;
  char sha1[41]; /* hex digest of text, by which the server knows it once loaded */
} PsRedisScript;

/* The digest is computed. */
PsRedisScript ps_redis_script_produce (void);

/* PS_OP_CORRECT, sent with its text since it is rare. KEYS: the row, the pending and the
 * pending-delete set of its table. ARGV: the field, the value expected, the new one, what precedes
 * the name in the key of a row of that table. The reply is 1 or 0 (it was not so), or why one of
 * them cannot be read. */
const char *ps_redis_script_correct_text (void);
G_END_DECLS

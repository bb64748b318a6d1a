/* SPDX-License-Identifier: Apache-2.0 */
/* What stands for the scripts that SONiC's producer loads. The texts are ours and only name an
 * effect; the one whose effect matters is known to the simulated Redis by the digest that the
 * original has on the wire (upstream.md 1). */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* KEYS: the channel, the pending set, and the staged hash once for each field. ARGV: the text to
 * publish, the key, then name and value of each field. Effect and reply: contract.md 2.2; nil. */
#define PS_UPSTREAM_SET_TEXT   "-- SONiC's producer: SET of one key"
#define PS_UPSTREAM_SET_DIGEST "c7faa1a7e03275dadf2e8be09c0b6208cebff3f5"
G_END_DECLS

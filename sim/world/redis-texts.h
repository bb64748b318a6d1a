/* SPDX-License-Identifier: Apache-2.0 */
/* What servers of one protocol word differently. */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

typedef enum {
  PS_SIM_REDIS_7_0, /* Debian 12 */
  PS_SIM_REDIS_8_0, /* Debian 13, and SONiC since 202605 */
  PS_SIM_VALKEY_8_1,
  PS_SIM_REDIS_N_KINDS,
} PsSimRedisKind;

typedef struct {
  const char *noscript;
  const char *denied_command; /* by an ACL: a command of a script */
  /* Of commands in a script. */
  const char *unknown, *arity, *nothing, *arguments;
  const char *killed;     /* A script ran too long. */
  gboolean whole_numbers; /* A number without a fraction becomes text without an exponent. */
} PsSimRedisTexts;

const PsSimRedisTexts *ps_sim_redis_texts (PsSimRedisKind server); /* static */

/* By PsSimRedisKind, as scenarios name them; NULL-terminated. */
extern const char *const ps_sim_redis_kind_names[PS_SIM_REDIS_N_KINDS + 1];
G_END_DECLS

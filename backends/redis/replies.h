/* SPDX-License-Identifier: Apache-2.0 */
/* What the error replies of Redis mean. */
#pragma once
#include "core/store.h"
G_BEGIN_DECLS

/* By the first word of the reply; PsRefusal is what a caller can do about it. */
typedef enum {
  PS_REDIS_ERROR_LOADING,
  PS_REDIS_ERROR_BUSY,
  PS_REDIS_ERROR_TRYAGAIN,
  PS_REDIS_ERROR_MASTERDOWN,
  PS_REDIS_ERROR_NOREPLICAS,
  PS_REDIS_ERROR_CLUSTERDOWN,
  PS_REDIS_ERROR_KILLED,     /* "ERR Script killed by user with SCRIPT KILL" */
  PS_REDIS_ERROR_MAXCLIENTS, /* "ERR max number of clients reached" */
  PS_REDIS_ERROR_READONLY,
  PS_REDIS_ERROR_OOM,
  PS_REDIS_ERROR_MISCONF,
  PS_REDIS_ERROR_NOAUTH,
  PS_REDIS_ERROR_WRONGPASS,
  PS_REDIS_ERROR_NOPERM,
  PS_REDIS_ERROR_NO_PASSWORD, /* AUTH to a server that has none */
  PS_REDIS_ERROR_DENIED,      /* protected mode */
  PS_REDIS_ERROR_WRONGTYPE,
  PS_REDIS_ERROR_NOSCRIPT,
  PS_REDIS_ERROR_OTHER, /* "ERR ..." and every word not listed here */
} PsRedisError;

/* text: the reply without its leading '-'; any bytes. */
PsRedisError ps_redis_error_classify (PsText text);
PsRefusal ps_redis_error_refusal (PsRedisError error);
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/replies.h"
#include <string.h>

static const struct {
  const char *start; /* of the reply; a word ends with a space or with the reply */
  PsRedisError error;
  PsRefusal refusal;
} meanings[] = {
    {"LOADING", PS_REDIS_ERROR_LOADING, PS_REFUSAL_TRANSIENT},
    {"BUSY", PS_REDIS_ERROR_BUSY, PS_REFUSAL_TRANSIENT},
    {"TRYAGAIN", PS_REDIS_ERROR_TRYAGAIN, PS_REFUSAL_TRANSIENT},
    {"MASTERDOWN", PS_REDIS_ERROR_MASTERDOWN, PS_REFUSAL_TRANSIENT},
    {"NOREPLICAS", PS_REDIS_ERROR_NOREPLICAS, PS_REFUSAL_TRANSIENT},
    {"CLUSTERDOWN", PS_REDIS_ERROR_CLUSTERDOWN, PS_REFUSAL_TRANSIENT},
    /* An operator ended the script; the server does so only before its first write. */
    {"ERR Script killed by user", PS_REDIS_ERROR_KILLED, PS_REFUSAL_TRANSIENT},
    {"ERR max number of clients", PS_REDIS_ERROR_MAXCLIENTS, PS_REFUSAL_TRANSIENT},
    {"READONLY", PS_REDIS_ERROR_READONLY, PS_REFUSAL_READONLY},
    {"OOM", PS_REDIS_ERROR_OOM, PS_REFUSAL_CAPACITY},
    {"MISCONF", PS_REDIS_ERROR_MISCONF, PS_REFUSAL_CAPACITY},
    {"NOAUTH", PS_REDIS_ERROR_NOAUTH, PS_REFUSAL_PERMISSION},
    {"WRONGPASS", PS_REDIS_ERROR_WRONGPASS, PS_REFUSAL_PERMISSION},
    {"ERR invalid password", PS_REDIS_ERROR_WRONGPASS, PS_REFUSAL_PERMISSION}, /* Redis 5 */
    {"ERR AUTH <password> called without any password", PS_REDIS_ERROR_NO_PASSWORD,
     PS_REFUSAL_PERMISSION},
    {"ERR Client sent AUTH, but no password is set", PS_REDIS_ERROR_NO_PASSWORD,
     PS_REFUSAL_PERMISSION}, /* Redis 5 */
    {"NOPERM", PS_REDIS_ERROR_NOPERM, PS_REFUSAL_PERMISSION},
    /* When the command stands in a script; Redis 7.0, and 8.0. */
    {"ERR The user executing the script can't", PS_REDIS_ERROR_NOPERM, PS_REFUSAL_PERMISSION},
    {"ERR ACL failure in script:", PS_REDIS_ERROR_NOPERM, PS_REFUSAL_PERMISSION},
    {"DENIED", PS_REDIS_ERROR_DENIED, PS_REFUSAL_PERMISSION},
    {"WRONGTYPE", PS_REDIS_ERROR_WRONGTYPE, PS_REFUSAL_WRONGTYPE},
    {"NOSCRIPT", PS_REDIS_ERROR_NOSCRIPT, PS_REFUSAL_OTHER},
};

static gboolean
begins_with (PsText text, const char *start)
{
  gsize n = strlen (start);
  if (text.size < n || memcmp (text.data, start, n) != 0)
    return FALSE;
  return text.size == n || text.data[n] == ' ';
}

PsRedisError
ps_redis_error_classify (PsText text)
{
  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (begins_with (text, meanings[i].start))
      return meanings[i].error;
  return PS_REDIS_ERROR_OTHER;
}

PsRefusal
ps_redis_error_refusal (PsRedisError error)
{
  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (meanings[i].error == error)
      return meanings[i].refusal;
  return PS_REFUSAL_OTHER;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/retry.h"

#define QUICK_FLOOR_US   (100 * 1000)
#define QUICK_CEILING_US (2 * G_USEC_PER_SEC)
#define SLOW_FLOOR_US    G_USEC_PER_SEC
#define SLOW_CEILING_US  (30 * G_USEC_PER_SEC)

PsRetryPace
ps_retry_pace (PsRefusal refusal)
{
  switch (refusal) {
  case PS_REFUSAL_NONE:
  case PS_REFUSAL_TRANSIENT:
  case PS_REFUSAL_READONLY:
    return PS_RETRY_QUICK;
  case PS_REFUSAL_CAPACITY:
  case PS_REFUSAL_PERMISSION:
  case PS_REFUSAL_WRONGTYPE:
  case PS_REFUSAL_OTHER:
    return PS_RETRY_SLOW;
  }
  g_assert_not_reached ();
}

void
ps_retry_init (PsBackoff *backoff, PsRetryPace pace)
{
  if (pace == PS_RETRY_QUICK)
    ps_backoff_init (backoff, QUICK_FLOOR_US, QUICK_CEILING_US);
  else
    ps_backoff_init (backoff, SLOW_FLOOR_US, SLOW_CEILING_US);
}

const char *
ps_retry_advice (PsRefusal refusal)
{
  switch (refusal) {
  case PS_REFUSAL_NONE:
  case PS_REFUSAL_TRANSIENT:
  case PS_REFUSAL_READONLY:
    return "";
  case PS_REFUSAL_CAPACITY:
    return "; look at the server's memory (maxmemory) and at the disk that it saves to";
  case PS_REFUSAL_PERMISSION:
    return "; look at [database] user and password_file, and at the user's rights "
           "(ACL WHOAMI, ACL LOG)";
  case PS_REFUSAL_WRONGTYPE:
    return "; look who writes that key (TYPE), and delete it";
  case PS_REFUSAL_OTHER:
    return "; this server may be too old, or this is a fault of portsyncd: please report it";
  }
  g_assert_not_reached ();
}

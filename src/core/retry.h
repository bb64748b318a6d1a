/* SPDX-License-Identifier: Apache-2.0 */
/* What is done about a refusal of Redis: how soon to try again, and what to tell the operator. */
#pragma once
#include "base/backoff.h"
#include "core/store.h"
G_BEGIN_DECLS

typedef enum {
  PS_RETRY_QUICK, /* It passes by itself, or with the next connection: 100 ms, doubling to 2 s. */
  PS_RETRY_SLOW,  /* An operator must act, or the code be mended: 1 s, doubling to 30 s. */
  PS_N_RETRIES,
} PsRetryPace;

PsRetryPace ps_retry_pace (PsRefusal refusal);
void ps_retry_init (PsBackoff *backoff, PsRetryPace pace);

/* What an operator can do, to be put behind the server's words: begins with "; ", or is empty. */
const char *ps_retry_advice (PsRefusal refusal);
G_END_DECLS

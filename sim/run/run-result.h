/* SPDX-License-Identifier: Apache-2.0 */
/* What came of one run, as a value that passes from the process that ran it to the one that
 * reports. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* Also the exit codes of portsim, but for 64: a wrong command line or scenario file. */
typedef enum {
  PS_VERDICT_PASS = 0,
  PS_VERDICT_SAFETY = 1,   /* Something happened that must never happen. */
  PS_VERDICT_LIVENESS = 2, /* Something did not happen that had to; also a fault that never was. */
  PS_VERDICT_NONDETERMINISM = 3,
  PS_VERDICT_CRASH = 4,
} PsVerdict;
#define PS_EXIT_USAGE       64
#define PS_EXIT_INTERRUPTED 130 /* as shells tell SIGINT */

typedef struct {
  guint64 seed;
  PsVerdict verdict;
  guint64 digest, events; /* of the history */
  guint64 commands;       /* that Redis got from the daemon before all was healed */
  guint64 messages;       /* about links that the kernel made */
  gint64 time_us;         /* virtual, at the end or at the failure */
  gint64 real_us;         /* processor time */
  char *check;            /* owned, nullable, like the following: what failed */
  char *expected, *seen;
  char *last_events; /* lines */
  char *met;         /* a '1' for each step that took effect, else '0' */
} PsRunResult;

PsRunResult *ps_run_result_new (guint64 seed);
void ps_run_result_free (PsRunResult *self);

/* Turns it round: one that failed by a check or expectation of these names has passed, any other
 * has failed. names: NULL-terminated, not empty. */
void ps_run_result_invert (PsRunResult *self, const char *const *names);

/* Static: "SAFETY" and so on. */
const char *ps_verdict_name (PsVerdict verdict);

/* As bytes, without their length; and back (NULL: no whole result). */
GByteArray *ps_run_result_to_bytes (const PsRunResult *self);
PsRunResult *ps_run_result_from_bytes (const guint8 *bytes, gsize size);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRunResult, ps_run_result_free)
G_END_DECLS

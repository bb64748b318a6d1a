/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ending.h"
#include <errno.h>
#include <signal.h>
#include <time.h>

/* Leaks are looked for at exit, which a signal leaves out. NULL but in a build with ASan. */
extern void __lsan_do_leak_check (void) __attribute__ ((weak));

void
ps_ending_hold (gint64 born_us)
{
  gint64 due_us = born_us + PS_ENDING_LIFE_MIN_US;
  struct timespec due = {due_us / G_USEC_PER_SEC, due_us % G_USEC_PER_SEC * 1000};
  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
    continue;
}

int
ps_ending_by_signal (int number)
{
  sigset_t set;
  if (__lsan_do_leak_check != NULL)
    __lsan_do_leak_check ();
  sigemptyset (&set);
  sigaddset (&set, number);
  signal (number, SIG_DFL);
  sigprocmask (SIG_UNBLOCK, &set, NULL);
  raise (number);
  return 128 + number;
}

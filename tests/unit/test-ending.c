/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ending.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define CODE 7 /* of a child that lives on */

static void
ignore (int number)
{
}

/* The parent that waits for the process sees the signal, though it was caught and blocked here. */
static void
test_by_signal (void)
{
  int status;
  pid_t pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0) {
    sigset_t all;
    signal (SIGTERM, ignore);
    sigfillset (&all);
    sigprocmask (SIG_SETMASK, &all, NULL);
    ps_ending_by_signal (SIGTERM);
    _exit (CODE);
  }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGTERM);
}

/* A young process is held until it is older than supervisord's startsecs. */
static void
test_hold (void)
{
  gint64 born_us = g_get_monotonic_time () - G_USEC_PER_SEC;
  ps_ending_hold (born_us);
  g_assert_cmpint (g_get_monotonic_time (), >=, born_us + PS_ENDING_LIFE_MIN_US);
  g_assert_cmpint (PS_ENDING_LIFE_MIN_US, >, G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ending/by-signal", test_by_signal);
  g_test_add_func ("/ending/hold", test_hold);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/interrupt.h"
#include <errno.h>
#include <poll.h>

static volatile sig_atomic_t came;

static void
on_signal (int number)
{
  came = 1;
}

void
ps_interrupt_begin (PsInterrupt *out_before)
{
  struct sigaction action = {.sa_handler = on_signal};
  came = 0;
  sigaction (SIGINT, &action, &out_before->was_int);
  sigaction (SIGTERM, &action, &out_before->was_term);
}

void
ps_interrupt_end (const PsInterrupt *before)
{
  sigaction (SIGINT, &before->was_int, NULL);
  sigaction (SIGTERM, &before->was_term, NULL);
}

gboolean
ps_interrupt_came (void)
{
  return came != 0;
}

gboolean
ps_interrupt_wait (int fd)
{
  sigset_t ours, before;
  struct pollfd readable = {.fd = fd, .events = POLLIN};
  sigemptyset (&ours);
  sigaddset (&ours, SIGINT);
  sigaddset (&ours, SIGTERM);
  sigprocmask (SIG_BLOCK, &ours, &before);
  while (!came && ppoll (&readable, 1, NULL, &before) < 0 && errno == EINTR)
    ;
  sigprocmask (SIG_SETMASK, &before, NULL);
  return !came;
}

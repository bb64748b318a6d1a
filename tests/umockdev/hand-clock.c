/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into a process, makes its monotonic clock one that is moved by hand: PS_CLOCK_FILE
 * names a file that holds a gint64, the microseconds since the start. So no timer fires but when a
 * test says so, however slow the machine is. The process also dies with the one that started it. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define START_S 1000 /* A clock that begins at 0 is one that no machine has. */

static const volatile gint64 *hand; /* mapped; NULL: the real clock */

__attribute__ ((constructor)) static void
take_hand (void)
{
  const char *path = getenv ("PS_CLOCK_FILE");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0)
    return;
  void *at = mmap (NULL, sizeof *hand, PROT_READ, MAP_SHARED, fd, 0);
  close (fd);
  if (at == MAP_FAILED)
    _exit (124);
  hand = at;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* The C library's, for the executable and its libraries; the C library itself keeps its own. */
int
clock_gettime (clockid_t id, struct timespec *out)
{
  if (id != CLOCK_MONOTONIC || hand == NULL)
    return (int)syscall (SYS_clock_gettime, id, out);
  gint64 now_us = *hand;
  out->tv_sec = START_S + (time_t)(now_us / G_USEC_PER_SEC);
  out->tv_nsec = (long)(now_us % G_USEC_PER_SEC) * 1000;
  return 0;
}

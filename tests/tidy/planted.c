/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that no pure library may make, to prove that the check finds them. Never linked. */
#include <glib.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

gint64 ps_planted (void);

/* Pure calls stand among the others: they must not be found. */
gint64
ps_planted (void)
{
  g_autofree char *text = g_strdup (getenv ("PATH"));
  g_timeout_add (1, NULL, NULL);
  g_thread_self ();
  close (socket (AF_UNIX, SOCK_DGRAM, 0));
  return g_get_monotonic_time () + (gint64)time (NULL) + g_random_int () + (text != NULL);
}

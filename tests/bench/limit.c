/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/limit.h"
#include <stdio.h>
#include <string.h>

static int
usage (void)
{
  fprintf (stderr, "Usage: limit mirror REDIS_SOCKET [LOG_SOCKET] | boot REDIS_SOCKET | "
                   "warm REDIS_SOCKET | down\n");
  return 2;
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    return usage ();
  if (strcmp (argv[1], "mirror") == 0 && argc >= 3)
    limit_mirror (argv[2], argv[3]);
  else if (strcmp (argv[1], "boot") == 0 && argc == 3)
    limit_boot (argv[2]);
  else if (strcmp (argv[1], "warm") == 0 && argc == 3)
    limit_warm (argv[2]);
  else if (strcmp (argv[1], "down") == 0)
    limit_down ();
  else
    return usage ();
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Records the golden conversation anew: see tests/umockdev/record. */
#include "tests/support/rig.h"
#include "tests/umockdev/golden.h"
#include <stdio.h>

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  if (argc != 2) {
    fprintf (stderr, "Usage: record-golden DIRECTORY\n");
    return 2;
  }
  g_autofree char *why = ps_golden_run (PS_GOLDEN_RECORD, argv[1]);
  if (why == NULL)
    return 0;
  fprintf (stderr, "The conversation did not come to its end; the daemon said:\n%s\n", why);
  return 1;
}

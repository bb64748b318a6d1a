/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/heap.h"
#include <malloc.h>

#define PROBE 4096

gsize
ps_heap_in_use (void)
{
  struct mallinfo2 info = mallinfo2 ();
  return info.uordblks + info.hblkhd;
}

gboolean
ps_heap_is_measured (void)
{
  gsize before = ps_heap_in_use ();
  g_autofree guint8 *probe = g_malloc0 (PROBE);
  return probe[0] == 0 && ps_heap_in_use () >= before + PROBE;
}

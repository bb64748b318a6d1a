/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the heap is in use, in tests of what memory costs. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

gsize ps_heap_in_use (void); /* bytes */

/* FALSE if the allocator is not the C library's, as under a sanitizer or valgrind: the figure does
 * not move, and only what a test does is tried, not what it costs. */
gboolean ps_heap_is_measured (void);
G_END_DECLS

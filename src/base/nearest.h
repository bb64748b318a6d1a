/* SPDX-License-Identifier: Apache-2.0 */
/* The known word nearest to a mistyped one. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* The candidate (NULL-terminated list) at the smallest edit distance, or NULL if none is within a
 * third of its length. Owned by the list. */
const char *ps_nearest (const char *word, const char *const *candidates);
G_END_DECLS

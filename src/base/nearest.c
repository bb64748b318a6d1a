/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include <string.h>

#define WORD_MAX 64 /* No known word is longer; a longer one is near to none. */

static guint
min3 (guint a, guint b, guint c)
{
  return MIN (MIN (a, b), c);
}

/* One cell of the distance matrix; rows[i % 3] is row i. */
static guint
cell (guint rows[3][WORD_MAX + 1], const char *a, const char *b, guint i, guint j)
{
  const guint *above = rows[(i + 2) % 3], *row = rows[i % 3];
  guint changed = above[j - 1] + (a[i - 1] != b[j - 1]);
  guint distance = min3 (above[j] + 1, row[j - 1] + 1, changed);
  gboolean swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
  return swapped ? MIN (distance, rows[(i + 1) % 3][j - 2] + 1) : distance;
}

/* Insertions, deletions, changes and swaps of neighbours, one each: how people mistype. */
static guint
edit_distance (const char *a, guint a_size, const char *b, guint b_size)
{
  guint rows[3][WORD_MAX + 1];
  for (guint j = 0; j <= b_size; j++)
    rows[0][j] = j;
  for (guint i = 1; i <= a_size; i++) {
    rows[i % 3][0] = i;
    for (guint j = 1; j <= b_size; j++)
      rows[i % 3][j] = cell (rows, a, b, i, j);
  }
  return rows[a_size % 3][b_size];
}

const char *
ps_nearest (const char *word, const char *const *candidates)
{
  gsize word_size = strlen (word);
  if (word_size > WORD_MAX)
    return NULL;
  const char *best = NULL;
  guint best_distance = G_MAXUINT;
  for (gsize i = 0; candidates[i] != NULL; i++) {
    gsize size = strlen (candidates[i]);
    if (size > WORD_MAX)
      continue;
    guint distance = edit_distance (word, (guint)word_size, candidates[i], (guint)size);
    if (distance < best_distance && distance * 3 <= size) {
      best = candidates[i];
      best_distance = distance;
    }
  }
  return best;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#define START_32 0x811c9dc5u
#define PRIME_32 0x01000193u

guint32
ps_hash_32 (gconstpointer bytes, gsize n_bytes)
{
  const guint8 *at = bytes;
  guint32 hash = START_32;
  for (gsize i = 0; i < n_bytes; i++)
    hash = (hash ^ at[i]) * PRIME_32;
  return hash;
}

guint64
ps_hash_64_add (guint64 hash, gconstpointer bytes, gsize n_bytes)
{
  const guint8 *at = bytes;
  for (gsize i = 0; i < n_bytes; i++)
    hash = (hash ^ at[i]) * PS_HASH_64_PRIME;
  return hash;
}

guint64
ps_hash_64 (gconstpointer bytes, gsize n_bytes)
{
  return ps_hash_64_add (PS_HASH_64_START, bytes, n_bytes);
}

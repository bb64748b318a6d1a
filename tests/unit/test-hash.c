/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes are FNV-1a: the values that its authors publish, since the life record on a disk and
 * the digests of runs depend on them. */
#include "base/hash.h"
#include <string.h>

static void
test_published (void)
{
  g_assert_cmphex (ps_hash_32 ("", 0), ==, 0x811c9dc5);
  g_assert_cmphex (ps_hash_32 ("a", 1), ==, 0xe40c292c);
  g_assert_cmphex (ps_hash_32 ("foobar", 6), ==, 0xbf9cf968);
  g_assert_cmphex (ps_hash_64 ("", 0), ==, G_GUINT64_CONSTANT (0xcbf29ce484222325));
  g_assert_cmphex (ps_hash_64 ("a", 1), ==, G_GUINT64_CONSTANT (0xaf63dc4c8601ec8c));
  g_assert_cmphex (ps_hash_64 ("foobar", 6), ==, G_GUINT64_CONSTANT (0x85944171f73967e8));
}

/* A hash in pieces is that of the whole; bytes above 127 count as what they are. */
static void
test_pieces (void)
{
  const char text[] = "\x00\x7f\x80\xff piece";
  guint64 hash = PS_HASH_64_START;
  for (gsize i = 0; i < sizeof text; i++)
    hash = ps_hash_64_add (hash, text + i, 1);
  g_assert_cmphex (hash, ==, ps_hash_64 (text, sizeof text));
  g_assert_cmphex (ps_hash_64 ("\xff", 1), ==, (PS_HASH_64_START ^ 0xff) * PS_HASH_64_PRIME);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hash/published", test_published);
  g_test_add_func ("/hash/pieces", test_pieces);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include <string.h>

static const char *const words[] = {"config", "reply_deadline", "run_dir", "mtu", NULL};

/* A letter too many, too few, wrong or swapped still finds the word. */
static void
test_near (void)
{
  g_assert_cmpstr (ps_nearest ("config", words), ==, "config");
  g_assert_cmpstr (ps_nearest ("confg", words), ==, "config");
  g_assert_cmpstr (ps_nearest ("conffig", words), ==, "config");
  g_assert_cmpstr (ps_nearest ("comfig", words), ==, "config");
  g_assert_cmpstr (ps_nearest ("cofngi", words), ==, "config");
  g_assert_cmpstr (ps_nearest ("reply_dedline", words), ==, "reply_deadline");
  g_assert_cmpstr (ps_nearest ("mut", words), ==, "mtu");
}

/* Beyond a third of the known word's length nothing is suggested. */
static void
test_far (void)
{
  g_assert_null (ps_nearest ("", words));
  g_assert_null (ps_nearest ("cnfgXi", words));
  g_assert_null (ps_nearest ("mxx", words));
  g_assert_null (ps_nearest ("completely_different", words));
}

/* Of two at the same distance the first is taken; a nearer later one wins. */
static void
test_choice (void)
{
  static const char *const twins[] = {"abcdx1", "abcdx2", "abcdef", NULL};
  g_assert_cmpstr (ps_nearest ("abcdx3", twins), ==, "abcdx1");
  g_assert_cmpstr (ps_nearest ("abcdeg", twins), ==, "abcdef");
}

/* Words of any length are safe; none of 65 bytes or more is near to anything. */
static void
test_length (void)
{
  char word[67];
  memset (word, 'a', sizeof word);
  word[64] = '\0';
  const char *long_words[] = {word, NULL};
  g_assert_cmpstr (ps_nearest (word, long_words), ==, word);
  word[64] = 'a';
  word[65] = '\0';
  g_assert_null (ps_nearest (word, long_words));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nearest/near", test_near);
  g_test_add_func ("/nearest/far", test_far);
  g_test_add_func ("/nearest/choice", test_choice);
  g_test_add_func ("/nearest/length", test_length);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of JSON: what RFC 8259 allows is read as json-glib reads it, all else is refused. */
#include "base/json.h"
#include "tests/support/json-judge.h"
#include <string.h>

#define N_MUTATIONS 20000

static PsJson *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  PsJson *root = ps_json_parse (text, strlen (text), "file.json", &error);
  g_assert_no_error (error);
  ps_json_judge (root, text, strlen (text));
  return root;
}

static void
assert_refused (const char *text, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (ps_json_parse (text, strlen (text), "file.json", &error));
  g_assert_error (error, PS_JSON_ERROR, PS_JSON_ERROR_SYNTAX);
  g_assert_cmpstr (error->message, ==, wanted);
}

/* Each type of value, alone and with space around it. */
static void
test_values (void)
{
  static const struct {
    const char *text;
    PsJsonType type;
    gint64 integer;
    gdouble number;
  } cases[] = {
      {"{}", PS_JSON_OBJECT, 0},
      {"[]", PS_JSON_ARRAY, 0},
      {"\"\"", PS_JSON_TEXT, 0},
      {"0", PS_JSON_INTEGER, 0},
      {"-0", PS_JSON_INTEGER, 0},
      {"6379", PS_JSON_INTEGER, 6379, 6379},
      {"-17", PS_JSON_INTEGER, -17, -17},
      {"9223372036854775807", PS_JSON_INTEGER, G_MAXINT64, 9223372036854775807.0},
      {"-9223372036854775808", PS_JSON_INTEGER, G_MININT64, -9223372036854775808.0},
      {"0.5", PS_JSON_NUMBER, 0, 0.5},
      {"4.0", PS_JSON_NUMBER, 0, 4},
      {"1e3", PS_JSON_NUMBER, 0, 1000},
      {"-1.25E-3", PS_JSON_NUMBER, 0, -0.00125},
      {"1E+2", PS_JSON_NUMBER, 0, 100},
      {"true", PS_JSON_TRUE, 0},
      {"false", PS_JSON_FALSE, 0},
      {"null", PS_JSON_NULL, 0},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *spaced = g_strconcat (" \t\r\n", cases[i].text, "\n ", NULL);
    g_autoptr (PsJson) value = parse (cases[i].text), same = parse (spaced);
    g_assert_cmpint (value->type, ==, cases[i].type);
    g_assert_cmpint (value->integer, ==, cases[i].integer);
    g_assert_cmpfloat (value->number, ==, cases[i].number);
    g_assert_cmpuint (value->line, ==, 1);
    g_assert_cmpuint (same->line, ==, 2);
    g_assert_cmpint (same->type, ==, cases[i].type);
  }
}

/* An integer that no gint64 holds is a number. */
static void
test_large_integers (void)
{
  static const char *const texts[] = {"9223372036854775808", "-9223372036854775809",
                                      "100000000000000000000000000000"};
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (PsJson) value = ps_json_parse (texts[i], strlen (texts[i]), "file.json", &error);
    g_assert_no_error (error);
    g_assert_cmpint (value->type, ==, PS_JSON_NUMBER);
    g_assert_cmpint (value->integer, ==, 0);
  }
}

/* Parts keep their order; the last member of a name is the one that is found. */
static void
test_parts (void)
{
  g_autoptr (PsJson) root =
      parse ("{\"a\": [1, \"x\", {\"in\": null}, []], \"b\" :true,\"a\":{\"c\": 2}}");
  const PsJson *list = root->first, *at = list->first;
  g_assert_cmpstr (list->name, ==, "a");
  g_assert_cmpint (at->integer, ==, 1);
  at = at->next;
  g_assert_cmpstr (at->text, ==, "x");
  g_assert_null (at->name);
  at = at->next;
  g_assert_cmpint (ps_json_member (at, "in")->type, ==, PS_JSON_NULL);
  g_assert_cmpint (at->next->type, ==, PS_JSON_ARRAY);
  g_assert_null (at->next->next);
  g_assert_cmpint (ps_json_member (ps_json_member (root, "a"), "c")->integer, ==, 2);
  g_assert_cmpint (ps_json_member (root, "b")->type, ==, PS_JSON_TRUE);
  g_assert_null (ps_json_member (root, "c"));
  g_assert_null (ps_json_member (list, "a"));
}

/* Escapes stand for what they say, pairs of surrogates for one character. */
static void
test_escapes (void)
{
  g_autoptr (PsJson) text =
      parse ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00E9\\u20ac\\uD83D\\ude00z\"");
  g_assert_cmpstr (text->text, ==, "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
  g_autoptr (PsJson) name = parse ("{\"\\u0061b\": 1, \"\": 2}");
  g_assert_cmpint (ps_json_member (name, "ab")->integer, ==, 1);
  g_assert_cmpint (ps_json_member (name, "")->integer, ==, 2);
}

/* What is no JSON is refused by its line, also where json-glib is generous. */
static void
test_refused (void)
{
  static const struct {
    const char *text, *wanted;
  } cases[] = {
      {"", "file.json:1: not JSON: a value is missing"},
      {" \n ", "file.json:2: not JSON: a value is missing"},
      {"{\"a\": 1,\n}", "file.json:2: not JSON: the name of a member is missing"},
      {"[1,\n\n]", "file.json:3: not JSON: a value is missing"},
      {"[1 2]", "file.json:1: not JSON: a comma or the closing bracket is missing"},
      {"[1}", "file.json:1: not JSON: a comma or the closing bracket is missing"},
      {"{\"a\": 1]", "file.json:1: not JSON: a comma or the closing bracket is missing"},
      {"{\"a\" 1}", "file.json:1: not JSON: a colon is missing"},
      {"{\"a\"", "file.json:1: not JSON: a colon is missing"},
      {"{\"a\":", "file.json:1: not JSON: a value is missing"},
      {"{1: 2}", "file.json:1: not JSON: the name of a member is missing"},
      {"{,}", "file.json:1: not JSON: the name of a member is missing"},
      {"\n\"a", "file.json:2: not JSON: the end of a text is missing"},
      {"[]]", "file.json:1: not JSON: something follows the value"},
      {"[],", "file.json:1: not JSON: something follows the value"},
      {"[] []", "file.json:1: not JSON: a second value"},
      {"// no\n1", "file.json:1: not JSON: a character that JSON has in texts only"},
  };
  static const char *const words[] = {
      "tru", "True", "truex", "nullnull", "NaN",  "Infinity", "-",   "+1",  "01",    "-01",  "1.",
      ".5",  "1.e3", "1e",    "1e+",      "0x10", "017x",     "1-2", "--1", "1.2.3", "1e5.5"};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].text, cases[i].wanted);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    assert_refused (words[i], "file.json:1: not JSON: a word that JSON does not have");
}

static void
mutate (GRand *random, GString *text)
{
  static const char letters[] = "{}[]:,\"\\u0e19.-+ntx \n";
  gsize at = (gsize)g_rand_int_range (random, 0, (gint32)text->len);
  char letter = letters[g_rand_int_range (random, 0, sizeof letters - 1)];
  switch (g_rand_int_range (random, 0, 3)) {
  case 0:
    g_string_erase (text, (gssize)at, 1);
    return;
  case 1:
    g_string_insert_c (text, (gssize)at, letter);
    return;
  default:
    text->str[at] = letter;
  }
}

/* Texts with a letter or two wrong: what we still take, json-glib reads in the same way. */
static void
test_mutations (void)
{
  static const char good[] = "{\"a\": [10, -1.5e3, true, null], \"b\\u0041\\ud83d\\ude00\":\n"
                             "{\"id\": 4, \"id\": 0, \"t\": \"x\\\\\\\"\"}, \"\": {}}";
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  guint n_taken = 0;
  for (guint i = 0; i < N_MUTATIONS; i++) {
    g_autoptr (GString) text = g_string_new (good);
    for (gint32 n = g_rand_int_range (random, 1, 4); n > 0; n--)
      mutate (random, text);
    g_autoptr (GError) error = NULL;
    g_autoptr (PsJson) root = ps_json_parse (text->str, text->len, "file.json", &error);
    g_assert_true ((root == NULL) == (error != NULL));
    if (root == NULL)
      continue;
    ps_json_judge (root, text->str, text->len);
    n_taken++;
  }
  g_test_message ("%u of %d taken", n_taken, N_MUTATIONS);
  g_assert_cmpuint (n_taken, >, N_MUTATIONS / 20);
  g_assert_cmpuint (n_taken, <, N_MUTATIONS * 3 / 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/values", test_values);
  g_test_add_func ("/json/large-integers", test_large_integers);
  g_test_add_func ("/json/parts", test_parts);
  g_test_add_func ("/json/escapes", test_escapes);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/mutations", test_mutations);
  return g_test_run ();
}

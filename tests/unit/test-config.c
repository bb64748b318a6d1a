/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config.h"
#include <string.h>

#define MS G_GINT64_CONSTANT (1000)
#define S  (1000 * MS)

static PsConfig *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  PsConfig *config = ps_config_parse (text, strlen (text), "x.conf", &error);
  g_assert_no_error (error);
  g_assert_nonnull (config);
  return config;
}

static void
assert_refused (const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (ps_config_parse (text, strlen (text), "x.conf", &error));
  g_assert_error (error, PS_CONFIG_ERROR, PS_CONFIG_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, message);
}

/* An empty text and one of comments give the documented defaults. */
static void
test_defaults (void)
{
  static const char *const texts[] = {"", "# nothing\n\n", "[netlink]\n"};
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (PsConfig) config = parse (texts[i]);
    g_assert_cmpstr (config->database_config, ==, "/var/run/redis/sonic-db/database_config.json");
    g_assert_cmpint (config->reply_deadline_us, ==, 3 * S);
    g_assert_cmpuint (config->receive_buffer_bytes, ==, 0);
    g_assert_cmpint (config->old_interfaces, ==, PS_OLD_IGNORE);
    g_assert_cmpint (config->audit_interval_us, ==, 300 * S);
    g_assert_cmpint (config->eoiu_timeout_us, ==, 30 * S);
    g_assert_cmpstr (config->run_dir, ==, "/run/portsyncd");
  }
}

/* Every key is read, quoted or not, with spaces, CRLF line ends and every unit. */
static void
test_values (void)
{
  g_autoptr (PsConfig) config = parse ("[database]\r\nconfig = \"/a b/c.json\"\r\n"
                                       "reply_deadline=250ms\r\n"
                                       "[netlink]\nreceive_buffer = 4k  \nold_interfaces='adopt'\n"
                                       "audit_interval=2h\n[start]\neoiu_timeout=1500000us\n"
                                       "run_dir=/tmp/x\n");
  g_assert_cmpstr (config->database_config, ==, "/a b/c.json");
  g_assert_cmpint (config->reply_deadline_us, ==, 250 * MS);
  g_assert_cmpuint (config->receive_buffer_bytes, ==, 4096);
  g_assert_cmpint (config->old_interfaces, ==, PS_OLD_ADOPT);
  g_assert_cmpint (config->audit_interval_us, ==, 7200 * S);
  g_assert_cmpint (config->eoiu_timeout_us, ==, 1500 * MS);
  g_assert_cmpstr (config->run_dir, ==, "/tmp/x");
}

/* Sizes are read as bytes, k, M, G and auto. */
static void
test_sizes (void)
{
  static const struct {
    const char *text;
    gsize bytes;
  } cases[] = {{"4096", 4096}, {"64k", 65536}, {"16M", 16 << 20}, {"1G", 1 << 30}, {"auto", 0}};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = g_strdup_printf ("[netlink]\nreceive_buffer=%s\n", cases[i].text);
    g_autoptr (PsConfig) config = parse (text);
    g_assert_cmpuint (config->receive_buffer_bytes, ==, cases[i].bytes);
  }
}

/* Both ends of a range are in it; one step beyond is refused, and so is what is not a number. */
static void
test_bounds (void)
{
  static const char *const good[] = {"10ms", "600s", "10m", "10000us"};
  static const char *const bad[] = {
      "9ms",
      "601s",
      "11m",
      "9999us",
      "",
      "ms",
      "3",
      "3 s",
      "-3s",
      "+3s",
      "1.5s",
      "3S",
      "0s",
      "9007199254740993s",
      "99999999999999999999s",
      "9223372036854775808us",
      "\"3s",
      "3s\"",
      "\"",
  };
  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autofree char *text = g_strdup_printf ("[database]\nreply_deadline=%s\n", good[i]);
    g_autoptr (PsConfig) config = parse (text);
    g_assert_cmpint (config->reply_deadline_us, >=, 10 * MS);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree char *text = g_strdup_printf ("[database]\nreply_deadline=%s\n", bad[i]);
    g_autofree char *message =
        g_strdup_printf ("x.conf:2: [database] reply_deadline: '%s' is not a duration from 10ms to "
                         "10m (units us, ms, s, m, h)",
                         bad[i]);
    assert_refused (text, message);
  }
}

/* An unknown name is refused with its nearest neighbour, or with the list when none is near. */
static void
test_unknown (void)
{
  assert_refused (
      "[netlink]\naudit_intervall=5m\n",
      "x.conf:2: [netlink] audit_intervall: unknown key, did you mean 'audit_interval'?");
  assert_refused ("[start]\ncolour=red\n",
                  "x.conf:2: [start] colour: unknown key, known are eoiu_timeout, run_dir");
  assert_refused ("[netlnik]\n", "x.conf:1: [netlnik]: unknown section, did you mean 'netlink'?");
  assert_refused ("[redis]\n",
                  "x.conf:1: [redis]: unknown section, known are database, netlink, start");
  /* A key of another section is not known in this one. */
  assert_refused ("[start]\nreceive_buffer=auto\n",
                  "x.conf:2: [start] receive_buffer: unknown key, known are eoiu_timeout, run_dir");
}

/* Names kept for later say so instead of being accepted and ignored. */
static void
test_reserved (void)
{
  static const char *const names[] = {"instance", "stats", "web", "healing"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *text = g_strdup_printf ("[%s]\nanything=1\n", names[i]);
    g_autofree char *message = g_strdup_printf (
        "x.conf:1: [%s]: this section is reserved for a later version, this one does not have it",
        names[i]);
    assert_refused (text, message);
  }
}

/* Wrong choices, paths and sizes name what is allowed. */
static void
test_wrong_values (void)
{
  assert_refused ("[netlink]\nold_interfaces=keep\n",
                  "x.conf:2: [netlink] old_interfaces: 'keep' is not ignore or adopt");
  assert_refused ("[start]\nrun_dir=run\n",
                  "x.conf:2: [start] run_dir: 'run' is not an absolute path");
  assert_refused ("[start]\nrun_dir='/a\"b'\n",
                  "x.conf:2: [start] run_dir: ''/a\"b'' is not an absolute path");
  assert_refused ("[start]\nrun_dir=/a\tb\n",
                  "x.conf:2: [start] run_dir: '/a\\x09b' is not an absolute path");
  assert_refused ("[netlink]\nreceive_buffer=2G\n",
                  "x.conf:2: [netlink] receive_buffer: '2G' is not auto, or a size from 4k to 1G "
                  "(units k, M, G)");
}

/* What is no key file at all is an error with the file's name: no text is ever half accepted. */
static void
test_syntax (void)
{
  static const char *const texts[] = {"run_dir=/x\n", "[start]\nrun_dir\n", "[start\n", "]\n"};
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (ps_config_parse (texts[i], strlen (texts[i]), "x.conf", &error));
    g_assert_error (error, PS_CONFIG_ERROR, PS_CONFIG_ERROR_INVALID);
    g_assert_true (g_str_has_prefix (error->message, "x.conf:"));
    g_assert_null (strchr (error->message, '\n'));
  }
  assert_refused ("[start]\nrun_dir=/\xff\n", "x.conf: not UTF-8 text");
  g_autoptr (GError) error = NULL;
  g_assert_null (ps_config_parse ("[start]\n\0", 9, "x.conf", &error));
  g_assert_error (error, PS_CONFIG_ERROR, PS_CONFIG_ERROR_INVALID);
}

/* What is given twice is refused with both lines, key or section, also when it says the same. */
static void
test_twice (void)
{
  assert_refused ("[start]\nrun_dir = /a\n\nrun_dir = /a\n",
                  "x.conf:4: [start] run_dir: given again, first in line 2");
  assert_refused ("[start]\n[netlink]\n# a comment\n[start]\nrun_dir=/a\n",
                  "x.conf:4: [start]: given again, first in line 1");
  assert_refused ("[start]\nrun_dir=/a\n[start]\nrun_dir=/b\n",
                  "x.conf:3: [start]: given again, first in line 1\n"
                  "x.conf:4: [start] run_dir: given again, first in line 2");
}

/* All that is wrong is told, each with its line; of an unknown section only that. */
static void
test_all_told (void)
{
  assert_refused (
      "colour = red\n[start]\nrun_dir = here\n\tno key\n[colours]\nred = 1\n"
      "[netlink]\naudit_interval = 5x\n= 1\n",
      "x.conf:1: colour: a key before the first [section]\n"
      "x.conf:3: [start] run_dir: 'here' is not an absolute path\n"
      "x.conf:4: [start] no key: neither a [section] nor a key = value\n"
      "x.conf:5: [colours]: unknown section, known are database, netlink, start\n"
      "x.conf:8: [netlink] audit_interval: '5x' is not a duration from 1s to 24h (units "
      "us, ms, s, m, h)\n"
      "x.conf:9: [netlink] = 1: neither a [section] nor a key = value");
}

/* Beyond a number of lines the rest is counted. */
static void
test_many_wrong (void)
{
  g_autoptr (GString) text = g_string_new ("[start]\n");
  for (guint i = 0; i < PS_CONFIG_COMPLAINTS_MAX + 3; i++)
    g_string_append (text, "x\n");
  g_autoptr (GError) error = NULL;
  g_assert_null (ps_config_parse (text->str, text->len, "x.conf", &error));
  g_auto (GStrv) lines = g_strsplit (error->message, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, PS_CONFIG_COMPLAINTS_MAX + 1);
  g_assert_cmpstr (lines[PS_CONFIG_COMPLAINTS_MAX], ==, "x.conf: 3 more");
}

/* A text of 1 MiB is read, one byte more is refused unread. */
static void
test_size_limit (void)
{
  gsize limit = 1024 * 1024;
  g_autofree char *text = g_malloc (limit + 2);
  memset (text, '\n', limit + 1);
  text[limit + 1] = '\0';
  g_autoptr (GError) error = NULL;
  g_assert_null (ps_config_parse (text, limit + 1, "x.conf", &error));
  g_assert_cmpstr (error->message, ==, "x.conf: larger than 1 MiB");
  text[limit] = '\0';
  g_autoptr (PsConfig) config = parse (text);
  g_assert_nonnull (config);
}

/* What is printed reads back to the same values, and prints the same again. */
static void
test_round_trip (void)
{
  g_autoptr (PsConfig) config = parse ("[database]\nconfig='/it is/here'\nreply_deadline=10001us\n"
                                       "[netlink]\nreceive_buffer=4097\nold_interfaces=adopt\n"
                                       "[start]\nrun_dir=/r\neoiu_timeout=90s\n");
  g_autofree char *printed = ps_config_print (config);
  g_autoptr (PsConfig) again = parse (printed);
  g_assert_cmpstr (again->database_config, ==, "/it is/here");
  g_assert_cmpint (again->reply_deadline_us, ==, 10001);
  g_assert_cmpuint (again->receive_buffer_bytes, ==, 4097);
  g_assert_cmpint (again->old_interfaces, ==, PS_OLD_ADOPT);
  g_assert_cmpint (again->audit_interval_us, ==, 300 * S);
  g_assert_cmpint (again->eoiu_timeout_us, ==, 90 * S);
  g_assert_cmpstr (again->run_dir, ==, "/r");
  g_autofree char *printed_again = ps_config_print (again);
  g_assert_cmpstr (printed, ==, printed_again);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/defaults", test_defaults);
  g_test_add_func ("/config/values", test_values);
  g_test_add_func ("/config/sizes", test_sizes);
  g_test_add_func ("/config/bounds", test_bounds);
  g_test_add_func ("/config/unknown", test_unknown);
  g_test_add_func ("/config/reserved", test_reserved);
  g_test_add_func ("/config/wrong-values", test_wrong_values);
  g_test_add_func ("/config/syntax", test_syntax);
  g_test_add_func ("/config/twice", test_twice);
  g_test_add_func ("/config/all-told", test_all_told);
  g_test_add_func ("/config/many-wrong", test_many_wrong);
  g_test_add_func ("/config/size-limit", test_size_limit);
  g_test_add_func ("/config/round-trip", test_round_trip);
  return g_test_run ();
}

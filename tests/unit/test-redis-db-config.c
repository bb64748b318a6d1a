/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/db-config.h"
#include "base/json-guard.h"
#include <string.h>

#define INSTANCE                                                                                   \
  "\"redis\": {\"hostname\": \"127.0.0.1\", \"port\": 6379, "                                      \
  "\"unix_socket_path\": \"/var/run/redis/redis.sock\"}"
#define DATABASES                                                                                  \
  "\"APPL_DB\": {\"id\": 0, \"separator\": \":\", \"instance\": \"redis\"}, "                      \
  "\"CONFIG_DB\": {\"id\": 4, \"separator\": \"|\", \"instance\": \"redis\"}, "                    \
  "\"STATE_DB\": {\"id\": 6, \"separator\": \"|\", \"instance\": \"redis\"}"
#define DOCUMENT(instances, databases)                                                             \
  "{\"INSTANCES\": {" instances "}, \"DATABASES\": {" databases "}, \"VERSION\": \"1.0\"}"

static PsRedisDbConfig *
parse_good (const char *text)
{
  g_autoptr (GError) error = NULL;
  PsRedisDbConfig *config = ps_redis_db_config_parse (text, strlen (text), "file.json", &error);
  g_assert_no_error (error);
  return config;
}

static char *
parse_bad (const char *text, gsize size, PsRedisDbConfigError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (ps_redis_db_config_parse (text, size, "file.json", &error));
  g_assert_error (error, PS_REDIS_DB_CONFIG_ERROR, (int)code);
  g_assert_true (g_str_has_prefix (error->message, "file.json:"));
  return g_strdup (error->message);
}

/* The usual file: one server, one unix socket. */
static void
test_usual (void)
{
  g_autoptr (PsRedisDbConfig) config = parse_good (DOCUMENT (INSTANCE, DATABASES));
  static const guint ids[] = {4, 0, 6};
  for (guint i = 0; i < PS_N_DBS; i++) {
    g_assert_cmpuint (config->dbs[i].id, ==, ids[i]);
    g_assert_cmpint (config->dbs[i].separator, ==, i == PS_DB_APPL ? ':' : '|');
    g_assert_cmpstr (config->dbs[i].unix_path, ==, "/var/run/redis/redis.sock");
    g_assert_null (config->dbs[i].host);
  }
}

/* Without a socket path, or with an empty one, TCP is meant; databases may live apart; what we do
 * not know is ignored. */
static void
test_apart (void)
{
  g_autoptr (PsRedisDbConfig) config = parse_good (
      "{\"INSTANCES\": {"
      "\"a\": {\"hostname\": \"10.0.0.1\", \"port\": 6380, \"unix_socket_path\": \"\","
      " \"persistence_for_warm_boot\": \"yes\", \"database_type\": \"dpudb\"},"
      "\"b\": {\"hostname\": \"redis.server\", \"port\": 65535},"
      "\"c/~\": {\"unix_socket_path\": \"/run/c\"}, \"unused\": 7},"
      "\"DATABASES\": {"
      "\"APPL_DB\": {\"id\": 10, \"separator\": \"|\", \"instance\": \"a\", \"format\": \"x\"},"
      "\"CONFIG_DB\": {\"id\": 14, \"separator\": \":\", \"instance\": \"b\"},"
      "\"STATE_DB\": {\"id\": 0, \"separator\": \"|\", \"instance\": \"c/~\"},"
      "\"OTHER_DB\": null}, \"VERSION\": \"1.0\", \"more\": []}");
  const PsRedisDbEndpoint *appl = &config->dbs[PS_DB_APPL], *conf = &config->dbs[PS_DB_CONFIG];
  g_assert_cmpstr (appl->host, ==, "10.0.0.1");
  g_assert_cmpuint (appl->port, ==, 6380);
  g_assert_null (appl->unix_path);
  g_assert_cmpuint (appl->id, ==, 10);
  g_assert_cmpint (appl->separator, ==, '|');
  g_assert_cmpstr (conf->host, ==, "redis.server");
  g_assert_cmpuint (conf->port, ==, 65535);
  g_assert_cmpstr (config->dbs[PS_DB_STATE].unix_path, ==, "/run/c");
  g_assert_null (config->dbs[PS_DB_STATE].host);
}

/* Replaces one text in the usual file. */
static char *
vary (const char *from, const char *to)
{
  g_autoptr (GString) text = g_string_new (DOCUMENT (INSTANCE, DATABASES));
  g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  return g_strdup (text->str);
}

/* What is wrong is named by its place and by what is wanted there. */
static void
test_invalid (void)
{
  static const struct {
    const char *from, *to, *place, *wanted;
  } cases[] = {
      {"\"INSTANCES\"", "\"INSTANCE\"", "/INSTANCES: ", "an object"},
      {"\"DATABASES\"", "\"DATABASE\"", "/DATABASES: ", "an object"},
      {"\"APPL_DB\"", "\"APPL_DB2\"", "/DATABASES/APPL_DB: ", "an object"},
      {"\"STATE_DB\": {", "\"STATE_DB\": [], \"x\": {", "/DATABASES/STATE_DB: ", "an object"},
      {"\"id\": 4", "\"id\": \"4\"", "/DATABASES/CONFIG_DB/id: ", "integer from 0 to 65535"},
      {"\"id\": 4", "\"id\": -1", "/DATABASES/CONFIG_DB/id: ", "integer from 0 to 65535"},
      {"\"id\": 4", "\"id\": 65536", "/DATABASES/CONFIG_DB/id: ", "integer from 0 to 65535"},
      {"\"id\": 4", "\"id\": 4.5", "/DATABASES/CONFIG_DB/id: ", "integer from 0 to 65535"},
      {"\"id\": 4", "\"id\": null", "/DATABASES/CONFIG_DB/id: ", "integer from 0 to 65535"},
      {"\"id\": 4, ", "", "/DATABASES/CONFIG_DB/id: ", "integer from 0 to 65535"},
      {"\"separator\": \":\"", "\"separator\": \"\"", "/DATABASES/APPL_DB/separator: ", "\"|\""},
      {"\"separator\": \":\"", "\"separator\": \"::\"", "/DATABASES/APPL_DB/separator: ", "\"|\""},
      {"\"separator\": \":\"", "\"separator\": 1", "/DATABASES/APPL_DB/separator: ", "\"|\""},
      {"\"separator\": \":\", ", "", "/DATABASES/APPL_DB/separator: ", "\"|\""},
      {", \"instance\": \"redis\"}, ", "}, ", "/DATABASES/APPL_DB/instance: ", "the name of"},
      {"\"instance\": \"redis\"", "\"instance\": [1]", "/DATABASES/APPL_DB/instance: ", "the name"},
      {"\"redis\": {", "\"redi/s\": {", "/INSTANCES/redis: ", "refers to it"},
      {"\"instance\": \"redis\"", "\"instance\": \"a/~\"", "/INSTANCES/a~1~0: ", "refers to it"},
      {"\"redis\": {", "\"redis\": 5, \"x\": {", "/INSTANCES/redis: ", "an object"},
      {"\"/var/run/redis/redis.sock\"", "17", "/INSTANCES/redis/unix_socket_path: ", "a string"},
      {"\"/var/run/redis/redis.sock\"", "null", "/INSTANCES/redis/unix_socket_path: ", "a string"},
      {"\"127.0.0.1\", \"port\": 6379, \"unix_socket_path\": \"/var/run/redis/redis.sock\"",
       "\"\", \"port\": 1", "/INSTANCES/redis/hostname: ", "no socket path"},
      {"6379, \"unix_socket_path\": \"/var/run/redis/redis.sock\"", "0",
       "/INSTANCES/redis/port: ", "1 to 65535"},
      {"6379, \"unix_socket_path\": \"/var/run/redis/redis.sock\"", "65536",
       "/INSTANCES/redis/port: ", "1 to 65535"},
      {"6379, \"unix_socket_path\": \"/var/run/redis/redis.sock\"", "\"6379\"",
       "/INSTANCES/redis/port: ", "1 to 65535"},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = vary (cases[i].from, cases[i].to);
    g_autofree char *message = parse_bad (text, strlen (text), PS_REDIS_DB_CONFIG_ERROR_INVALID);
    g_test_message ("%s", message);
    g_assert_nonnull (strstr (message, cases[i].place));
    g_assert_nonnull (strstr (message, cases[i].wanted));
  }
}

/* A path that no socket address can hold is refused; one byte less is not. */
static void
test_path_length (void)
{
  g_autofree char *longest = g_strnfill (107, 'p');
  g_autofree char *good = vary ("/var/run/redis/redis.sock", longest);
  g_autofree char *longer = g_strconcat (longest, "p", NULL);
  g_autofree char *bad = vary ("/var/run/redis/redis.sock", longer);
  g_autoptr (PsRedisDbConfig) config = parse_good (good);
  g_assert_cmpstr (config->dbs[0].unix_path, ==, longest);
  g_autofree char *message = parse_bad (bad, strlen (bad), PS_REDIS_DB_CONFIG_ERROR_INVALID);
  g_assert_nonnull (strstr (message, "107 bytes"));
}

/* What is not JSON is named by its line. */
static void
test_syntax (void)
{
  static const struct {
    const char *text, *where;
  } cases[] = {
      {"{\n\"a\": 1,\n\"b\" 2}", "file.json:3: "},
      {"{", "file.json:1: "},
      {"{\"a\": tru}", ":1: "},
      {"[1, 2", "file.json:1: "},
      {"\n\n}", ":3: "},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *message =
        parse_bad (cases[i].text, strlen (cases[i].text), PS_REDIS_DB_CONFIG_ERROR_SYNTAX);
    g_test_message ("%s", message);
    g_assert_nonnull (strstr (message, cases[i].where));
    g_assert_null (strchr (message, '\n'));
  }
}

/* What json-glib would take, but is no JSON, is refused; nothing in it hides how deep the rest is.
 */
static void
test_no_json (void)
{
  static const char *const beginnings[] = {"/*\"*/", "//\"\n", "['\"', ", "#\"\n",
                                           "\"a\"",  "{}",     "7 "};
  g_autofree char *abyss = g_strnfill (100000, '[');
  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++) {
    g_autofree char *text = g_strconcat (beginnings[i], abyss, NULL);
    g_autofree char *message = parse_bad (text, strlen (text), PS_REDIS_DB_CONFIG_ERROR_SYNTAX);
    g_assert_nonnull (strstr (message, "file.json:1: not JSON: a "));
  }
  g_autofree char *second =
      parse_bad ("{}\n{}", strlen ("{}\n{}"), PS_REDIS_DB_CONFIG_ERROR_SYNTAX);
  g_assert_cmpstr (second, ==, "file.json:2: not JSON: a second value");
  g_autofree char *quotes = vary ("127.0.0.1", "/* \\\" ' [[ */");
  g_autoptr (PsRedisDbConfig) good = parse_good (quotes);
  g_assert_nonnull (good->dbs[0].unix_path);
}

/* Escapes that stand for no character are refused, all others are taken. */
static void
test_escapes (void)
{
  static const char *const bad[] = {
      "\\ud800\\u0041", "\\udc00\\udc00", "\\ud800x", "\\ud800", "\\udfff",
      "\\u0000",        "\\u12g4",        "\\u12",    "\\x41",   "\\"};
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree char *text = vary ("127.0.0.1", bad[i]);
    g_autofree char *message = parse_bad (text, strlen (text), PS_REDIS_DB_CONFIG_ERROR_SYNTAX);
    g_assert_nonnull (strstr (message, "file.json:1: not JSON: "));
  }
  g_autofree char *text =
      vary ("/var/run/redis/redis.sock", "\\/\\u0072\\u00e9\\ud83d\\ude00\\\"\\\\");
  g_autoptr (PsRedisDbConfig) good = parse_good (text);
  g_assert_cmpstr (good->dbs[0].unix_path, ==, "/r\xc3\xa9\xf0\x9f\x98\x80\"\\");
}

/* A line end in the text is none in the message: it goes to the log. */
static void
test_one_line (void)
{
  static const char text[] = "{\"a\tb\": 1}";
  g_autofree char *message = parse_bad (text, strlen (text), PS_REDIS_DB_CONFIG_ERROR_SYNTAX);
  g_assert_null (strpbrk (message, "\n\t"));
  g_assert_nonnull (strstr (message, "control character"));
  g_autofree char *named = vary ("\"instance\": \"redis\"", "\"instance\": \"a\\nb\"");
  g_autofree char *other = parse_bad (named, strlen (named), PS_REDIS_DB_CONFIG_ERROR_INVALID);
  g_assert_nonnull (strstr (other, "/INSTANCES/a\\x0ab: "));
}

/* JSON that is no object, or nothing at all, is refused too. */
static void
test_not_an_object (void)
{
  static const char *const texts[] = {"", "   \n", "[]", "null", "7", "\"text\""};
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (ps_redis_db_config_parse (texts[i], strlen (texts[i]), "file.json", &error));
    g_assert_nonnull (error);
    g_assert_true (error->domain == PS_REDIS_DB_CONFIG_ERROR);
    g_assert_true (g_str_has_prefix (error->message, "file.json:"));
  }
}

static char *
nested (guint depth)
{
  g_autofree char *open = g_strnfill (depth, '[');
  g_autofree char *shut = g_strnfill (depth, ']');
  g_autofree char *pair = g_strconcat ("{\"x\": ", open, shut, ", \"INSTANCES\"", NULL);
  g_autoptr (GString) text = g_string_new (DOCUMENT (INSTANCE, DATABASES));
  g_string_replace (text, "{\"INSTANCES\"", pair, 1);
  return g_strdup (text->str);
}

/* Depth and size are limited before the parser sees the text, and not below the limit. */
static void
test_limits (void)
{
  g_autofree char *deepest = nested (PS_JSON_DEPTH_MAX - 1);
  g_autofree char *deeper = nested (PS_JSON_DEPTH_MAX);
  g_autoptr (PsRedisDbConfig) config = parse_good (deepest);
  g_assert_nonnull (config);
  g_autofree char *deep_message =
      parse_bad (deeper, strlen (deeper), PS_REDIS_DB_CONFIG_ERROR_SYNTAX);
  g_assert_nonnull (strstr (deep_message, "levels deep"));
  g_autofree char *abyss = g_strnfill (PS_JSON_SIZE_MAX, '[');
  g_autofree char *abyss_message =
      parse_bad (abyss, PS_JSON_SIZE_MAX, PS_REDIS_DB_CONFIG_ERROR_SYNTAX);
  g_assert_nonnull (strstr (abyss_message, "levels deep"));

  g_autoptr (GString) large = g_string_new (DOCUMENT (INSTANCE, DATABASES));
  while (large->len < PS_JSON_SIZE_MAX)
    g_string_append_c (large, ' ');
  g_autoptr (PsRedisDbConfig) largest = parse_good (large->str);
  g_assert_nonnull (largest);
  g_string_append_c (large, ' ');
  g_autofree char *large_message =
      parse_bad (large->str, large->len, PS_REDIS_DB_CONFIG_ERROR_SYNTAX);
  g_assert_nonnull (strstr (large_message, "1 MiB"));
}

/* Brackets inside strings do not count as depth. */
static void
test_depth_in_strings (void)
{
  g_autofree char *brackets = g_strnfill (200, '[');
  g_autofree char *to = g_strdup_printf ("{\"x\": \"\\\"%s\\\\\", \"INSTANCES\"", brackets);
  g_autofree char *text = vary ("{\"INSTANCES\"", to);
  g_autoptr (PsRedisDbConfig) config = parse_good (text);
  g_assert_nonnull (config);
}

/* Text with a NUL or with bytes that are not UTF-8 is refused. */
static void
test_bytes (void)
{
  g_autofree char *bad = vary ("redis.sock", "redis\xff.sock");
  g_autofree char *first = parse_bad (bad, strlen (bad), PS_REDIS_DB_CONFIG_ERROR_SYNTAX);
  static const char with_nul[] = DOCUMENT (INSTANCE, DATABASES) "\0";
  g_autofree char *second =
      parse_bad (with_nul, sizeof with_nul - 1, PS_REDIS_DB_CONFIG_ERROR_SYNTAX);
  g_assert_nonnull (strstr (first, "UTF-8"));
  g_assert_nonnull (strstr (second, "UTF-8"));
}

/* Every cut of the file is refused, none is read beyond its end. */
static void
test_cuts (void)
{
  static const char text[] = DOCUMENT (INSTANCE, DATABASES);
  for (gsize n = 0; n < sizeof text - 1; n++) {
    g_autofree char *cut = g_memdup2 (text, n > 0 ? n : 1);
    g_autoptr (GError) error = NULL;
    g_assert_null (ps_redis_db_config_parse (cut, n, "file.json", &error));
    g_assert_nonnull (error);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redis-db-config/usual", test_usual);
  g_test_add_func ("/redis-db-config/apart", test_apart);
  g_test_add_func ("/redis-db-config/invalid", test_invalid);
  g_test_add_func ("/redis-db-config/path-length", test_path_length);
  g_test_add_func ("/redis-db-config/syntax", test_syntax);
  g_test_add_func ("/redis-db-config/no-json", test_no_json);
  g_test_add_func ("/redis-db-config/escapes", test_escapes);
  g_test_add_func ("/redis-db-config/one-line", test_one_line);
  g_test_add_func ("/redis-db-config/not-an-object", test_not_an_object);
  g_test_add_func ("/redis-db-config/limits", test_limits);
  g_test_add_func ("/redis-db-config/depth-in-strings", test_depth_in_strings);
  g_test_add_func ("/redis-db-config/bytes", test_bytes);
  g_test_add_func ("/redis-db-config/cuts", test_cuts);
  return g_test_run ();
}

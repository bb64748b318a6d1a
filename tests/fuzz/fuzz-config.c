/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: what is taken can be printed, and read again as the same; and GLib's
 * reader of key files takes it, too. */
#include "core/config.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static void
check_values (const PsConfig *config)
{
  g_assert_cmpint (config->database_config[0], ==, '/');
  g_assert_cmpint (config->run_dir[0], ==, '/');
  g_assert_cmpint (config->reply_deadline_us, >, 0);
  g_assert_cmpint (config->audit_interval_us, >, 0);
  g_assert_cmpint (config->eoiu_timeout_us, >, 0);
  g_assert_true (config->old_interfaces == PS_OLD_IGNORE || config->old_interfaces == PS_OLD_ADOPT);
  g_assert_cmpuint (config->receive_buffer_bytes, <=, 1 << 30);
}

static void
check_same (const PsConfig *a, const PsConfig *b)
{
  g_assert_cmpstr (a->database_config, ==, b->database_config);
  g_assert_cmpstr (a->run_dir, ==, b->run_dir);
  g_assert_cmpint (a->reply_deadline_us, ==, b->reply_deadline_us);
  g_assert_cmpint (a->audit_interval_us, ==, b->audit_interval_us);
  g_assert_cmpint (a->eoiu_timeout_us, ==, b->eoiu_timeout_us);
  g_assert_cmpint (a->old_interfaces, ==, b->old_interfaces);
  g_assert_cmpuint (a->receive_buffer_bytes, ==, b->receive_buffer_bytes);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PsConfig) config = ps_config_parse ((const char *)data, size, "fuzz", &error);
  ps_fuzz_check_error (config, error);
  if (config == NULL)
    return 0;
  check_values (config);
  g_autoptr (GKeyFile) judge = g_key_file_new ();
  if (size > 0)
    g_key_file_load_from_data (judge, (const char *)data, size, G_KEY_FILE_NONE, &error);
  g_assert_no_error (error);
  g_autofree char *text = ps_config_print (config);
  g_autoptr (PsConfig) again = ps_config_parse (text, strlen (text), "fuzz", &error);
  g_assert_no_error (error);
  check_same (config, again);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: what is taken can be printed, and read again as the same. */
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

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PsConfig) config = ps_config_parse ((const char *)data, size, "fuzz", &error);
  ps_fuzz_check_error (config, error);
  if (config == NULL)
    return 0;
  check_values (config);
  g_autofree char *text = ps_config_print (config);
  g_autoptr (PsConfig) again = ps_config_parse (text, strlen (text), "fuzz", &error);
  g_assert_no_error (error);
  g_autofree char *second = ps_config_print (again);
  g_assert_cmpstr (second, ==, text);
  return 0;
}

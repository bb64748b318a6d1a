/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include <string.h>

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  return 0;
}

guint8
ps_fuzz_byte (PsFuzzInput *self)
{
  gsize n;
  const guint8 *byte = ps_fuzz_bytes (self, 1, &n);
  return n == 1 ? *byte : 0;
}

guint32
ps_fuzz_number (PsFuzzInput *self)
{
  guint32 low = ps_fuzz_byte (self);
  return low | (guint32)ps_fuzz_byte (self) << 8;
}

const guint8 *
ps_fuzz_bytes (PsFuzzInput *self, gsize n_max, gsize *out_n)
{
  const guint8 *at = self->at;
  *out_n = MIN (n_max, self->left);
  self->left -= *out_n;
  if (*out_n > 0)
    self->at += *out_n;
  return at;
}

const guint8 *
ps_fuzz_block (PsFuzzInput *self, gsize *out_n)
{
  guint32 n = ps_fuzz_number (self);
  return ps_fuzz_bytes (self, n, out_n);
}

void
ps_fuzz_check_error (gconstpointer result, const GError *error)
{
  g_assert_true ((result == NULL) == (error != NULL));
  if (error == NULL)
    return;
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_auto (GStrv) lines = g_strsplit (error->message, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_assert_true (g_str_has_prefix (lines[i], "fuzz:"));
    for (const char *c = lines[i]; *c != '\0'; c++)
      g_assert_false (g_ascii_iscntrl (*c));
  }
}

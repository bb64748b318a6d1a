/* SPDX-License-Identifier: Apache-2.0 */
#include "core/batch.h"
#include <string.h>

static void
assert_text (PsText text, const char *wanted)
{
  g_assert_cmpmem (text.data, text.size, wanted, strlen (wanted));
  g_assert_cmpint (text.data[text.size], ==, '\0');
}

/* Operations come back in order with their own fields, and texts are copies. */
static void
test_order (void)
{
  g_autoptr (PsBatch) batch = ps_batch_new (PS_DB_STATE);
  char key[] = "Ethernet0";
  g_assert_cmpuint (ps_batch_op (batch, PS_OP_DELETE, "PORT_TABLE", ps_text (key)), ==, 0);
  g_assert_cmpuint (ps_batch_op (batch, PS_OP_PUT, "PORT_TABLE", ps_text (key)), ==, 1);
  ps_batch_field (batch, ps_text ("state"), ps_text ("ok"));
  ps_batch_field (batch, ps_text ("mtu"), ps_text ("9100"));
  g_assert_cmpuint (ps_batch_op (batch, PS_OP_PRODUCE, "T", ps_text ("k")), ==, 2);
  ps_batch_field (batch, ps_text ("count"), ps_text (""));
  memset (key, 'x', sizeof key - 1);
  g_assert_cmpint (ps_batch_db (batch), ==, PS_DB_STATE);
  g_assert_cmpuint (ps_batch_length (batch), ==, 3);
  PsOp deletion = ps_batch_get_op (batch, 0), put = ps_batch_get_op (batch, 1);
  g_assert_cmpint (deletion.type, ==, PS_OP_DELETE);
  g_assert_cmpuint (deletion.n_fields, ==, 0);
  assert_text (deletion.key, "Ethernet0");
  g_assert_cmpint (put.type, ==, PS_OP_PUT);
  g_assert_cmpuint (put.n_fields, ==, 2);
  assert_text (put.table, "PORT_TABLE");
  assert_text (ps_batch_get_field (batch, 1, 0).name, "state");
  assert_text (ps_batch_get_field (batch, 1, 1).value, "9100");
  PsOp produce = ps_batch_get_op (batch, 2);
  g_assert_cmpint (produce.type, ==, PS_OP_PRODUCE);
  g_assert_cmpuint (produce.n_fields, ==, 1);
  assert_text (ps_batch_get_field (batch, 2, 0).name, "count");
  assert_text (ps_batch_get_field (batch, 2, 0).value, "");
}

/* Texts may hold any bytes, and a very long one. */
static void
test_binary (void)
{
  g_autoptr (PsBatch) batch = ps_batch_new (PS_DB_APPL);
  g_autofree char *big = g_strnfill (1 << 20, 'v');
  PsText key = {"a\0\xff\r\n", 5}, value = {big, 1 << 20};
  ps_batch_op (batch, PS_OP_PUT, "T", key);
  ps_batch_field (batch, key, value);
  g_assert_true (ps_text_equal (ps_batch_get_op (batch, 0).key, key));
  g_assert_true (ps_text_equal (ps_batch_get_field (batch, 0, 0).name, key));
  g_assert_true (ps_text_equal (ps_batch_get_field (batch, 0, 0).value, value));
  g_assert_false (ps_text_equal (key, (PsText){"a\0\xff\r", 4}));
  g_assert_false (ps_text_equal (key, (PsText){"a\0\xfe\r\n", 5}));
  g_assert_true (ps_text_equal ((PsText){NULL, 0}, ps_text ("")));
}

/* A batch is full at PS_BATCH_OPS_MAX operations, not before. */
static void
test_full (void)
{
  g_autoptr (PsBatch) batch = ps_batch_new (PS_DB_STATE);
  for (guint i = 0; i < PS_BATCH_OPS_MAX; i++) {
    g_assert_false (ps_batch_is_full (batch));
    g_autofree char *key = g_strdup_printf ("Ethernet%u", i);
    g_assert_cmpuint (ps_batch_op (batch, PS_OP_DELETE, "PORT_TABLE", ps_text (key)), ==, i);
  }
  g_assert_true (ps_batch_is_full (batch));
  g_assert_cmpuint (ps_batch_length (batch), ==, PS_BATCH_OPS_MAX);
  assert_text (ps_batch_get_op (batch, 0).key, "Ethernet0");
  assert_text (ps_batch_get_op (batch, PS_BATCH_OPS_MAX - 1).key, "Ethernet511");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/batch/order", test_order);
  g_test_add_func ("/batch/binary", test_binary);
  g_test_add_func ("/batch/full", test_full);
  return g_test_run ();
}

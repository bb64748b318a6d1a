/* SPDX-License-Identifier: Apache-2.0 */
/* The life record: what is read can be written, and read again as the same without damage. The
 * input is read as it is, and once more with a right checksum behind each line: otherwise no fuzzer
 * would ever get past the first. */
#include "core/port-name.h"
#include "core/schema.h"
#include "start/life-record.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static PsPort
to_port (const PsLifePort *life)
{
  PsPort port = {.device = {.flap = life->flap}, .boot = {.precleared = life->precleared}};
  memcpy (port.name, life->name, sizeof port.name);
  port.row.have.ifindex = life->row_ifindex;
  return port;
}

static void
put_ports (GString *out, const PsLifeRecord *life)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, life->ports);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    PsPort port = to_port (value);
    g_assert_true (ps_name_is_port (port.name, strlen (port.name)));
    ps_life_record_put_port (out, &port);
    ps_life_record_put_seen (out, &port);
    if (port.boot.precleared)
      ps_life_record_put_precleared (out, &port);
  }
}

static GString *
write_life (const PsLifeRecord *life)
{
  GString *out = g_string_new (NULL);
  GHashTableIter iter;
  gpointer key;
  ps_life_record_put_header (out, &life->identity);
  g_hash_table_iter_init (&iter, life->old);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    g_assert_cmpuint (GPOINTER_TO_UINT (key), >, 0);
    ps_life_record_put_old (out, GPOINTER_TO_UINT (key));
  }
  if (life->copied)
    ps_life_record_put_copied (out);
  put_ports (out, life);
  return out;
}

static void
check_same (const PsLifeRecord *a, const PsLifeRecord *b)
{
  GHashTableIter iter;
  gpointer key, value;
  g_assert_null (ps_life_record_differs (a, &b->identity));
  g_assert_cmpint (a->copied, ==, b->copied);
  g_assert_cmpuint (g_hash_table_size (a->old), ==, g_hash_table_size (b->old));
  g_assert_cmpuint (g_hash_table_size (a->ports), ==, g_hash_table_size (b->ports));
  g_hash_table_iter_init (&iter, a->old);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_assert_true (g_hash_table_contains (b->old, key));
  g_hash_table_iter_init (&iter, a->ports);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    const PsLifePort *one = value, *other = g_hash_table_lookup (b->ports, key);
    g_assert_nonnull (other);
    g_assert_cmpmem (&one->flap, sizeof one->flap, &other->flap, sizeof other->flap);
    g_assert_cmpuint (one->row_ifindex, ==, other->row_ifindex);
    g_assert_cmpint (one->precleared, ==, other->precleared);
  }
}

static PsLifeRecord *
read_life (const char *text, gsize size)
{
  const char *reason = NULL;
  PsLifeRecord *life = ps_life_record_parse (text, size, &reason);
  g_assert_true ((life == NULL) == (reason != NULL));
  return life;
}

static void
check_text (const char *text, gsize size)
{
  g_autoptr (PsLifeRecord) life = read_life (text, size);
  if (life == NULL || life->identity.boot_id == NULL || life->identity.netns == NULL)
    return;
  g_autoptr (GString) written = write_life (life);
  g_autoptr (PsLifeRecord) again = read_life (written->str, written->len);
  g_assert_nonnull (again);
  g_assert_cmpuint (again->n_damaged, ==, 0);
  check_same (life, again);
}

/* FNV-1a, told apart from the product's so that an error there does not hide here. */
static void
put_line (GString *out, const char *line, gsize size)
{
  guint32 hash = 0x811c9dc5;
  for (gsize i = 0; i < size; i++)
    hash = (hash ^ (guint8)line[i]) * 0x01000193u;
  g_string_append_len (out, line, (gssize)size);
  g_string_append_printf (out, " #%08x\n", hash);
}

static GString *
with_checksums (const char *text, gsize size)
{
  GString *out = g_string_new (NULL);
  for (gsize at = 0; at < size;) {
    const char *end = memchr (text + at, '\n', size - at);
    gsize n = end != NULL ? (gsize)(end - text) - at : size - at;
    put_line (out, text + at, n);
    at += n + 1;
  }
  return out;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *)data;
  check_text (text, size);
  g_autoptr (GString) right = with_checksums (text, size);
  check_text (right->str, right->len);
  return 0;
}

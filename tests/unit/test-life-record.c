/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rng.h"
#include "start/life-record.h"
#include "base/virtual-clock.h"
#include <string.h>

static PsPort
a_port (const char *name)
{
  PsPort port = {.device = {.presence = PS_PRESENCE_PRESENT, .ifindex = 12}};
  g_strlcpy (port.name, name, sizeof port.name);
  port.row.have = (PsRowState){.present = TRUE, .ifindex = 12};
  port.device.flap = (PsFlap){.ifindex = 12, .base = {10, 5, 5}, .last = {16, 8, 8}, .ups = 100};
  port.device.flap.downs = 101;
  return port;
}

static GString *
a_record (void)
{
  g_autoptr (PsLifeIdentity) identity = ps_life_identity_new ("b-1", 77, "4:99");
  PsPort port = a_port ("Ethernet0"), other = a_port ("Ethernet-Rec0");
  GString *text = g_string_new (NULL);
  ps_life_record_put_header (text, identity);
  ps_life_record_put_old (text, 30);
  ps_life_record_put_old (text, 31);
  ps_life_record_put_old_gone (text, 30);
  ps_life_record_put_copied (text);
  ps_life_record_put_port (text, &port);
  ps_life_record_put_precleared (text, &other);
  ps_life_record_put_seen (text, &port);
  return text;
}

/* What was written is read back. */
static void
test_round_trip (void)
{
  g_autoptr (GString) text = a_record ();
  const char *reason = NULL;
  g_autoptr (PsLifeRecord) life = ps_life_record_parse (text->str, text->len, &reason);
  g_assert_nonnull (life);
  g_assert_cmpuint (life->n_damaged, ==, 0);
  g_assert_true (life->copied);
  g_assert_cmpuint (g_hash_table_size (life->old), ==, 1);
  g_assert_true (g_hash_table_contains (life->old, GUINT_TO_POINTER (31)));
  const PsLifePort *port = g_hash_table_lookup (life->ports, "Ethernet0");
  g_assert_nonnull (port);
  g_assert_cmpuint (port->row_ifindex, ==, 12);
  g_assert_cmpuint (port->flap.ifindex, ==, 12);
  g_assert_cmpuint (ps_flap_ups (&port->flap), ==, 103);
  g_assert_cmpuint (ps_flap_downs (&port->flap), ==, 104);
  g_assert_false (port->precleared);
  port = g_hash_table_lookup (life->ports, "Ethernet-Rec0");
  g_assert_true (port->precleared);
}

static const struct {
  const char *boot;
  guint64 init;
  const char *netns;
  const char *differs;
  gboolean is_of_kernel;
} identities[] = {
    {"b-1", 77, "4:99", NULL, TRUE},
    {"b-2", 77, "4:99", "the boot", FALSE},
    {"b-1", 78, "4:99", "the start of PID 1", TRUE},
    {"b-1", 77, "4:98", "the network namespace", FALSE},
    {"b-1", 78, "4:98", "the start of PID 1", FALSE},
};

/* Any difference of boot, PID 1 or namespace makes it the record of another life; another PID 1
 * alone leaves what it says of the kernel's devices. */
static void
test_identity (void)
{
  g_autoptr (GString) text = a_record ();
  const char *reason = NULL;
  g_autoptr (PsLifeRecord) life = ps_life_record_parse (text->str, text->len, &reason);
  for (guint i = 0; i < G_N_ELEMENTS (identities); i++) {
    g_autoptr (PsLifeIdentity) now =
        ps_life_identity_new (identities[i].boot, identities[i].init, identities[i].netns);
    g_assert_cmpstr (ps_life_record_differs (life, now), ==, identities[i].differs);
    g_assert_cmpint (ps_life_record_is_of_kernel (life, now), ==, identities[i].is_of_kernel);
  }
}

static void
on_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  g_string_append_printf (user_data, "%s\n", text);
}

/* Loads a record as of the identity i; the log's lines go to out_lines. */
static PsLifeRecord *
load (const GString *text, guint i, GString *out_lines, PsLifeWhose *out_whose)
{
  g_autoptr (PsVirtualClock) clock = ps_virtual_clock_new ();
  g_autoptr (PsLog) log = ps_log_new (PS_CLOCK (clock), on_line, out_lines);
  g_autoptr (PsLifeIdentity) now =
      ps_life_identity_new (identities[i].boot, identities[i].init, identities[i].netns);
  g_autoptr (GBytes) record = g_bytes_new (text->str, text->len);
  return ps_life_record_load (record, now, log, out_whose);
}

/* What is used of a record, and what the log says of the rest. */
static void
test_load (void)
{
  g_autoptr (GString) text = a_record ();
  for (guint i = 0; i < G_N_ELEMENTS (identities); i++) {
    g_autoptr (GString) lines = g_string_new (NULL);
    PsLifeWhose whose = PS_LIFE_UNKNOWN;
    g_autoptr (PsLifeRecord) life = load (text, i, lines, &whose);
    g_assert_cmpint (life != NULL, ==, identities[i].is_of_kernel);
    g_assert_cmpint (whose, ==, identities[i].differs == NULL ? PS_LIFE_OURS : PS_LIFE_OTHER);
    g_assert_cmpint (lines->len == 0, ==, identities[i].differs == NULL);
    g_assert_cmpint (strstr (lines->str, "says of devices is used") != NULL, ==,
                     identities[i].is_of_kernel && identities[i].differs != NULL);
  }
}

/* A record that could not be read is no record. */
static void
test_load_none (void)
{
  g_autoptr (PsVirtualClock) clock = ps_virtual_clock_new ();
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (PsLog) log = ps_log_new (PS_CLOCK (clock), on_line, lines);
  g_autoptr (PsLifeIdentity) now = ps_life_identity_new ("a", 1, "b");
  PsLifeWhose whose = PS_LIFE_OURS;
  g_autoptr (PsLifeRecord) life = ps_life_record_load (NULL, now, log, &whose);
  g_assert_null (life);
  g_assert_cmpint (whose, ==, PS_LIFE_UNKNOWN);
  g_assert_cmpstr (lines->str, ==, "");
}

static void
test_load_strange (void)
{
  g_autoptr (GString) none = g_string_new (""), other = g_string_new ("something else\n");
  g_autoptr (GString) text = a_record (), lines = g_string_new (NULL);
  PsLifeWhose whose = PS_LIFE_OURS;
  g_assert_null (load (none, 0, lines, &whose));
  g_assert_cmpint (whose, ==, PS_LIFE_UNKNOWN);
  g_assert_cmpstr (lines->str, ==, "");
  g_assert_null (load (other, 0, lines, &whose));
  g_assert_cmpstr (lines->str, ==, "The life record is not used: its first line is not ours\n");
  *strstr (text->str, "copied") = 'x';
  g_autoptr (PsLifeRecord) life = load (text, 0, lines, &whose);
  g_assert_true (whose == PS_LIFE_OURS && !life->copied);
  g_assert_nonnull (strstr (lines->str, "has 1 damaged lines"));
}

/* A record that lost a line of its identity, and a system that does not tell lives apart, leave it
 * open whose life the record is of; what it says of devices is used if the kernel is known. */
static void
test_load_unknown (void)
{
  static const struct {
    const char *line, *boot;
    gboolean is_used;
  } cases[] = {
      {"\nboot", "b-1", FALSE},
      {"\ninit", "b-1", TRUE},
      {"\nnetns", "b-1", FALSE},
      {NULL, PS_LIFE_BOOT_UNKNOWN, FALSE},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GString) text = a_record (), lines = g_string_new (NULL);
    if (cases[i].line != NULL)
      strstr (text->str, cases[i].line)[1] = 'x';
    g_autoptr (PsVirtualClock) clock = ps_virtual_clock_new ();
    g_autoptr (PsLog) log = ps_log_new (PS_CLOCK (clock), on_line, lines);
    g_autoptr (PsLifeIdentity) now = ps_life_identity_new (cases[i].boot, 77, "4:99");
    g_autoptr (GBytes) record = g_bytes_new (text->str, text->len);
    PsLifeWhose whose = PS_LIFE_OURS;
    g_autoptr (PsLifeRecord) life = ps_life_record_load (record, now, log, &whose);
    g_assert_cmpint (whose, ==, PS_LIFE_UNKNOWN);
    g_assert_cmpint (life != NULL, ==, cases[i].is_used);
    g_assert_nonnull (strstr (lines->str, "does not tell whether it is of this life"));
  }
}

/* The text is what an earlier version wrote, to the last byte: it reads ours, and we read its. */
static void
test_format (void)
{
  static const char expected[] =
      "portsyncd-life 1 #5d6a6f53\n"
      "boot b-1 #d597198d\n"
      "init 77 #245268f7\n"
      "netns 4:99 #ca32b909\n"
      "old 30 #874c1329\n"
      "old 31 #864c1196\n"
      "old-gone 30 #f8ff4be5\n"
      "copied #45342fe5\n"
      "port Ethernet0 12 12 10 5 5 100 101 #6f6131e1\n"
      "precleared Ethernet-Rec0 #53a16f0a\n"
      "seen Ethernet0 12 16 8 8 #470aec0d\n"
      "port Ethernet4 4294967295 0 0 4294967295 0 18446744073709551615 0 #346813aa\n";
  PsPort port = a_port ("Ethernet4");
  port.row.have.ifindex = G_MAXUINT32;
  port.device.flap = (PsFlap){.base = {0, G_MAXUINT32, 0}, .ups = G_MAXUINT64};
  g_autoptr (GString) text = a_record ();
  ps_life_record_put_port (text, &port);
  g_assert_cmpstr (text->str, ==, expected);
  const char *reason = NULL;
  g_autoptr (PsLifeRecord) life = ps_life_record_parse (text->str, text->len, &reason);
  const PsLifePort *read = g_hash_table_lookup (life->ports, "Ethernet4");
  g_assert_cmpuint (read->row_ifindex, ==, G_MAXUINT32);
  g_assert_cmpuint (read->flap.base.ups, ==, G_MAXUINT32);
  g_assert_cmpuint (read->flap.ups, ==, G_MAXUINT64);
}

/* Numbers that do not fit, or are none, damage their line only. */
static void
test_odd_numbers (void)
{
  static const char *const lines[] = {
      "port Ethernet4 4294967296 0 0 0 0 0 0 #64295bf3\n",
      "port Ethernet4 1 0 0 0 0 18446744073709551616 0 #8d4d0268\n",
      "port Ethernet4 1 0 0 0 0 184467440737095516150 0 #aa2cf73b\n",
      "port Ethernet4 -1 0 0 0 0 0 0 #700ab28f\n",
      "port Ethernet4 1x 0 0 0 0 0 0 #3eae58c8\n",
      "port Ethernet4 +1 0 0 0 0 0 0 #30014b3d\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (GString) text = a_record ();
    const char *reason = NULL;
    g_string_append (text, lines[i]);
    g_autoptr (PsLifeRecord) life = ps_life_record_parse (text->str, text->len, &reason);
    g_assert_cmpuint (life->n_damaged, ==, 1);
    g_assert_null (g_hash_table_lookup (life->ports, "Ethernet4"));
    g_assert_nonnull (g_hash_table_lookup (life->ports, "Ethernet0"));
  }
}

/* A record that ends anywhere, as after a crash in mid-write, keeps its whole lines. */
static void
test_torn (void)
{
  g_autoptr (GString) text = a_record ();
  gsize header = (gsize)(strchr (text->str, '\n') + 1 - text->str);
  for (gsize n = 0; n < text->len; n++) {
    const char *reason = NULL;
    g_autofree char *copy = g_memdup2 (text->str, n > 0 ? n : 1);
    g_autoptr (PsLifeRecord) life = ps_life_record_parse (copy, n, &reason);
    g_assert_true ((life != NULL) == (n >= header));
    if (life == NULL)
      g_assert_nonnull (reason);
    else
      g_assert_cmpuint (life->n_damaged, <=, 1);
  }
}

/* A flipped bit costs its line and nothing else, and never a crash. */
static void
test_flipped (void)
{
  g_autoptr (GString) text = a_record ();
  PsRng rng;
  ps_rng_seed (&rng, 1);
  for (guint i = 0; i < 20000; i++) {
    const char *reason = NULL;
    g_autofree char *copy = g_memdup2 (text->str, text->len);
    gsize at = ps_rng_below (&rng, text->len);
    copy[at] ^= (char)(1 << ps_rng_below (&rng, 8));
    g_autoptr (PsLifeRecord) life = ps_life_record_parse (copy, text->len, &reason);
    g_assert_true (life == NULL ? reason != NULL : life->n_damaged <= 2);
    g_assert_true (life == NULL || life->n_damaged >= 1);
  }
}

/* Files that are not ours are refused with a reason. */
static void
test_foreign (void)
{
  static const char *const texts[] = {"", "\n", "{}", "portsyncd-life 1\n",
                                      "portsyncd-life 2 #00000000\n"};
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    const char *reason = NULL;
    g_assert_null (ps_life_record_parse (texts[i], strlen (texts[i]), &reason));
    g_assert_nonnull (reason);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/life/round-trip", test_round_trip);
  g_test_add_func ("/life/identity", test_identity);
  g_test_add_func ("/life/load", test_load);
  g_test_add_func ("/life/load-none", test_load_none);
  g_test_add_func ("/life/load-strange", test_load_strange);
  g_test_add_func ("/life/load-unknown", test_load_unknown);
  g_test_add_func ("/life/format", test_format);
  g_test_add_func ("/life/odd-numbers", test_odd_numbers);
  g_test_add_func ("/life/torn", test_torn);
  g_test_add_func ("/life/flipped", test_flipped);
  g_test_add_func ("/life/foreign", test_foreign);
  return g_test_run ();
}

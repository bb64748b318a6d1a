/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life.h"
#include "core/rng.h"
#include <string.h>

static PsPort
a_port (const char *name)
{
  PsPort port = {.presence = PS_PRESENCE_PRESENT, .ifindex = 12};
  g_strlcpy (port.name, name, sizeof port.name);
  port.row = (PsRowState){.present = TRUE, .ifindex = 12};
  port.flap = (PsFlap){.ifindex = 12, .base = {10, 5, 5}, .last = {16, 8, 8}, .ups = 100};
  port.flap.downs = 101;
  return port;
}

static GString *
a_record (void)
{
  g_autoptr (PsLifeIdentity) identity = ps_life_identity_new ("b-1", 77, "4:99");
  PsPort port = a_port ("Ethernet0"), other = a_port ("Ethernet-Rec0");
  GString *text = g_string_new (NULL);
  ps_life_put_header (text, identity);
  ps_life_put_old (text, 30);
  ps_life_put_old (text, 31);
  ps_life_put_old_gone (text, 30);
  ps_life_put_copied (text);
  ps_life_put_port (text, &port);
  ps_life_put_precleared (text, &other);
  ps_life_put_seen (text, &port);
  return text;
}

/* What was written is read back. */
static void
test_round_trip (void)
{
  g_autoptr (GString) text = a_record ();
  const char *reason = NULL;
  g_autoptr (PsLife) life = ps_life_parse (text->str, text->len, &reason);
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

/* Any difference of boot, PID 1 or namespace makes it the record of another life. */
static void
test_identity (void)
{
  static const struct {
    const char *boot;
    guint64 init;
    const char *netns;
    const char *differs;
  } cases[] = {
      {"b-1", 77, "4:99", NULL},
      {"b-2", 77, "4:99", "the boot"},
      {"b-1", 78, "4:99", "the start of PID 1"},
      {"b-1", 77, "4:98", "the network namespace"},
  };
  g_autoptr (GString) text = a_record ();
  const char *reason = NULL;
  g_autoptr (PsLife) life = ps_life_parse (text->str, text->len, &reason);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PsLifeIdentity) now =
        ps_life_identity_new (cases[i].boot, cases[i].init, cases[i].netns);
    g_assert_cmpstr (ps_life_differs (life, now), ==, cases[i].differs);
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
    g_autoptr (PsLife) life = ps_life_parse (copy, n, &reason);
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
    g_autoptr (PsLife) life = ps_life_parse (copy, text->len, &reason);
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
    g_assert_null (ps_life_parse (texts[i], strlen (texts[i]), &reason));
    g_assert_nonnull (reason);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/life/round-trip", test_round_trip);
  g_test_add_func ("/life/identity", test_identity);
  g_test_add_func ("/life/torn", test_torn);
  g_test_add_func ("/life/flipped", test_flipped);
  g_test_add_func ("/life/foreign", test_foreign);
  return g_test_run ();
}

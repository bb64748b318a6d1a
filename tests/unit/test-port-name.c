/* SPDX-License-Identifier: Apache-2.0 */
/* The rule for names, and what is said of those that are no ports'. */
#include "start/odd-names.h"
#include "base/virtual-clock.h"
#include <string.h>

static gboolean
is_port (const char *name)
{
  gboolean is = ps_name_is_port (name, strlen (name));
  g_assert_cmpint (ps_name_kind (name, strlen (name)) == PS_NAME_PORT, ==, is);
  return is;
}

/* Front panel, recirculation, inband and backplane ports are ports; so is whatever the kernel takes
 * and can stand in a key. */
static void
test_ports (void)
{
  static const char *const names[] = {"Ethernet0",     "Ethernet1024",   "Ethernet-Rec0",
                                      "Ethernet-IB0",  "Ethernet-BP12",  "Ethernet",
                                      "Ethernet*[0]?", "Ethernet12345_7"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (is_port (names[i]));
  g_assert_true (ps_name_is_port ("Ethernet01", 9));
}

/* Every other name is of one kind, and two kinds can be a netdev's. */
static void
test_others (void)
{
  static const struct {
    const char *name;
    PsNameKind kind;
  } names[] = {
      {"eth0", PS_NAME_OTHER},
      {"Eth1", PS_NAME_OTHER},
      {"PortChannel1", PS_NAME_OTHER},
      {"ethernet0", PS_NAME_OTHER},
      {"Etherne", PS_NAME_OTHER},
      {"xEthernet0", PS_NAME_OTHER},
      {"Ethernet0.10", PS_NAME_OTHER},
      {"PortInitDone1", PS_NAME_OTHER},
      {"Ethernet12345678", PS_NAME_TOO_LONG},
      {"", PS_NAME_FORBIDDEN},
      {".", PS_NAME_FORBIDDEN},
      {"..", PS_NAME_FORBIDDEN},
      {"Ethernet1/1", PS_NAME_FORBIDDEN},
      {"Ethernet0 ", PS_NAME_FORBIDDEN},
      {"Ethernet\t", PS_NAME_FORBIDDEN},
      {"Ethernet\v", PS_NAME_FORBIDDEN},
      {"Ethernet|0", PS_NAME_FORBIDDEN},
      {"Ethernet:0", PS_NAME_FORBIDDEN},
      {"Ethernet\x1b", PS_NAME_FORBIDDEN},
      {"Ethernet\x7f", PS_NAME_FORBIDDEN},
      {"Ethernet\xc3\xa9", PS_NAME_FORBIDDEN},
      {"PortConfigDone", PS_NAME_MARKER},
      {"PortInitDone", PS_NAME_MARKER},
  };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    PsNameKind kind = ps_name_kind (names[i].name, strlen (names[i].name));
    g_assert_cmpint (kind, ==, names[i].kind);
    g_assert_cmpint (ps_name_is_usable (kind), ==, kind == PS_NAME_OTHER);
    g_assert_false (is_port (names[i].name));
  }
  g_assert_cmpint (ps_name_kind ("Ethernet0\0x", 11), ==, PS_NAME_FORBIDDEN);
  g_assert_true (ps_name_is_usable (PS_NAME_PORT));
}

typedef struct {
  PsVirtualClock *clock;
  PsLog *log;
  PsOddNames *odd;
  GString *lines;
} Bed;

static void
take_line (PsLogLevel level, const char *function, const char *text, gpointer data)
{
  Bed *bed = data;
  g_string_append_printf (bed->lines, "%s %s\n", ps_log_level_name (level), text);
}

static void
set_up (Bed *bed, gconstpointer data)
{
  bed->clock = ps_virtual_clock_new ();
  bed->log = ps_log_new (PS_CLOCK (bed->clock), take_line, bed);
  bed->odd = ps_odd_names_new (bed->log);
  bed->lines = g_string_new (NULL);
}

static void
tear_down (Bed *bed, gconstpointer data)
{
  ps_odd_names_free (bed->odd);
  ps_log_free (bed->log);
  g_assert_finalize_object (bed->clock);
  g_string_free (bed->lines, TRUE);
}

/* A reading of these names. Returns what was said since the last one. */
static char *
read_names (Bed *bed, const char *const *names)
{
  ps_odd_names_begin (bed->odd);
  for (guint i = 0; names[i] != NULL; i++) {
    PsText text = {names[i], strlen (names[i])};
    ps_odd_names_note (bed->odd, ps_name_kind (text.data, text.size), &text);
  }
  ps_odd_names_tell (bed->odd);
  char *lines = g_strdup (bed->lines->str);
  g_string_set_size (bed->lines, 0);
  return lines;
}

/* One line for each kind, whatever the order in which the server lists; the same is not said
 * again, and what is new is. */
static void
test_lines (Bed *bed, gconstpointer data)
{
  static const char *const first[] = {"PortInitDone",     "Eth1", "Ethernet1/1", "Ethernet0.10",
                                      "Ethernet12345678", NULL};
  static const char *const again[] = {"Ethernet12345678", "Ethernet0.10", "Eth1",
                                      "PortInitDone",     "Ethernet1/1",  NULL};
  static const char *const more[] = {"Eth1", "Ethernet1/1", "Ethernet\n1", NULL};
  g_autofree char *a = read_names (bed, first), *b = read_names (bed, again),
                  *c = read_names (bed, more);
  g_assert_cmpstr (
      a, ==,
      "WARN Rows of CONFIG_DB PORT are not mirrored, and PortInitDone does not wait for them, "
      "since "
      "their names do not begin with Ethernet or hold a dot: Eth1, Ethernet0.10\n"
      "ERROR Rows of CONFIG_DB PORT are left out, since a netdev's name has at most 15 bytes: "
      "Ethernet12345678\n"
      "ERROR Rows of CONFIG_DB PORT are left out, since a netdev's name is not empty, . or .., and "
      "ours hold no slash, colon, bar, white space or unprintable byte: Ethernet1/1\n"
      "ERROR Rows of CONFIG_DB PORT are left out, since these names are those of our markers: "
      "PortInitDone\n");
  g_assert_cmpstr (b, ==, "");
  g_assert_true (g_str_has_prefix (c, "WARN "));
  g_assert_nonnull (strstr (c, "hold a dot: Eth1\nERROR "));
  g_assert_true (g_str_has_suffix (c, "byte: Ethernet1/1, Ethernet\\x0a1\n"));
}

/* Thousands of them, and names of any length, are one short line. */
static void
test_limits (Bed *bed, gconstpointer data)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < 3000; i++)
    g_ptr_array_add (names, g_strdup_printf ("Ethernet%04u/%0100u", 2999 - i, i));
  g_ptr_array_add (names, NULL);
  g_autofree char *lines = read_names (bed, (const char *const *)names->pdata);
  g_assert_true (g_str_has_suffix (
      lines, "15 bytes: Ethernet0000/0000000000000000000..., Ethernet0001/0000000000000000000..., "
             "Ethernet0002/0000000000000000000..., Ethernet0003/0000000000000000000..., "
             "Ethernet0004/0000000000000000000... and 2995 more\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/port-name/ports", test_ports);
  g_test_add_func ("/port-name/others", test_others);
  g_test_add ("/odd-names/lines", Bed, NULL, set_up, test_lines, tear_down);
  g_test_add ("/odd-names/limits", Bed, NULL, set_up, test_limits, tear_down);
  return g_test_run ();
}

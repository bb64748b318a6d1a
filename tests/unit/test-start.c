/* SPDX-License-Identifier: Apache-2.0 */
#include "start/start.h"
#include <string.h>

/* The whole decision table of docs/rules.md 6.2, as far as evidence can differ. */
static void
test_decide (void)
{
  PsLifeRecord fresh = {.copied = FALSE}, copied = {.copied = TRUE};
  const struct {
    PsEvidence evidence;
    PsStartMode mode;
    gboolean copy, ignore_old;
    guint64 count;
    gboolean waits;
  } cases[] = {
      {{0}, PS_START_COLD, TRUE, TRUE, 0},
      {{.dpu = TRUE}, PS_START_COLD, TRUE, FALSE, 0},
      {{.adopt = TRUE}, PS_START_COLD, TRUE, FALSE, 0},
      {{.config_done_live = TRUE}, PS_START_COLD, TRUE, TRUE, 0},
      {{.rows_live = TRUE}, PS_START_COLD, TRUE, TRUE, 0},
      {{.rows_live = TRUE, .config_done_staged = TRUE}, PS_START_COLD, TRUE, TRUE, 0},
      {{.rows_live = TRUE, .config_done_live = TRUE}, PS_START_RESUME, TRUE, FALSE, 0},
      {{.rows_live = TRUE, .life = &copied}, PS_START_COLD, TRUE, TRUE, 0},
      {{.life = &fresh}, PS_START_RESUME, TRUE, FALSE, 0},
      {{.life = &copied}, PS_START_COLD, TRUE, TRUE, 0},
      {{.life = &copied, .config_done_live = TRUE}, PS_START_RESUME, TRUE, FALSE, 0},
      {{.life = &copied, .config_done_staged = TRUE}, PS_START_RESUME, TRUE, FALSE, 0},
      {{.warm_swss = TRUE}, PS_START_COLD, TRUE, TRUE, 0},
      {{.warm_swss = TRUE, .restore_count = (char *)""}, PS_START_COLD, TRUE, TRUE, 0},
      {{.warm_swss = TRUE, .life = &fresh}, PS_START_RESUME, TRUE, FALSE, 0},
      {{.warm_system = TRUE, .restore_count = (char *)"0", .config_done_live = TRUE},
       PS_START_WARM,
       FALSE,
       FALSE,
       1},
      {{.warm_swss = TRUE, .restore_count = (char *)"7", .config_done_live = TRUE, .life = &copied},
       PS_START_WARM,
       FALSE,
       FALSE,
       8},
      {{.warm_swss = TRUE, .restore_count = (char *)"7"}, PS_START_WARM, TRUE, FALSE, 8},
      {{.warm_swss = TRUE, .restore_count = (char *)"-3", .config_done_live = TRUE},
       PS_START_WARM,
       FALSE,
       FALSE,
       1},
      {{.restore_count = (char *)"5"}, PS_START_COLD, TRUE, TRUE, 0},
      {{.config_unloaded = TRUE}, PS_START_COLD, TRUE, TRUE, 0, TRUE},
      {{.has_switch_type = TRUE}, PS_START_COLD, TRUE, TRUE, 0},
      {{.config_unloaded = TRUE, .has_switch_type = TRUE}, PS_START_COLD, TRUE, TRUE, 0},
      {{.config_unloaded = TRUE, .adopt = TRUE}, PS_START_COLD, TRUE, FALSE, 0},
      {{.config_unloaded = TRUE, .life = &fresh}, PS_START_RESUME, TRUE, FALSE, 0},
      {{.config_unloaded = TRUE, .warm_swss = TRUE, .restore_count = (char *)"7"},
       PS_START_WARM,
       TRUE,
       FALSE,
       8},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    PsStart start = ps_start_decide (&cases[i].evidence);
    g_autofree char *text = ps_start_explain (&start, &cases[i].evidence);
    g_test_message ("case %u: %s", i, text);
    g_assert_cmpstr (ps_start_mode_name (start.mode), ==, ps_start_mode_name (cases[i].mode));
    g_assert_cmpint (start.copy, ==, cases[i].copy);
    g_assert_cmpint (start.ignore_old, ==, cases[i].ignore_old);
    g_assert_cmpint (start.waits, ==, cases[i].waits);
    g_assert_true ((strstr (text, "when CONFIG_DB is loaded") != NULL) == cases[i].waits);
    g_assert_cmpuint (start.restore_count, ==, cases[i].count);
    g_assert_true (g_str_has_prefix (text, ps_start_mode_name (cases[i].mode)));
  }
}

static gboolean
is_ethernet4 (const char *port, gpointer user_data)
{
  return g_str_equal (port, "Ethernet4");
}

static PsStartMode
weigh (const char *row, PsLifeWhose whose, const PsLifeRecord *life)
{
  g_autoptr (PsConfig) config = ps_config_new ();
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  PsEvidence evidence = {.config_done_live = TRUE, .rows = rows};
  const PsSurroundings around = {life, whose, config, is_ethernet4, NULL};
  g_ptr_array_add (rows, (gpointer) "Ethernet0");
  g_ptr_array_add (rows, (gpointer)row);
  return ps_start_weigh (&evidence, &around).mode;
}

/* A record counts if it is of this life; Redis is a witness if a device of one of its rows lives,
 * and is not asked where a record tells that this is another life. */
static void
test_weigh (void)
{
  PsLifeRecord copied = {.copied = TRUE};
  g_assert_cmpint (weigh ("Ethernet8", PS_LIFE_OURS, &copied), ==, PS_START_RESUME);
  g_assert_cmpint (weigh ("Ethernet8", PS_LIFE_OTHER, &copied), ==, PS_START_COLD);
  g_assert_cmpint (weigh ("Ethernet8", PS_LIFE_UNKNOWN, &copied), ==, PS_START_COLD);
  g_assert_cmpint (weigh ("Ethernet4", PS_LIFE_UNKNOWN, NULL), ==, PS_START_RESUME);
  g_assert_cmpint (weigh ("Ethernet8", PS_LIFE_UNKNOWN, NULL), ==, PS_START_COLD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/start/decide", test_decide);
  g_test_add_func ("/start/weigh", test_weigh);
  return g_test_run ();
}

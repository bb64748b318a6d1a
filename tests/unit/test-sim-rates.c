/* SPDX-License-Identifier: Apache-2.0 */
/* The bounds of what the daemon does in a second: each fails on a planted breach, and a boot of
 * many ports stays within all of them. */
#include "sim/check/bounds.h"
#include "sim/check/feed.h"
#include "tests/support/breach.h"

#define MANY_PORTS 600
#define FORGED     200 /* in two seconds */

/* An answer that is never believed: asked again at once, for a second. */
static void
plant_many_questions (Fixture *f)
{
  boot (f, N_PORTS);
  forge_appl (f, "EXISTS PORT_TABLE:PortInitDone");
  for (guint i = 0; i < FORGED; i++) {
    send_words (f, "EXISTS PORT_TABLE:PortInitDone");
    run (f, SECOND / 100);
  }
}

static void
plant_many_commands (Fixture *f)
{
  boot (f, N_PORTS);
  for (guint i = 0; i < FORGED; i++) /* and a SELECT before each */
    forge_state (f, "HGET PORT_TABLE|Ethernet0 state");
}

/* Refused, and sent again at once. */
static void
plant_many_retries (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "HGET", "OOM", 1000);
  for (guint i = 0; i < PS_RETRIES_PER_SECOND + 2 * N_PORTS; i++)
    forge_state (f, "HGET PORT_TABLE|Ethernet0 state");
}

static void
plant_many_lines (Fixture *f)
{
  boot (f, N_PORTS);
  for (guint i = 0; i < PS_LINES_PER_SECOND + 2 * N_PORTS; i++)
    ps_check_take_log (f->check, PS_LOG_NOTICE, "a line");
}

static void
on_written (const char *error, gpointer user_data)
{
  g_assert_null (error);
}

/* On the disk, as the daemon writes them. */
static void
plant_many_records (Fixture *f)
{
  g_autoptr (GBytes) line = g_bytes_new_static ("old 1\n", 6);
  boot (f, N_PORTS);
  guint64 before = ps_sim_world_n_life_writes (f->world);
  for (guint i = 0; i < FORGED; i++) {
    ps_sim_disk_write (ps_sim_world_disk (f->world), PS_CLOCK (ps_sim_world_clock (f->world)), line,
                       FALSE, on_written, NULL);
    run (f, SECOND / FORGED);
    if (ps_check_failure (f->check) != NULL)
      break;
  }
  g_assert_cmpuint (ps_sim_world_n_life_writes (f->world), >, before + PS_RECORDS_PER_SECOND);
}

/* What happens allows what it makes necessary, also in a second that is full of it. */
static void
test_busy (void)
{
  Fixture f = {0};
  set_up (&f, 1);
  boot (&f, MANY_PORTS);
  for (guint i = 0; i < 20; i++) {
    for (guint32 n = 0; n < ps_sim_kernel_length (kernel (&f)); n++)
      ps_sim_kernel_set_mtu (kernel (&f), ps_sim_kernel_nth (kernel (&f), n)->ifindex, 1600 + i);
    run (&f, SECOND / 10);
  }
  run (&f, 3 * SECOND);
  assert_green (&f);
  tear_down (&f);
}

static const Breach breaches[] = {
    {"exists-rate", "exists-rate", plant_many_questions, NOW},
    {"command-rate", "command-rate", plant_many_commands, NOW},
    {"retry-rate", "retry-rate", plant_many_retries, NOW},
    {"log-rate", "log-rate", plant_many_lines, NOW},
    {"record-rate", "record-rate", plant_many_records, NOW},
};

/* What test-sim-check.c leaves to this file is here. */
static void
test_names (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rate_checks); i++)
    if (!has_breach (breaches, G_N_ELEMENTS (breaches), rate_checks[i]))
      g_error ("%s has no planted breach", rate_checks[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_breaches (breaches, G_N_ELEMENTS (breaches));
  g_test_add_func ("/sim-rates/busy", test_busy);
  g_test_add_func ("/sim-rates/names", test_names);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Each check of sim/check fails on a planted breach, with its own name, and none fails on a right
 * history. A breach is planted by an impostor or by a fault that is never healed. */
#include "core/schema.h"
#include "sim/check/bounds.h"
#include "sim/check/feed.h"
#include "tests/support/breach.h"
#include <linux/rtnetlink.h>
#include <string.h>

/* --- planted breaches of safety ------------------------------------------------------------- */

static void
on_forged (const char *error, gpointer user_data)
{
  g_assert_null (error);
}

/* The record as if the dead process had written this, and the next process. */
static void
start_with_record (Fixture *f, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  ps_sim_disk_write (ps_sim_world_disk (f->world), PS_CLOCK (ps_sim_world_clock (f->world)), bytes,
                     TRUE, on_forged, NULL);
  run (f, SECOND);
  g_assert_true (ps_sim_world_start_daemon (f->world));
  run (f, SECOND);
}

/* What its writer leaves out of the record, the daemon does not know. */
static void
plant_copied_left_out (Fixture *f)
{
  boot (f, N_PORTS);
  g_assert_true (ps_sim_world_kill_daemon (f->world));
  const GString *life = ps_sim_disk_life (ps_sim_world_disk (f->world));
  const char *copied = strstr (life->str, "\ncopied ");
  g_assert_nonnull (copied);
  g_autofree char *before = g_strndup (life->str, (gsize)(copied - life->str));
  g_autofree char *text = g_strconcat (before, strchr (copied + 1, '\n'), NULL);
  ps_sim_redis_flushdb (redis (f), PS_SIM_APPL_DB);
  start_with_record (f, text);
}

/* The record of its own life is taken for that of another container. */
static void
plant_other_life (Fixture *f)
{
  g_autoptr (PsLifeIdentity) other = ps_life_identity_new ("boot-0", 1, "4:4026531840");
  g_autoptr (GString) text = g_string_new (NULL);
  boot (f, N_PORTS);
  g_assert_true (ps_sim_world_kill_daemon (f->world));
  ps_life_record_put_header (text, other);
  start_with_record (f, text->str);
}

static void
plant_init_done_twice (Fixture *f)
{
  boot (f, N_PORTS);
  forge_appl (f, "HSET _PORT_TABLE:PortInitDone lanes 0");
}

/* A client removed it on purpose. */
static void
plant_init_done_again (Fixture *f)
{
  boot (f, N_PORTS);
  forge_appl (f, "PING");
  ps_sim_redis_del (redis (f), PS_SIM_APPL_DB, "PORT_TABLE:PortInitDone");
  forge_appl (f, "HSET _PORT_TABLE:PortInitDone lanes 0");
}

static void
plant_init_done_early (Fixture *f)
{
  ps_sim_orchagent_hold (orchagent (f), TRUE);
  boot (f, N_PORTS);
  forge_appl (f, "HSET _PORT_TABLE:PortInitDone lanes 0");
}

static void
plant_config_done_alone (Fixture *f)
{
  boot (f, N_PORTS);
  forge_appl (f, "HSET _PORT_TABLE:PortConfigDone count 4");
}

static void
plant_wrong_count (Fixture *f)
{
  boot (f, N_PORTS);
  forge_ports (f, N_PORTS);
  forge_appl (f, "HSET _PORT_TABLE:PortConfigDone count 3");
}

static void
plant_warm_config_done (Fixture *f)
{
  restart_warm (f);
  forge_ports (f, N_PORTS);
  forge_appl (f, "HSET _PORT_TABLE:PortConfigDone count 4");
}

static void
plant_deletion (Fixture *f)
{
  boot (f, N_PORTS);
  forge_state (f, "DEL PORT_TABLE|Ethernet1");
}

static void
plant_invention (Fixture *f)
{
  boot (f, N_PORTS);
  forge_state (f,
               "HSET PORT_TABLE|Ethernet1 state ok netdev_oper_status down admin_status up mtu 1");
}

/* Ethernet1 changes more often than its states are kept one by one, and the daemon hears nothing of
 * it. */
static void
change_unheard (Fixture *f)
{
  boot (f, N_PORTS);
  guint32 ifindex = ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex;
  ps_sim_kernel_drop_silently (kernel (f), 300);
  for (guint i = 0; i < 3 * PS_TRUTH_ENTRIES; i++)
    ps_sim_kernel_set_mtu (kernel (f), ifindex, 2000 + i);
}

static void
write_mtu (Fixture *f, guint mtu)
{
  g_autofree char *line = g_strdup_printf (
      "HSET PORT_TABLE|Ethernet1 state ok netdev_oper_status down admin_status down mtu %u", mtu);
  forge_state (f, line);
}

static void
plant_invention_in_storm (Fixture *f)
{
  change_unheard (f);
  write_mtu (f, 1999);
}

static void
plant_regression_in_storm (Fixture *f)
{
  change_unheard (f);
  write_mtu (f, 2010);
  assert_green (f);
  write_mtu (f, 2009);
}

/* What was true before the last write is not true again. */
static void
plant_regression (Fixture *f)
{
  boot (f, N_PORTS);
  guint32 ifindex = ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex;
  ps_sim_kernel_set_mtu (kernel (f), ifindex, 4000);
  run (f, SECOND);
  ps_sim_kernel_set_mtu (kernel (f), ifindex, 5000);
  run (f, SECOND);
  assert_green (f);
  const char *up =
      ps_sim_redis_hget (redis (f), PS_SIM_STATE_DB, "PORT_TABLE|Ethernet1", PS_FIELD_ADMIN);
  g_autofree char *line = g_strdup_printf (
      "HSET PORT_TABLE|Ethernet1 state ok netdev_oper_status down admin_status %s mtu 4000", up);
  forge_state (f, line);
}

static void
plant_foreign_field (Fixture *f)
{
  boot (f, N_PORTS);
  forge_state (f, "HSET PORT_TABLE|Ethernet1 host_tx_ready true");
}

static void
plant_corrected_wrongly (Fixture *f)
{
  boot (f, N_PORTS);
  forge_appl (f, "HSET PORT_TABLE:PortConfigDone count 77");
}

/* The right number, where there is no marker any more. */
static void
plant_corrected_into_being (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_redis_del (redis (f), PS_SIM_APPL_DB, "PORT_TABLE:PortConfigDone");
  g_autofree char *line = g_strdup_printf ("HSET PORT_TABLE:PortConfigDone count %d", N_PORTS);
  forge_appl (f, line);
}

static void
plant_foreign_table (Fixture *f)
{
  boot (f, N_PORTS);
  forge (f, PS_SIM_CONFIG_DB, "HSET PORT|Ethernet1 mtu 1500");
}

static void
plant_unknown_port (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_kernel_add (kernel (f), "Ethernet99", 0, "veth");
  run (f, SECOND);
  assert_green (f);
  forge_state (
      f, "HSET PORT_TABLE|Ethernet99 state ok netdev_oper_status down admin_status down mtu 1500");
}

static void
plant_queued_without_fields (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_orchagent_hold (orchagent (f), TRUE);
  forge_appl (f, "SADD PORT_TABLE_KEY_SET Ethernet1");
}

static void
plant_many_connects (Fixture *f)
{
  boot (f, N_PORTS);
  for (guint i = 0; i <= PS_CONNECTS_PER_SECOND; i++)
    ps_check_take_bytes (f->check, PS_DB_STATE, PS_SIM_TAP_CONNECT, NULL, 0);
}

static void
plant_many_dumps (Fixture *f)
{
  struct nlmsghdr request = {.nlmsg_len = sizeof request,
                             .nlmsg_type = RTM_GETLINK,
                             .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP};
  boot (f, N_PORTS);
  for (guint i = 0; i <= PS_DUMPS_PER_SECOND; i++)
    ps_check_take_bytes (f->check, PS_SIM_TAP_KERNEL, PS_SIM_TAP_WRITTEN, (guint8 *)&request,
                         sizeof request);
}

static void
plant_long_reading (Fixture *f)
{
  boot (f, N_PORTS);
  for (guint i = 0; i < 300; i++)
    ps_check_take_bytes (f->check, PS_SIM_TAP_KERNEL, PS_SIM_TAP_READ, (const guint8 *)"", 1);
}

static void
plant_standstill (Fixture *f)
{
  boot (f, N_PORTS);
  for (guint i = 0; i < PS_STEPS_AT_ONCE + 3; i++)
    ps_check_take_step (f->check);
}

static void
plant_restore_count (Fixture *f)
{
  boot (f, N_PORTS);
  forge_state (f, "HSET WARM_RESTART_TABLE|portsyncd restore_count 7");
}

static void
plant_exit (Fixture *f)
{
  boot (f, N_PORTS);
  ps_check_take_process (f->check, PS_SIM_PROCESS_EXITED);
}

#define DOWN_ROW "HSET PORT_TABLE|Ethernet1 state ok netdev_oper_status down admin_status down mtu "

/* The device makes way for another one, and the daemon hears nothing of it. */
static void
replace_unseen (Fixture *f)
{
  guint32 ifindex = ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex;
  ps_sim_kernel_drop_silently (kernel (f), FOREVER);
  g_assert_true (ps_sim_kernel_remove (kernel (f), ifindex));
  g_assert_cmpuint (ps_sim_kernel_add (kernel (f), "Ethernet1", 0, "veth"), !=, ifindex);
}

/* The impostor has to have written the row before, though it was right. */
static void
plant_no_deletion_between (Fixture *f)
{
  ps_check_switch_off (f->check, "no-rewrite");
  boot (f, N_PORTS);
  ps_sim_kernel_set_mtu (kernel (f), ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex, 4000);
  run (f, SECOND);
  forge_state (f, DOWN_ROW "4000");
  assert_green (f);
  replace_unseen (f);
  forge_state (f, DOWN_ROW "1500");
}

/* --- planted breaches of liveness ----------------------------------------------------------- */

static void
plant_death (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_world_kill_daemon (f->world);
}

static void
plant_no_listing (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_kernel_hold_dump (kernel (f), TRUE);
  ps_sim_kernel_truncate_next (kernel (f));
  ps_sim_kernel_set_mtu (kernel (f), ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex, 4000);
}

/* A client spoils a row, and the audit is not let read it. That it waits is not the point. */
static void
plant_wrong_row (Fixture *f)
{
  ps_check_switch_off (f->check, "nothing-waits");
  boot (f, N_PORTS);
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "HGETALL", "OOM command not allowed", FOREVER);
  ps_sim_redis_hset (redis (f), PS_SIM_STATE_DB, "PORT_TABLE|Ethernet1", PS_FIELD_MTU, "1");
}

static void
plant_extra_row (Fixture *f)
{
  ps_check_switch_off (f->check, "nothing-waits");
  boot (f, N_PORTS);
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "SCAN", "OOM command not allowed", FOREVER);
  ps_sim_redis_hset (redis (f), PS_SIM_STATE_DB, "PORT_TABLE|Ethernet77", PS_FIELD_STATE, "ok");
}

/* The rows of both devices are equal, and no listing tells of the new one. */
static void
plant_row_of_other_device (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_kernel_hold_dump (kernel (f), TRUE);
  replace_unseen (f);
}

static void
plant_refused_writes (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "HSET", "OOM command not allowed", FOREVER);
  ps_sim_kernel_set_mtu (kernel (f), ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex, 4000);
}

/* What was produced is not taken: the copy never ends. */
static void
plant_no_config_done (Fixture *f)
{
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "EVALSHA", "OOM command not allowed", FOREVER);
  boot (f, N_PORTS);
}

/* A row of long ago stands, and no device. */
static void
plant_init_done_on_old_row (Fixture *f)
{
  ps_sim_orchagent_hold (orchagent (f), TRUE);
  boot (f, 1);
  ps_sim_redis_hset (redis (f), PS_SIM_STATE_DB, "PORT_TABLE|Ethernet0", PS_FIELD_STATE, "ok");
  forge_appl (f, "HSET _PORT_TABLE:PortInitDone lanes 0");
}

static void
plant_no_init_done (Fixture *f)
{
  ps_sim_orchagent_hold (orchagent (f), TRUE);
  boot (f, N_PORTS);
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "EVALSHA", "OOM command not allowed", FOREVER);
  ps_sim_orchagent_hold (orchagent (f), FALSE);
}

/* Redis comes back with what it held before the marker, and takes none. */
static void
plant_init_done_outlived (Fixture *f)
{
  ps_sim_world_configure_ports (f->world, N_PORTS);
  g_assert_true (ps_sim_world_start_daemon (f->world));
  run (f, SECOND);
  ps_sim_redis_snapshot (redis (f), PS_SIM_REDIS_ALL);
  ps_sim_orchagent_start (orchagent (f), FALSE);
  run (f, 3 * SECOND);
  g_assert_true (ps_sim_redis_exists (redis (f), PS_SIM_APPL_DB, "PORT_TABLE:PortInitDone"));
  assert_green (f);
  ps_sim_redis_start (redis (f), PS_SIM_REDIS_ALL, PS_SIM_REDIS_OLD);
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "EVALSHA", "OOM command not allowed", FOREVER);
}

static void
plant_not_reconciled (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "HSET WARM_RESTART_TABLE",
                       "OOM command not allowed", FOREVER);
  begin_warm (f);
}

/* A warm start waits for a port; its process dies, the flag is cleared, and the next one resumes.
 */
static void
plant_left_unfinished (Fixture *f)
{
  boot (f, N_PORTS);
  ps_sim_kernel_remove (kernel (f), ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex);
  begin_warm (f);
  run (f, SECOND);
  assert_green (f);
  g_assert_cmpstr (ps_sim_redis_hget (redis (f), PS_SIM_STATE_DB, "WARM_RESTART_TABLE|portsyncd",
                                      PS_FIELD_STATE),
                   ==, "restored");
  ps_sim_world_set_warm (f->world, "swss", FALSE);
  ps_sim_redis_refuse (redis (f), PS_SIM_REDIS_ALL, "HSET WARM_RESTART_TABLE",
                       "OOM command not allowed", FOREVER);
  g_assert_true (ps_sim_world_kill_daemon (f->world));
  g_assert_true (ps_sim_world_start_daemon (f->world));
}

/* Two changes are lost without notice, and no listing ends. */
static void
plant_lost_flaps (Fixture *f)
{
  boot (f, N_PORTS);
  guint32 ifindex = ps_sim_kernel_find (kernel (f), "Ethernet1")->ifindex;
  ps_sim_kernel_set_admin (kernel (f), ifindex, TRUE);
  ps_sim_kernel_set_carrier (kernel (f), ifindex, TRUE);
  run (f, SECOND);
  ps_sim_kernel_hold_dump (kernel (f), TRUE);
  ps_sim_kernel_drop_silently (kernel (f), 2);
  ps_sim_kernel_set_carrier (kernel (f), ifindex, FALSE);
  ps_sim_kernel_set_carrier (kernel (f), ifindex, TRUE);
  g_assert_cmpuint (ps_sim_kernel_counters (kernel (f))->silent, ==, 2);
}

static void
write_again (gpointer user_data)
{
  Fixture *f = user_data;
  const char *key = "PORT_TABLE|Ethernet1";
  PsClock *clock = PS_CLOCK (ps_sim_world_clock (f->world));
  g_autofree char *line =
      g_strdup_printf ("HSET %s state ok netdev_oper_status %s admin_status %s mtu %s", key,
                       ps_sim_redis_hget (redis (f), PS_SIM_STATE_DB, key, PS_FIELD_OPER),
                       ps_sim_redis_hget (redis (f), PS_SIM_STATE_DB, key, PS_FIELD_ADMIN),
                       ps_sim_redis_hget (redis (f), PS_SIM_STATE_DB, key, PS_FIELD_MTU));
  send_words (f, line);
  f->timer = ps_clock_arm (clock, ps_clock_now_us (clock) + 3 * SECOND, write_again, f);
}

/* A true row is written again and again. That it does not differ is not the point. */
static void
plant_restlessness (Fixture *f)
{
  ps_check_switch_off (f->check, "no-rewrite");
  boot (f, N_PORTS);
  forge (f, PS_SIM_STATE_DB, "PING");
  write_again (f);
}

static void
start_again (gpointer user_data)
{
  Fixture *f = user_data;
  PsClock *clock = PS_CLOCK (ps_sim_world_clock (f->world));
  ps_sim_world_start_daemon (f->world);
  f->timer = ps_clock_arm (clock, ps_clock_now_us (clock) + SECOND / 10, start_again, f);
}

/* Another program starts whatever was stopped. */
static void
plant_undead (Fixture *f)
{
  boot (f, N_PORTS);
  start_again (f);
}

/* --- the table ------------------------------------------------------------------------------ */

static const Breach breaches[] = {
    {"start-decision", "start-decision", plant_other_life, NOW},
    {"start-decision-copied", "start-decision", plant_copied_left_out, NOW},
    {"init-done-once", "init-done-once", plant_init_done_twice, NOW},
    {"init-done-removed", "init-done-once", plant_init_done_again, NOW},
    {"init-done-true", "init-done-true", plant_init_done_early, NOW},
    {"init-done-old-row", "init-done-true", plant_init_done_on_old_row, NOW},
    {"config-done-order", "config-done-order", plant_config_done_alone, NOW},
    {"config-done-count", "config-done-count", plant_wrong_count, NOW},
    {"count-corrected", "config-done-count", plant_corrected_wrongly, NOW},
    {"count-invented", "ownership", plant_corrected_into_being, NOW},
    {"config-done-warm", "config-done-warm", plant_warm_config_done, NOW},
    {"delete-reason", "delete-reason", plant_deletion, NOW},
    {"delete-between", "delete-between", plant_no_deletion_between, NOW},
    {"no-invention", "no-invention", plant_invention, NOW},
    {"no-regression", "no-invention", plant_regression, NOW},
    {"no-invention-in-storm", "no-invention", plant_invention_in_storm, NOW},
    {"no-regression-in-storm", "no-invention", plant_regression_in_storm, NOW},
    {"ownership-field", "ownership", plant_foreign_field, NOW},
    {"ownership-table", "ownership", plant_foreign_table, NOW},
    {"known-ports", "known-ports", plant_unknown_port, NOW},
    {"producer-atomic", "producer-atomic", plant_queued_without_fields, NOW},
    {"connect-rate", "connect-rate", plant_many_connects, NOW},
    {"dump-rate", "dump-rate", plant_many_dumps, NOW},
    {"work-budget", "work-budget", plant_long_reading, NOW},
    {"progress", "progress", plant_standstill, NOW},
    {"restore-count", "restore-count", plant_restore_count, NOW},
    {"no-exit", "no-exit", plant_exit, NOW},
    {"alive", "alive", plant_death, SETTLE},
    {"picture-complete", "picture-complete", plant_no_listing, SETTLE},
    {"state-oracle-value", "state-oracle", plant_wrong_row, SETTLE},
    {"state-oracle-extra", "state-oracle", plant_extra_row, SETTLE},
    {"row-of-device", "row-of-device", plant_row_of_other_device, SETTLE},
    {"nothing-waits", "nothing-waits", plant_refused_writes, SETTLE},
    {"config-done-comes", "config-done-comes", plant_no_config_done, SETTLE},
    {"init-done-comes", "init-done-comes", plant_no_init_done, SETTLE},
    {"init-done-outlived", "init-done-comes", plant_init_done_outlived, SETTLE},
    {"warm-reconciled", "warm-reconciled", plant_not_reconciled, SETTLE},
    {"warm-left-unfinished", "warm-reconciled", plant_left_unfinished, SETTLE},
    {"flaps-counted", "flaps-counted", plant_lost_flaps, SETTLE},
    {"quiet", "quiet", plant_restlessness, SETTLE},
    {"stop-in-time", "stop-in-time", plant_undead, STOP},
};

/* A check that was switched off does not judge, and the others do. */
static void
test_switch_off (void)
{
  Fixture f = {0};
  set_up (&f, 1);
  g_assert_true (ps_check_switch_off (f.check, "delete-reason"));
  g_assert_false (ps_check_switch_off (f.check, "no-such-check"));
  plant_deletion (&f);
  g_assert_null (ps_check_failure (f.check));
  forge_state (&f, "HSET PORT_TABLE|Ethernet1 host_tx_ready true");
  g_assert_cmpstr (ps_check_failure (f.check)->name, ==, "ownership");
  tear_down (&f);
}

/* Every check has a planted breach, here, in test-sim-warm.c or in test-sim-rates.c, and a name of
 * its own. */
static void
test_names (void)
{
  const char *const *names = ps_check_names ();
  g_assert_cmpuint (g_strv_length ((char **)names), >=, 43);
  for (guint i = 0; names[i] != NULL; i++) {
    gboolean planted = has_breach (breaches, G_N_ELEMENTS (breaches), names[i]);
    for (guint w = 0; w < G_N_ELEMENTS (warm_checks); w++)
      planted |= strcmp (warm_checks[w], names[i]) == 0;
    for (guint r = 0; r < G_N_ELEMENTS (rate_checks); r++)
      planted |= strcmp (rate_checks[r], names[i]) == 0;
    for (guint c = 0; c < G_N_ELEMENTS (config_checks); c++)
      planted |= strcmp (config_checks[c], names[i]) == 0;
    if (!planted)
      g_error ("%s has no planted breach", names[i]);
    for (guint other = 0; other < i; other++)
      g_assert_cmpstr (names[other], !=, names[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_breaches (breaches, G_N_ELEMENTS (breaches));
  g_test_add_func ("/sim-check/switch-off", test_switch_off);
  g_test_add_func ("/sim-check/names", test_names);
  return g_test_run ();
}

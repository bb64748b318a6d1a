/* SPDX-License-Identifier: Apache-2.0 */
/* Cold starts: the markers, the old devices, the special switches. */
#include "tests/support/kernel-dump.h"
#include "tests/support/rig.h"

typedef struct {
  guint n_ports, batch;
} Size;

static gboolean
all_is_queued (gpointer user_data)
{
  PsRig *rig = user_data;
  return ps_db_integer (rig->db, PS_DB_APPL, "SCARD PORT_TABLE_KEY_SET") >= rig->setup.n_ports;
}

static void
wait_until_queued (PsRig *rig)
{
  if (!ps_wait_until (all_is_queued, rig, PS_WAIT_MS))
    g_error ("the configuration is not produced");
}

/* With an orchagent that pops at once, every port comes before PortConfigDone, PortInitDone after
 * all netdevs, nothing twice; fields of other writers stay. */
static void
test_quick (gconstpointer data)
{
  const Size *size = data;
  PsRigSetup setup = {.n_ports = size->n_ports, .batch = size->batch, .makes_netdevs = TRUE};
  setup.host_tx_ready = TRUE;
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_boot (rig);
  ps_orchagent_assert_boot (rig->orchagent, size->n_ports, 1);
  PsName last = ps_port_name (size->n_ports - 1);
  g_autofree char *row = g_strdup_printf ("PORT_TABLE|%s", last.text);
  g_autofree char *live = g_strdup_printf ("PORT_TABLE:%s", last.text);
  ps_rig_wait_field (rig, PS_DB_STATE, row, "host_tx_ready", "true");
  ps_rig_wait_field (rig, PS_DB_APPL, live, "adv_speeds", "100000,40000");
  g_autofree char *uncut = ps_db_hget (rig->db, PS_DB_APPL, live, "adv_speeds@");
  g_assert_null (uncut);
  ps_rig_wait_field (rig, PS_DB_STATE, "WARM_RESTART_TABLE|portsyncd", "restore_count", "0");
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, "del"), ==, 0);
  ps_rig_finish (rig);
  ps_rig_wait_field (rig, PS_DB_STATE, row, "host_tx_ready", "true");
}

/* While orchagent does not pop, nothing is invented: no row, no PortInitDone, and with more ports
 * than a small pop takes, no PortConfigDone that could overtake them. */
static void
test_slow (gconstpointer data)
{
  const Size *size = data;
  PsRigSetup setup = {.n_ports = size->n_ports, .batch = size->batch, .makes_netdevs = TRUE};
  setup.held = TRUE;
  setup.delay_ms = 20;
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_daemon_start (rig->daemon);
  wait_until_queued (rig);
  ps_rig_wait_polls (rig, 3);
  g_assert_false (ps_db_exists (rig->db, PS_DB_APPL, "_PORT_TABLE:PortInitDone"));
  g_assert_cmpint (ps_db_exists (rig->db, PS_DB_APPL, "_PORT_TABLE:PortConfigDone"), ==,
                   size->n_ports < 128);
  g_assert_cmpint (ps_db_integer (rig->db, PS_DB_APPL, "EXISTS PORT_TABLE:Ethernet0"), ==, 0);
  ps_orchagent_hold (rig->orchagent, FALSE);
  ps_rig_wait_key (rig, PS_DB_APPL, "PORT_TABLE:PortInitDone");
  ps_orchagent_assert_boot (rig->orchagent, size->n_ports, 1);
  g_assert_cmpuint (ps_orchagent_largest_pop (rig->orchagent), <=, size->batch);
  ps_rig_finish (rig);
}

/* PortInitDone waits for the netdevs, not just for orchagent's rows (docs/predecessor.md 2.3). */
static void
test_init_waits_for_netdevs (void)
{
  PsRigSetup setup = {.n_ports = 4, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortConfigDone");
  ps_rig_make_veths (rig, 0, 3);
  ps_rig_settle (rig);
  ps_rig_wait_polls (rig, 2);
  g_assert_cmpuint (ps_orchagent_count (rig->orchagent, "PortInitDone"), ==, 0);
  g_assert_false (ps_db_exists (rig->db, PS_DB_APPL, "_PORT_TABLE:PortInitDone"));
  ps_rig_make_veths (rig, 3, 1);
  ps_rig_wait_popped (rig, "PortInitDone");
  ps_orchagent_assert_boot (rig->orchagent, 4, 1);
  ps_rig_finish (rig);
}

/* A DPU's netdevs belong to its driver: they are there first, stay up and are shown. */
static void
test_dpu (void)
{
  PsRigSetup setup = {.n_ports = 4, .batch = 1024, .switch_type = "dpu"};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_make_veths (rig, 0, 4);
  ps_rig_boot (rig);
  ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet12", "admin_status", "up");
  ps_orchagent_assert_boot (rig->orchagent, 4, 1);
  ps_rig_finish (rig);
}

/* A switch on which the ports' netdevs are never made anew says so in the configuration. */
static void
test_adopt (void)
{
  PsRigSetup setup = {.n_ports = 4, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_make_veths (rig, 0, 4);
  ps_daemon_set (rig->daemon, "netlink", "old_interfaces", "adopt");
  ps_rig_boot (rig);
  ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet12", "admin_status", "up");
  ps_orchagent_assert_boot (rig->orchagent, 4, 1);
  ps_rig_finish (rig);
}

/* No ports: both markers come all the same, the count is 0. */
static void
test_no_ports (void)
{
  PsRigSetup setup = {.batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_boot (rig);
  ps_orchagent_assert_boot (rig->orchagent, 0, 1);
  g_assert_cmpuint (ps_orchagent_n_popped (rig->orchagent), ==, 2);
  ps_rig_finish (rig);
}

static gboolean
all_are_down (gpointer user_data)
{
  PsRig *rig = user_data;
  g_autoptr (GArray) links = ps_kernel_dump ();
  for (guint i = 0; i < rig->setup.n_ports; i++)
    if (ps_kernel_find (links, ps_port_name (i).text)->flags & IFF_UP)
      return FALSE;
  return TRUE;
}

/* The previous run's netdevs are taken down, never shown, and do not satisfy PortInitDone; those
 * made in their place are. Links that are no ports stay as they are. */
static void
test_old_links (void)
{
  PsRigSetup setup = {.n_ports = 4, .batch = 1024, .makes_netdevs = TRUE, .held = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_make_veths (rig, 0, 4);
  ps_rig_make_live (rig, 0, 4);
  ps_rig_note_old (rig);
  ps_daemon_start (rig->daemon);
  g_assert_true (ps_wait_until (all_are_down, rig, PS_WAIT_MS));
  g_autoptr (GArray) links = ps_kernel_dump ();
  g_assert_cmpuint (ps_kernel_find (links, "p0")->flags & IFF_UP, ==, IFF_UP);
  wait_until_queued (rig);
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet0", 1400);
  ps_netdevs_set_up (rig->netdevs, "Ethernet4", TRUE);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_polls (rig, 2);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
  g_assert_false (ps_db_exists (rig->db, PS_DB_APPL, "_PORT_TABLE:PortInitDone"));
  ps_orchagent_hold (rig->orchagent, FALSE);
  ps_rig_wait_key (rig, PS_DB_APPL, "PORT_TABLE:PortInitDone");
  ps_orchagent_assert_boot (rig->orchagent, 4, 1);
  ps_rig_finish (rig);
}

/* An old ifindex is old only until its DELLINK: a new device with the same number is shown. */
static void
test_old_ifindex_again (void)
{
  PsRigSetup setup = {.n_ports = 2, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_netdevs_add_veth (rig->netdevs, "Ethernet0", "p0", 7000);
  ps_netdevs_add_veth (rig->netdevs, "Ethernet4", "p4", 7002);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_note_old (rig);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortConfigDone");
  ps_rig_wait_polls (rig, 2);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
  ps_netdevs_delete (rig->netdevs, "Ethernet0");
  ps_netdevs_delete (rig->netdevs, "Ethernet4");
  ps_netdevs_add_veth (rig->netdevs, "Ethernet4", "p4", 7000);
  ps_netdevs_add_veth (rig->netdevs, "Ethernet0", "p0", 7002);
  ps_netdevs_commit (rig->netdevs);
  g_array_set_size (rig->old, 0);
  ps_rig_wait_popped (rig, "PortInitDone");
  ps_rig_finish (rig);
}

/* A port whose live row had admin_status before we wrote anything and whose old netdev exists is
 * not awaited; one without a netdev, or without that field, is (docs/rules.md 3.3). */
static void
test_preclear (void)
{
  PsRigSetup setup = {.n_ports = 3, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_make_live (rig, 0, 3);
  ps_db_do (rig->db, PS_DB_APPL, "HSET PORT_TABLE:Ethernet0 admin_status up");
  ps_db_do (rig->db, PS_DB_APPL, "HSET PORT_TABLE:Ethernet4 admin_status up");
  ps_rig_make_veths (rig, 0, 1);
  ps_rig_make_veths (rig, 2, 1);
  ps_rig_note_old (rig);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortConfigDone");
  ps_rig_make_veths (rig, 1, 1);
  ps_rig_settle (rig);
  ps_rig_wait_polls (rig, 2);
  g_assert_cmpuint (ps_orchagent_count (rig->orchagent, "PortInitDone"), ==, 0);
  ps_netdevs_delete (rig->netdevs, "Ethernet8");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_make_veths (rig, 2, 1);
  ps_rig_wait_popped (rig, "PortInitDone"); /* Ethernet0's netdev is still the old one. */
  ps_rig_finish (rig);
}

/* A port that leaves CONFIG_DB before its netdev ever came holds nothing up. */
static void
test_port_leaves_config (void)
{
  PsRigSetup setup = {.n_ports = 4, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortConfigDone");
  ps_rig_make_veths (rig, 0, 3);
  ps_rig_settle (rig);
  g_assert_cmpuint (ps_orchagent_count (rig->orchagent, "PortInitDone"), ==, 0);
  ps_db_do (rig->db, PS_DB_CONFIG, "DEL PORT|Ethernet12");
  ps_rig_wait_popped (rig, "PortInitDone");
  ps_rig_finish (rig);
}

/* The daemon waits for a Redis that comes later, and the old set is what existed before. */
static void
test_redis_comes_later (void)
{
  PsRigSetup setup = {.n_ports = 4, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_make_veths (rig, 0, 1);
  ps_rig_note_old (rig);
  ps_db_do (rig->db, 0, "SAVE");
  ps_redis_server_kill (rig->redis);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_line (rig, "redis.sock");
  ps_rig_make_veths (rig, 1, 1);
  ps_redis_server_start (rig->redis);
  ps_rig_redis_is_back (rig);
  ps_rig_wait_popped (rig, "PortConfigDone");
  ps_rig_make_veths (rig, 2, 2);
  ps_netdevs_delete (rig->netdevs, "Ethernet0");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_make_veths (rig, 0, 1);
  ps_rig_wait_popped (rig, "PortInitDone");
  ps_rig_finish (rig);
}

/* Without arguments it runs on a switch: default configuration, database_config.json and run
 * directory (which are private to this test). */
static void
test_defaults (void)
{
  const char *none[] = {NULL};
  PsRigSetup setup = {.n_ports = 4, .batch = 1024, .makes_netdevs = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (ps_redis_server_config (rig->redis), &text, NULL, NULL));
  g_assert_cmpint (g_mkdir_with_parents ("/var/run/redis/sonic-db", 0755), ==, 0);
  g_assert_true (
      g_file_set_contents ("/var/run/redis/sonic-db/database_config.json", text, -1, NULL));
  ps_daemon_start_with (rig->daemon, none);
  ps_rig_wait_popped (rig, "PortInitDone");
  ps_rig_settle (rig);
  ps_orchagent_assert_boot (rig->orchagent, 4, 1);
  ps_daemon_terminate (rig->daemon);
  g_assert_true (g_file_test ("/run/portsyncd/default/life", G_FILE_TEST_EXISTS));
  g_autofree char *output = ps_daemon_output (rig->daemon);
  g_assert_cmpstr (output, ==, "");
}

int
main (int argc, char **argv)
{
  static const Size sizes[] = {{4, 1024}, {4, 128}, {32, 1024}, {32, 128}, {200, 1024}, {200, 128}};
  ps_rig_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint ports = sizes[i].n_ports, batch = sizes[i].batch;
    g_autofree char *quick = g_strdup_printf ("/boot/quick/%u-ports/%u-a-pop", ports, batch);
    g_autofree char *slow = g_strdup_printf ("/boot/slow/%u-ports/%u-a-pop", ports, batch);
    g_test_add_data_func (quick, &sizes[i], test_quick);
    g_test_add_data_func (slow, &sizes[i], test_slow);
  }
  g_test_add_func ("/boot/init-waits-for-netdevs", test_init_waits_for_netdevs);
  g_test_add_func ("/boot/dpu", test_dpu);
  g_test_add_func ("/boot/adopt", test_adopt);
  g_test_add_func ("/boot/no-ports", test_no_ports);
  g_test_add_func ("/boot/old-links", test_old_links);
  g_test_add_func ("/boot/old-ifindex-again", test_old_ifindex_again);
  g_test_add_func ("/boot/preclear", test_preclear);
  g_test_add_func ("/boot/port-leaves-config", test_port_leaves_config);
  g_test_add_func ("/boot/defaults", test_defaults);
  g_test_add_func ("/boot/redis-comes-later", test_redis_comes_later);
  return g_test_run ();
}

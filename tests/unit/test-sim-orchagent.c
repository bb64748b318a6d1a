/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated orchagent consumes as the real one, and makes netdevs when it should. */
#include "sim/world/orchagent.h"
#include "base/virtual-clock.h"
#include <string.h>

#define DB      PS_SIM_APPL_DB
#define KEY_SET "PORT_TABLE_KEY_SET"
#define CHANNEL "PORT_TABLE_CHANNEL@0"

typedef struct {
  PsVirtualClock *clock;
  PsSimRedis *redis;
  PsSimKernel *kernel;
  PsSimOrchagent *agent;
  GString *seen; /* what orchagent got: "key=fields" */
} Rig;

static void
on_op (PsText key, const PsField *fields, gsize n_fields, gpointer user_data)
{
  g_string_append_printf (((Rig *)user_data)->seen, "%s=%u ", key.data, (guint)n_fields);
}

static Rig *
rig_new (const PsSimOrchagentOptions *options)
{
  Rig *rig = g_new0 (Rig, 1);
  rig->clock = ps_virtual_clock_new ();
  rig->redis = ps_sim_redis_new (PS_CLOCK (rig->clock), 1);
  rig->kernel = ps_sim_kernel_new (PS_CLOCK (rig->clock), 2);
  rig->agent = ps_sim_orchagent_new (PS_CLOCK (rig->clock), rig->redis, rig->kernel, 3, options);
  rig->seen = g_string_new (NULL);
  ps_sim_orchagent_set_observer (rig->agent, on_op, rig);
  return rig;
}

static void
rig_free (Rig *rig)
{
  ps_sim_orchagent_free (rig->agent);
  ps_sim_kernel_free (rig->kernel);
  ps_sim_redis_free (rig->redis);
  g_object_unref (rig->clock);
  g_string_free (rig->seen, TRUE);
  g_free (rig);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rig, rig_free)

static void
run (Rig *rig, gint64 us)
{
  ps_virtual_clock_advance_to (rig->clock, ps_clock_now_us (PS_CLOCK (rig->clock)) + us);
}

static void
expect_seen (Rig *rig, const char *expected)
{
  g_assert_cmpstr (rig->seen->str, ==, expected);
  g_string_truncate (rig->seen, 0);
}

static void
produce_ports (Rig *rig, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_sim_orchagent_produce (rig->agent, name, "mtu", "9100");
  }
}

static void
produce_config_done (Rig *rig, const char *count)
{
  ps_sim_orchagent_produce (rig->agent, "PortConfigDone", "count", count);
}

/* --- Tests --- */

/* Staged fields go to the live row, which keeps its others; the backlog of before the start is
 * popped without a PUBLISH, what comes later with one only. */
static void
test_pop (void)
{
  g_autoptr (Rig) rig = rig_new (&(PsSimOrchagentOptions){0});
  ps_sim_redis_hset (rig->redis, DB, "PORT_TABLE:Ethernet0", "oper_status", "up");
  produce_ports (rig, 1);
  run (rig, 1000);
  expect_seen (rig, "");
  g_assert_false (ps_sim_orchagent_is_running (rig->agent));
  ps_sim_orchagent_start (rig->agent, FALSE);
  run (rig, 1000);
  expect_seen (rig, "Ethernet0=1 ");
  g_assert_cmpstr (ps_sim_redis_hget (rig->redis, DB, "PORT_TABLE:Ethernet0", "mtu"), ==, "9100");
  g_assert_cmpstr (ps_sim_redis_hget (rig->redis, DB, "PORT_TABLE:Ethernet0", "oper_status"), ==,
                   "up");
  g_assert_false (ps_sim_redis_exists (rig->redis, DB, "_PORT_TABLE:Ethernet0"));
  g_assert_true (ps_sim_orchagent_is_idle (rig->agent));
  ps_sim_redis_sadd (rig->redis, DB, KEY_SET, "Ethernet4");
  run (rig, 1000);
  expect_seen (rig, "");
  ps_sim_redis_publish (rig->redis, DB, "ANOTHER@0", "G");
  run (rig, 1000);
  expect_seen (rig, "");
  ps_sim_redis_publish (rig->redis, DB, CHANNEL, "G");
  run (rig, 1000);
  expect_seen (rig, "Ethernet4=0 ");
  g_assert_cmpuint (ps_sim_orchagent_n_popped (rig->agent), ==, 2);
}

/* A DEL takes the live row and is told as one; a SET behind it starts a row anew. */
static void
test_delete (void)
{
  g_autoptr (Rig) rig = rig_new (&(PsSimOrchagentOptions){0});
  ps_sim_redis_hset (rig->redis, DB, "PORT_TABLE:Ethernet0", "old", "1");
  ps_sim_redis_hset (rig->redis, DB, "PORT_TABLE:Ethernet1", "old", "1");
  ps_sim_orchagent_start (rig->agent, FALSE);
  ps_sim_orchagent_produce (rig->agent, "Ethernet0", "lost", "1");
  ps_sim_orchagent_produce_del (rig->agent, "Ethernet0");
  ps_sim_orchagent_produce_del (rig->agent, "Ethernet1");
  ps_sim_orchagent_produce (rig->agent, "Ethernet1", "new", "1");
  run (rig, 1000);
  expect_seen (rig, "Ethernet0=0 Ethernet1=1 ");
  g_assert_false (ps_sim_redis_exists (rig->redis, DB, "PORT_TABLE:Ethernet0"));
  g_assert_null (ps_sim_redis_hget (rig->redis, DB, "PORT_TABLE:Ethernet1", "old"));
  g_assert_nonnull (ps_sim_redis_hget (rig->redis, DB, "PORT_TABLE:Ethernet1", "new"));
  g_assert_cmpuint (ps_sim_redis_n_keys (rig->redis, DB), ==, 1);
}

/* Netdevs come when PortConfigDone was popped and not before, each once; a port that is deleted
 * loses its own. */
static void
test_netdevs (void)
{
  g_autoptr (Rig) rig = rig_new (&(PsSimOrchagentOptions){.device_delay_us = 1000});
  ps_sim_orchagent_start (rig->agent, FALSE);
  produce_ports (rig, 3);
  run (rig, G_USEC_PER_SEC);
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 0);
  g_assert_false (ps_sim_orchagent_config_done (rig->agent));
  produce_config_done (rig, "3");
  run (rig, 1500);
  g_assert_true (ps_sim_orchagent_config_done (rig->agent));
  g_assert_false (ps_sim_orchagent_is_idle (rig->agent));
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), <, 3);
  run (rig, G_USEC_PER_SEC);
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 3);
  g_assert_cmpstr (ps_sim_kernel_find (rig->kernel, "Ethernet1")->kind, ==, "veth");
  produce_ports (rig, 3);
  produce_config_done (rig, "3");
  ps_sim_orchagent_produce_del (rig->agent, "Ethernet1");
  ps_sim_orchagent_produce (rig->agent, "PortInitDone", "lanes", "0");
  g_assert_false (ps_sim_orchagent_init_done (rig->agent));
  run (rig, G_USEC_PER_SEC);
  g_assert_true (ps_sim_orchagent_init_done (rig->agent));
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 2);
  g_assert_null (ps_sim_kernel_find (rig->kernel, "Ethernet1"));
  g_assert_cmpuint (ps_sim_orchagent_n_late (rig->agent), ==, 0);
}

/* A pop takes at most a batch, in no order of names; a PortConfigDone that is announced too early
 * finds ports late, one announced in time none. */
static void
test_batch (void)
{
  for (guint early = 0; early < 2; early++) {
    g_autoptr (Rig) rig = rig_new (&(PsSimOrchagentOptions){.batch = 128, .pop_delay_us = 1000});
    if (early)
      produce_config_done (rig, "300");
    produce_ports (rig, 300);
    ps_sim_orchagent_start (rig->agent, FALSE);
    for (guint i = 0; i < 20 && ps_sim_orchagent_n_popped (rig->agent) == 0; i++)
      run (rig, 100);
    g_assert_cmpuint (ps_sim_orchagent_n_popped (rig->agent), ==, 128);
    run (rig, G_USEC_PER_SEC);
    if (!early)
      produce_config_done (rig, "300");
    run (rig, G_USEC_PER_SEC);
    g_assert_cmpuint (ps_sim_orchagent_n_popped (rig->agent), ==, 301);
    g_assert_true ((ps_sim_orchagent_n_late (rig->agent) > 0) == (early == 1));
    g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 300);
    const GPtrArray *popped = ps_sim_orchagent_popped (rig->agent);
    g_assert_cmpuint (popped->len, ==, 301);
    g_assert_true (strcmp (g_ptr_array_index (popped, 0), "Ethernet0") != 0 ||
                   strcmp (g_ptr_array_index (popped, 1), "Ethernet1") != 0);
  }
}

/* A cold start takes the netdevs that the process before made, and only those, and makes new ones
 * once it is told again; a stopped process does nothing. */
static void
test_cold_restart (void)
{
  g_autoptr (Rig) rig = rig_new (&(PsSimOrchagentOptions){.start_delay_us = 1000});
  ps_sim_kernel_add (rig->kernel, "eth0", 0, NULL);
  ps_sim_orchagent_start (rig->agent, FALSE);
  produce_ports (rig, 2);
  produce_config_done (rig, "2");
  run (rig, G_USEC_PER_SEC);
  guint32 first = ps_sim_kernel_find (rig->kernel, "Ethernet0")->ifindex;
  ps_sim_orchagent_stop (rig->agent);
  ps_sim_orchagent_stop (rig->agent);
  produce_ports (rig, 2);
  run (rig, G_USEC_PER_SEC);
  g_assert_cmpuint (ps_sim_redis_scard (rig->redis, DB, KEY_SET), ==, 2);
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 3);
  ps_sim_redis_flushdb (rig->redis, DB);
  ps_sim_orchagent_start (rig->agent, FALSE);
  run (rig, 400);
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 3);
  run (rig, G_USEC_PER_SEC);
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 1);
  produce_ports (rig, 2);
  produce_config_done (rig, "2");
  run (rig, G_USEC_PER_SEC);
  g_assert_cmpuint (ps_sim_kernel_find (rig->kernel, "Ethernet0")->ifindex, !=, first);
}

/* A warm start leaves the netdevs, knows what the live table says, and makes what is missing, as
 * after a reboot. */
static void
test_warm_restart (void)
{
  g_autoptr (Rig) rig = rig_new (&(PsSimOrchagentOptions){0});
  ps_sim_orchagent_start (rig->agent, FALSE);
  produce_ports (rig, 2);
  produce_config_done (rig, "2");
  ps_sim_orchagent_produce (rig->agent, "PortInitDone", "lanes", "0");
  run (rig, G_USEC_PER_SEC);
  guint32 first = ps_sim_kernel_find (rig->kernel, "Ethernet0")->ifindex;
  guint32 second = ps_sim_kernel_find (rig->kernel, "Ethernet1")->ifindex;
  ps_sim_kernel_remove (rig->kernel, second);
  ps_sim_orchagent_start (rig->agent, TRUE);
  g_assert_false (ps_sim_orchagent_config_done (rig->agent));
  run (rig, G_USEC_PER_SEC);
  g_assert_true (ps_sim_orchagent_config_done (rig->agent));
  g_assert_true (ps_sim_orchagent_init_done (rig->agent));
  g_assert_cmpuint (ps_sim_kernel_find (rig->kernel, "Ethernet0")->ifindex, ==, first);
  g_assert_cmpuint (ps_sim_kernel_find (rig->kernel, "Ethernet1")->ifindex, !=, second);
  ps_sim_orchagent_produce_del (rig->agent, "Ethernet0");
  run (rig, G_USEC_PER_SEC);
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 1);
}

/* Held, it pops and makes nothing; then it goes on. */
static void
test_hold (void)
{
  g_autoptr (Rig) rig = rig_new (&(PsSimOrchagentOptions){.device_delay_us = 1000});
  ps_sim_orchagent_start (rig->agent, FALSE);
  run (rig, 1000);
  ps_sim_orchagent_hold (rig->agent, TRUE);
  produce_ports (rig, 2);
  produce_config_done (rig, "2");
  run (rig, G_USEC_PER_SEC);
  expect_seen (rig, "");
  ps_sim_orchagent_hold (rig->agent, FALSE);
  run (rig, 400);
  expect_seen (rig, "Ethernet0=1 Ethernet1=1 PortConfigDone=1 ");
  ps_sim_orchagent_hold (rig->agent, TRUE);
  run (rig, G_USEC_PER_SEC);
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 0);
  ps_sim_orchagent_hold (rig->agent, FALSE);
  run (rig, G_USEC_PER_SEC);
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 2);
}

/* While Redis does not run nothing is popped; when it is back, what is there is. */
static void
test_no_server (void)
{
  g_autoptr (Rig) rig = rig_new (&(PsSimOrchagentOptions){0});
  ps_sim_orchagent_start (rig->agent, FALSE);
  run (rig, 1000);
  ps_sim_redis_kill (rig->redis, PS_SIM_REDIS_ALL);
  produce_ports (rig, 1);
  run (rig, G_USEC_PER_SEC);
  expect_seen (rig, "");
  ps_sim_redis_start (rig->redis, PS_SIM_REDIS_ALL, PS_SIM_REDIS_KEEP);
  run (rig, G_USEC_PER_SEC);
  expect_seen (rig, "Ethernet0=1 ");
}

/* With leaves_netdevs there are none. */
static void
test_leaves_netdevs (void)
{
  g_autoptr (Rig) rig = rig_new (&(PsSimOrchagentOptions){.leaves_netdevs = TRUE});
  ps_sim_orchagent_start (rig->agent, FALSE);
  produce_ports (rig, 2);
  produce_config_done (rig, "2");
  run (rig, G_USEC_PER_SEC);
  g_assert_true (ps_sim_orchagent_config_done (rig->agent));
  g_assert_cmpuint (ps_sim_kernel_length (rig->kernel), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim-orchagent/pop", test_pop);
  g_test_add_func ("/sim-orchagent/delete", test_delete);
  g_test_add_func ("/sim-orchagent/netdevs", test_netdevs);
  g_test_add_func ("/sim-orchagent/batch", test_batch);
  g_test_add_func ("/sim-orchagent/cold-restart", test_cold_restart);
  g_test_add_func ("/sim-orchagent/warm-restart", test_warm_restart);
  g_test_add_func ("/sim-orchagent/hold", test_hold);
  g_test_add_func ("/sim-orchagent/no-server", test_no_server);
  g_test_add_func ("/sim-orchagent/leaves-netdevs", test_leaves_netdevs);
  return g_test_run ();
}

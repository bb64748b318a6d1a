/* SPDX-License-Identifier: Apache-2.0 */
/* The carrier counters that the daemon keeps, audited by sysfs: the daemon, its tests and the
 * simulator all read them by rtnetlink, and so would share a mistake about it. */
#include "tests/support/kernel-dump.h"
#include "tests/support/rig.h"
#include "tests/support/sysfs-carriers.h"
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <umockdev.h>
#include <unistd.h>

#define N_PORTS 16
#define SYSFS   PS_NETNS_DIR "/sys"

/* --- the reader, on a sysfs that umockdev makes up -------------------------------------------- */

static UMockdevTestbed *
bed_with (const char *attribute, const char *value)
{
  static const char *const whole[] = {"ifindex",          "7\n", "carrier_changes",    "5\n",
                                      "carrier_up_count", "3\n", "carrier_down_count", "2\n"};
  UMockdevTestbed *bed = umockdev_testbed_new ();
  g_autofree char *device =
      umockdev_testbed_add_device (bed, "net", "Ethernet0", NULL, "type", "1\n", NULL, NULL);
  g_assert_nonnull (device);
  for (guint i = 0; i < G_N_ELEMENTS (whole); i += 2) {
    gboolean is_it = g_strcmp0 (whole[i], attribute) == 0;
    if (!is_it || value != NULL)
      umockdev_testbed_set_attribute (bed, device, whole[i], is_it ? value : whole[i + 1]);
  }
  return bed;
}

/* All four numbers, from a link that this machine does not have. */
static void
test_read (void)
{
  g_autoptr (UMockdevTestbed) bed = bed_with (NULL, NULL);
  g_autoptr (GError) error = NULL;
  PsSysfsCarriers carriers;
  g_assert_nonnull (bed);
  g_assert_true (ps_sysfs_carriers_read ("/sys/class/net", "Ethernet0", &carriers, &error));
  g_assert_no_error (error);
  g_autofree char *text = ps_sysfs_carriers_text (&carriers);
  g_assert_cmpstr (text, ==, "7 5 3 2");
  g_assert_false (ps_sysfs_carriers_read ("/sys/class/net", "Ethernet4", &carriers, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* A file that is missing or holds no number is an error that names it; nothing is taken over, so
 * that an audit never compares with a 0 that was never counted. */
static void
test_damaged (void)
{
  static const char *const files[] = {"ifindex", "carrier_changes", "carrier_up_count",
                                      "carrier_down_count"};
  static const char *const values[] = {NULL,     "",       "\n",           "-1\n",  "4 5\n",
                                       "0x10\n", "five\n", "4294967296\n", "5\n\n", "5"};
  for (guint i = 0; i < G_N_ELEMENTS (files) * G_N_ELEMENTS (values); i++) {
    const char *file = files[i / G_N_ELEMENTS (values)], *value = values[i % G_N_ELEMENTS (values)];
    g_autoptr (UMockdevTestbed) bed = bed_with (file, value);
    g_autoptr (GError) error = NULL;
    PsSysfsCarriers carriers = {1, 1, 1, 1};
    g_assert_nonnull (bed);
    g_assert_false (ps_sysfs_carriers_read ("/sys/class/net", "Ethernet0", &carriers, &error));
    g_assert_nonnull (error);
    g_assert_true (error->domain == G_FILE_ERROR);
    g_assert_cmpint (error->code, ==, value == NULL ? G_FILE_ERROR_NOENT : G_FILE_ERROR_INVAL);
    g_assert_nonnull (strstr (error->message, file));
    g_assert_cmpuint (carriers.ifindex + carriers.changes + carriers.ups + carriers.downs, ==, 4);
  }
}

/* --- the audit, on the real one --------------------------------------------------------------- */

/* The calling thread's network namespace decides what a sysfs shows, at the mount. */
static void
mount_sysfs (void)
{
  g_assert_cmpint (g_mkdir_with_parents (SYSFS, 0755), ==, 0);
  if (mount ("sysfs", SYSFS, "sysfs", MS_RDONLY, NULL) != 0)
    g_error ("sysfs: %s", g_strerror (errno));
}

static void
flap_tap (int tap, guint n)
{
  for (guint i = 0; i < n; i++) {
    ps_tap_set_carrier (tap, FALSE);
    ps_tap_set_carrier (tap, TRUE);
  }
}

static char *
sysfs_text (const char *name)
{
  g_autoptr (GError) error = NULL;
  PsSysfsCarriers carriers;
  if (!ps_sysfs_carriers_read (SYSFS "/class/net", name, &carriers, &error))
    g_error ("%s", error->message);
  return ps_sysfs_carriers_text (&carriers);
}

static char *
dump_text (GArray *links, const char *name)
{
  const PsKernelLink *link = ps_kernel_find (links, name);
  g_assert_nonnull (link);
  return g_strdup_printf ("%d %u %u %u", link->ifindex, link->changes, link->ups, link->downs);
}

/* Three witnesses: sysfs, a listing by libnl, and the record that the daemon left. */
static void
assert_witnesses_agree (PsRig *rig, const char *tap_port)
{
  g_autoptr (GArray) links = ps_kernel_dump ();
  g_autoptr (GHashTable) recorded = ps_daemon_carriers (rig->daemon);
  g_assert_nonnull (recorded);
  for (guint i = 0; i < rig->setup.n_ports; i++) {
    const PsName port = ps_port_name (i);
    g_autofree char *sysfs = sysfs_text (port.text);
    g_autofree char *dump = dump_text (links, port.text);
    g_assert_cmpstr (dump, ==, sysfs);
    g_assert_cmpstr (g_hash_table_lookup (recorded, port.text), ==, sysfs);
  }
  g_assert_true (g_hash_table_contains (recorded, tap_port));
}

static guint
changes_of (const char *name)
{
  g_autoptr (GError) error = NULL;
  PsSysfsCarriers carriers;
  g_assert_true (ps_sysfs_carriers_read (SYSFS "/class/net", name, &carriers, &error));
  return carriers.changes;
}

/* After a storm of flaps, in which the daemon was stopped for a while and lost messages, what it
 * recorded of each port is what sysfs says; and there was a storm. */
static void
test_audit (void)
{
  PsRigSetup setup = {.n_ports = N_PORTS, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  PsName tap_port = ps_port_name (N_PORTS - 1);
  mount_sysfs ();
  ps_daemon_set (rig->daemon, "netlink", "receive_buffer", "64k");
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortConfigDone");
  ps_rig_make_veths (rig, 0, N_PORTS - 1);
  int tap = ps_tap_new (tap_port.text);
  ps_netdevs_set_up (rig->netdevs, tap_port.text, TRUE);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_popped (rig, "PortInitDone");
  guint before = changes_of ("Ethernet0");
  PsStorm *storm = ps_storm_start (N_PORTS - 1, PS_STORM_CARRIER, ps_rig_seed (), 0);
  flap_tap (tap, 100);
  ps_daemon_stop (rig->daemon);
  ps_storm_wait (storm, ps_storm_n_changes (storm) + 4000);
  ps_daemon_signal (rig->daemon, SIGCONT);
  ps_storm_wait (storm, ps_storm_n_changes (storm) + 1000);
  ps_storm_stop (storm);
  g_assert_cmpuint (ps_daemon_netlink_drops (rig->daemon), >, 0);
  ps_rig_finish (rig);
  g_assert_cmpuint (changes_of ("Ethernet0"), >, before + 20);
  assert_witnesses_agree (rig, tap_port.text);
  close (tap);
  g_assert_cmpint (umount2 (SYSFS, MNT_DETACH), ==, 0);
}

int
main (int argc, char **argv)
{
  g_unsetenv ("LD_PRELOAD"); /* The wrapper is for us: see mocked-daemon. */
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/carriers/read", test_read);
  g_test_add_func ("/carriers/damaged", test_damaged);
  g_test_add_func ("/carriers/audit", test_audit);
  return g_test_run ();
}

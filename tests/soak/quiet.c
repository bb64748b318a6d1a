/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/soak.h"
#include "tests/support/proc.h"
#include <glib/gstdio.h>
#include <string.h>

#define WARM_ROW        "WARM_RESTART_TABLE|portsyncd"
#define LATENCY_SAMPLES 4 /* at each quiet point */
#define LATENCY_WAIT_MS 5000
#define BOOT_KILLS_MAX  3
#define LATENCY_MTU_MIN 1280
#define LATENCY_MTU_MAX 1500

/* --- restart of swss ------------------------------------------------------------------------ */

typedef struct {
  PsSoak *soak;
  guint n;
} Question;

static gboolean
has_popped (gpointer user_data)
{
  const Question *question = user_data;
  return ps_orchagent_n_popped (question->soak->rig->orchagent) >= question->n;
}

/* Each kill comes when orchagent has taken a random number of ports. */
static void
kill_in_boot (PsSoak *self)
{
  for (guint n = ps_soak_draw (self, BOOT_KILLS_MAX + 1); n > 0; n--) {
    Question question = {self, ps_soak_draw (self, (guint)ps_soak_n_configured (self))};
    if (!ps_wait_until (has_popped, &question, PS_WAIT_MS))
      g_error ("orchagent gets no ports");
    ps_journal_say (self->journal, "kill -9 in the boot");
    ps_soak_kill_daemon (self);
    ps_soak_start_daemon (self);
  }
}

static void
delete_devices (PsSoak *self)
{
  for (guint i = 0; i < self->n_devices; i++)
    ps_device_delete (&self->devices[i], self->rig->netdevs);
  g_array_set_size (self->rig->old, 0);
}

static void
make_devices (PsSoak *self)
{
  for (guint i = 0; i < self->n_devices; i++)
    if (self->devices[i].configured)
      ps_soak_make_device (self, &self->devices[i]);
}

/* A new container has another PID 1, a new system another boot. */
static void
forget_life (PsSoak *self)
{
  g_unlink (ps_daemon_life_file (self->rig->daemon));
}

void
ps_soak_restart_swss (PsSoak *self)
{
  PsRig *rig = self->rig;
  ps_journal_say (self->journal, "restart of swss");
  if (self->daemon_up)
    ps_soak_kill_daemon (self);
  forget_life (self);
  g_clear_pointer (&rig->orchagent, ps_orchagent_free);
  ps_db_do (rig->db, PS_DB_APPL, "FLUSHDB");
  ps_db_do (rig->db, PS_DB_STATE, "FLUSHDB");
  ps_soak_write_config (self);
  ps_rig_note_old (rig);
  ps_rig_start_orchagent (rig);
  ps_soak_start_daemon (self);
  kill_in_boot (self);
  ps_rig_wait_key (rig, PS_DB_APPL, "PORT_TABLE:PortConfigDone");
  ps_rig_settle (rig);
  delete_devices (self);
  make_devices (self);
  ps_rig_wait_key (rig, PS_DB_APPL, "PORT_TABLE:PortInitDone");
  self->swss_lost = self->redis_is_old = FALSE;
  ps_soak_save (self);
  self->figures->n_swss++;
}

/* --- agreement ------------------------------------------------------------------------------ */

static void
revive (PsSoak *self)
{
  if (self->daemon_stopped)
    ps_soak_continue_daemon (self);
  if (self->redis_stopped)
    ps_soak_continue_redis (self);
  if (!self->redis_up)
    ps_soak_start_redis (self);
  if (self->redis_full)
    ps_soak_give_memory (self);
  if (self->swss_lost)
    ps_soak_restart_swss (self);
  if (!self->daemon_up)
    ps_soak_start_daemon (self);
}

static gboolean
is_announced (gpointer user_data)
{
  PsSoak *self = user_data;
  gint64 n = ps_soak_n_announced (self);
  return n == self->n_copied || (n >= self->n_least && n <= self->n_most) ||
         (self->redis_is_old && n == self->n_copied_saved);
}

/* With a Redis that came back with earlier data the copy may have happened before. */
static void
check_markers (PsSoak *self)
{
  PsRig *rig = self->rig;
  if (self->copying && !self->redis_is_old)
    ps_rig_wait_popped (rig, "PortConfigDone");
  if (!ps_wait_until (is_announced, self, PS_WAIT_MS))
    g_error ("PortConfigDone counts %" G_GINT64_FORMAT " ports, not %" G_GINT64_FORMAT
             " or, since then, %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
             ps_soak_n_announced (self), self->n_copied, self->n_least, self->n_most);
  ps_rig_wait_key (rig, PS_DB_APPL, "PORT_TABLE:PortInitDone");
  if (ps_orchagent_count (rig->orchagent, "PortConfigDone") > 0)
    self->copying = FALSE;
  if (!self->copying)
    ps_soak_set_copied (self, ps_soak_n_announced (self));
}

/* --- latency -------------------------------------------------------------------------------- */

static const PsDevice *
draw_shown (PsSoak *self)
{
  guint first = ps_soak_draw (self, self->n_devices);
  for (guint i = 0; i < self->n_devices; i++) {
    const PsDevice *device = &self->devices[(first + i) % self->n_devices];
    if (ps_device_is_port (device) && device->configured)
      return device;
  }
  return NULL;
}

/* From before the kernel is asked for another mtu until a reader of Redis sees it. FALSE if the mtu
 * that was drawn is there already. */
static gboolean
sample_latency (PsSoak *self)
{
  const PsDevice *device = draw_shown (self);
  if (device == NULL)
    return TRUE; /* There is none to look at. */
  g_autofree char *key = g_strconcat ("PORT_TABLE|", device->port, NULL);
  g_autofree char *is = ps_db_hget (self->rig->db, PS_DB_STATE, key, "mtu");
  g_autofree char *wanted = NULL;
  guint mtu = LATENCY_MTU_MIN + ps_soak_draw (self, LATENCY_MTU_MAX - LATENCY_MTU_MIN);
  wanted = g_strdup_printf ("%u", mtu);
  if (g_strcmp0 (is, wanted) == 0)
    return FALSE;
  ps_netdevs_set_mtu (self->rig->netdevs, device->name, mtu);
  gint64 start_us = g_get_monotonic_time (), now_us = start_us;
  ps_netdevs_commit (self->rig->netdevs);
  while (g_strcmp0 (is, wanted) != 0) {
    if (now_us - start_us > LATENCY_WAIT_MS * 1000)
      g_error ("%s has mtu %s for %u ms, its row says %s", device->name, wanted, LATENCY_WAIT_MS,
               is);
    g_free (is);
    is = ps_db_hget (self->rig->db, PS_DB_STATE, key, "mtu");
    now_us = g_get_monotonic_time ();
  }
  ps_figures_latency (self->figures, now_us - start_us);
  return TRUE;
}

/* --- public --------------------------------------------------------------------------------- */

void
ps_soak_quiet (PsSoak *self)
{
  PsFigures *figures = self->figures;
  ps_journal_say (self->journal, "quiet point %u", figures->n_quiet + 1);
  revive (self);
  gint64 start_us = g_get_monotonic_time ();
  ps_rig_settle (self->rig);
  figures->worst_settle_ms =
      MAX (figures->worst_settle_ms, (guint32)((g_get_monotonic_time () - start_us) / 1000));
  check_markers (self);
  ps_soak_take_redis_counts (self);
  ps_soak_save (self);
  self->redis_is_old = self->redis_is_old && self->copying;
  for (guint i = 0; i < LATENCY_SAMPLES; i++)
    sample_latency (self);
  int pid = ps_daemon_pid (self->rig->daemon);
  double now_s = ps_journal_seconds (self->journal);
  guint rss_kb = ps_proc_rss_kb (pid), n_fds = ps_proc_n_descriptors (pid);
  ps_figures_sample (figures, self->process, now_s, now_s - self->process_s, rss_kb, n_fds);
  figures->n_quiet++;
  ps_journal_say (self->journal, "all agrees; rss %u kB, %u descriptors", rss_kb, n_fds);
}

/* The kernel's side of each port, a line each. */
static char *
describe_kernel (PsSoak *self)
{
  g_autoptr (GPtrArray) ports = ps_state_read (self->rig->db, self->rig->old);
  GString *text = g_string_new ("");
  for (guint i = 0; ports != NULL && i < ports->len; i++) {
    const PsPortState *port = g_ptr_array_index (ports, i);
    g_string_append_printf (text, "%s %d %s\n", port->name, port->ifindex,
                            port->kernel != NULL ? port->kernel : "-");
  }
  return g_string_free (text, FALSE);
}

/* The kernel counts carrier changes of a tap that is down without a message; the next message
 * about it, here that of another mtu, tells the count. That a later change has reached its row
 * shows that these were read. */
static void
settle_counters (PsSoak *self)
{
  for (guint i = 0; i < 2 * self->n_devices; i++)
    if (self->devices[i / 2].kind != PS_DEVICE_NONE)
      ps_netdevs_set_mtu (self->rig->netdevs, self->devices[i / 2].name, 1400 + i % 2);
  ps_netdevs_commit (self->rig->netdevs);
  while (!sample_latency (self))
    continue;
  ps_rig_settle_and_clear (self->rig);
}

static void
expect_untouched (PsSoak *self, const char *before)
{
  PsRig *rig = self->rig;
  ps_rig_wait_polls (rig, 2);
  ps_rig_settle (rig);
  g_autofree char *after = describe_kernel (self);
  if (strcmp (before, after) != 0)
    g_error ("a restart of the daemon changed links. Before:\n%s\nafter:\n%s", before, after);
  guint n = ps_rig_n_events (rig, NULL, NULL);
  if (n > 0)
    g_error ("a restart of the daemon wrote %u rows of STATE_DB that were right", n);
}

void
ps_soak_restart_quietly (PsSoak *self)
{
  settle_counters (self);
  g_autofree char *before = describe_kernel (self);
  ps_journal_say (self->journal, "SIGTERM; carrier counters are compared");
  ps_soak_terminate_daemon (self);
  ps_state_assert_carriers (self->rig->daemon, self->rig->db, self->rig->old);
  ps_soak_start_daemon (self);
  expect_untouched (self, before);
  self->figures->n_resumed++;
}

void
ps_soak_restart_warm (PsSoak *self)
{
  PsRig *rig = self->rig;
  guint count = ps_soak_draw (self, 100);
  g_autofree char *next = g_strdup_printf ("%u", count + 1);
  ps_journal_say (self->journal, "warm restart, restore_count %u", count);
  ps_db_do (rig->db, PS_DB_STATE, "HSET WARM_RESTART_ENABLE_TABLE|swss enable true");
  ps_db_do (rig->db, PS_DB_STATE, "HSET " WARM_ROW " restore_count %u state -", count);
  settle_counters (self);
  g_autofree char *before = describe_kernel (self);
  ps_soak_terminate_daemon (self);
  ps_state_assert_carriers (rig->daemon, rig->db, rig->old);
  forget_life (self);
  ps_soak_start_daemon (self);
  ps_rig_wait_field (rig, PS_DB_STATE, WARM_ROW, "state", "reconciled");
  ps_rig_wait_field (rig, PS_DB_STATE, WARM_ROW, "restore_count", next);
  expect_untouched (self, before);
  if (ps_orchagent_count (rig->orchagent, "PortConfigDone") > 0)
    g_error ("a warm restart has produced PortConfigDone");
  ps_db_do (rig->db, PS_DB_STATE, "HSET WARM_RESTART_ENABLE_TABLE|swss enable false");
  self->copying = FALSE; /* It does not, but puts the count right, whatever that was. */
  ps_soak_set_copied (self, ps_soak_n_configured (self));
  if (!ps_wait_until (is_announced, self, PS_WAIT_MS))
    g_error ("after a warm restart PortConfigDone counts %" G_GINT64_FORMAT
             " ports, not %" G_GINT64_FORMAT,
             ps_soak_n_announced (self), self->n_copied);
  self->figures->n_warm++;
}

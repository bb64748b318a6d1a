/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/session.h"
#include "core/schema.h"
#include "sim/check/check-private.h"
#include <linux/rtnetlink.h>
#include <signal.h>
#include <string.h>

/* The end of the producer's call for PortConfigDone, as it stands on the wire. */
static const char marker_call[] = PS_KEY_CONFIG_DONE "\r\n$1\r\n1\r\n$5\r\n" PS_FIELD_COUNT "\r\n";

/* FALSE if there were max of them in the last second already. */
static gboolean
count_rate (PsCheckRate *rate, gint64 now_us, guint max)
{
  const guint size = G_N_ELEMENTS (rate->times_us);
  g_assert (max < size);
  gint64 before_us = rate->n >= max ? rate->times_us[(rate->n - max) % size] : G_MININT64 / 2;
  rate->times_us[rate->n++ % size] = now_us;
  return now_us - before_us >= G_USEC_PER_SEC;
}

/* --- processes ------------------------------------------------------------------------------ */

static void
judge_exit (PsCheck *self)
{
  int code = ps_sim_world_exit_code (self->world);
  guint64 closed = ps_sim_kernel_counters (self->kernel)->closed;
  if (self->process.leaving && code == 128 + SIGTERM)
    return;
  if (code != 0 && closed > self->process.closed_before)
    return; /* Its socket died: nothing works without. */
  ps_check_fail (self, PS_CHECK_NO_EXIT, g_strdup ("an end by SIGTERM, and only when told to"),
                 g_strdup_printf ("exit %d", code));
}

static const char *
state_name (PsSimProcessState state)
{
  static const char *const names[] = {"none", "started", "terminated", "killed", "exited"};
  return names[state];
}

void
ps_check_take_process (PsCheck *self, PsSimProcessState state)
{
  ps_history_add_number (self->history, state);
  ps_check_note (self, "process", state_name (state), self->process.number);
  if (state == PS_SIM_PROCESS_KILLED || state == PS_SIM_PROCESS_EXITED)
    ps_check_lose_state (self);
  if (state == PS_SIM_PROCESS_RUNNING)
    ps_check_begin_process (self);
  else if (state == PS_SIM_PROCESS_LEAVING)
    self->process.leaving = TRUE;
  else if (state == PS_SIM_PROCESS_EXITED)
    judge_exit (self);
}

/* --- bytes ---------------------------------------------------------------------------------- */

static gboolean
is_dump_request (const guint8 *bytes, gsize n_bytes)
{
  struct nlmsghdr header;
  if (n_bytes < sizeof header)
    return FALSE;
  memcpy (&header, bytes, sizeof header);
  return header.nlmsg_type == RTM_GETLINK && (header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

/* The daemon sends messages one by one, or several in a datagram. */
static gboolean
sets_links (const guint8 *bytes, gsize n_bytes)
{
  struct nlmsghdr header;
  for (gsize at = 0; at + sizeof header <= n_bytes; at += NLMSG_ALIGN (header.nlmsg_len)) {
    memcpy (&header, bytes + at, sizeof header);
    if (header.nlmsg_type == RTM_SETLINK)
      return TRUE;
    if (header.nlmsg_len < sizeof header)
      return FALSE;
  }
  return FALSE;
}

static void
judge_request (PsCheck *self, const guint8 *bytes, gsize n_bytes)
{
  const PsCheckProcess *process = &self->process;
  if ((!process->decided || !process->start.ignore_old) && sets_links (bytes, n_bytes))
    ps_check_fail (self, PS_CHECK_LINKS_UNTOUCHED,
                   g_strdup ("links taken down only by a start that ignores old devices"),
                   g_strdup_printf ("by a %s start", process->decided
                                                         ? ps_start_mode_name (process->start.mode)
                                                         : "not yet decided"));
}

static void
take_kernel_bytes (PsCheck *self, PsSimTapEvent event, const guint8 *bytes, gsize n_bytes)
{
  if (event == PS_SIM_TAP_OVERRUN) {
    self->counters.overruns++;
    ps_check_note (self, "overrun", "", self->counters.overruns);
  }
  if (event == PS_SIM_TAP_READ && ++self->n_datagrams > PS_NETLINK_BUDGET + 1)
    ps_check_fail (self, PS_CHECK_WORK_BUDGET,
                   g_strdup_printf ("at most %d datagrams read in one go", PS_NETLINK_BUDGET + 1),
                   g_strdup_printf ("%u", self->n_datagrams));
  if (event == PS_SIM_TAP_WRITTEN)
    judge_request (self, bytes, n_bytes);
  if (event != PS_SIM_TAP_WRITTEN || !is_dump_request (bytes, n_bytes))
    return;
  self->counters.dumps++;
  ps_check_rates_occasion (self);
  ps_check_note (self, "dump", "", self->counters.dumps);
  if (!count_rate (&self->process.dumps, ps_check_now_us (self), PS_NETLINK_DUMPS_PER_SECOND))
    ps_check_fail (
        self, PS_CHECK_DUMP_RATE,
        g_strdup_printf ("at most %d listings asked for in a second", PS_NETLINK_DUMPS_PER_SECOND),
        g_strdup ("more"));
}

static void
take_connect (PsCheck *self, guint channel)
{
  self->counters.connects++;
  ps_check_rates_occasion (self);
  ps_check_note (self, "connect", ps_schema_db_name (channel), self->counters.connects);
  if (channel == PS_DB_APPL) {
    self->process.config_changed = FALSE;
    self->process.appl_connection = 0;
  }
  if (!count_rate (&self->process.connects[channel], ps_check_now_us (self),
                   PS_CONNECTS_PER_SECOND))
    ps_check_fail (
        self, PS_CHECK_CONNECT_RATE,
        g_strdup_printf ("at most %d attempts to connect in a second", PS_CONNECTS_PER_SECOND),
        g_strdup_printf ("more to %s", ps_schema_db_name (channel)));
}

static void
take_loss (PsCheck *self, guint channel)
{
  ps_check_excuse_count (self);
  if (channel != PS_DB_STATE)
    return;
  ps_check_lose_state (self);
  self->given_up_connection = ps_sim_redis_counters (self->redis)->connects;
}

static void
remark_bytes (PsCheck *self, guint channel, PsSimTapEvent event, gsize n_bytes)
{
  static const char *const words[] = {"reads",  "writes",         "connects",
                                      "closes", "learns the end", "learns of a loss"};
  if ((event == PS_SIM_TAP_READ || event == PS_SIM_TAP_WRITTEN) && !self->trace_bytes)
    return;
  const char *name = channel == PS_SIM_TAP_KERNEL ? "kernel" : ps_schema_db_name (channel);
  g_autofree char *text =
      event == PS_SIM_TAP_READ || event == PS_SIM_TAP_WRITTEN
          ? g_strdup_printf ("%s: %s %" G_GSIZE_FORMAT " bytes", name, words[event], n_bytes)
          : g_strdup_printf ("%s: %s", name, words[event]);
  ps_check_remark (self, text);
}

void
ps_check_take_bytes (PsCheck *self, guint channel, PsSimTapEvent event, const guint8 *bytes,
                     gsize n_bytes)
{
  ps_history_add_number (self->history, channel * 16 + event);
  if (n_bytes > 0)
    ps_history_add_bytes (self->history, bytes, n_bytes);
  if (self->trace != NULL)
    remark_bytes (self, channel, event, n_bytes);
  if (channel == PS_SIM_TAP_KERNEL)
    take_kernel_bytes (self, event, bytes, n_bytes);
  else if (event == PS_SIM_TAP_CONNECT)
    take_connect (self, channel);
  else if (event == PS_SIM_TAP_ENDED || event == PS_SIM_TAP_CLOSE)
    take_loss (self, channel);
  else if (event == PS_SIM_TAP_WRITTEN && channel == PS_DB_APPL && !self->process.config_done &&
           memmem (bytes, n_bytes, marker_call, sizeof marker_call - 1) != NULL)
    ps_check_config_done_sent (self);
}

/* --- steps ---------------------------------------------------------------------------------- */

void
ps_check_take_step (PsCheck *self)
{
  gint64 now_us = ps_check_now_us (self);
  ps_check_end_command (self);
  ps_check_look_for_decision (self);
  ps_check_watch_account (self);
  ps_check_watch_count (self);
  ps_check_watch_rates (self);
  ps_check_watch_loaded (self);
  self->n_datagrams = 0;
  self->n_steps = now_us == self->step_us ? self->n_steps + 1 : 0;
  self->step_us = now_us;
  if (self->n_steps > PS_STEPS_AT_ONCE)
    ps_check_fail (self, PS_CHECK_PROGRESS, g_strdup ("time passes"),
                   g_strdup_printf ("%d timers at one instant", PS_STEPS_AT_ONCE));
}

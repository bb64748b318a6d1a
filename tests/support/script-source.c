/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/script-source.h"
#include "backends/netlink/dump-pacer.h"
#include "backends/netlink/error.h"

#define SCRIPT_MTU 9100

struct _PsScriptSource {
  GObject parent;
  PsClock *clock;         /* owned */
  const PsLinkSink *sink; /* nullable: not started, or stopped */
  gpointer user_data;
  GPtrArray *links; /* owned PsLinkEvent, in order of creation */
  GArray *queue;    /* of PsLinkEvent, not delivered yet */
  GArray *records;  /* of PsLinkEvent: the rest of the answer in flight */
  GArray *downed;   /* of guint32 */
  PsNetlinkDumpPacer pacer;
  PsTimerId timer;
  gboolean wanted;  /* A snapshot was asked for and has not begun. */
  gboolean dumping; /* Between BEGIN and END. */
  gboolean spoiled; /* This one ends interrupted. */
  gboolean held, silent;
  guint n_interrupts, n_snapshots, n_admin_down_calls;
  guint n_answer; /* Links of the set_admin_down that waits for its answer; 0: none. */
  int refusal;
  GError *failure; /* owned, nullable */
};

static gboolean
find (PsScriptSource *self, guint32 ifindex, guint *out_at)
{
  for (guint i = 0; i < self->links->len; i++) {
    PsLinkEvent *link = g_ptr_array_index (self->links, i);
    if (link->ifindex == ifindex) {
      *out_at = i;
      return TRUE;
    }
  }
  return FALSE;
}

static PsLinkEvent *
lookup (PsScriptSource *self, guint32 ifindex)
{
  guint at;
  return find (self, ifindex, &at) ? g_ptr_array_index (self->links, at) : NULL;
}

static void
deliver (PsScriptSource *self)
{
  g_autoptr (GArray) batch = self->queue;
  self->queue = g_array_new (FALSE, FALSE, sizeof (PsLinkEvent));
  for (guint at = 0; at < batch->len && self->sink != NULL; at += PS_LINK_EVENTS_PER_BATCH) {
    guint n = MIN (batch->len - at, PS_LINK_EVENTS_PER_BATCH);
    self->sink->events (&g_array_index (batch, PsLinkEvent, at), n, self->user_data);
  }
}

static void
answer_admin_down (PsScriptSource *self)
{
  if (self->n_answer == 0 || self->sink == NULL)
    return;
  guint n = self->n_answer;
  PsNetlinkAdminDownResult done = {.n_done = n},
                           refused = {.n_failed = n, .first_errno = self->refusal};
  self->n_answer = 0;
  self->sink->admin_down_done (self->refusal != 0 ? &refused : &done, self->user_data);
}

static void
push (PsScriptSource *self, PsLinkEvent event)
{
  event.received_us = ps_clock_now_us (self->clock);
  g_array_append_val (self->queue, event);
}

static void
begin_snapshot (PsScriptSource *self)
{
  ps_netlink_dump_pacer_asked (&self->pacer);
  self->wanted = FALSE;
  self->dumping = TRUE;
  self->spoiled = FALSE;
  self->n_snapshots++;
  push (self, (PsLinkEvent){.type = PS_LINK_SNAPSHOT_BEGIN});
  for (guint i = 0; i < self->links->len; i++) {
    PsLinkEvent record = *(PsLinkEvent *)g_ptr_array_index (self->links, i);
    record.from_dump = TRUE;
    g_array_append_val (self->records, record);
  }
}

static void
end_snapshot (PsScriptSource *self)
{
  for (guint i = 0; i < self->records->len; i++)
    push (self, g_array_index (self->records, PsLinkEvent, i));
  g_array_set_size (self->records, 0);
  gboolean complete = !self->spoiled && self->n_interrupts == 0;
  if (self->n_interrupts > 0)
    self->n_interrupts--;
  self->dumping = FALSE;
  ps_netlink_dump_pacer_ended (&self->pacer, ps_clock_now_us (self->clock), complete);
  push (self, (PsLinkEvent){.type = PS_LINK_SNAPSHOT_END, .complete = complete});
}

static void
report_failure (PsScriptSource *self)
{
  const PsLinkSink *sink = self->sink;
  if (self->failure == NULL || sink == NULL)
    return;
  ps_link_source_stop (PS_LINK_SOURCE (self));
  sink->failed (self->failure, self->user_data);
}

/* One step of the loop: what is queued, then the answers, then what comes next. */
static void
on_turn (gpointer data)
{
  g_autoptr (PsScriptSource) self = g_object_ref (data);
  self->timer = 0;
  deliver (self);
  gint64 now_us = ps_clock_now_us (self->clock);
  if (self->wanted && !self->dumping &&
      ps_netlink_dump_pacer_due_us (&self->pacer, now_us) <= now_us)
    begin_snapshot (self);
  if (self->dumping && !self->held)
    end_snapshot (self);
  deliver (self);
  answer_admin_down (self);
  report_failure (self);
  if (self->sink == NULL || self->timer != 0)
    return;
  if (self->queue->len > 0)
    self->timer = ps_clock_arm (self->clock, now_us, on_turn, self);
  else if (self->wanted && !self->dumping)
    self->timer = ps_clock_arm (self->clock, ps_netlink_dump_pacer_due_us (&self->pacer, now_us),
                                on_turn, self);
}

static void
plan_turn (PsScriptSource *self)
{
  ps_clock_clear (self->clock, &self->timer);
  if (self->sink != NULL)
    self->timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock), on_turn, self);
}

static void
announce (PsScriptSource *self, PsLinkEvent event)
{
  if (self->silent || self->sink == NULL)
    return;
  push (self, event);
  plan_turn (self);
}

static void
script_start (PsLinkSource *source, const PsLinkSink *sink, gpointer user_data)
{
  PsScriptSource *self = PS_SCRIPT_SOURCE (source);
  g_assert (self->sink == NULL);
  self->sink = sink;
  self->user_data = user_data;
  plan_turn (self);
}

static void
script_request_snapshot (PsLinkSource *source)
{
  PsScriptSource *self = PS_SCRIPT_SOURCE (source);
  self->wanted = TRUE;
  plan_turn (self);
}

static void
take_down (PsScriptSource *self, guint32 ifindex)
{
  PsLinkEvent *link = lookup (self, ifindex);
  if (link != NULL && (link->flags & IFF_UP))
    ps_script_source_link (self, link->name, ifindex,
                           link->flags & ~(guint32)(IFF_UP | IFF_RUNNING));
}

static void
script_set_admin_down (PsLinkSource *source, const guint32 *ifindexes, gsize n)
{
  PsScriptSource *self = PS_SCRIPT_SOURCE (source);
  g_assert (self->n_answer == 0);
  g_array_append_vals (self->downed, ifindexes, (guint)n);
  self->n_answer = (guint)n;
  self->n_admin_down_calls++;
  for (gsize i = 0; i < n && self->refusal == 0; i++)
    take_down (self, ifindexes[i]);
  plan_turn (self);
}

static void
script_stop (PsLinkSource *source)
{
  PsScriptSource *self = PS_SCRIPT_SOURCE (source);
  self->sink = NULL;
  ps_clock_clear (self->clock, &self->timer);
}

static void
source_iface_init (PsLinkSourceInterface *iface)
{
  iface->start = script_start;
  iface->request_snapshot = script_request_snapshot;
  iface->set_admin_down = script_set_admin_down;
  iface->stop = script_stop;
}

G_DEFINE_TYPE_WITH_CODE (PsScriptSource, ps_script_source, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_LINK_SOURCE, source_iface_init))

static void
script_finalize (GObject *object)
{
  PsScriptSource *self = PS_SCRIPT_SOURCE (object);
  script_stop (PS_LINK_SOURCE (self));
  g_ptr_array_unref (self->links);
  g_array_unref (self->queue);
  g_array_unref (self->records);
  g_array_unref (self->downed);
  g_clear_error (&self->failure);
  g_object_unref (self->clock);
  G_OBJECT_CLASS (ps_script_source_parent_class)->finalize (object);
}

static void
ps_script_source_class_init (PsScriptSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = script_finalize;
}

static void
ps_script_source_init (PsScriptSource *self)
{
  self->links = g_ptr_array_new_with_free_func (g_free);
  self->queue = g_array_new (FALSE, FALSE, sizeof (PsLinkEvent));
  self->records = g_array_new (FALSE, FALSE, sizeof (PsLinkEvent));
  self->downed = g_array_new (FALSE, FALSE, sizeof (guint32));
}

PsScriptSource *
ps_script_source_new (PsClock *clock)
{
  PsScriptSource *self = g_object_new (PS_TYPE_SCRIPT_SOURCE, NULL);
  self->clock = g_object_ref (clock);
  return self;
}

static void
count_carrier (PsLinkEvent *link, guint32 flags)
{
  if (((link->flags ^ flags) & IFF_RUNNING) == 0)
    return;
  link->carrier.changes++;
  if (flags & IFF_RUNNING)
    link->carrier.ups++;
  else
    link->carrier.downs++;
}

void
ps_script_source_link (PsScriptSource *self, const char *name, guint32 ifindex, guint32 flags)
{
  PsLinkEvent *known = lookup (self, ifindex);
  PsLinkEvent link = {
      .fields = PS_LINK_HAS_MTU | PS_LINK_HAS_CARRIER, .ifindex = ifindex, .mtu = SCRIPT_MTU};
  if (known != NULL)
    link = *known;
  count_carrier (&link, flags);
  link.flags = flags;
  if (known == NULL || name != known->name)
    g_strlcpy (link.name, name, sizeof link.name);
  ps_script_source_put (self, &link);
}

void
ps_script_source_put (PsScriptSource *self, const PsLinkEvent *link)
{
  g_assert (link->ifindex > 0 && link->name[0] != '\0');
  PsLinkEvent *known = lookup (self, link->ifindex);
  PsLinkEvent event = *link;
  event.type = PS_LINK_UPSERT;
  event.from_dump = FALSE;
  event.registered = FALSE;
  if (known != NULL)
    *known = event;
  else
    g_ptr_array_add (self->links, g_memdup2 (&event, sizeof event));
  event.registered = known == NULL;
  announce (self, event);
}

void
ps_script_source_rename (PsScriptSource *self, guint32 ifindex, const char *name)
{
  PsLinkEvent *link = lookup (self, ifindex);
  g_assert (link != NULL);
  ps_script_source_link (self, name, ifindex, link->flags);
}

void
ps_script_source_remove (PsScriptSource *self, guint32 ifindex)
{
  guint at;
  gboolean found = find (self, ifindex, &at);
  g_assert (found);
  PsLinkEvent event = *(PsLinkEvent *)g_ptr_array_index (self->links, at);
  g_ptr_array_remove_index (self->links, at);
  event.type = PS_LINK_REMOVE;
  announce (self, event);
}

const PsLinkEvent *
ps_script_source_peek (PsScriptSource *self, guint32 ifindex)
{
  return lookup (self, ifindex);
}

void
ps_script_source_inject (PsScriptSource *self, const PsLinkEvent *event)
{
  announce (self, *event);
}

void
ps_script_source_lost (PsScriptSource *self)
{
  self->spoiled = TRUE;
  ps_netlink_dump_pacer_trouble (&self->pacer, ps_clock_now_us (self->clock));
  if (self->sink == NULL)
    return;
  push (self, (PsLinkEvent){.type = PS_LINK_LOST});
  plan_turn (self);
}

void
ps_script_source_set_silent (PsScriptSource *self, gboolean silent)
{
  self->silent = silent;
}

void
ps_script_source_hold_snapshots (PsScriptSource *self, gboolean hold)
{
  self->held = hold;
  plan_turn (self);
}

void
ps_script_source_interrupt_snapshots (PsScriptSource *self, guint n)
{
  self->n_interrupts = n;
}

void
ps_script_source_refuse_admin_down (PsScriptSource *self, int error)
{
  self->refusal = error;
}

void
ps_script_source_fail (PsScriptSource *self, const char *message)
{
  g_assert (self->failure == NULL);
  self->failure = g_error_new_literal (PS_NETLINK_ERROR, PS_NETLINK_ERROR_CLOSED, message);
  plan_turn (self);
}

guint
ps_script_source_n_snapshots (PsScriptSource *self)
{
  return self->n_snapshots;
}

const guint32 *
ps_script_source_downed (PsScriptSource *self, gsize *out_n)
{
  *out_n = self->downed->len;
  return (const guint32 *)(gpointer)self->downed->data;
}

guint
ps_script_source_n_admin_down_calls (PsScriptSource *self)
{
  return self->n_admin_down_calls;
}

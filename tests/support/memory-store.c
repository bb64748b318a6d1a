/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/memory-store.h"
#include "base/rng.h"
#include "core/schema.h"
#include "sim/world/field-list.h"
#include "tests/support/memory-event.h"
#include "tests/support/memory-orchagent.h"
#include "tests/support/refusal-list.h"
#include "tests/support/write-log.h"
#include <string.h>

#define WRONGTYPE "WRONGTYPE Operation against a key holding the wrong kind of value"

struct _PsMemoryStore {
  GObject parent;
  PsClock *clock;              /* owned */
  PsSimRedisDb *dbs[PS_N_DBS]; /* owned */
  GQueue events;               /* owned; of PsMemoryEvent */
  GPtrArray *refusals;         /* owned; of PsRefusalEntry */
  PsWriteLog *log;             /* owned */
  const PsStoreSink *sink;     /* nullable: not started */
  gpointer sink_data;
  PsTimerId timer;
  PsTicket last_ticket;
  guint64 generations[PS_N_DBS];
  PsRng rng;
  gboolean online[PS_N_DBS], announced[PS_N_DBS], held, lose_applied;
  guint n_lose;
  PsMemoryStoreCounters counters;
};

static char *
whole_key (PsDb db, PsText table, const char *key)
{
  char *whole =
      table.size > 0 ? g_strconcat (table.data, PS_STORE_SEPARATOR, key, NULL) : g_strdup (key);
  return g_strdelimit (whole, PS_STORE_SEPARATOR, db == PS_DB_APPL ? ':' : '|');
}

static void
count_outcomes (PsMemoryStore *self, const PsMemoryEvent *event)
{
  for (guint i = 0; i < event->outcomes->len; i++) {
    PsResult result = g_array_index (event->outcomes, PsOutcome, i).result;
    self->counters.applied += result == PS_APPLIED;
    self->counters.refused += result == PS_REFUSED;
    self->counters.unknown += result == PS_UNKNOWN;
  }
}

static void
deliver_rows (PsMemoryStore *self, const PsMemoryEvent *event)
{
  for (guint i = 0; i < event->rows->len && self->sink != NULL; i++) {
    const PsMemoryRow *copy = g_ptr_array_index (event->rows, i);
    PsRow row = {ps_text (copy->key), (const PsField *)(gpointer)copy->fields->data,
                 copy->fields->len, copy->outcome};
    self->counters.rows++;
    event->row (event->ticket, &row, event->user_data);
  }
}

static void
deliver_value (const PsMemoryEvent *event)
{
  const PsOutcome *outcome = &g_array_index (event->outcomes, PsOutcome, 0);
  gboolean has_value = event->value != NULL && outcome->result == PS_APPLIED;
  PsText value = ps_text (has_value ? event->value : "");
  event->get_done (event->ticket, outcome, has_value ? &value : NULL, event->user_data);
}

static void
deliver (PsMemoryStore *self, const PsMemoryEvent *event)
{
  const PsOutcome *outcomes = (const PsOutcome *)(gpointer)event->outcomes->data;
  switch (event->type) {
  case PS_MEMORY_EVENT_COMMIT:
    count_outcomes (self, event);
    event->commit_done (event->ticket, outcomes, event->outcomes->len, event->user_data);
    break;
  case PS_MEMORY_EVENT_READ:
    if (outcomes[0].result != PS_UNKNOWN)
      deliver_rows (self, event);
    if (self->sink != NULL)
      event->read_done (event->ticket, &outcomes[0], event->user_data);
    break;
  case PS_MEMORY_EVENT_EXISTS:
    event->exists_done (event->ticket, &outcomes[0], event->n_existing, event->user_data);
    break;
  case PS_MEMORY_EVENT_GET:
    deliver_value (event);
    break;
  case PS_MEMORY_EVENT_ONLINE:
    self->counters.onlines++;
    self->announced[event->db] = self->online[event->db];
    self->sink->online (event->db, event->generation, self->sink_data);
    break;
  case PS_MEMORY_EVENT_OFFLINE:
    self->counters.offlines++;
    self->sink->offline (event->db, "taken offline by the test", self->sink_data);
    break;
  }
}

static gboolean
may_deliver (PsMemoryStore *self)
{
  const PsMemoryEvent *head = g_queue_peek_head (&self->events);
  if (self->sink == NULL || head == NULL)
    return FALSE;
  return !self->held || !ps_memory_event_is_request (head) || head->forced;
}

static void
on_timer (gpointer user_data)
{
  PsMemoryStore *self = g_object_ref (user_data);
  self->timer = 0;
  for (guint n = g_queue_get_length (&self->events); n > 0 && may_deliver (self); n--) {
    PsMemoryEvent *event = g_queue_pop_head (&self->events);
    deliver (self, event);
    ps_memory_event_free (event);
  }
  if (may_deliver (self) && self->timer == 0)
    self->timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock), on_timer, self);
  g_object_unref (self);
}

static void
schedule (PsMemoryStore *self)
{
  if (self->timer == 0 && may_deliver (self))
    self->timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock), on_timer, self);
}

static PsMemoryEvent *
push (PsMemoryStore *self, PsMemoryEventType type, PsDb db)
{
  PsMemoryEvent *event = ps_memory_event_new (type);
  event->db = db;
  g_queue_push_tail (&self->events, event);
  schedule (self);
  return event;
}

/* A new request. *out_works: it has effects. */
static PsMemoryEvent *
request (PsMemoryStore *self, PsMemoryEventType type, PsDb db, guint n_outcomes, gpointer user_data,
         gboolean *out_works)
{
  PsMemoryEvent *event = push (self, type, db);
  event->ticket = ++self->last_ticket;
  event->user_data = user_data;
  *out_works = TRUE;
  if (!self->announced[db] || self->sink == NULL) {
    ps_memory_event_make_unknown (event, n_outcomes, "offline");
    *out_works = FALSE;
  } else if (self->n_lose > 0) {
    self->n_lose--;
    ps_memory_event_make_unknown (event, n_outcomes, "lost by the test");
    event->forced = FALSE;
    *out_works = self->lose_applied;
  } else {
    g_array_set_size (event->outcomes, n_outcomes);
  }
  return event;
}

static gboolean
take_refusal (PsMemoryStore *self, PsMemoryEvent *event, PsDb db, const char *verb, const char *key,
              PsOutcome *out)
{
  PsRefusal refusal;
  g_autofree char *text = NULL;
  if (!ps_refusal_list_take (self->refusals, db, verb, key, &refusal, &text))
    return FALSE;
  *out = ps_memory_event_refuse (event, refusal, text);
  return TRUE;
}

static void
put_fields (PsMemoryStore *self, PsDb db, const char *key, const PsBatch *batch, guint op)
{
  for (guint i = 0; i < ps_batch_get_op (batch, op).n_fields; i++)
    ps_memory_db_put (self->dbs[db], key, ps_batch_get_field (batch, op, i));
}

static PsOutcome
produce (PsMemoryStore *self, PsMemoryEvent *event, const PsBatch *batch, guint op, guint *n_new)
{
  PsDb db = ps_batch_db (batch);
  PsOp o = ps_batch_get_op (batch, op);
  g_autofree char *live = whole_key (db, o.table, o.key.data);
  g_autofree char *staged = g_strconcat ("_", live, NULL);
  g_autofree char *set = g_strdup_printf ("%s_KEY_SET", o.table.data);
  if (!ps_memory_db_fits (self->dbs[db], staged, PS_SIM_HASH) ||
      !ps_memory_db_fits (self->dbs[db], set, PS_SIM_SET))
    return ps_memory_event_refuse (event, PS_REFUSAL_WRONGTYPE, WRONGTYPE);
  put_fields (self, db, staged, batch, op);
  *n_new += ps_memory_db_add (self->dbs[db], set, o.key.data);
  ps_write_log_add (self->log, "PRODUCE", live, batch, op);
  return (PsOutcome){.result = PS_APPLIED};
}

static PsOutcome
correct (PsMemoryStore *self, PsMemoryEvent *event, const PsBatch *batch, guint op, const char *key)
{
  PsOp o = ps_batch_get_op (batch, op);
  if (o.n_fields != 2)
    return ps_memory_event_refuse (event, PS_REFUSAL_OTHER, "two fields");
  PsText value = ps_batch_get_field (batch, op, 1).value;
  PsMemoryCorrection how = ps_memory_db_correct (
      self->dbs[ps_batch_db (batch)], key, ps_batch_get_field (batch, op, 0), value, o.table.data);
  if (how == PS_MEMORY_CORRECTED)
    ps_write_log_add (self->log, "CORRECT", key, batch, op);
  return how == PS_MEMORY_WRONG_TYPE
             ? ps_memory_event_refuse (event, PS_REFUSAL_WRONGTYPE, WRONGTYPE)
             : (PsOutcome){.result = PS_APPLIED};
}

static const char *const verbs[] = {
    [PS_OP_PUT] = "PUT",         [PS_OP_ADD] = "ADD",         [PS_OP_DELETE] = "DELETE",
    [PS_OP_PRODUCE] = "PRODUCE", [PS_OP_CORRECT] = "CORRECT",
};

static PsOutcome
apply (PsMemoryStore *self, PsMemoryEvent *event, const PsBatch *batch, guint op, guint *n_new)
{
  PsDb db = ps_batch_db (batch);
  PsOp o = ps_batch_get_op (batch, op);
  g_autofree char *key = whole_key (db, o.table, o.key.data);
  PsOutcome outcome = {.result = PS_APPLIED};
  if (take_refusal (self, event, db, verbs[o.type], key, &outcome) ||
      (o.type == PS_OP_PUT && o.n_fields == 0))
    return outcome;
  if (o.type == PS_OP_PRODUCE && o.n_fields == 0)
    return ps_memory_event_refuse (event, PS_REFUSAL_OTHER, "cannot be produced: no fields");
  if (o.type == PS_OP_CORRECT)
    return correct (self, event, batch, op, key);
  if (o.type == PS_OP_PRODUCE)
    return produce (self, event, batch, op, n_new);
  if (o.type == PS_OP_ADD && o.n_fields != 1)
    return ps_memory_event_refuse (event, PS_REFUSAL_OTHER, "cannot be added: one field");
  if (o.type != PS_OP_DELETE && !ps_memory_db_fits (self->dbs[db], key, PS_SIM_HASH))
    return ps_memory_event_refuse (event, PS_REFUSAL_WRONGTYPE, WRONGTYPE);
  if (o.type == PS_OP_ADD &&
      ps_memory_db_get (self->dbs[db], key, ps_batch_get_field (batch, op, 0).name.data) != NULL)
    return outcome;
  if (o.type == PS_OP_DELETE)
    ps_memory_db_delete (self->dbs[db], key);
  else
    put_fields (self, db, key, batch, op);
  ps_write_log_add (self->log, verbs[o.type], key, batch, op);
  return outcome;
}

static PsTicket
memory_commit (PsStore *store, PsBatch *batch, PsCommitDone done, gpointer user_data)
{
  PsMemoryStore *self = PS_MEMORY_STORE (store);
  gboolean works;
  guint n = ps_batch_length (batch), n_new = 0;
  PsMemoryEvent *event =
      request (self, PS_MEMORY_EVENT_COMMIT, ps_batch_db (batch), n, user_data, &works);
  event->commit_done = done;
  self->counters.commits++;
  self->counters.operations += n;
  for (guint i = 0; i < n && works; i++) {
    PsOutcome outcome = apply (self, event, batch, i, &n_new);
    PsOutcome *slot = &g_array_index (event->outcomes, PsOutcome, i);
    if (slot->result != PS_UNKNOWN)
      *slot = outcome;
  }
  self->counters.published += n_new > 0;
  ps_batch_free (batch);
  return event->ticket;
}

static void
read_row (PsMemoryStore *self, PsMemoryEvent *event, const PsRead *read, const char *key)
{
  g_autofree char *whole = whole_key (read->db, ps_text (read->table), key);
  PsMemoryRow *row = ps_memory_event_add_row (event, key);
  if (read->names_only || take_refusal (self, event, read->db, "READ", whole, &row->outcome)) {
    PsOutcome *all = &g_array_index (event->outcomes, PsOutcome, 0);
    if (all->result == PS_APPLIED && row->outcome.refusal != PS_REFUSAL_WRONGTYPE)
      *all = row->outcome; /* as the session does it */
    return;
  }
  if (!ps_memory_db_fits (self->dbs[read->db], whole, PS_SIM_HASH)) {
    row->outcome = ps_memory_event_refuse (event, PS_REFUSAL_WRONGTYPE, WRONGTYPE);
    return;
  }
  gsize n;
  const PsField *fields = ps_sim_redis_db_fields (self->dbs[read->db], ps_text (whole), &n);
  ps_sim_field_list_add (row->fields, fields, n);
}

static void
read_table (PsMemoryStore *self, PsMemoryEvent *event, const PsRead *read)
{
  g_autofree char *prefix = whole_key (read->db, ps_text (read->table), "");
  g_autoptr (GPtrArray) keys = ps_sim_redis_db_sorted_keys (self->dbs[read->db], prefix);
  for (guint i = 0; i < keys->len; i++)
    read_row (self, event, read, (char *)g_ptr_array_index (keys, i) + strlen (prefix));
}

static PsTicket
memory_read_rows (PsStore *store, const PsRead *read, PsRowFn row, PsReadDone done,
                  gpointer user_data)
{
  PsMemoryStore *self = PS_MEMORY_STORE (store);
  gboolean works;
  PsMemoryEvent *event = request (self, PS_MEMORY_EVENT_READ, read->db, 1, user_data, &works);
  event->row = row;
  event->read_done = done;
  self->counters.reads++;
  if (works && read->keys == NULL)
    read_table (self, event, read);
  for (gsize i = 0; i < read->n_keys && works; i++)
    read_row (self, event, read, read->keys[i]);
  return event->ticket;
}

static PsTicket
memory_exists (PsStore *store, PsDb db, const char *table, const char *const *keys, gsize n_keys,
               PsExistsDone done, gpointer user_data)
{
  PsMemoryStore *self = PS_MEMORY_STORE (store);
  gboolean works;
  PsMemoryEvent *event = request (self, PS_MEMORY_EVENT_EXISTS, db, 1, user_data, &works);
  event->exists_done = done;
  self->counters.exists++;
  works = works && !take_refusal (self, event, db, "EXISTS", "",
                                  &g_array_index (event->outcomes, PsOutcome, 0));
  for (gsize i = 0; i < n_keys && works; i++) {
    g_autofree char *key = whole_key (db, ps_text (table), keys[i]);
    event->n_existing += ps_memory_db_exists (self->dbs[db], key);
  }
  return event->ticket;
}

static PsTicket
memory_get (PsStore *store, PsDb db, const char *key, PsGetDone done, gpointer user_data)
{
  PsMemoryStore *self = PS_MEMORY_STORE (store);
  gboolean works;
  PsMemoryEvent *event = request (self, PS_MEMORY_EVENT_GET, db, 1, user_data, &works);
  PsOutcome *outcome = &g_array_index (event->outcomes, PsOutcome, 0);
  event->get_done = done;
  self->counters.gets++;
  if (!works || take_refusal (self, event, db, "GET", key, outcome))
    return event->ticket;
  event->value = g_strdup (ps_memory_db_string (self->dbs[db], key));
  if (event->value == NULL && ps_memory_db_exists (self->dbs[db], key))
    *outcome = ps_memory_event_refuse (event, PS_REFUSAL_WRONGTYPE, WRONGTYPE);
  return event->ticket;
}

static void
memory_start (PsStore *store, const PsStoreSink *sink, gpointer user_data)
{
  PsMemoryStore *self = PS_MEMORY_STORE (store);
  g_assert (self->sink == NULL);
  self->sink = sink;
  self->sink_data = user_data;
  for (PsDb db = 0; db < PS_N_DBS; db++)
    if (self->online[db])
      push (self, PS_MEMORY_EVENT_ONLINE, db)->generation = ++self->generations[db];
}

static gboolean
memory_is_online (PsStore *store, PsDb db)
{
  return PS_MEMORY_STORE (store)->announced[db];
}

static void
memory_stop (PsStore *store)
{
  PsMemoryStore *self = PS_MEMORY_STORE (store);
  self->sink = NULL;
  memset (self->announced, 0, sizeof self->announced);
  ps_clock_clear (self->clock, &self->timer);
  g_queue_clear_full (&self->events, ps_memory_event_free);
}

static void
store_iface_init (PsStoreInterface *iface)
{
  iface->start = memory_start;
  iface->commit = memory_commit;
  iface->read_rows = memory_read_rows;
  iface->exists = memory_exists;
  iface->get = memory_get;
  iface->is_online = memory_is_online;
  iface->stop = memory_stop;
}

G_DEFINE_TYPE_WITH_CODE (PsMemoryStore, ps_memory_store, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_STORE, store_iface_init))

static void
memory_finalize (GObject *object)
{
  PsMemoryStore *self = PS_MEMORY_STORE (object);
  memory_stop (PS_STORE (self));
  for (guint i = 0; i < PS_N_DBS; i++)
    ps_sim_redis_db_free (self->dbs[i]);
  g_ptr_array_unref (self->refusals);
  ps_write_log_free (self->log);
  g_clear_object (&self->clock);
  G_OBJECT_CLASS (ps_memory_store_parent_class)->finalize (object);
}

static void
ps_memory_store_class_init (PsMemoryStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memory_finalize;
}

static void
ps_memory_store_init (PsMemoryStore *self)
{
  for (guint i = 0; i < PS_N_DBS; i++) {
    self->dbs[i] = ps_memory_db_new ();
    self->online[i] = TRUE;
  }
  g_queue_init (&self->events);
  self->refusals = ps_refusal_list_new ();
  self->log = ps_write_log_new ();
  ps_rng_seed (&self->rng, 1);
}

PsMemoryStore *
ps_memory_store_new (PsClock *clock)
{
  PsMemoryStore *self = g_object_new (PS_TYPE_MEMORY_STORE, NULL);
  self->clock = g_object_ref (clock);
  return self;
}

void
ps_memory_store_set_db_online (PsMemoryStore *self, PsDb db, gboolean online)
{
  if (self->online[db] == online)
    return;
  self->online[db] = online;
  self->announced[db] = FALSE;
  if (self->sink == NULL)
    return;
  for (GList *l = self->events.head; l != NULL && !online; l = l->next) {
    PsMemoryEvent *event = l->data;
    if (event->db == db && ps_memory_event_is_request (event))
      ps_memory_event_make_unknown (event, event->outcomes->len, "offline");
  }
  PsMemoryEvent *event = push (self, online ? PS_MEMORY_EVENT_ONLINE : PS_MEMORY_EVENT_OFFLINE, db);
  event->generation = online ? ++self->generations[db] : 0;
  schedule (self);
}

void
ps_memory_store_set_online (PsMemoryStore *self, gboolean online)
{
  for (PsDb db = 0; db < PS_N_DBS; db++)
    ps_memory_store_set_db_online (self, db, online);
}

void
ps_memory_store_hold (PsMemoryStore *self, gboolean hold)
{
  self->held = hold;
  schedule (self);
}

void
ps_memory_store_refuse (PsMemoryStore *self, PsDb db, const char *key, PsRefusal refusal,
                        const char *text, guint n_times)
{
  ps_refusal_list_add (self->refusals, db, key, refusal, text, n_times);
}

void
ps_memory_store_relent (PsMemoryStore *self)
{
  g_ptr_array_set_size (self->refusals, 0);
}

void
ps_memory_store_lose (PsMemoryStore *self, guint n_requests, gboolean applied)
{
  self->n_lose = n_requests;
  self->lose_applied = applied;
}

PsSimRedisDb *
ps_memory_store_db (PsMemoryStore *self, PsDb db)
{
  return self->dbs[db];
}

GPtrArray *
ps_memory_store_pop (PsMemoryStore *self, guint n)
{
  return ps_memory_orchagent_pop (self->dbs[PS_DB_APPL], &self->rng, n);
}

guint
ps_memory_store_n_pending (PsMemoryStore *self)
{
  return ps_memory_db_set_size (self->dbs[PS_DB_APPL], PS_KEY_SET);
}

void
ps_memory_store_produce_del (PsMemoryStore *self, const char *key)
{
  self->counters.published += ps_memory_orchagent_delete (self->dbs[PS_DB_APPL], key);
}

const GPtrArray *
ps_memory_store_log (PsMemoryStore *self)
{
  return ps_write_log_lines (self->log);
}

char *
ps_memory_store_log_text (PsMemoryStore *self)
{
  return ps_write_log_text (self->log);
}

void
ps_memory_store_clear_log (PsMemoryStore *self)
{
  ps_write_log_clear (self->log);
}

guint
ps_memory_store_n_writes (PsMemoryStore *self, PsDb db, const char *key)
{
  return ps_write_log_count (self->log, db, key);
}

PsMemoryStoreCounters
ps_memory_store_counters (PsMemoryStore *self)
{
  return self->counters;
}

guint
ps_memory_store_n_open (PsMemoryStore *self)
{
  guint n = 0;
  for (GList *l = self->events.head; l != NULL; l = l->next)
    n += ps_memory_event_is_request (l->data);
  return n;
}

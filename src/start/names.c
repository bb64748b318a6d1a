/* SPDX-License-Identifier: Apache-2.0 */
#include "start/names.h"
#include "base/told.h"
#include "core/schema.h"

#define NOT_LOADED "0"

struct _PsNames {
  PsClock *clock;                  /* owned */
  PsStore *store;                  /* owned */
  PsLog *log;                      /* not owned */
  GHashTable *readings;            /* owned set; owns those that are under way */
  const PsNamesListener *listener; /* nullable: of the next reading */
  gpointer listener_data;
  PsTold told; /* that CONFIG_DB is not loaded */
};

typedef struct {
  PsNames *names;
  gboolean names_only;
  PsRowFn row;
  PsNamesDone done;
  gpointer user_data;
  const PsNamesListener *listener; /* nullable */
  gboolean broken;                 /* for the listener */
  gpointer listener_data;
  PsConfigReading how;
  PsOutcome outcome;
  char *reason; /* owned, nullable */
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;
  g_free (reading->reason);
  g_free (reading);
}

PsNames *
ps_names_new (PsClock *clock, PsStore *store, PsLog *log)
{
  PsNames *self = g_new0 (PsNames, 1);
  self->clock = g_object_ref (clock);
  self->store = g_object_ref (store);
  self->log = log;
  self->readings = g_hash_table_new_full (g_direct_hash, g_direct_equal, reading_free, NULL);
  return self;
}

void
ps_names_free (PsNames *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->readings);
  g_object_unref (self->store);
  g_object_unref (self->clock);
  g_free (self);
}

static char *
describe (const PsOutcome *outcome, const PsText *value)
{
  if (outcome->result == PS_REFUSED)
    return g_strdup ("is no string");
  if (value == NULL)
    return g_strdup ("is missing");
  g_autofree char *text = ps_log_escape (value->data, value->size);
  return g_strdup_printf ("is \"%s\"", text);
}

static void
tell_not_loaded (PsNames *self, const PsOutcome *outcome, const PsText *value)
{
  if (!ps_told_take (&self->told, ps_clock_now_us (self->clock)))
    return;
  g_autofree char *what = describe (outcome, value);
  ps_warn (self->log,
           "CONFIG_DB is not loaded yet, its key " PS_CONFIG_DB_INITIALIZED
           " %s: ports are copied and counted when it says 1. SONiC sets it; where nothing does, "
           "use \"redis-cli -n 4 SET " PS_CONFIG_DB_INITIALIZED " 1\"",
           what);
}

gboolean
ps_config_says_loaded (const PsText *flag)
{
  return flag != NULL && flag->size > 0 && !ps_text_equal (*flag, ps_text (NOT_LOADED));
}

static PsConfigReading
judge_flag (PsNames *self, const PsOutcome *outcome, const PsText *value)
{
  if (ps_config_says_loaded (value))
    return PS_CONFIG_WHOLE;
  if (outcome->result != PS_APPLIED && outcome->refusal != PS_REFUSAL_WRONGTYPE)
    return PS_CONFIG_FAILED;
  tell_not_loaded (self, outcome, value);
  return PS_CONFIG_NOT_LOADED;
}

static void
take (Reading *reading, PsConfigReading how, const PsOutcome *outcome)
{
  if (how == PS_CONFIG_FAILED && reading->how != PS_CONFIG_FAILED) {
    reading->reason = g_strdup (outcome->reason);
    reading->outcome = *outcome;
    reading->outcome.reason = reading->reason;
  }
  reading->how = MAX (reading->how, how);
}

static void
finish (Reading *reading)
{
  g_hash_table_steal (reading->names->readings, reading);
  if (reading->listener != NULL)
    reading->listener->done (reading->broken ? PS_CONFIG_FAILED : reading->how,
                             reading->listener_data);
  reading->done (reading->how, &reading->outcome, reading->user_data);
  reading_free (reading);
}

static void
on_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  Reading *reading = user_data;
  if (reading->listener != NULL)
    reading->listener->name (&row->key, reading->listener_data);
  reading->row (ticket, row, reading->user_data);
}

static void
on_rows (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  take (user_data, outcome->result == PS_APPLIED ? PS_CONFIG_WHOLE : PS_CONFIG_FAILED, outcome);
}

static void
on_flag_after (PsTicket ticket, const PsOutcome *outcome, const PsText *value, gpointer user_data)
{
  Reading *reading = user_data;
  take (reading, judge_flag (reading->names, outcome, value), outcome);
  finish (reading);
}

/* Requests of one database are done in the order in which they were made. */
static void
on_flag_before (PsTicket ticket, const PsOutcome *outcome, const PsText *value, gpointer user_data)
{
  Reading *reading = user_data;
  PsStore *store = reading->names->store;
  take (reading, judge_flag (reading->names, outcome, value), outcome);
  if (reading->how != PS_CONFIG_WHOLE) {
    finish (reading);
    return;
  }
  PsRead read = {.db = PS_DB_CONFIG, .table = PS_TABLE_PORT, .names_only = reading->names_only};
  ps_store_read_rows (store, &read, on_row, on_rows, reading);
  ps_store_get (store, PS_DB_CONFIG, PS_CONFIG_DB_INITIALIZED, on_flag_after, reading);
}

void
ps_names_read (PsNames *self, gboolean names_only, PsRowFn row, PsNamesDone done,
               gpointer user_data)
{
  Reading *reading = g_new0 (Reading, 1);
  *reading = (Reading){.names = self,
                       .names_only = names_only,
                       .row = row,
                       .done = done,
                       .user_data = user_data,
                       .listener = g_steal_pointer (&self->listener),
                       .listener_data = self->listener_data,
                       .outcome = {.result = PS_APPLIED}};
  g_hash_table_add (self->readings, reading);
  ps_store_get (self->store, PS_DB_CONFIG, PS_CONFIG_DB_INITIALIZED, on_flag_before, reading);
}

void
ps_names_listen (PsNames *self, const PsNamesListener *listener, gpointer user_data)
{
  self->listener = listener;
  self->listener_data = user_data;
}

void
ps_names_break (PsNames *self)
{
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, self->readings);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    ((Reading *)key)->broken = TRUE;
}

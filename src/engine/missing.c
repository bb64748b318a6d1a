/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/missing.h"
#include "core/schema.h"
#include <string.h>

#define NAMES_MAX 10 /* of missing ports in one line of the log */

const char *
ps_missing_database (PsStore *store)
{
  const char *away = NULL;
  guint n = 0;
  for (PsDb db = PS_N_DBS; db-- > 0;)
    if (!ps_store_is_db_online (store, db)) {
      away = ps_schema_db_name (db);
      n++;
    }
  return n == PS_N_DBS ? "Redis" : away;
}

/* Ethernet8 before Ethernet12. */
static gint
compare_names (gconstpointer a, gconstpointer b)
{
  const PsPort *x = *(PsPort *const *)a, *y = *(PsPort *const *)b;
  size_t nx = strlen (x->name), ny = strlen (y->name);
  return nx != ny ? (nx > ny) - (nx < ny) : strcmp (x->name, y->name);
}

void
ps_missing_name_ports (const PsPortTable *table, GString *text)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  for (guint i = 0; i < ps_port_table_length (table); i++)
    if (ps_port_table_nth (table, i)->boot.pending)
      g_ptr_array_add (missing, ps_port_table_nth (table, i));
  g_ptr_array_sort (missing, compare_names);
  for (guint i = 0; i < MIN (missing->len, NAMES_MAX); i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "; missing: " : ", ",
                            ((const PsPort *)missing->pdata[i])->name);
  if (missing->len > NAMES_MAX)
    g_string_append_printf (text, " and %u more", missing->len - NAMES_MAX);
}

void
ps_missing_tell (const PsMembers *members)
{
  const char *away = ps_missing_database (members->store);
  g_autoptr (GString) missing = g_string_new (NULL);
  if (ps_markers_is_init_done (members->markers))
    return;
  ps_missing_name_ports (members->table, missing);
  if (away != NULL)
    ps_warn (members->log, PS_KEY_INIT_DONE " still waits: %s is not connected", away);
  else if (missing->len > 0)
    ps_warn (members->log, PS_KEY_INIT_DONE " still waits for %u ports%s",
             ps_markers_n_pending (members->markers), missing->str);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/store.h"

G_DEFINE_INTERFACE (PsStore, ps_store, G_TYPE_OBJECT)

static void
ps_store_default_init (PsStoreInterface *iface G_GNUC_UNUSED)
{
}

void
ps_store_start (PsStore *self, const PsStoreSink *sink, gpointer user_data)
{
  g_assert (sink != NULL && sink->online != NULL && sink->offline != NULL);
  PS_STORE_GET_IFACE (self)->start (self, sink, user_data);
}

PsTicket
ps_store_commit (PsStore *self, PsBatch *batch, PsCommitDone done, gpointer user_data)
{
  g_assert (batch != NULL && ps_batch_length (batch) > 0 && done != NULL);
  return PS_STORE_GET_IFACE (self)->commit (self, batch, done, user_data);
}

PsTicket
ps_store_read_rows (PsStore *self, const PsRead *read, PsRowFn row, PsReadDone done,
                    gpointer user_data)
{
  g_assert (read->db < PS_N_DBS && read->table != NULL && row != NULL && done != NULL);
  g_assert (read->keys == NULL ? read->n_keys == 0 : read->n_keys > 0 && !read->names_only);
  return PS_STORE_GET_IFACE (self)->read_rows (self, read, row, done, user_data);
}

PsTicket
ps_store_exists (PsStore *self, PsDb db, const char *table, const char *const *keys, gsize n_keys,
                 PsExistsDone done, gpointer user_data)
{
  g_assert (db < PS_N_DBS && table != NULL && keys != NULL && done != NULL);
  g_assert (n_keys > 0 && n_keys <= PS_STORE_EXISTS_MAX);
  return PS_STORE_GET_IFACE (self)->exists (self, db, table, keys, n_keys, done, user_data);
}

PsTicket
ps_store_get (PsStore *self, PsDb db, const char *key, PsGetDone done, gpointer user_data)
{
  g_assert (db < PS_N_DBS && key != NULL && *key != '\0' && done != NULL);
  return PS_STORE_GET_IFACE (self)->get (self, db, key, done, user_data);
}

gboolean
ps_store_is_db_online (PsStore *self, PsDb db)
{
  g_assert (db < PS_N_DBS);
  return PS_STORE_GET_IFACE (self)->is_online (self, db);
}

gboolean
ps_store_is_online (PsStore *self)
{
  for (PsDb db = 0; db < PS_N_DBS; db++)
    if (!ps_store_is_db_online (self, db))
      return FALSE;
  return TRUE;
}

void
ps_store_stop (PsStore *self)
{
  PS_STORE_GET_IFACE (self)->stop (self);
}

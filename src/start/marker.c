/* SPDX-License-Identifier: Apache-2.0 */
#include "start/marker.h"
#include "core/schema.h"

static void
produce (PsStore *store, const char *key, const char *field, const char *value, PsCommitDone done,
         gpointer user_data)
{
  PsBatch *batch = ps_batch_new (PS_DB_APPL);
  ps_batch_op (batch, PS_OP_PRODUCE, PS_TABLE_PORT_TABLE, ps_text (key));
  ps_batch_field (batch, ps_text (field), ps_text (value));
  ps_store_commit (store, batch, done, user_data);
}

void
ps_marker_produce_config_done (PsStore *store, guint n_ports, PsCommitDone done, gpointer user_data)
{
  char count[16];
  g_snprintf (count, sizeof count, "%u", n_ports);
  produce (store, PS_KEY_CONFIG_DONE, PS_FIELD_COUNT, count, done, user_data);
}

void
ps_marker_produce_init_done (PsStore *store, PsCommitDone done, gpointer user_data)
{
  produce (store, PS_KEY_INIT_DONE, PS_FIELD_LANES, "0", done, user_data);
}

void
ps_marker_look_for_init_done (PsStore *store, PsExistsDone done, gpointer user_data)
{
  static const char *const keys[] = {PS_TABLE_PORT_TABLE PS_STORE_SEPARATOR PS_KEY_INIT_DONE,
                                     PS_TABLE_PORT_STAGED PS_STORE_SEPARATOR PS_KEY_INIT_DONE};
  ps_store_exists (store, PS_DB_APPL, "", keys, G_N_ELEMENTS (keys), done, user_data);
}

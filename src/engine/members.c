/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/members.h"

static void
make_mirror (PsMembers *self, const PsMemberSinks *sinks, gpointer user_data)
{
  self->links = ps_links_new (self->table, self->log, sinks->links, user_data);
  self->flush = ps_flush_new (self->store, self->log, self->refusals, sinks->flush, user_data);
  self->reconcile = ps_reconcile_new (self->store, self->refusals, self->table, self->links,
                                      self->flush, sinks->reconcile, user_data);
  self->poll = ps_poll_new (self->clock, self->store, self->log, self->refusals, self->table,
                            sinks->poll, user_data);
}

static void
make_start (PsMembers *self, const PsMemberSinks *sinks, gpointer user_data)
{
  self->names = ps_names_new (self->clock, self->store, self->log);
  self->markers = ps_markers_new (self->clock, self->store, self->names, self->log, self->refusals,
                                  self->table, self->links, sinks->markers, user_data);
  self->count = ps_marker_count_new (self->clock, self->store, self->names, self->log,
                                     self->refusals, self->table, sinks->counted, user_data);
}

void
ps_members_make (PsMembers *self, const PsMemberSinks *sinks, gpointer user_data)
{
  self->refusals = ps_refusals_new (self->clock, self->log);
  self->table = ps_port_table_new ();
  make_mirror (self, sinks, user_data);
  make_start (self, sinks, user_data);
  self->listings = ps_listings_new (self->clock, self->source, self->log);
  self->log_row = ps_log_row_new (self->store, self->host, self->log, self->refusals);
  self->journal = ps_journal_new (self->clock, self->log, self->host, self->links, self->table,
                                  sinks->journal, user_data);
}

void
ps_members_clear (PsMembers *self)
{
  ps_journal_free (self->journal);
  ps_log_row_free (self->log_row);
  ps_poll_free (self->poll);
  ps_marker_count_free (self->count);
  ps_markers_free (self->markers);
  ps_names_free (self->names);
  ps_reconcile_free (self->reconcile);
  ps_flush_free (self->flush);
  ps_listings_free (self->listings);
  ps_links_free (self->links);
  ps_refusals_free (self->refusals);
  ps_port_table_free (self->table);
  g_object_unref (self->host);
  g_object_unref (self->store);
  g_object_unref (self->source);
  g_object_unref (self->clock);
}

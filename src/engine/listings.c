/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/listings.h"

struct _PsListings {
  PsClock *clock;       /* owned */
  PsLinkSource *source; /* owned */
  PsLog *log;
  gint64 started_us;
  gboolean has_ended; /* the first, complete or not */
  gboolean has_eoiu;
  gint64 eoiu_us;
  guint n_interrupted;
  gboolean told_loss;
};

PsListings *
ps_listings_new (PsClock *clock, PsLinkSource *source, PsLog *log)
{
  PsListings *self = g_new0 (PsListings, 1);
  self->clock = g_object_ref (clock);
  self->source = g_object_ref (source);
  self->log = log;
  return self;
}

void
ps_listings_free (PsListings *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->source);
  g_object_unref (self->clock);
  g_free (self);
}

void
ps_listings_start (PsListings *self)
{
  self->started_us = ps_clock_now_us (self->clock);
  ps_link_source_request_snapshot (self->source);
}

static void
take_end (PsListings *self, gboolean complete)
{
  self->has_ended = TRUE;
  if (!complete) {
    self->n_interrupted++;
    ps_link_source_request_snapshot (self->source);
    return;
  }
  if (self->told_loss)
    ps_notice (self->log, "All links are listed again: what was missed is known");
  self->told_loss = FALSE;
  if (self->has_eoiu)
    return;
  self->has_eoiu = TRUE;
  self->eoiu_us = ps_clock_now_us (self->clock) - self->started_us;
  ps_notice (self->log,
             "The first picture of the links is complete (EOIU) after %" G_GINT64_FORMAT
             " ms and %u interrupted listings",
             self->eoiu_us / 1000, self->n_interrupted);
}

static void
take_loss (PsListings *self)
{
  if (!self->told_loss)
    ps_warn (self->log, "Link messages were lost: asking the kernel for all links");
  self->told_loss = TRUE;
  ps_link_source_request_snapshot (self->source);
}

void
ps_listings_take (PsListings *self, const PsLinkEvent *event)
{
  if (event->type == PS_LINK_LOST)
    take_loss (self);
  else if (event->type == PS_LINK_SNAPSHOT_END)
    take_end (self, event->complete);
}

gboolean
ps_listings_has_ended (const PsListings *self)
{
  return self->has_ended;
}

gboolean
ps_listings_has_eoiu (const PsListings *self, gint64 *out_us)
{
  *out_us = self->eoiu_us;
  return self->has_eoiu;
}

guint
ps_listings_n_interrupted (const PsListings *self)
{
  return self->n_interrupted;
}

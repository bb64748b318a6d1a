/* SPDX-License-Identifier: Apache-2.0 */
/* The listings of all links: asks for the next when one was interrupted or messages were lost, and
 * knows when the first complete one ended: the end of the initial update (EOIU,
 * docs/rules.md 2.6). */
#pragma once
#include "base/log.h"
#include "core/link-source.h"
G_BEGIN_DECLS

typedef struct _PsListings PsListings;

/* log must outlive it. */
PsListings *ps_listings_new (PsClock *clock, PsLinkSource *source, PsLog *log);
void ps_listings_free (PsListings *self);

/* Time counts from here. The source is started. */
void ps_listings_start (PsListings *self);

/* Any event, after it was applied. */
void ps_listings_take (PsListings *self, const PsLinkEvent *event);

/* A listing ended, complete or not. */
gboolean ps_listings_has_ended (const PsListings *self);

/* One was complete; out_us: how long after the start the first one was. */
gboolean ps_listings_has_eoiu (const PsListings *self, gint64 *out_us);

guint ps_listings_n_interrupted (const PsListings *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsListings, ps_listings_free)
G_END_DECLS

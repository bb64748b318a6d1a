/* SPDX-License-Identifier: Apache-2.0 */
/* Which links of the scenario a step is about. */
#pragma once
#include "base/rng.h"
#include "sim/run/document.h"
#include <json-glib/json-glib.h>
G_BEGIN_DECLS

typedef enum {
  PS_SELECT_ALL,    /* "*" */
  PS_SELECT_NAMES,  /* "Ethernet0", ["Ethernet0", "Ethernet4"] or {"glob": "Ethernet1*"} */
  PS_SELECT_SAMPLE, /* {"sample": 8}: drawn anew for each use, each at most once */
} PsSelectKind;

typedef struct {
  PsSelectKind kind;
  GArray *indexes; /* owned, nullable; of guint: places in the list of names */
  char *glob;      /* owned, nullable: what the names were chosen by */
  guint sample;
} PsSelector;

/* names: all links that the scenario knows. A name that is not among them, one that stands there
 * twice, a glob that fits none and a sample of more than there are, are errors. */
gboolean
ps_selector_read (const PsPlace *place, const GPtrArray *names, PsSelector *out, GError **error);
/* As ps_selector_read reads it. */
void ps_selector_write (const PsSelector *self, const GPtrArray *names, JsonBuilder *out);
void ps_selector_clear (PsSelector *self);

/* Indexes into `names`, rising (for a list: as it was written). Free with g_array_unref. */
GArray *ps_selector_take (const PsSelector *self, guint n_names, PsRng *rng);
G_END_DECLS

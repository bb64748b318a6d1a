/* SPDX-License-Identifier: Apache-2.0 */
/* What happens in the demonstration, one step after the other. */
#pragma once
#include "tests/support/rig.h"
G_BEGIN_DECLS

#define PS_STORY_PORTS 32

/* The daemon's setting, small enough that the kernel has to drop messages. */
#define PS_STORY_RECEIVE_BUFFER "256k"

typedef struct _PsStory PsStory;

/* rig: with PS_STORY_PORTS ports, and an orchagent that makes netdevs. Not owned. */
PsStory *ps_story_new (PsRig *rig);
void ps_story_free (PsStory *self);

/* How many steps show everything once; from then on all but the first are told again. */
guint ps_story_length (void);

/* Does the next step; returns what happened, as a sentence that lasts until the next one. */
const char *ps_story_next (PsStory *self);

/* Does what is left until daemon and Redis run. Harmless if they do. */
void ps_story_end (PsStory *self);

gboolean ps_story_redis_runs (const PsStory *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsStory, ps_story_free)
G_END_DECLS

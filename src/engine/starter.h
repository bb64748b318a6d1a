/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the start mode: reads in Redis how to start, decides once (start/start.h) when the
 * links were listed, sets the devices of an earlier run apart, and says when the configuration may
 * be announced. */
#pragma once
#include "engine/members.h"
#include "start/start.h"
G_BEGIN_DECLS

/* How long a cold start waits for its life record before it announces the configuration. */
#define PS_COPY_WAITS_MAX_US (5 * G_USEC_PER_SEC)

typedef struct _PsStarter PsStarter;

/* decided: the mode is decided and the life record is kept; once. announce: the configuration and
 * the markers may be announced now; once, after ps_starter_prepare. progressed: a database
 * answered, though nothing is decided yet. */
typedef struct {
  void (*decided) (const PsStart *start, const PsEvidence *evidence, gpointer user_data);
  void (*announce) (gpointer user_data);
  void (*progressed) (gpointer user_data);
} PsStarterSink;

/* Fills the table with what the life record says of ports. To be made before any link
 * event and before the store is started. members must outlive it. */
PsStarter *ps_starter_new (const PsMembers *members, const PsStarterSink *sink, gpointer user_data);
void ps_starter_free (PsStarter *self);

/* Every database is online: reads how to start, anew, unless that is decided. */
void ps_starter_online (PsStarter *self);

/* A database is offline: what was read may be wrong by the time it is back. */
void ps_starter_offline (PsStarter *self);

/* The time is up in which a start that needs a complete listing waits for one. */
void ps_starter_expire (PsStarter *self);

/* Decides, when listing and evidence are there. */
void ps_starter_try (PsStarter *self);

/* Leads to `announce`, at once but in a cold start: which devices are
 * old, and which ports were in use, cannot be told once orchagent has the configuration. That is
 * asked and written before (decision 0015). */
void ps_starter_prepare (PsStarter *self);

/* APPL_DB is online: a cold start's question that got no answer is asked again. */
void ps_starter_retry (PsStarter *self);

/* The disk has answered about the life record. */
void ps_starter_recorded (PsStarter *self);

/* The answer about the links that a cold start takes down. */
void ps_starter_links_down (PsStarter *self, const PsNetlinkAdminDownResult *result);

/* The process leaves: nothing is decided or announced any more. */
void ps_starter_stop (PsStarter *self);

gboolean ps_starter_has_decided (const PsStarter *self);
const PsStart *ps_starter_decision (const PsStarter *self); /* as weighed last */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsStarter, ps_starter_free)
G_END_DECLS

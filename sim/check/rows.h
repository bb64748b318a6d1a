/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of ports in STATE_DB: what the daemon has to know of one before it writes it, and what
 * became of what it wrote. */
#pragma once
#include "sim/check/facts.h"
G_BEGIN_DECLS

/* A port's row is written or deleted by the daemon. */
typedef struct {
  const PsSimRedisWrite *write;
  PsTruthPort *port;     /* as it was before the write */
  gboolean is_put;       /* HSET, else DEL */
  gboolean is_row;       /* with the four fields of a device */
  guint64 before, value; /* of the row, as ps_truth_value or PS_TRUTH_ABSENT */
} PsRowChange;

/* Why a row may be deleted. */
typedef enum {
  PS_ROW_DELETE_NO,
  PS_ROW_DELETE_DUE,
  PS_ROW_DELETE_AGAIN, /* The answer to the one before was lost: it is tried again. */
} PsRowDelete;

void ps_row_facts_read_change (PsFacts *self, const PsSimRedisWrite *write, const char *name,
                               PsRowChange *out);
/* own: of the process that runs, which has decided. */
void ps_row_facts_take (PsFacts *self, const PsRowChange *change, gboolean own);
void ps_row_facts_decided (PsFacts *self);
void ps_row_facts_foreign (PsFacts *self, const PsSimRedisWrite *write);
/* The row that a command asks for is read. */
void ps_row_facts_take_command (PsFacts *self, const PsSimRedisCommand *command);
/* A device of this name is there. */
void ps_row_facts_see_device (PsFacts *self, const char *name);
/* A live row of this name; every row that stands in APPL_DB now. */
void ps_row_facts_see_live (PsFacts *self, const char *name);
void ps_row_facts_see_all_live (PsFacts *self);
/* The daemon's record of the rows' devices is lost. */
void ps_row_facts_forget_devices (PsFacts *self);

PsRowDelete ps_facts_delete_reason (const PsFacts *self, const PsRowChange *change);
/* It stood when the process decided, and the process did not read it since. */
gboolean ps_facts_is_unread (const PsFacts *self, const PsTruthPort *port);
/* The row as it was written last stands, and the daemon knows for what device: it was told so, and
 * its record has it. */
gboolean ps_facts_is_device_known (const PsTruthPort *port);
/* How many errors Redis answered so far. */
guint64 ps_facts_count_errors (const PsFacts *self);
G_END_DECLS

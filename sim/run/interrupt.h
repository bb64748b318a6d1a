/* SPDX-License-Identifier: Apache-2.0 */
/* SIGINT and SIGTERM as a flag that long work looks at. */
#pragma once
#include <glib.h>
#include <signal.h>
G_BEGIN_DECLS

typedef struct {
  struct sigaction was_int, was_term;
} PsInterrupt;

/* Lowers the flag and takes both signals until ps_interrupt_end puts back what was before. A system
 * call that waits ends with EINTR. Spans do not nest: the flag belongs to the innermost. */
void ps_interrupt_begin (PsInterrupt *out_before);
void ps_interrupt_end (const PsInterrupt *before);

/* A signal came since ps_interrupt_begin. */
gboolean ps_interrupt_came (void);

/* Waits until fd can be read; FALSE: a signal came, also one just before the wait, which a read(2)
 * would sleep through. */
gboolean ps_interrupt_wait (int fd);
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* `portsim run --step`: the events of a run one by one, as a user at a terminal, or a script,
 * asks for them. */
#pragma once
#include "sim/run/runner.h"
#include <stdio.h>
G_BEGIN_DECLS

/* What may be said at the prompt; for --help and the manual page. Static. */
const char *ps_stepper_help (void);

typedef struct _PsStepper PsStepper;

/* Both must outlive it. A prompt is written only if `prompts`. */
PsStepper *ps_stepper_new (FILE *in, FILE *out, gboolean prompts);
void ps_stepper_free (PsStepper *self);

/* Makes a run stop at each event. The stepper must outlive the run. */
void ps_stepper_attach (PsStepper *self, PsRunOptions *options);

/* It was asked to end the run, or standard input ended. */
gboolean ps_stepper_has_quit (const PsStepper *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsStepper, ps_stepper_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* json-glib as the judge of our reader: another reader of the same texts. */
#pragma once
#include "base/json.h"
G_BEGIN_DECLS

/* g_error unless json-glib takes the text, too, and finds the same in it. `ours` is what
 * ps_json_parse made of it. */
void ps_json_judge (const PsJson *ours, const char *text, gsize size);
G_END_DECLS

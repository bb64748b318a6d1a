/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as people write it by hand: a value on one line, with spaces where the eye wants them. */
#pragma once
#include <json-glib/json-glib.h>
G_BEGIN_DECLS

/* Numbers with a fraction have at most six digits behind the point, whatever the locale is. */
void ps_json_put_line (GString *out, JsonNode *node);
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* What a text must be before json-glib may see it, and its complaints as a line for people. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_JSON_SIZE_MAX  (1024 * 1024) /* bytes of text */
#define PS_JSON_DEPTH_MAX 64            /* arrays and objects within each other */

/* NULL if the text may be parsed, else why not (static). json-glib recurses for each level: 100,000
 * of them end the process (simulation.md 2.5). */
const char *ps_json_guard_fault (const char *text, gsize size);

/* "origin:line: not JSON: …" from json-glib's message. Free with g_free. */
char *ps_json_guard_explain (const char *origin, const char *message);
G_END_DECLS

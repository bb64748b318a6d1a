/* SPDX-License-Identifier: Apache-2.0 */
/* What a text must be before the reader of JSON (base/json.h) may see it. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_JSON_SIZE_MAX  (1024 * 1024) /* bytes of text */
#define PS_JSON_DEPTH_MAX 64            /* arrays and objects within each other */

/* NULL if the text may be parsed, else why not: "origin: …" or "origin:line: …". Free with g_free.
 * json-glib recurses for each level: 100,000 of them end the process. Comments, single quotes, a
 * second value and escapes that stand for no character, all of which json-glib takes in part or
 * whole, are no JSON here; nor is an escaped NUL. */
char *ps_json_guard_fault (const char *origin, const char *text, gsize size);
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON text that the daemon or portsim reads (RFC 8259, nothing more), such as
 * database_config.json. Why not json-glib: docs/decisions/0013-own-json-reader.md. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_JSON_ERROR (ps_json_error_quark ())
GQuark ps_json_error_quark (void);
typedef enum { PS_JSON_ERROR_SYNTAX } PsJsonError;

typedef enum {
  PS_JSON_OBJECT,
  PS_JSON_ARRAY,
  PS_JSON_TEXT,
  PS_JSON_INTEGER, /* written without a point and an exponent, and a gint64 holds it */
  PS_JSON_NUMBER,  /* any other */
  PS_JSON_TRUE,
  PS_JSON_FALSE,
  PS_JSON_NULL,
} PsJsonType;

/* A value and what is in it. */
typedef struct _PsJson PsJson;
struct _PsJson {
  PsJsonType type;
  guint line;     /* where it begins; the first is 1 */
  gint64 integer; /* of an integer; else 0 */
  gdouble number; /* of an integer or a number, as near as a gdouble can be; else 0 */
  char *text;     /* owned; of a text, without escapes, in UTF-8; else NULL */
  char *name;     /* owned; of a member of an object; else NULL */
  PsJson *first;  /* owned, nullable; the members or elements, in their order */
  PsJson *last;   /* nullable; of these */
  PsJson *next;   /* nullable; the one after this in the same object or array */
};

/* The document's one value, or NULL and "origin: what is wrong" or "origin:line: not JSON: what".
 * The text is first held against ps_json_guard_fault, so that size and depth are bounded. */
PsJson *ps_json_parse (const char *text, gsize size, const char *origin, GError **error);
void ps_json_free (PsJson *self);

/* NULL if self is no object or has no such member. Of members with one name the last counts, as
 * for SONiC's own readers. */
const PsJson *ps_json_member (const PsJson *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsJson, ps_json_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON text from an untrusted file, and places within it that errors are reported at. */
#pragma once
#include "base/json.h"
G_BEGIN_DECLS

#define PS_DOCUMENT_ERROR (ps_document_error_quark ())
GQuark ps_document_error_quark (void);
typedef enum { PS_DOCUMENT_ERROR_INVALID } PsDocumentError;

/* The document's value, or NULL: the text is too large, not UTF-8, nested too deep, not JSON, or an
 * object in it names a member twice. origin stands in front of the message, with the line where it
 * is known. */
PsJson *ps_document_parse (const char *text, gsize size, const char *origin,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A value and the way to it. It refers to its parent, which must outlive it; nothing is owned. */
typedef struct _PsPlace PsPlace;
struct _PsPlace {
  const char *origin;
  const PsPlace *parent; /* nullable: the root */
  const char *member;    /* nullable: an element of an array */
  guint index;
  const PsJson *value;
  GPtrArray *faults; /* nullable; of char *: every error is added to it */
};

PsPlace ps_place_root (const char *origin, const PsJson *value, GPtrArray *faults);
gboolean ps_place_is (const PsPlace *self, PsJsonType type);

/* FALSE if the object has no such member. */
gboolean ps_place_member (const PsPlace *self, const char *name, PsPlace *out);
/* Of an array, or of an object. */
guint ps_place_length (const PsPlace *self);
/* Of an array; there must be one. */
PsPlace ps_place_element (const PsPlace *self, guint index);

/* Declares `at` as each element of an array, one after another. */
#define PS_PLACE_EACH(list, at)                                                                    \
  PsPlace at = ps_place_first (list);                                                              \
  at.value != NULL;                                                                                \
  ps_place_next (&at)
PsPlace ps_place_first (const PsPlace *self); /* its value is NULL if there is none */
void ps_place_next (PsPlace *self);

/* Each of the following returns FALSE with an error "origin: JSON pointer: what is wrong". One that
 * is set already stays, so that a reader can go on behind the first error. */
gboolean
ps_place_fail (const PsPlace *self, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* The same, and what of `known` (NULL-terminated) is near to the word that is not known. */
gboolean ps_place_fail_unknown (const PsPlace *self, const char *what, const char *word,
                                const char *const *known, GError **error);

gboolean ps_place_require_object (const PsPlace *self, GError **error);

/* The value is an object and each of its members stands in `known` (NULL-terminated). */
gboolean ps_place_check_object (const PsPlace *self, const char *const *known, GError **error);

/* The value is an array of 1 to max elements. */
gboolean ps_place_check_array (const PsPlace *self, guint max, GError **error);
gboolean ps_place_require (const PsPlace *self, const char *name, PsPlace *out, GError **error);

/* The text is owned by the document; it is not empty. */
gboolean ps_place_read_text (const PsPlace *self, const char **out, GError **error);

/* Such a text that is printed in lines of a report: no control characters, no end of a line. */
gboolean ps_place_read_name (const PsPlace *self, const char **out, GError **error);
gboolean ps_place_read_flag (const PsPlace *self, gboolean *out, GError **error);
gboolean
ps_place_read_integer (const PsPlace *self, gint64 min, gint64 max, gint64 *out, GError **error);

/* A whole number with a unit: "150us", "3ms", "2s", "5m", "24h"; in microseconds. */
gboolean ps_place_read_duration (const PsPlace *self, gint64 *out, GError **error);

/* The index of the text in `words` (NULL-terminated). kind says what is looked for. */
gboolean ps_place_read_word (const PsPlace *self, const char *kind, const char *const *words,
                             guint *out, GError **error);

#define PS_DURATION_MAX_US (G_GINT64_CONSTANT (3600000000) * 24 * 366)
G_END_DECLS

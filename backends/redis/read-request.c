/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/read-request.h"
#include "backends/redis/key-list.h"
#include <string.h>

#define CURSOR_DIGITS_MAX 20 /* an unsigned 64-bit number */

enum { KIND_SCAN, KIND_ROW };
typedef enum { SCAN_SEND, SCAN_WAIT, SCAN_DONE } ScanState;

typedef struct {
  PsRedisRequest base;
  char *table;          /* owned */
  char *prefix;         /* owned; table and separator */
  char *pattern;        /* owned, nullable; of SCAN: a whole table is read */
  PsRedisKeyList *keys; /* owned; without prefix */
  guint next_key;
  gboolean names_only;
  ScanState scan;
  char cursor[CURSOR_DIGITS_MAX + 1];
  GArray *fields;    /* owned; of PsField: the row that is being delivered */
  PsOutcome outcome; /* PS_APPLIED until something failed */
  char *reason;      /* owned, nullable */
  PsRowFn row;
  PsReadDone done;
} PsReadRequest;

/* In SCAN's pattern these stand for something else than themselves. */
static char *
escape_glob (const char *text)
{
  GString *out = g_string_new (NULL);
  for (; *text != '\0'; text++) {
    if (strchr ("*?[]\\", *text) != NULL)
      g_string_append_c (out, '\\');
    g_string_append_c (out, *text);
  }
  return g_string_free (out, FALSE);
}

static PsRedisNext
read_next (const PsRedisRequest *request)
{
  const PsReadRequest *self = (const PsReadRequest *)request;
  if (self->scan == SCAN_SEND)
    return PS_REDIS_NEXT_COMMAND;
  if (!self->names_only && self->next_key < ps_redis_key_list_length (self->keys))
    return PS_REDIS_NEXT_COMMAND;
  return self->scan == SCAN_WAIT ? PS_REDIS_NEXT_WAIT : PS_REDIS_NEXT_NOTHING;
}

static PsRedisCommandTag
form_scan (PsReadRequest *self, PsRespWriter *out)
{
  ps_resp_begin (out, 6);
  ps_resp_word (out, ps_text ("SCAN"));
  ps_resp_word (out, ps_text (self->cursor));
  ps_resp_word (out, ps_text ("MATCH"));
  ps_resp_word (out, ps_text (self->pattern));
  ps_resp_word (out, ps_text ("COUNT"));
  ps_resp_word_uint (out, PS_READ_SCAN_COUNT);
  self->scan = SCAN_WAIT;
  return (PsRedisCommandTag){KIND_SCAN, 0, 0};
}

static PsRedisCommandTag
read_form (PsRedisRequest *request, PsRespWriter *out)
{
  PsReadRequest *self = (PsReadRequest *)request;
  if (self->scan == SCAN_SEND)
    return form_scan (self, out);
  PsText key = ps_redis_key_list_get (self->keys, self->next_key);
  ps_resp_begin (out, 2);
  ps_resp_word (out, ps_text ("HGETALL"));
  ps_redis_request_row_key (request, ps_text (self->table), key, out);
  return (PsRedisCommandTag){KIND_ROW, self->next_key++, 1};
}

static void
deliver (PsReadRequest *self, const PsRow *row)
{
  if (!self->base.cancelled)
    self->row (self->base.ticket, row, self->base.user_data);
}

/* The first failure is the one that is told. */
static void
fail (PsReadRequest *self, PsOutcome outcome)
{
  if (self->outcome.result != PS_APPLIED)
    return;
  self->reason = g_strdup (outcome.reason);
  self->outcome = outcome;
  self->outcome.reason = self->reason;
}

static void
stop_scan (PsReadRequest *self, PsOutcome outcome)
{
  fail (self, outcome);
  self->scan = SCAN_DONE;
  self->next_key = ps_redis_key_list_length (self->keys);
}

static void
take_name (PsReadRequest *self, PsText whole)
{
  gsize n = strlen (self->prefix);
  if (whole.size < n || memcmp (whole.data, self->prefix, n) != 0)
    return; /* not of this table, whatever the server thinks of patterns */
  PsText key = {whole.data + n, whole.size - n};
  if (!ps_redis_key_list_add_new (self->keys, key) || !self->names_only)
    return;
  deliver (self, &(PsRow){.key = key, .outcome = {.result = PS_APPLIED}});
}

static gboolean
is_cursor (const PsRedisReply *reply)
{
  PsText text = reply->text;
  if (reply->type != PS_REDIS_REPLY_STRING || text.size == 0 || text.size > CURSOR_DIGITS_MAX)
    return FALSE;
  return strspn (text.data, "0123456789") == text.size;
}

static gboolean
are_strings (const PsRedisReply *reply)
{
  if (reply->type != PS_REDIS_REPLY_ARRAY)
    return FALSE;
  for (gsize i = 0; i < reply->n_elements; i++)
    if (reply->elements[i].type != PS_REDIS_REPLY_STRING)
      return FALSE;
  return TRUE;
}

static gboolean
accept_scan (PsReadRequest *self, const PsRedisReply *reply, PsRedisReplyNotes *notes)
{
  if (reply->type == PS_REDIS_REPLY_ERROR) {
    stop_scan (self, ps_redis_request_refusal (reply->text, notes));
    return TRUE;
  }
  if (reply->type != PS_REDIS_REPLY_ARRAY || reply->n_elements != 2)
    return FALSE;
  const PsRedisReply *cursor = &reply->elements[0], *names = &reply->elements[1];
  if (!is_cursor (cursor) || !are_strings (names))
    return FALSE;
  g_strlcpy (self->cursor, cursor->text.data, sizeof self->cursor);
  self->scan = g_str_equal (self->cursor, "0") ? SCAN_DONE : SCAN_SEND;
  if (ps_redis_key_list_length (self->keys) + names->n_elements > PS_READ_ROWS_MAX) {
    stop_scan (self, (PsOutcome){PS_REFUSED, PS_REFUSAL_OTHER, "the table has too many rows"});
    return TRUE;
  }
  for (gsize i = 0; i < names->n_elements; i++)
    take_name (self, names->elements[i].text);
  return TRUE;
}

static void
refuse_row (PsReadRequest *self, PsText key, PsText error, PsRedisReplyNotes *notes)
{
  PsRow row = {.key = key, .outcome = ps_redis_request_refusal (error, notes)};
  if (row.outcome.refusal != PS_REFUSAL_WRONGTYPE)
    fail (self, row.outcome);
  deliver (self, &row);
}

static gboolean
accept_row (PsReadRequest *self, guint index, const PsRedisReply *reply, PsRedisReplyNotes *notes)
{
  PsText key = ps_redis_key_list_get (self->keys, index);
  if (reply->type == PS_REDIS_REPLY_ERROR) {
    refuse_row (self, key, reply->text, notes);
    return TRUE;
  }
  if (!are_strings (reply) || reply->n_elements % 2 != 0)
    return FALSE;
  if (reply->n_elements == 0 && self->pattern != NULL)
    return TRUE;
  gsize n = reply->n_elements / 2;
  g_array_set_size (self->fields, (guint)n);
  PsField *fields = (PsField *)(gpointer)self->fields->data;
  for (gsize i = 0; i < n; i++)
    fields[i] = (PsField){reply->elements[2 * i].text, reply->elements[2 * i + 1].text};
  deliver (self, &(PsRow){key, fields, n, {.result = PS_APPLIED}});
  return TRUE;
}

static gboolean
read_accept (PsRedisRequest *request, PsRedisCommandTag tag, const PsRedisReply *reply,
             PsRedisReplyNotes *notes)
{
  PsReadRequest *self = (PsReadRequest *)request;
  if (tag.kind == KIND_SCAN)
    return accept_scan (self, reply, notes);
  return accept_row (self, tag.first, reply, notes);
}

static void
read_finish (PsRedisRequest *request, const PsOutcome *how)
{
  PsReadRequest *self = (PsReadRequest *)request;
  self->done (request->ticket, how != NULL ? how : &self->outcome, request->user_data);
}

static void
read_free (PsRedisRequest *request)
{
  PsReadRequest *self = (PsReadRequest *)request;
  g_free (self->table);
  g_free (self->prefix);
  g_free (self->pattern);
  g_free (self->reason);
  ps_redis_key_list_free (self->keys);
  g_array_unref (self->fields);
  g_free (self);
}

static const PsRedisRequestClass read_class = {
    .next = read_next,
    .form = read_form,
    .accept = read_accept,
    .finish = read_finish,
    .free = read_free,
};

static void
set_scan (PsReadRequest *self)
{
  g_autofree char *escaped = escape_glob (self->prefix);
  self->pattern = g_strconcat (escaped, "*", NULL);
  g_strlcpy (self->cursor, "0", sizeof self->cursor);
  self->scan = SCAN_SEND;
}

PsRedisRequest *
ps_redis_read_request_new (const PsRedisRequestTarget *target, PsTicket ticket, const PsRead *read,
                           PsRowFn row, PsReadDone done, gpointer user_data)
{
  PsReadRequest *self = g_new0 (PsReadRequest, 1);
  self->base = (PsRedisRequest){&read_class, target, ticket, user_data, 0, FALSE};
  self->table = g_strdup (read->table);
  self->prefix = read->table[0] == '\0' ? g_strdup ("")
                                        : g_strdup_printf ("%s%c", read->table, target->separator);
  self->keys = ps_redis_key_list_new ();
  for (gsize i = 0; i < read->n_keys; i++)
    ps_redis_key_list_append (self->keys, ps_text (read->keys[i]));
  self->names_only = read->names_only;
  self->fields = g_array_new (FALSE, FALSE, sizeof (PsField));
  self->scan = SCAN_DONE;
  if (read->keys == NULL)
    set_scan (self);
  self->row = row;
  self->done = done;
  return &self->base;
}

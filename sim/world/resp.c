/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/resp.h"
#include "base/decimal.h"
#include <string.h>

#define DIGITS_MAX 18 /* so many fit in 64 bits whatever they are */

struct _PsSimRespParser {
  GByteArray *bytes;  /* owned; from start on not yet used */
  gsize start;        /* where the next unread header or word begins */
  gsize command;      /* where the command that is being read begins */
  gint64 n_left;      /* words of it that are still to come; 0: no command begun */
  gint64 word_size;   /* of the word whose bytes are awaited, -1: its header is */
  GArray *offsets;    /* owned; of Offset, relative to command */
  GArray *words;      /* owned; of PsText */
  const char *broken; /* nullable; static */
};

typedef struct {
  gsize at, size;
} Offset;

PsSimRespParser *
ps_sim_resp_parser_new (void)
{
  PsSimRespParser *self = g_new0 (PsSimRespParser, 1);
  self->bytes = g_byte_array_new ();
  self->word_size = -1;
  self->offsets = g_array_new (FALSE, FALSE, sizeof (Offset));
  self->words = g_array_new (FALSE, FALSE, sizeof (PsText));
  return self;
}

void
ps_sim_resp_parser_free (PsSimRespParser *self)
{
  if (self == NULL)
    return;
  g_byte_array_unref (self->bytes);
  g_array_unref (self->offsets);
  g_array_unref (self->words);
  g_free (self);
}

void
ps_sim_resp_parser_feed (PsSimRespParser *self, const void *bytes, gsize n_bytes)
{
  if (self->broken != NULL || n_bytes == 0)
    return;
  if (self->command > 0) {
    g_byte_array_remove_range (self->bytes, 0, (guint)self->command);
    self->start -= self->command;
    self->command = 0;
  }
  if (n_bytes > G_MAXUINT32 / 2 - self->bytes->len)
    self->broken = "Protocol error: too much unread input";
  else
    g_byte_array_append (self->bytes, bytes, (guint)n_bytes);
}

static PsSimRespResult
fail (PsSimRespParser *self, const char *why)
{
  self->broken = why;
  return PS_SIM_RESP_BROKEN;
}

/* A line up to CRLF or LF from start; FALSE if its end is not there yet, or never comes. */
static gboolean
take_line (PsSimRespParser *self, Offset *out)
{
  gsize n = self->bytes->len - self->start;
  if (n == 0)
    return FALSE;
  const guint8 *at = self->bytes->data + self->start;
  const guint8 *end = memchr (at, '\n', n);
  gsize size = end == NULL ? n : (gsize)(end - at);
  if (size > PS_SIM_RESP_LINE_MAX)
    fail (self, "Protocol error: too big line");
  if (end == NULL || self->broken != NULL)
    return FALSE;
  *out = (Offset){self->start, size > 0 && at[size - 1] == '\r' ? size - 1 : size};
  self->start += size + 1;
  return TRUE;
}

/* A number behind the first byte of a line; FALSE if it is none, or out of bounds. Each word of
 * each command has one, so no library reads it. */
static gboolean
to_number (const PsSimRespParser *self, Offset line, gint64 min, gint64 max, gint64 *out)
{
  const guint8 *at = self->bytes->data + line.at + 1, *end = at + line.size - 1;
  gboolean negative = line.size > 1 && *at == '-';
  gint64 value = 0;
  at += negative;
  if (line.size < 2 || at == end || end - at > DIGITS_MAX)
    return FALSE;
  for (; at < end; at++) {
    if (!g_ascii_isdigit (*at))
      return FALSE;
    value = 10 * value + (*at - '0');
  }
  *out = negative ? -value : value;
  return *out >= min && *out <= max;
}

static void
add_word (PsSimRespParser *self, gsize at, gsize size)
{
  Offset word = {at - self->command, size};
  g_array_append_val (self->offsets, word);
}

static gboolean
is_blank (guint8 byte)
{
  return byte == ' ' || byte == '\t' || byte == '\0' || byte == '\r';
}

static void
split_inline (PsSimRespParser *self, Offset line)
{
  const guint8 *bytes = self->bytes->data + line.at;
  for (gsize i = 0; i < line.size;) {
    gsize first = i;
    while (i < line.size && !is_blank (bytes[i]))
      i++;
    if (i > first)
      add_word (self, line.at + first, i - first);
    for (; i < line.size && is_blank (bytes[i]); i++)
      ;
  }
}

/* The words' ends are overwritten: a line end or blank behind each is not needed any more. */
static PsSimRespResult
hand_out (PsSimRespParser *self, const PsText **out_words, gsize *out_n)
{
  g_array_set_size (self->words, self->offsets->len);
  for (guint i = 0; i < self->offsets->len; i++) {
    Offset word = g_array_index (self->offsets, Offset, i);
    guint8 *at = self->bytes->data + self->command + word.at;
    at[word.size] = '\0';
    g_array_index (self->words, PsText, i) = (PsText){(const char *)at, word.size};
  }
  PsText verb = g_array_index (self->words, PsText, 0);
  for (gsize i = 0; i < verb.size; i++)
    ((char *)verb.data)[i] = g_ascii_toupper (verb.data[i]);
  *out_words = (const PsText *)(gpointer)self->words->data;
  *out_n = self->words->len;
  self->command = self->start;
  g_array_set_size (self->offsets, 0);
  return PS_SIM_RESP_COMMAND;
}

/* The beginning of a command: the number of its words, or the words themselves in a line. */
static PsSimRespResult
begin (PsSimRespParser *self)
{
  Offset line;
  if (!take_line (self, &line))
    return self->broken != NULL ? PS_SIM_RESP_BROKEN : PS_SIM_RESP_MORE;
  if (line.size == 0 || self->bytes->data[line.at] != '*') {
    split_inline (self, line);
    return PS_SIM_RESP_COMMAND;
  }
  if (!to_number (self, line, G_MININT32, PS_SIM_RESP_WORDS_MAX, &self->n_left))
    return fail (self, "Protocol error: invalid multibulk length");
  self->n_left = MAX (self->n_left, 0);
  return PS_SIM_RESP_COMMAND;
}

static PsSimRespResult
take_word_size (PsSimRespParser *self)
{
  Offset line;
  if (!take_line (self, &line))
    return self->broken != NULL ? PS_SIM_RESP_BROKEN : PS_SIM_RESP_MORE;
  if (line.size == 0 || self->bytes->data[line.at] != '$')
    return fail (self, "Protocol error: expected '$'");
  if (!to_number (self, line, 0, PS_SIM_RESP_WORD_MAX, &self->word_size))
    return fail (self, "Protocol error: invalid bulk length");
  return PS_SIM_RESP_COMMAND;
}

/* One word of the command that was begun. A real server takes any two bytes for the line end
 * behind it; here anything else is broken, because no client of ours may send it. */
static PsSimRespResult
take_word (PsSimRespParser *self)
{
  if (self->word_size < 0) {
    PsSimRespResult result = take_word_size (self);
    if (result != PS_SIM_RESP_COMMAND)
      return result;
  }
  gsize size = (gsize)self->word_size;
  if (self->bytes->len - self->start < size + 2)
    return PS_SIM_RESP_MORE;
  if (memcmp (self->bytes->data + self->start + size, "\r\n", 2) != 0)
    return fail (self, "Protocol error: no line end behind a word");
  add_word (self, self->start, size);
  self->start += size + 2;
  self->word_size = -1;
  self->n_left--;
  return PS_SIM_RESP_COMMAND;
}

PsSimRespResult
ps_sim_resp_parser_next (PsSimRespParser *self, const PsText **out_words, gsize *out_n)
{
  while (self->broken == NULL) {
    PsSimRespResult result = self->n_left == 0 ? begin (self) : take_word (self);
    if (result != PS_SIM_RESP_COMMAND)
      return result;
    if (self->n_left > 0)
      continue;
    if (self->offsets->len > 0)
      return hand_out (self, out_words, out_n);
    self->command = self->start;
  }
  return PS_SIM_RESP_BROKEN;
}

const char *
ps_sim_resp_parser_error (const PsSimRespParser *self)
{
  return self->broken;
}

void
ps_sim_resp_status (GString *out, const char *text)
{
  g_string_append_printf (out, "+%s\r\n", text);
}

void
ps_sim_resp_error (GString *out, const char *text)
{
  g_autofree char *line = g_strdelimit (g_strdup (text), "\r\n", ' ');
  g_string_append_printf (out, "-%s\r\n", line);
}

static void
append_line (GString *out, char type, gint64 value)
{
  char text[PS_DECIMAL_DIGITS + 4], *at = text;
  *at++ = type;
  if (value < 0)
    *at++ = '-';
  at += ps_decimal_write (at, value < 0 ? 0 - (guint64)value : (guint64)value);
  *at++ = '\r';
  *at++ = '\n';
  g_string_append_len (out, text, at - text);
}

void
ps_sim_resp_integer (GString *out, gint64 value)
{
  append_line (out, ':', value);
}

void
ps_sim_resp_string (GString *out, PsText text)
{
  append_line (out, '$', (gint64)text.size);
  g_string_append_len (out, text.data, (gssize)text.size);
  g_string_append_len (out, "\r\n", 2);
}

void
ps_sim_resp_nil (GString *out)
{
  g_string_append (out, "$-1\r\n");
}

void
ps_sim_resp_array (GString *out, gsize n)
{
  append_line (out, '*', (gint64)n);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/unanswered.h"
#include "sim/check/write.h"
#include "sim/world/resp.h"
#include <string.h>

typedef struct {
  PsTruthPort *port; /* not owned; NULL: a command of another kind */
  guint64 turn;      /* in which it was written: one turn's commands are one batch */
} Asked;

struct _PsUnanswered {
  PsTruth *truth;           /* not owned */
  PsSimRespParser *written; /* owned; of what was written and is no whole command yet */
  GArray *asked;            /* owned; of Asked, in order */
  guint n_answered;         /* of these, the first so many */
  guint64 turn;             /* of the daemon */
  GString *line;            /* owned; a header of a reply that has not come to its end */
  gint64 skip;              /* bytes of a string that are still to come, with its end of line */
  gint64 left;              /* values that the reply still has */
};

PsUnanswered *
ps_unanswered_new (PsTruth *truth)
{
  PsUnanswered *self = g_new0 (PsUnanswered, 1);
  self->truth = truth;
  self->written = ps_sim_resp_parser_new ();
  self->asked = g_array_new (FALSE, FALSE, sizeof (Asked));
  self->line = g_string_new (NULL);
  self->left = 1;
  return self;
}

void
ps_unanswered_free (PsUnanswered *self)
{
  if (self == NULL)
    return;
  ps_sim_resp_parser_free (self->written);
  g_array_unref (self->asked);
  g_string_free (self->line, TRUE);
  g_free (self);
}

/* The port whose row the command changes; NULL: none's. */
static PsTruthPort *
port_of (PsUnanswered *self, const PsText *words, gsize n_words)
{
  const char *prefix = PS_SEEN_STATE_KEY;
  gboolean changes =
      n_words > 1 && (strcmp (words[0].data, "HSET") == 0 || strcmp (words[0].data, "DEL") == 0);
  return changes && g_str_has_prefix (words[1].data, prefix)
             ? ps_truth_find (self->truth, words[1].data + strlen (prefix))
             : NULL;
}

void
ps_unanswered_take_written (PsUnanswered *self, const guint8 *bytes, gsize n_bytes)
{
  const PsText *words;
  gsize n_words;
  ps_sim_resp_parser_feed (self->written, bytes, n_bytes);
  while (ps_sim_resp_parser_next (self->written, &words, &n_words) == PS_SIM_RESP_COMMAND) {
    Asked asked = {port_of (self, words, n_words), self->turn};
    g_array_append_val (self->asked, asked);
  }
}

/* One value of a reply came, or all of it but the values that follow a header. */
static void
take_value (PsUnanswered *self)
{
  self->left--;
  if (self->left > 0)
    return;
  self->left = 1;
  self->n_answered += self->n_answered < self->asked->len;
}

static void
take_line (PsUnanswered *self)
{
  const char *text = self->line->str;
  gint64 n = g_ascii_strtoll (text + 1, NULL, 10);
  if (text[0] == '$' && n >= 0) {
    self->skip = n + (gint64)strlen ("\r\n");
    return;
  }
  if (text[0] == '*' && n > 0)
    self->left += n;
  take_value (self);
}

void
ps_unanswered_take_read (PsUnanswered *self, const guint8 *bytes, gsize n_bytes)
{
  const guint8 *end = bytes + n_bytes;
  while (bytes < end) {
    if (self->skip > 0) {
      gint64 n = MIN (self->skip, end - bytes);
      bytes += n;
      self->skip -= n;
      if (self->skip == 0)
        take_value (self);
      continue;
    }
    const guint8 *stop = memchr (bytes, '\n', (gsize)(end - bytes));
    const guint8 *next = stop != NULL ? stop + 1 : end;
    g_string_append_len (self->line, (const char *)bytes, next - bytes);
    bytes = next;
    if (stop != NULL) {
      take_line (self);
      g_string_truncate (self->line, 0);
    }
  }
}

/* What was answered in this turn the daemon may still have thrown away, with the connection; and
 * what became of a batch it knows only when all of it was answered. */
void
ps_unanswered_end_turn (PsUnanswered *self)
{
  guint n = 0, open = self->n_answered;
  guint64 first =
      open < self->asked->len ? g_array_index (self->asked, Asked, open).turn : G_MAXUINT64;
  self->turn++;
  while (n < open && g_array_index (self->asked, Asked, n).turn < first)
    n++;
  if (n > 0)
    g_array_remove_range (self->asked, 0, n);
  self->n_answered -= n;
}

void
ps_unanswered_end (PsUnanswered *self)
{
  for (guint i = 0; i < self->asked->len; i++) {
    PsTruthPort *port = g_array_index (self->asked, Asked, i).port;
    if (port != NULL)
      port->unsure = TRUE;
  }
  g_array_set_size (self->asked, 0);
  self->n_answered = 0;
  ps_sim_resp_parser_free (self->written);
  self->written = ps_sim_resp_parser_new ();
  g_string_truncate (self->line, 0);
  self->skip = 0;
  self->left = 1;
}

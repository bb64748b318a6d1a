/* SPDX-License-Identifier: Apache-2.0 */
#include "start/life-record.h"
#include "base/decimal.h"
#include "base/hash.h"
#include "core/port-name.h"
#include "core/schema.h"
#include <string.h>

#define HEADER        "portsyncd-life 1"
#define LIFE_LINE_MAX 256
#define WORDS_MAX     10
#define CHECKSUM_LEN  10 /* " #" and eight hexadecimal digits */

static void
clear_identity (PsLifeIdentity *self)
{
  g_clear_pointer (&self->boot_id, g_free);
  g_clear_pointer (&self->netns, g_free);
}

static void
write_checksum (char out[CHECKSUM_LEN], guint32 sum)
{
  out[0] = ' ';
  out[1] = '#';
  for (guint i = 0; i < 8; i++)
    out[2 + i] = "0123456789abcdef"[(sum >> (28 - 4 * i)) & 15];
}

/* By hand: a switch has thousands of lines, and printf would be most of writing them. */
static void
put_line (GString *out, const char *word, const char *name, const guint64 *numbers, guint n_numbers)
{
  gsize start = out->len, room = strlen (word) + CHECKSUM_LEN + sizeof "\n";
  room += name != NULL ? sizeof " " + strlen (name) : 0;
  room += n_numbers * (1 + PS_DECIMAL_DIGITS);
  g_string_set_size (out, start + room);
  char *line = out->str + start, *at = g_stpcpy (line, word);
  if (name != NULL) {
    *at++ = ' ';
    at = g_stpcpy (at, name);
  }
  for (guint i = 0; i < n_numbers; i++) {
    *at++ = ' ';
    at += ps_decimal_write (at, numbers[i]);
  }
  write_checksum (at, ps_hash_32 (line, (gsize)(at - line)));
  at += CHECKSUM_LEN;
  *at++ = '\n';
  g_string_truncate (out, (gsize)(at - out->str));
}

void
ps_life_record_put_header (GString *out, const PsLifeIdentity *identity)
{
  put_line (out, HEADER, NULL, NULL, 0);
  put_line (out, "boot", identity->boot_id, NULL, 0);
  put_line (out, "init", NULL, &identity->init_start, 1);
  put_line (out, "netns", identity->netns, NULL, 0);
}

void
ps_life_record_put_old (GString *out, guint32 ifindex)
{
  put_line (out, "old", NULL, &(guint64){ifindex}, 1);
}

void
ps_life_record_put_old_gone (GString *out, guint32 ifindex)
{
  put_line (out, "old-gone", NULL, &(guint64){ifindex}, 1);
}

void
ps_life_record_put_copied (GString *out)
{
  put_line (out, "copied", NULL, NULL, 0);
}

void
ps_life_record_put_port (GString *out, const PsPort *port)
{
  const PsFlap *flap = &port->device.flap;
  const guint64 numbers[] = {
      port->row.have.ifindex, flap->ifindex, flap->base.changes, flap->base.ups,
      flap->base.downs,       flap->ups,     flap->downs};
  put_line (out, "port", port->name, numbers, G_N_ELEMENTS (numbers));
}

void
ps_life_record_put_precleared (GString *out, const PsPort *port)
{
  put_line (out, "precleared", port->name, NULL, 0);
}

void
ps_life_record_put_seen (GString *out, const PsPort *port)
{
  const PsFlap *flap = &port->device.flap;
  const guint64 numbers[] = {flap->ifindex, flap->last.changes, flap->last.ups, flap->last.downs};
  put_line (out, "seen", port->name, numbers, G_N_ELEMENTS (numbers));
}

/* A line cut into words. */
typedef struct {
  char text[LIFE_LINE_MAX];
  char *words[WORDS_MAX];
  guint n_words;
} PsLine;

static gboolean
split_line (PsLine *line, const char *start, gsize size)
{
  if (size <= CHECKSUM_LEN || size >= LIFE_LINE_MAX)
    return FALSE;
  gsize body = size - CHECKSUM_LEN;
  char sum[CHECKSUM_LEN];
  write_checksum (sum, ps_hash_32 (start, body));
  if (memcmp (start + body, sum, CHECKSUM_LEN) != 0 || memchr (start, '\0', body) != NULL)
    return FALSE;
  memcpy (line->text, start, body);
  line->text[body] = '\0';
  line->n_words = 0;
  for (char *at = line->text, previous = ' '; *at != '\0'; at++) {
    gboolean begins = previous == ' ' && *at != ' ';
    previous = *at;
    if (*at == ' ')
      *at = '\0';
    if (begins && line->n_words == WORDS_MAX)
      return FALSE;
    if (begins)
      line->words[line->n_words++] = at;
  }
  return line->n_words > 0;
}

static gboolean
number (const PsLine *line, guint word, guint64 max, guint64 *out_number)
{
  return word < line->n_words && ps_decimal_read (line->words[word], max, out_number);
}

static gboolean
number32 (const PsLine *line, guint word, guint32 *out_number)
{
  guint64 value = 0;
  if (!number (line, word, G_MAXUINT32, &value))
    return FALSE;
  *out_number = (guint32)value;
  return TRUE;
}

static PsLifePort *
port_of (PsLifeRecord *self, const PsLine *line)
{
  if (line->n_words < 2 || !ps_name_is_port (line->words[1], strlen (line->words[1])))
    return NULL;
  PsLifePort *port = g_hash_table_lookup (self->ports, line->words[1]);
  if (port != NULL)
    return port;
  port = g_new0 (PsLifePort, 1);
  g_strlcpy (port->name, line->words[1], sizeof port->name);
  g_hash_table_insert (self->ports, port->name, port);
  g_ptr_array_add (self->order, port);
  return port;
}

static gboolean
take_port (PsLifeRecord *self, const PsLine *line)
{
  guint32 row;
  PsFlap flap = {0};
  if (line->n_words != 9 || !number32 (line, 2, &row) || !number32 (line, 3, &flap.ifindex) ||
      !number32 (line, 4, &flap.base.changes) || !number32 (line, 5, &flap.base.ups) ||
      !number32 (line, 6, &flap.base.downs) || !number (line, 7, G_MAXUINT64, &flap.ups) ||
      !number (line, 8, G_MAXUINT64, &flap.downs))
    return FALSE;
  PsLifePort *port = port_of (self, line);
  if (port == NULL)
    return FALSE;
  flap.last = flap.base;
  port->row_ifindex = row;
  port->flap = flap;
  return TRUE;
}

static gboolean
take_seen (PsLifeRecord *self, const PsLine *line)
{
  guint32 ifindex;
  PsCarrier seen;
  if (line->n_words != 6 || !number32 (line, 2, &ifindex) || !number32 (line, 3, &seen.changes) ||
      !number32 (line, 4, &seen.ups) || !number32 (line, 5, &seen.downs))
    return FALSE;
  PsLifePort *port = port_of (self, line);
  if (port == NULL)
    return FALSE;
  if (port->flap.ifindex == ifindex)
    port->flap.last = seen;
  return TRUE;
}

static gboolean
take_old (PsLifeRecord *self, const PsLine *line, gboolean gone)
{
  guint32 ifindex;
  if (line->n_words != 2 || !number32 (line, 1, &ifindex) || ifindex == 0)
    return FALSE;
  if (gone)
    g_hash_table_remove (self->old, GUINT_TO_POINTER (ifindex));
  else
    g_hash_table_add (self->old, GUINT_TO_POINTER (ifindex));
  return TRUE;
}

static gboolean
take_precleared (PsLifeRecord *self, const PsLine *line)
{
  PsLifePort *port = line->n_words == 2 ? port_of (self, line) : NULL;
  if (port != NULL)
    port->precleared = TRUE;
  return port != NULL;
}

static gboolean
take_identity (PsLifeRecord *self, const PsLine *line)
{
  if (line->n_words != 2)
    return FALSE;
  if (strcmp (line->words[0], "init") == 0)
    return self->has_init = number (line, 1, G_MAXUINT64, &self->identity.init_start);
  char **field = line->words[0][0] == 'b' ? &self->identity.boot_id : &self->identity.netns;
  g_free (*field);
  *field = g_strdup (line->words[1]);
  return TRUE;
}

static gboolean
take_line (PsLifeRecord *self, const PsLine *line)
{
  const char *word = line->words[0];
  if (strcmp (word, "port") == 0)
    return take_port (self, line);
  if (strcmp (word, "seen") == 0)
    return take_seen (self, line);
  if (strcmp (word, "old") == 0 || strcmp (word, "old-gone") == 0)
    return take_old (self, line, word[3] != '\0');
  if (strcmp (word, "precleared") == 0)
    return take_precleared (self, line);
  if (strcmp (word, "copied") == 0)
    return self->copied = TRUE;
  if (strcmp (word, "boot") == 0 || strcmp (word, "init") == 0 || strcmp (word, "netns") == 0)
    return take_identity (self, line);
  return FALSE;
}

static PsLifeRecord *
life_new (void)
{
  PsLifeRecord *self = g_new0 (PsLifeRecord, 1);
  self->old = g_hash_table_new (g_direct_hash, g_direct_equal);
  self->ports = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->order = g_ptr_array_new ();
  return self;
}

PsLifeRecord *
ps_life_record_parse (const char *text, gsize size, const char **out_reason)
{
  const char *end = text + size;
  PsLine line;
  const char *first_end = size > 0 ? memchr (text, '\n', size) : NULL;
  if (size > PS_LIFE_SIZE_MAX || first_end == NULL ||
      !split_line (&line, text, (gsize)(first_end - text)) || line.n_words != 2 ||
      strcmp (line.words[0], "portsyncd-life") != 0 || strcmp (line.words[1], "1") != 0) {
    *out_reason = size > PS_LIFE_SIZE_MAX ? "it is too large" : "its first line is not ours";
    return NULL;
  }
  PsLifeRecord *self = life_new ();
  for (const char *p = first_end + 1; p < end;) {
    const char *line_end = memchr (p, '\n', (gsize)(end - p));
    if (line_end == NULL)
      line_end = end;
    if (!split_line (&line, p, (gsize)(line_end - p)) || !take_line (self, &line))
      self->n_damaged++;
    p = line_end + 1;
  }
  return self;
}

void
ps_life_record_free (PsLifeRecord *self)
{
  if (self == NULL)
    return;
  clear_identity (&self->identity);
  g_hash_table_unref (self->old);
  g_ptr_array_unref (self->order);
  g_hash_table_unref (self->ports);
  g_free (self);
}

void
ps_life_record_drop_ports (PsLifeRecord *self)
{
  g_ptr_array_set_size (self->order, 0);
  g_hash_table_remove_all (self->ports);
}

const char *
ps_life_record_differs (const PsLifeRecord *self, const PsLifeIdentity *now)
{
  if (g_strcmp0 (self->identity.boot_id, now->boot_id) != 0)
    return "the boot";
  if (self->identity.init_start != now->init_start)
    return "the start of PID 1";
  if (g_strcmp0 (self->identity.netns, now->netns) != 0)
    return "the network namespace";
  return NULL;
}

gboolean
ps_life_record_is_of_kernel (const PsLifeRecord *self, const PsLifeIdentity *now)
{
  return g_strcmp0 (self->identity.boot_id, now->boot_id) == 0 &&
         g_strcmp0 (self->identity.netns, now->netns) == 0;
}

/* A damaged line of the identity, or a system that does not tell lives apart, leave the question
 * open. */
static PsLifeWhose
find_whose (const PsLifeRecord *life, const PsLifeIdentity *now)
{
  if (life->identity.boot_id == NULL || life->identity.netns == NULL || !life->has_init ||
      g_strcmp0 (now->boot_id, PS_LIFE_BOOT_UNKNOWN) == 0)
    return PS_LIFE_UNKNOWN;
  return ps_life_record_differs (life, now) == NULL ? PS_LIFE_OURS : PS_LIFE_OTHER;
}

PsLifeRecord *
ps_life_record_load (GBytes *record, const PsLifeIdentity *now, PsLog *log, PsLifeWhose *out_whose)
{
  gsize size = 0;
  const char *text = record != NULL ? g_bytes_get_data (record, &size) : NULL, *reason = NULL;
  *out_whose = PS_LIFE_UNKNOWN;
  if (size == 0)
    return NULL;
  g_autoptr (PsLifeRecord) life = ps_life_record_parse (text, size, &reason);
  if (life == NULL) {
    ps_warn (log, "The life record is not used: %s", reason);
    return NULL;
  }
  if (life->n_damaged > 0)
    ps_warn (log, "The life record has %u damaged lines; the others are used", life->n_damaged);
  *out_whose = find_whose (life, now);
  gboolean is_of_kernel = ps_life_record_is_of_kernel (life, now);
  const char *rest = is_of_kernel ? "; what it says of devices is used" : "";
  if (*out_whose == PS_LIFE_UNKNOWN)
    ps_warn (log, "The life record does not tell whether it is of this life%s", rest);
  else if (*out_whose == PS_LIFE_OTHER)
    ps_notice (log, "The life record is of another life: %s differs%s",
               ps_life_record_differs (life, now), rest);
  return is_of_kernel ? g_steal_pointer (&life) : NULL;
}

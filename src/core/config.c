/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/units.h"
#include <string.h>

/* One table drives reading, printing and, by a test, the manual page. */

#define PATH_SIZE_MAX 1024 /* bytes */
#define NAME_SIZE_MAX 256  /* bytes */

#define MS (G_USEC_PER_SEC / 1000)
#define S  ((gint64)G_USEC_PER_SEC)

#define NONE "none"

/* Of NAME and FILE "none" stands for NULL. */
typedef enum { TYPE_PATH, TYPE_NAME, TYPE_FILE, TYPE_DURATION, TYPE_SIZE, TYPE_CHOICE } Type;

typedef struct {
  const char *section, *key;
  Type type;
  gsize offset;              /* in PsConfig */
  const char *standard;      /* the default, as one would write it */
  gint64 min, max;           /* duration in us, size in bytes */
  const char *const *choice; /* names, in the order of the enum */
  const char *comment;
} Key;

static const char *const old_interfaces_names[] = {"ignore", "adopt", NULL};
static const char *const sections[] = {"database", "netlink", "start", NULL};
static const char *const reserved[] = {"instance", "stats", "web", "healing", NULL};

#define AT(field) G_STRUCT_OFFSET (PsConfig, field)
static const Key keys[] = {
    {"database", "config", TYPE_PATH, AT (database_config),
     "/var/run/redis/sonic-db/database_config.json", 0, 0, NULL,
     "Where SONiC describes its databases."},
    {"database", "reply_deadline", TYPE_DURATION, AT (reply_deadline_us), "3s", 10 * MS, 600 * S,
     NULL,
     "A Redis server that is silent for so long is taken for dead, and the daemon connects anew."},
    {"database", "user", TYPE_NAME, AT (user), NONE, 0, 0, NULL,
     "The ACL user of Redis as which the daemon logs in; none is the server's default user."},
    {"database", "password_file", TYPE_FILE, AT (password_file), NONE, 0, 0, NULL,
     "A file of mode 0600 with the password for Redis; read at each connection."},
    {"netlink", "receive_buffer", TYPE_SIZE, AT (receive_buffer_bytes), "auto", 4096, 1 << 30, NULL,
     "Memory for messages of the kernel that the daemon has not read yet; auto asks for 16M."},
    {"netlink", "old_interfaces", TYPE_CHOICE, AT (old_interfaces), "ignore", 0, 0,
     old_interfaces_names,
     "Links that exist at a cold start: ignore them until they are gone, or adopt them."},
    {"netlink", "audit_interval", TYPE_DURATION, AT (audit_interval_us), "5m", S, 86400 * S, NULL,
     "How often kernel and database are compared as a whole."},
    {"start", "eoiu_timeout", TYPE_DURATION, AT (eoiu_timeout_us), "30s", 100 * MS, 3600 * S, NULL,
     "When an incomplete first picture of the links is reported, and a warm restart is over."},
    {"start", "run_dir", TYPE_PATH, AT (run_dir), "/run/portsyncd", 0, 0, NULL,
     "Where the life record and its lock are kept; empty after a reboot."},
};

G_DEFINE_QUARK (ps_config_error, ps_config_error)

static gpointer
field (const PsConfig *config, const Key *key)
{
  return G_STRUCT_MEMBER_P (config, key->offset);
}

static gboolean
set_path (PsConfig *config, const Key *key, const char *text)
{
  if (text[0] != '/' || strlen (text) > PATH_SIZE_MAX)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p) || *p == '"')
      return FALSE;
  char **path = field (config, key);
  g_free (*path);
  *path = g_strdup (text);
  return TRUE;
}

static void
replace (PsConfig *config, const Key *key, const char *text)
{
  char **value = field (config, key);
  g_free (*value);
  *value = g_strdup (text);
}

/* Redis wants names without spaces; the rest is for the log and for --print-config. */
static gboolean
set_name (PsConfig *config, const Key *key, const char *text)
{
  gsize size = strlen (text);
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isgraph (text[i]) || text[i] == '"')
      return FALSE;
  if (size == 0 || size > NAME_SIZE_MAX)
    return FALSE;
  replace (config, key, strcmp (text, NONE) == 0 ? NULL : text);
  return TRUE;
}

static gboolean
set_file (PsConfig *config, const Key *key, const char *text)
{
  if (strcmp (text, NONE) != 0)
    return set_path (config, key, text);
  replace (config, key, NULL);
  return TRUE;
}

static gboolean
set_size (PsConfig *config, const Key *key, const char *text)
{
  gint64 bytes = 0;
  if (strcmp (text, "auto") != 0 &&
      !ps_units_parse (PS_UNITS_SIZE, text, key->min, key->max, &bytes))
    return FALSE;
  *(gsize *)field (config, key) = (gsize)bytes;
  return TRUE;
}

static gboolean
set_choice (PsConfig *config, const Key *key, const char *text)
{
  for (guint i = 0; key->choice[i] != NULL; i++) {
    if (strcmp (text, key->choice[i]) != 0)
      continue;
    *(PsOldInterfaces *)field (config, key) = (PsOldInterfaces)i;
    return TRUE;
  }
  return FALSE;
}

static gboolean
set (PsConfig *config, const Key *key, const char *text)
{
  switch (key->type) {
  case TYPE_PATH:
    return set_path (config, key, text);
  case TYPE_NAME:
    return set_name (config, key, text);
  case TYPE_FILE:
    return set_file (config, key, text);
  case TYPE_DURATION:
    return ps_units_parse (PS_UNITS_DURATION, text, key->min, key->max, field (config, key));
  case TYPE_SIZE:
    return set_size (config, key, text);
  case TYPE_CHOICE:
    return set_choice (config, key, text);
  }
  g_assert_not_reached ();
}

static char *
format (const PsConfig *config, const Key *key)
{
  switch (key->type) {
  case TYPE_PATH:
  case TYPE_NAME:
  case TYPE_FILE: {
    const char *text = *(char **)field (config, key);
    return text == NULL ? g_strdup (NONE) : g_strdup_printf ("\"%s\"", text);
  }
  case TYPE_DURATION:
    return ps_units_format (PS_UNITS_DURATION, *(gint64 *)field (config, key));
  case TYPE_SIZE: {
    gsize bytes = *(gsize *)field (config, key);
    return bytes == 0 ? g_strdup ("auto") : ps_units_format (PS_UNITS_SIZE, (gint64)bytes);
  }
  case TYPE_CHOICE:
    return g_strdup (key->choice[*(PsOldInterfaces *)field (config, key)]);
  }
  g_assert_not_reached ();
}

/* What the key takes, for messages and for the printed file. */
static char *
allowed (const Key *key)
{
  gboolean is_size = key->type == TYPE_SIZE;
  if (key->type == TYPE_PATH)
    return g_strdup ("an absolute path");
  if (key->type == TYPE_FILE)
    return g_strdup ("none, or an absolute path");
  if (key->type == TYPE_NAME)
    return g_strdup ("none, or a name of up to 256 printable characters without spaces");
  if (key->type == TYPE_CHOICE) {
    g_autofree char *names = g_strjoinv (" or ", (char **)key->choice);
    return g_steal_pointer (&names);
  }
  PsUnits units = is_size ? PS_UNITS_SIZE : PS_UNITS_DURATION;
  g_autofree char *min = ps_units_format (units, key->min);
  g_autofree char *max = ps_units_format (units, key->max);
  return is_size ? g_strdup_printf ("auto, or a size from %s to %s (units k, M, G)", min, max)
                 : g_strdup_printf ("a duration from %s to %s (units us, ms, s, m, h)", min, max);
}

/* Takes one pair of quotes off, in place; FALSE when there is only one of the pair. */
static gboolean
unquote (char *text)
{
  gsize size = strlen (text);
  char quote = text[0];
  if (quote != '"' && quote != '\'')
    return strpbrk (text, "\"") == NULL;
  if (size < 2 || text[size - 1] != quote || strchr (text + 1, quote) != text + size - 1)
    return FALSE;
  memmove (text, text + 1, size - 2);
  text[size - 2] = '\0';
  return TRUE;
}

/* ", did you mean x?" or, when nothing is near, the whole list. Free with g_free. */
static char *
suggestion (const char *word, const char *const *known)
{
  const char *nearest = ps_nearest (word, known);
  if (nearest != NULL)
    return g_strdup_printf ("did you mean '%s'?", nearest);
  g_autofree char *list = g_strjoinv (", ", (char **)known);
  return g_strdup_printf ("known are %s", list);
}

/* --- the file ------------------------------------------------------------------------------- */

#define N_SECTIONS (G_N_ELEMENTS (sections) - 1)

/* Lines are counted from 1; 0: not met yet. */
typedef struct {
  PsConfig *config;
  const char *origin;
  guint line;
  char *section;     /* owned, nullable: none began yet */
  gboolean is_known; /* Keys of another section are left out: it was complained of. */
  guint section_lines[N_SECTIONS], key_lines[G_N_ELEMENTS (keys)];
  GString *complaints; /* owned; one a line */
  guint n_complaints;
} Reader;

/* About a key of the section, or, with key NULL, about the section. */
static void
complain (Reader *self, const char *key, const char *text)
{
  if (++self->n_complaints > PS_CONFIG_COMPLAINTS_MAX)
    return;
  g_autofree char *safe_section =
      self->section != NULL ? ps_log_escape (self->section, strlen (self->section)) : NULL;
  g_autofree char *safe_key = key != NULL ? ps_log_escape (key, strlen (key)) : NULL;
  g_string_append_printf (self->complaints, "%s%s:%u: ", self->n_complaints > 1 ? "\n" : "",
                          self->origin, self->line);
  if (safe_section != NULL)
    g_string_append_printf (self->complaints, "[%s]%s", safe_section, key != NULL ? " " : ": ");
  if (safe_key != NULL)
    g_string_append_printf (self->complaints, "%s: ", safe_key);
  g_string_append (self->complaints, text);
}

/* TRUE: it is the first of its kind. */
static gboolean
take_first (Reader *self, guint *line, const char *key)
{
  if (*line == 0) {
    *line = self->line;
    return TRUE;
  }
  g_autofree char *text = g_strdup_printf ("given again, first in line %u", *line);
  complain (self, key, text);
  return FALSE;
}

static gboolean
find_key (const char *section, const char *name, gsize *out_index)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].section, section) == 0 && strcmp (keys[i].key, name) == 0) {
      *out_index = i;
      return TRUE;
    }
  return FALSE;
}

static void
complain_unknown_key (Reader *self, const char *name)
{
  const char *known[G_N_ELEMENTS (keys) + 1] = {NULL};
  gsize n = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].section, self->section) == 0)
      known[n++] = keys[i].key;
  g_autofree char *hint = suggestion (name, known);
  g_autofree char *text = g_strdup_printf ("unknown key, %s", hint);
  complain (self, name, text);
}

static void
read_section (Reader *self, const char *name)
{
  g_free (self->section);
  self->section = g_strdup (name);
  for (gsize i = 0; i < N_SECTIONS; i++) {
    self->is_known = strcmp (sections[i], name) == 0;
    if (self->is_known) {
      take_first (self, &self->section_lines[i], NULL);
      return;
    }
  }
  if (g_strv_contains (reserved, name)) {
    complain (self, NULL,
              "this section is reserved for a later version, this one does not have it");
    return;
  }
  g_autofree char *hint = suggestion (name, sections);
  g_autofree char *text = g_strdup_printf ("unknown section, %s", hint);
  complain (self, NULL, text);
}

static void
read_key (Reader *self, const char *name, const char *value)
{
  gsize index;
  if (!find_key (self->section, name, &index)) {
    complain_unknown_key (self, name);
    return;
  }
  if (!take_first (self, &self->key_lines[index], name))
    return;
  g_autofree char *bare = g_strdup (value);
  if (unquote (bare) && set (self->config, &keys[index], bare))
    return;
  g_autofree char *safe = ps_log_escape (value, strlen (value));
  g_autofree char *want = allowed (&keys[index]);
  g_autofree char *text = g_strdup_printf ("'%s' is not %s", safe, want);
  complain (self, name, text);
}

/* One without spaces around it. */
static void
read_line (Reader *self, char *line)
{
  gsize size = strlen (line);
  if (size == 0 || line[0] == '#')
    return;
  if (line[0] == '[' && line[size - 1] == ']') {
    line[size - 1] = '\0';
    read_section (self, line + 1);
    return;
  }
  char *value = strchr (line, '=');
  if (value == NULL || value == line) {
    complain (self, line, "neither a [section] nor a key = value");
    return;
  }
  *value++ = '\0';
  g_strchomp (line);
  if (self->section == NULL)
    complain (self, line, "a key before the first [section]");
  else if (self->is_known)
    read_key (self, line, g_strchug (value));
}

PsConfig *
ps_config_new (void)
{
  PsConfig *config = g_new0 (PsConfig, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    gboolean valid = set (config, &keys[i], keys[i].standard);
    g_assert (valid);
  }
  return config;
}

void
ps_config_free (PsConfig *self)
{
  if (self == NULL)
    return;
  g_free (self->database_config);
  g_free (self->user);
  g_free (self->password_file);
  g_free (self->run_dir);
  g_free (self);
}

PsConfig *
ps_config_parse (const char *text, gsize size, const char *origin, GError **error)
{
  if (size > PS_CONFIG_SIZE_MAX || !g_utf8_validate (text, (gssize)size, NULL)) {
    g_set_error (error, PS_CONFIG_ERROR, PS_CONFIG_ERROR_INVALID, "%s: %s", origin,
                 size > PS_CONFIG_SIZE_MAX ? "larger than 1 MiB" : "not UTF-8 text");
    return NULL;
  }
  g_autofree char *whole = g_strndup (text, size);
  g_autoptr (PsConfig) config = ps_config_new ();
  Reader reader = {.config = config, .origin = origin, .complaints = g_string_new (NULL)};
  for (char *line = whole, *next; line != NULL; line = next) {
    next = strchr (line, '\n');
    if (next != NULL)
      *next++ = '\0';
    reader.line++;
    read_line (&reader, g_strstrip (line));
  }
  if (reader.n_complaints > PS_CONFIG_COMPLAINTS_MAX)
    g_string_append_printf (reader.complaints, "\n%s: %u more", origin,
                            reader.n_complaints - PS_CONFIG_COMPLAINTS_MAX);
  if (reader.n_complaints > 0)
    g_set_error_literal (error, PS_CONFIG_ERROR, PS_CONFIG_ERROR_INVALID, reader.complaints->str);
  g_string_free (reader.complaints, TRUE);
  g_free (reader.section);
  return reader.n_complaints == 0 ? g_steal_pointer (&config) : NULL;
}

char *
ps_config_print (const PsConfig *self)
{
  GString *out = g_string_new (NULL);
  const char *section = "";
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    const Key *key = &keys[i];
    if (strcmp (section, key->section) != 0)
      g_string_append_printf (out, "%s[%s]\n", i > 0 ? "\n" : "", key->section);
    section = key->section;
    g_autofree char *want = allowed (key);
    g_autofree char *value = format (self, key);
    g_string_append_printf (out, "# %s\n# Default %s; %s.\n%s = %s\n", key->comment, key->standard,
                            want, key->key, value);
  }
  return g_string_free (out, FALSE);
}

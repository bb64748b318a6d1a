/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/db-config.h"
#include "base/json.h"
#include "base/log.h"
#include "core/schema.h"
#include <string.h>

#define DB_ID_MAX     65535
#define UNIX_PATH_MAX 107 /* sun_path without its NUL, unix(7) */

G_DEFINE_QUARK (ps_redis_db_config_error, ps_redis_db_config_error)

/* The place in the document, for messages. */
typedef struct {
  const char *origin;
  const PsJson *instances, *databases; /* not owned */
} PsSource;

static gboolean
fail (const PsSource *source, GError **error, const char *pointer, const char *wanted)
{
  g_autofree char *safe = ps_log_escape (pointer, strlen (pointer));
  g_set_error (error, PS_REDIS_DB_CONFIG_ERROR, PS_REDIS_DB_CONFIG_ERROR_INVALID, "%s: %s: %s",
               source->origin, safe, wanted);
  return FALSE;
}

static const PsJson *
get (const PsJson *parent, const char *name, PsJsonType type)
{
  const PsJson *value = ps_json_member (parent, name);
  return value != NULL && value->type == type ? value : NULL;
}

/* NULL if it is absent or not a string. */
static const char *
get_string (const PsJson *parent, const char *name)
{
  const PsJson *value = get (parent, name, PS_JSON_TEXT);
  return value != NULL ? value->text : NULL;
}

static gboolean
get_integer (const PsJson *parent, const char *name, gint64 min, gint64 max, gint64 *out)
{
  const PsJson *value = get (parent, name, PS_JSON_INTEGER);
  if (value == NULL)
    return FALSE;
  *out = value->integer;
  return *out >= min && *out <= max;
}

static gboolean
read_unix_path (const PsSource *source, const PsJson *instance, const char *pointer,
                PsRedisDbEndpoint *out, GError **error)
{
  if (ps_json_member (instance, "unix_socket_path") == NULL)
    return TRUE;
  g_autofree char *at = g_strconcat (pointer, "/unix_socket_path", NULL);
  const char *path = get_string (instance, "unix_socket_path");
  if (path == NULL)
    return fail (source, error, at, "must be a string");
  if (strlen (path) > UNIX_PATH_MAX)
    return fail (source, error, at, "must have at most 107 bytes");
  out->unix_path = path[0] != '\0' ? g_strdup (path) : NULL;
  return TRUE;
}

static gboolean
read_address (const PsSource *source, const PsJson *instance, const char *pointer,
              PsRedisDbEndpoint *out, GError **error)
{
  const char *host = get_string (instance, "hostname");
  gint64 port;
  if (host == NULL || host[0] == '\0') {
    g_autofree char *at = g_strconcat (pointer, "/hostname", NULL);
    return fail (source, error, at, "must be a host name or address (there is no socket path)");
  }
  if (!get_integer (instance, "port", 1, 65535, &port)) {
    g_autofree char *at = g_strconcat (pointer, "/port", NULL);
    return fail (source, error, at, "must be an integer from 1 to 65535 (there is no socket path)");
  }
  out->host = g_strdup (host);
  out->port = (guint16)port;
  return TRUE;
}

/* As RFC 6901 wants a name within a JSON pointer. */
static char *
pointer_to (const char *parent, const char *name)
{
  GString *pointer = g_string_new (name);
  g_string_replace (pointer, "~", "~0", 0);
  g_string_replace (pointer, "/", "~1", 0);
  g_string_prepend_c (pointer, '/');
  g_string_prepend (pointer, parent);
  return g_string_free (pointer, FALSE);
}

static gboolean
read_instance (const PsSource *source, const PsJson *db, const char *db_pointer,
               PsRedisDbEndpoint *out, GError **error)
{
  const char *name = get_string (db, "instance");
  if (name == NULL) {
    g_autofree char *at = g_strconcat (db_pointer, "/instance", NULL);
    return fail (source, error, at, "must be the name of an instance");
  }
  g_autofree char *pointer = pointer_to ("/INSTANCES", name);
  const PsJson *instance = get (source->instances, name, PS_JSON_OBJECT);
  if (instance == NULL)
    return fail (source, error, pointer, "must be an object: a database refers to it");
  if (!read_unix_path (source, instance, pointer, out, error))
    return FALSE;
  return out->unix_path != NULL || read_address (source, instance, pointer, out, error);
}

static gboolean
read_db (const PsSource *source, PsDb which, PsRedisDbEndpoint *out, GError **error)
{
  const char *name = ps_schema_db_name (which);
  g_autofree char *pointer = pointer_to ("/DATABASES", name);
  const PsJson *db = get (source->databases, name, PS_JSON_OBJECT);
  if (db == NULL)
    return fail (source, error, pointer, "must be an object");
  gint64 id;
  if (!get_integer (db, "id", 0, DB_ID_MAX, &id)) {
    g_autofree char *at = g_strconcat (pointer, "/id", NULL);
    return fail (source, error, at, "must be an integer from 0 to 65535");
  }
  const char *separator = get_string (db, "separator");
  if (g_strcmp0 (separator, ":") != 0 && g_strcmp0 (separator, "|") != 0) {
    g_autofree char *at = g_strconcat (pointer, "/separator", NULL);
    return fail (source, error, at, "must be \":\" or \"|\"");
  }
  out->id = (guint)id;
  out->separator = separator[0];
  return read_instance (source, db, pointer, out, error);
}

static gboolean
read_document (const PsJson *root, const char *origin, PsRedisDbConfig *out, GError **error)
{
  PsSource source = {.origin = origin};
  if (root->type != PS_JSON_OBJECT)
    return fail (&source, error, "/", "must be an object");
  source.instances = get (root, "INSTANCES", PS_JSON_OBJECT);
  if (source.instances == NULL)
    return fail (&source, error, "/INSTANCES", "must be an object");
  source.databases = get (root, "DATABASES", PS_JSON_OBJECT);
  if (source.databases == NULL)
    return fail (&source, error, "/DATABASES", "must be an object");
  for (PsDb db = 0; db < PS_N_DBS; db++)
    if (!read_db (&source, db, &out->dbs[db], error))
      return FALSE;
  return TRUE;
}

PsRedisDbConfig *
ps_redis_db_config_parse (const char *text, gsize size, const char *origin, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (PsJson) root = ps_json_parse (text, size, origin, &why);
  if (root == NULL) {
    g_set_error_literal (error, PS_REDIS_DB_CONFIG_ERROR, PS_REDIS_DB_CONFIG_ERROR_SYNTAX,
                         why->message);
    return NULL;
  }
  g_autoptr (PsRedisDbConfig) config = g_new0 (PsRedisDbConfig, 1);
  if (!read_document (root, origin, config, error))
    return NULL;
  return g_steal_pointer (&config);
}

void
ps_redis_db_config_free (PsRedisDbConfig *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < PS_N_DBS; i++) {
    g_free (self->dbs[i].unix_path);
    g_free (self->dbs[i].host);
  }
  g_free (self);
}

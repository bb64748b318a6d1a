/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/databases.h"
#include "backends/redis/socket.h"
#include "backends/redis/store.h"
#include "daemon/password-file.h"
#include <string.h>

struct _PsDatabases {
  const PsConfig *config;
  PsRedisAuth auth;
  PsRedisStore *store; /* owned */
};

G_DEFINE_QUARK (ps_databases_error, ps_databases_error)

static PsDbConfig *
read_db_config (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize size = 0;
  g_autoptr (GError) why = NULL;
  if (g_file_get_contents (path, &text, &size, &why))
    return ps_db_config_parse (text, size, path, error);
  g_set_error (error, PS_DATABASES_ERROR, PS_DATABASES_ERROR_UNREADABLE,
               "%s: cannot be read: %s (the database container writes it; [database] config names "
               "another)",
               path, why->message);
  return NULL;
}

static char *
on_password (gpointer user_data, GError **error)
{
  PsDatabases *self = user_data;
  if (self->config->password_file == NULL)
    return g_strdup (""); /* of a user without a password */
  return ps_password_file_read (self->config->password_file, error);
}

/* What is wrong with the file now is told before anything is started; what becomes wrong later ends
 * no process. */
static gboolean
check_password (PsDatabases *self, GError **error)
{
  char *password = on_password (self, error);
  if (password != NULL)
    explicit_bzero (password, strlen (password));
  gboolean is_there = password != NULL;
  g_free (password);
  self->auth = (PsRedisAuth){self->config->user, on_password, self};
  return is_there;
}

static gboolean
make_store (PsDatabases *self, PsClock *clock, PsLog *log, GError **error)
{
  g_autoptr (PsDbConfig) db_config = read_db_config (self->config->database_config, error);
  if (db_config == NULL || !check_password (self, error))
    return FALSE;
  PsStreamPort *ports[PS_N_DBS];
  for (guint i = 0; i < PS_N_DBS; i++)
    ports[i] = ps_redis_socket_new (NULL, &db_config->dbs[i]);
  gboolean has_auth = self->config->user != NULL || self->config->password_file != NULL;
  PsRedisOptions options = {
      .reply_deadline_us = self->config->reply_deadline_us,
      .rng_seed = ((guint64)g_random_int () << 32) | g_random_int (),
      .auth = has_auth ? &self->auth : NULL,
  };
  self->store = ps_redis_store_new (clock, log, ports, db_config, &options);
  for (guint i = 0; i < PS_N_DBS; i++)
    g_object_unref (ports[i]);
  return TRUE;
}

PsDatabases *
ps_databases_new (PsClock *clock, PsLog *log, const PsConfig *config, GError **error)
{
  g_autoptr (PsDatabases) self = g_new0 (PsDatabases, 1);
  self->config = config;
  return make_store (self, clock, log, error) ? g_steal_pointer (&self) : NULL;
}

void
ps_databases_free (PsDatabases *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->store);
  g_free (self);
}

PsStore *
ps_databases_store (PsDatabases *self)
{
  return PS_STORE (self->store);
}

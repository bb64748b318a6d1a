/* SPDX-License-Identifier: Apache-2.0 */
/* Where the databases are: SONiC's database_config.json as a checked value
 * (docs/sonic-protocol.md 1.2). */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

/* How to reach one database. Databases may live in different servers. */
typedef struct {
  guint id; /* for SELECT */
  char separator;
  char *unix_path; /* owned, nullable: then host and port are meant */
  char *host;      /* owned, nullable: then unix_path is meant */
  guint16 port;
} PsRedisDbEndpoint;

typedef struct {
  PsRedisDbEndpoint dbs[PS_N_DBS];
} PsRedisDbConfig;

#define PS_REDIS_DB_CONFIG_ERROR (ps_redis_db_config_error_quark ())
GQuark ps_redis_db_config_error_quark (void);
typedef enum {
  PS_REDIS_DB_CONFIG_ERROR_SYNTAX, /* not JSON, too large or too deep */
  PS_REDIS_DB_CONFIG_ERROR_INVALID,
} PsRedisDbConfigError;

/* Reads the text of database_config.json. TCP is meant where unix_socket_path is missing or empty.
 * An error is one line: origin, the place as a JSON pointer (the line, if it is not JSON), and what
 * is wanted there; what comes from the text is escaped. */
PsRedisDbConfig *ps_redis_db_config_parse (const char *text, gsize size, const char *origin,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ps_redis_db_config_free (PsRedisDbConfig *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRedisDbConfig, ps_redis_db_config_free)
G_END_DECLS

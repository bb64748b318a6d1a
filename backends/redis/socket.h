/* SPDX-License-Identifier: Apache-2.0 */
/* The real PsStreamPort: a non-blocking unix or TCP socket watched by a source of its own. */
#pragma once
#include "backends/redis/db-config.h"
#include "backends/redis/stream-port.h"
G_BEGIN_DECLS

#define PS_TYPE_REDIS_SOCKET (ps_redis_socket_get_type ())
G_DECLARE_FINAL_TYPE (PsRedisSocket, ps_redis_socket, PS, REDIS_SOCKET, GObject)

#define PS_REDIS_SOCKET_ERROR (ps_redis_socket_error_quark ())
GQuark ps_redis_socket_error_quark (void);
typedef enum { PS_REDIS_SOCKET_ERROR_CONNECT } PsRedisSocketError;

/* Where endpoint says; it is copied. context NULL: the default one. Host names are looked up,
 * by a thread (lookup.h), at each connect; when a name has several addresses, each attempt that
 * fails moves on to the next of them. */
PsStreamPort *ps_redis_socket_new (GMainContext *context, const PsRedisDbEndpoint *endpoint);
G_END_DECLS

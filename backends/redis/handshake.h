/* SPDX-License-Identifier: Apache-2.0 */
/* What a new connection says before the first request, and what its replies mean: the password if
 * there is one, the number of the database, a PING, and the producer's script if there is one. */
#pragma once
#include "backends/redis/auth.h"
#include "backends/redis/connection.h"
G_BEGIN_DECLS

typedef enum {
  PS_REDIS_HANDSHAKE_FITS,        /* the step is done */
  PS_REDIS_HANDSHAKE_NO_PASSWORD, /* the same, but the server asks for no password */
  PS_REDIS_HANDSHAKE_REFUSED,     /* the server turns the daemon away */
  PS_REDIS_HANDSHAKE_GARBLED,     /* not a reply to this step */
} PsRedisHandshakeResult;

/* Forms all steps, to be flushed by the caller. FALSE: the password cannot be read, and nothing was
 * formed. auth: nullable. */
gboolean ps_redis_handshake_form (PsRedisConnection *connection, const PsRedisRequestTarget *target,
                                  const PsRedisAuth *auth, GError **error);

/* step: the kind of the tag of the command that was answered. *refusal is set if it was refused:
 * the error reply, or for the password words of portsyncd, since some servers repeat in theirs what
 * they did not understand. Lives as long as the reply. */
PsRedisHandshakeResult ps_redis_handshake_judge (const PsRedisRequestTarget *target, guint8 step,
                                                 const PsRedisReply *reply, PsText *refusal);
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of a host, looked up by a thread: a name server that does not answer holds up
 * getaddrinfo(3) and its caller for ten seconds and more. */
#pragma once
#include <glib.h>
#include <netdb.h>
G_BEGIN_DECLS

typedef struct _PsRedisLookup PsRedisLookup;

/* list: valid during the call; NULL if there is none, then why says the reason. */
typedef void (*PsRedisLookupDone) (const struct addrinfo *list, const char *why,
                                   gpointer user_data);

/* done is called once, from an iteration of context (NULL: the default one). The thread has no
 * capabilities. NULL with an error if there can be no thread. */
PsRedisLookup *ps_redis_lookup_start (GMainContext *context, const char *host, const char *service,
                                      PsRedisLookupDone done, gpointer user_data,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Does not wait: a thread that still asks ends when it has its answer, and done is not called. */
void ps_redis_lookup_free (PsRedisLookup *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRedisLookup, ps_redis_lookup_free)
G_END_DECLS

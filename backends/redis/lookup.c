/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/lookup.h"
#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* One reference is the owner's, one the thread's and then that of the source that it makes. Until
 * that source exists, only the thread touches list and code; done and user_data are only touched by
 * the owner's thread. */
struct _PsRedisLookup {
  GMainContext *context;  /* owned, nullable */
  char *host, *service;   /* owned */
  PsRedisLookupDone done; /* NULL: the owner freed the lookup */
  gpointer user_data;
  struct addrinfo *list; /* owned, nullable */
  int code;              /* of getaddrinfo */
};

static void
clear (gpointer data)
{
  PsRedisLookup *self = data;
  if (self->list != NULL)
    freeaddrinfo (self->list);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self->host);
  g_free (self->service);
}

static void
unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, clear);
}

static gboolean
on_found (gpointer user_data)
{
  PsRedisLookup *self = user_data;
  PsRedisLookupDone done = self->done;
  self->done = NULL;
  if (done != NULL)
    done (self->list, self->code != 0 ? gai_strerror (self->code) : NULL, self->user_data);
  return G_SOURCE_REMOVE;
}

/* Each thread has its own (capabilities(7)); this one reads what name servers say. That the kernel
 * refuses to take them is not known to happen, and no reason to look up nothing. */
static void
give_up_capabilities (void)
{
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
  (void)syscall (SYS_capset, &header, none);
}

static gpointer
look_up (gpointer data)
{
  PsRedisLookup *self = data;
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  give_up_capabilities ();
  self->code = getaddrinfo (self->host, self->service, &hints, &self->list);
  GSource *source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_found, self, unref);
  g_source_attach (source, self->context);
  g_source_unref (source);
  return NULL;
}

PsRedisLookup *
ps_redis_lookup_start (GMainContext *context, const char *host, const char *service,
                       PsRedisLookupDone done, gpointer user_data, GError **error)
{
  PsRedisLookup *self = g_atomic_rc_box_new0 (PsRedisLookup);
  self->context = context != NULL ? g_main_context_ref (context) : NULL;
  self->host = g_strdup (host);
  self->service = g_strdup (service);
  self->done = done;
  self->user_data = user_data;
  GThread *thread = g_thread_try_new ("lookup", look_up, g_atomic_rc_box_acquire (self), error);
  if (thread != NULL) {
    g_thread_unref (thread);
    return self;
  }
  unref (self);
  unref (self);
  return NULL;
}

void
ps_redis_lookup_free (PsRedisLookup *self)
{
  if (self == NULL)
    return;
  self->done = NULL;
  unref (self);
}

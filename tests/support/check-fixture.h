/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated switch with its checks, and an impostor: a client of its Redis that the checks take
 * for the daemon. For the tests of the checks, each of which has one at a time. */
#pragma once
#include "sim/check/check.h"
#include <string.h>

#define N_PORTS 4
#define SECOND  G_USEC_PER_SEC

typedef struct {
  PsSimWorld *world;
  PsCheck *check;
  PsStreamPort *impostor; /* nullable */
  PsTimerId timer;
  guint n_looks; /* for a test's own use */
} Fixture;

static inline PsSimKernel *
kernel (Fixture *f)
{
  return ps_sim_world_kernel (f->world);
}

static inline PsSimRedis *
redis (Fixture *f)
{
  return ps_sim_world_redis (f->world);
}

static inline PsSimOrchagent *
orchagent (Fixture *f)
{
  return ps_sim_world_orchagent (f->world);
}

static inline void
set_up (Fixture *f, guint64 seed)
{
  PsSimWorldOptions options = {.seed = seed};
  f->world = ps_sim_world_new (&options);
  f->check = ps_check_new (f->world);
}

static inline void
tear_down (Fixture *f)
{
  ps_clock_clear (PS_CLOCK (ps_sim_world_clock (f->world)), &f->timer);
  if (f->impostor != NULL)
    ps_stream_port_close (f->impostor);
  g_clear_object (&f->impostor);
  g_clear_pointer (&f->check, ps_check_free);
  g_clear_pointer (&f->world, ps_sim_world_free);
}

static inline void
assert_green (Fixture *f)
{
  const PsCheckFailure *failure = ps_check_failure (f->check);
  if (failure != NULL)
    g_error ("%s: expected %s, seen %s", failure->name, failure->expected, failure->seen);
}

static inline void
run (Fixture *f, gint64 us)
{
  ps_sim_world_run_for (f->world, us);
}

static inline void
boot (Fixture *f, guint n_ports)
{
  ps_sim_world_configure_ports (f->world, n_ports);
  g_assert_true (ps_sim_world_start_daemon (f->world));
  ps_sim_orchagent_start (orchagent (f), FALSE);
  run (f, 3 * SECOND);
  assert_green (f);
}

/* --- the impostor --------------------------------------------------------------------------- */

static inline void
send_words (Fixture *f, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 0);
  g_autoptr (GString) bytes = g_string_new (NULL);
  gsize n = 0;
  g_string_append_printf (bytes, "*%u\r\n", g_strv_length (words));
  for (char **word = words; *word != NULL; word++)
    g_string_append_printf (bytes, "$%zu\r\n%s\r\n", strlen (*word), *word);
  g_assert_cmpint (ps_stream_port_write (f->impostor, (const guint8 *)bytes->str, bytes->len, &n),
                   ==, PS_STREAM_DONE);
  g_assert_cmpuint (n, ==, bytes->len);
}

/* Replies are of no interest, but would be told of without end. */
static inline void
read_replies (guint readiness, gpointer user_data)
{
  Fixture *f = user_data;
  guint8 buffer[4096];
  gsize n;
  while (ps_stream_port_read (f->impostor, buffer, sizeof buffer, &n) == PS_STREAM_DONE)
    continue;
}

/* A client that writes in the daemon's name: a command to a database. */
static inline void
forge (Fixture *f, guint db, const char *line)
{
  g_autofree char *select = g_strdup_printf ("SELECT %u", db);
  if (f->impostor == NULL) {
    f->impostor = ps_sim_redis_port (redis (f), 0);
    ps_stream_port_set_ready (f->impostor, read_replies, f);
    g_assert_true (ps_stream_port_connect (f->impostor, NULL));
    run (f, SECOND / 100);
  }
  send_words (f, select);
  send_words (f, line);
  run (f, SECOND / 100);
}

static inline void
forge_state (Fixture *f, const char *line)
{
  forge (f, PS_SIM_STATE_DB, line);
}

static inline void
forge_appl (Fixture *f, const char *line)
{
  forge (f, PS_SIM_APPL_DB, line);
}

static inline void
forge_ports (Fixture *f, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *line = g_strdup_printf ("HSET _PORT_TABLE:Ethernet%u lanes 1", i);
    forge_appl (f, line);
  }
}

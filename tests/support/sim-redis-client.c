/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/sim-redis-client.h"
#include "backends/redis/scripts.h"
#include <string.h>

static void
on_ready (guint readiness, gpointer user_data)
{
  PsSimRedisClient *rig = user_data;
  guint8 bytes[512];
  gsize n;
  rig->stands |= (readiness & PS_STREAM_WRITABLE) != 0;
  if ((readiness & PS_STREAM_READABLE) == 0)
    return;
  PsStreamResult result;
  while ((result = ps_stream_port_read (rig->port, bytes, sizeof bytes, &n)) == PS_STREAM_DONE)
    for (gsize i = 0; i < n; i++)
      if (bytes[i] != '\n')
        g_string_append_c (rig->got, bytes[i] == '\r' ? ' ' : (char)bytes[i]);
  rig->ended |= result == PS_STREAM_ENDED;
}

void
ps_sim_redis_client_run (PsSimRedisClient *rig)
{
  ps_virtual_clock_advance (rig->clock, PS_SIM_REDIS_CLIENT_WAIT_US);
}

/* TRUE if the connection stands. */
gboolean
ps_sim_redis_client_reconnect (PsSimRedisClient *rig)
{
  ps_stream_port_close (rig->port);
  rig->stands = rig->ended = FALSE;
  g_string_truncate (rig->got, 0);
  if (ps_stream_port_connect (rig->port, NULL))
    ps_sim_redis_client_run (rig);
  return rig->stands;
}

PsSimRedisClient *
ps_sim_redis_client_new (void)
{
  PsSimRedisClient *rig = g_new0 (PsSimRedisClient, 1);
  rig->clock = ps_virtual_clock_new ();
  rig->redis = ps_sim_redis_new (PS_CLOCK (rig->clock), 1);
  rig->port = ps_sim_redis_port (rig->redis, 0);
  rig->got = g_string_new (NULL);
  rig->told = g_string_new (NULL);
  ps_stream_port_set_ready (rig->port, on_ready, rig);
  g_assert_true (ps_sim_redis_client_reconnect (rig));
  return rig;
}

void
ps_sim_redis_client_free (PsSimRedisClient *rig)
{
  g_object_unref (rig->port);
  ps_sim_redis_free (rig->redis);
  g_object_unref (rig->clock);
  g_string_free (rig->got, TRUE);
  g_string_free (rig->told, TRUE);
  g_free (rig);
}

void
ps_sim_redis_client_put (PsSimRedisClient *rig, const void *bytes, gsize size)
{
  gsize n;
  g_assert_cmpint (ps_stream_port_write (rig->port, bytes, size, &n), ==, PS_STREAM_DONE);
  g_assert_cmpuint (n, ==, size);
}

void
ps_sim_redis_client_put_text (PsSimRedisClient *rig, const char *text)
{
  ps_sim_redis_client_put (rig, text, strlen (text));
}

void
ps_sim_redis_client_expect (PsSimRedisClient *rig, const char *reply)
{
  ps_sim_redis_client_run (rig);
  g_assert_cmpstr (rig->got->str, ==, reply);
  g_string_truncate (rig->got, 0);
}

/* Commands in lines, each ended by a line feed. */
void
ps_sim_redis_client_ask (PsSimRedisClient *rig, const char *commands, const char *reply)
{
  ps_sim_redis_client_put_text (rig, commands);
  ps_sim_redis_client_expect (rig, reply);
}

void
ps_sim_redis_client_put_words (PsSimRedisClient *rig, const char *const *words)
{
  g_autoptr (GString) bytes = g_string_new (NULL);
  g_string_append_printf (bytes, "*%u\r\n", g_strv_length ((char **)words));
  for (guint i = 0; words[i] != NULL; i++)
    g_string_append_printf (bytes, "$%zu\r\n%s\r\n", strlen (words[i]), words[i]);
  ps_sim_redis_client_put (rig, bytes->str, bytes->len);
}

/* words are separated by spaces; SHA and TEXT stand for the product's script. */
void
ps_sim_redis_client_put_script (PsSimRedisClient *rig, const char *words)
{
  PsRedisScript script = ps_redis_script_produce ();
  g_auto (GStrv) list = g_strsplit (words, " ", -1);
  for (guint i = 0; list[i] != NULL; i++) {
    const char *text = g_str_equal (list[i], "SHA")    ? script.sha1
                       : g_str_equal (list[i], "TEXT") ? script.text
                                                       : NULL;
    if (text == NULL)
      continue;
    g_free (list[i]);
    list[i] = g_strdup (text);
  }
  ps_sim_redis_client_put_words (rig, (const char *const *)list);
}

void
ps_sim_redis_client_on_write (const PsSimRedisWrite *write, gpointer user_data)
{
  PsSimRedisClient *rig = user_data;
  g_string_append_printf (rig->told, "%u.%u %s %s", (guint)write->connection, (guint)write->command,
                          write->verb, write->key.data);
  for (gsize i = 0; i < write->n_fields; i++)
    g_string_append_printf (rig->told, " %s=%s", write->fields[i].name.data,
                            write->fields[i].value.data);
  g_string_append_c (rig->told, '\n');
}

void
ps_sim_redis_client_expect_told (PsSimRedisClient *rig, const char *expected)
{
  g_assert_cmpstr (rig->told->str, ==, expected);
  g_string_truncate (rig->told, 0);
}

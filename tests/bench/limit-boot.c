/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/limit-links.h"
#include "tests/bench/limit-redis.h"
#include "tests/bench/limit.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW 512 /* rows read at a time */
#define CALL   128 /* keys a script call */

/* The producer's SET for many keys: pending set, staged hash, one PUBLISH
 * (docs/sonic-protocol.md 2.2). */
static const char script[] = "local fresh, at = 0, 2\n"
                             "for i = 3, #KEYS do\n"
                             "  local last = at + 1 + 2 * tonumber (ARGV[at + 1])\n"
                             "  fresh = fresh + redis.call ('SADD', KEYS[2], ARGV[at])\n"
                             "  redis.call ('HSET', KEYS[i], unpack (ARGV, at + 2, last))\n"
                             "  at = last + 1\n"
                             "end\n"
                             "if fresh > 0 then redis.call ('PUBLISH', KEYS[1], ARGV[1]) end\n"
                             "return fresh\n";

typedef struct {
  char *text;
  size_t size;
} Text;

typedef struct {
  LimitRedis config, appl;
  char digest[41];
  Text *keys; /* names of ports */
  size_t n_keys;
  size_t n_calls;     /* in flight */
  size_t n_arguments; /* of the call that is being put together */
} Boot;

static void
load_script (Boot *self)
{
  size_t size;
  limit_redis_array (&self->appl, 3);
  limit_redis_bulk (&self->appl, "SCRIPT", 6);
  limit_redis_bulk (&self->appl, "LOAD", 4);
  limit_redis_bulk (&self->appl, script, sizeof script - 1);
  limit_redis_send (&self->appl);
  memcpy (self->digest, limit_redis_read_bulk (&self->appl, &size), 40);
}

static void
read_keys (Boot *self)
{
  limit_redis_array (&self->config, 2);
  limit_redis_bulk (&self->config, "KEYS", 4);
  limit_redis_bulk (&self->config, "PORT|*", 6);
  limit_redis_send (&self->config);
  self->n_keys = (size_t)limit_redis_read_array (&self->config);
  self->keys = calloc (self->n_keys + 1, sizeof *self->keys);
  for (size_t i = 0; i < self->n_keys; i++) {
    size_t size;
    const char *key = limit_redis_read_bulk (&self->config, &size);
    self->keys[i].text = strndup (key + 5, size - 5);
    self->keys[i].size = size - 5;
  }
}

static void
ask_rows (Boot *self, size_t first, size_t n)
{
  for (size_t i = first; i < first + n; i++) {
    char key[64] = "PORT|";
    memcpy (key + 5, self->keys[i].text, self->keys[i].size);
    limit_redis_array (&self->config, 2);
    limit_redis_bulk (&self->config, "HGETALL", 7);
    limit_redis_bulk (&self->config, key, self->keys[i].size + 5);
  }
  limit_redis_send (&self->config);
}

/* One HGETALL reply: its fields go behind those of the call's other keys. */
static void
take_row (Boot *self, LimitRedis *rows, const Text *key)
{
  char digits[12];
  size_t n = (size_t)limit_redis_read_array (&self->config);
  limit_redis_bulk (rows, key->text, key->size);
  limit_redis_bulk (rows, digits, (size_t)snprintf (digits, sizeof digits, "%zu", n / 2));
  for (size_t i = 0; i < n; i++) {
    size_t size;
    const char *text = limit_redis_read_bulk (&self->config, &size);
    limit_redis_bulk (rows, text, size);
  }
  self->n_arguments += 2 + n;
}

static void
call (Boot *self, size_t first, size_t n)
{
  static LimitRedis rows; /* only its output buffer is used */
  char digits[12];
  rows.n_out = 0;
  self->n_arguments = 1;
  for (size_t i = first; i < first + n; i++)
    take_row (self, &rows, &self->keys[i]);
  limit_redis_array (&self->appl, 3 + 2 + n + self->n_arguments);
  limit_redis_bulk (&self->appl, "EVALSHA", 7);
  limit_redis_bulk (&self->appl, self->digest, 40);
  limit_redis_bulk (&self->appl, digits, (size_t)snprintf (digits, sizeof digits, "%zu", n + 2));
  limit_redis_bulk (&self->appl, "PORT_TABLE_CHANNEL@0", 20);
  limit_redis_bulk (&self->appl, "PORT_TABLE_KEY_SET", 18);
  for (size_t i = first; i < first + n; i++) {
    char key[64] = "_PORT_TABLE:";
    memcpy (key + 12, self->keys[i].text, self->keys[i].size);
    limit_redis_bulk (&self->appl, key, self->keys[i].size + 12);
  }
  limit_redis_bulk (&self->appl, "G", 1);
  limit_redis_raw (&self->appl, rows.out, rows.n_out);
}

static size_t
window_at (const Boot *self, size_t at)
{
  return self->n_keys - at < WINDOW ? self->n_keys - at : WINDOW;
}

static void
await_calls (Boot *self)
{
  while (self->n_calls > 0) {
    limit_redis_read_line (&self->appl);
    self->n_calls--;
  }
}

void
limit_boot (const char *redis_path)
{
  static Boot boot;
  Boot *self = &boot;
  limit_redis_open (&self->config, redis_path, 4);
  limit_redis_open (&self->appl, redis_path, 0);
  load_script (self);
  read_keys (self);
  ask_rows (self, 0, window_at (self, 0));
  for (size_t at = 0; at < self->n_keys; at += WINDOW) {
    size_t n = window_at (self, at), n_calls = 0;
    for (size_t i = at; i < at + n; i += CALL, n_calls++)
      call (self, i, at + n - i < CALL ? at + n - i : CALL);
    await_calls (self);
    limit_redis_send (&self->appl);
    self->n_calls = n_calls;
    if (at + n < self->n_keys)
      ask_rows (self, at + n, window_at (self, at + n));
  }
  await_calls (self);
}

typedef struct {
  int32_t *ifindexes;
  size_t n;
} Found;

static void
note (const LimitLink *link, void *user_data)
{
  Found *found = user_data;
  if (!(link->flags & IFF_UP))
    return;
  if (found->n % 4096 == 0)
    found->ifindexes = realloc (found->ifindexes, (found->n + 4096) * sizeof (int32_t));
  found->ifindexes[found->n++] = link->ifindex;
}

void
limit_down (void)
{
  Found found = {NULL, 0};
  int fd = limit_links_open (false);
  limit_links_dump (fd, note, &found);
  limit_links_down (fd, found.ifindexes, found.n);
  free (found.ifindexes);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/limit-links.h"
#include "tests/bench/limit-redis.h"
#include "tests/bench/limit.h"
#include <stdlib.h>
#include <string.h>

#define WINDOW 512 /* rows read at a time */

/* Keys of one database, one after the other in one block. */
typedef struct {
  char *text;
  size_t *ends;
  size_t n;
} Keys;

static void
read_keys (LimitRedis *state, Keys *out)
{
  size_t size = 0, room = 0;
  limit_redis_array (state, 2);
  limit_redis_bulk (state, "KEYS", 4);
  limit_redis_bulk (state, "PORT_TABLE|*", 12);
  limit_redis_send (state);
  out->n = (size_t)limit_redis_read_array (state);
  out->ends = calloc (out->n + 1, sizeof *out->ends);
  for (size_t i = 0; i < out->n; i++) {
    size_t n;
    const char *key = limit_redis_read_bulk (state, &n);
    if (size + n > room)
      out->text = realloc (out->text, room = 2 * (size + n));
    memcpy (out->text + size, key, n);
    out->ends[i] = size += n;
  }
}

static void
ask_rows (LimitRedis *state, const Keys *keys, size_t first, size_t end)
{
  for (size_t i = first; i < end; i++) {
    size_t start = i == 0 ? 0 : keys->ends[i - 1];
    limit_redis_array (state, 2);
    limit_redis_bulk (state, "HGETALL", 7);
    limit_redis_bulk (state, keys->text + start, keys->ends[i] - start);
  }
  limit_redis_send (state);
}

static void
take_rows (LimitRedis *state, size_t n)
{
  size_t size;
  for (size_t i = 0; i < n; i++)
    for (long left = limit_redis_read_array (state); left > 0; left--)
      limit_redis_read_bulk (state, &size);
}

static void
count (const LimitLink *link, void *user_data)
{
  size_t *n = user_data;
  (*n)++;
}

/* One window is on its way while the one before it is read. */
static void
read_rows (LimitRedis *state)
{
  Keys keys = {NULL, NULL, 0};
  size_t asked = 0, taken = 0;
  read_keys (state, &keys);
  while (taken < keys.n) {
    size_t end = keys.n - asked < WINDOW ? keys.n : asked + WINDOW, before = asked;
    ask_rows (state, &keys, asked, end);
    asked = end;
    take_rows (state, before - taken);
    taken = before;
  }
}

static void
say_reconciled (LimitRedis *state)
{
  limit_redis_array (state, 4);
  limit_redis_bulk (state, "HSET", 4);
  limit_redis_bulk (state, "WARM_RESTART_TABLE|portsyncd", 28);
  limit_redis_bulk (state, "state", 5);
  limit_redis_bulk (state, "reconciled", 10);
  limit_redis_send (state);
  limit_redis_read_line (state);
}

void
limit_warm (const char *redis_path)
{
  LimitRedis state;
  size_t n = 0;
  limit_redis_open (&state, redis_path, 6);
  limit_links_dump (limit_links_open (false), count, &n);
  read_rows (&state);
  say_reconciled (&state);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/scripts.h"

/* Lua cannot unpack more than about 8,000 values: 500 fields (1,000 values) a HSET. SADD comes
 * first because it also fails when memory is short, before anything is done; whatever fails after
 * it takes the key back out, so that a refused key leaves no trace and is announced when it is
 * produced again. */
static const char produce_text[] =
    "local pending = KEYS[2]\n"
    "local replies, fresh = {}, {}\n"
    "local at = 2\n"
    "local function why (reply)\n"
    "  if type (reply) == 'table' and reply.err then return reply.err end\n"
    "end\n"
    "for i = 3, #KEYS do\n"
    "  local key, n = ARGV[at], tonumber (ARGV[at + 1])\n"
    "  local first = at + 2\n"
    "  at = first + 2 * n\n"
    "  local added = redis.pcall ('SADD', pending, key)\n"
    "  local failed = why (added)\n"
    "  local from = first\n"
    "  while not failed and from < at do\n"
    "    local upto = math.min (from + 1000, at) - 1\n"
    "    failed = why (redis.pcall ('HSET', KEYS[i], unpack (ARGV, from, upto)))\n"
    "    from = upto + 1\n"
    "    if failed and added == 1 then redis.pcall ('SREM', pending, key) end\n"
    "  end\n"
    "  if not failed and added == 1 then fresh[#fresh + 1] = key end\n"
    "  replies[#replies + 1] = failed or added\n"
    "end\n"
    "if #fresh > 0 then\n"
    "  local failed = why (redis.pcall ('PUBLISH', KEYS[1], ARGV[1]))\n"
    "  if failed then\n"
    "    for _, key in ipairs (fresh) do redis.pcall ('SREM', pending, key) end\n"
    "    return redis.error_reply (failed)\n"
    "  end\n"
    "end\n"
    "return replies\n";

static const char correct_text[] =
    "local held = redis.pcall ('HGET', KEYS[1], ARGV[1])\n"
    "if type (held) == 'table' and held.err then return redis.error_reply (held.err) end\n"
    "if held ~= ARGV[2] then return 0 end\n"
    "if redis.call ('EXISTS', KEYS[3]) > 0 then return 0 end\n"
    "local queued = redis.pcall ('SMEMBERS', KEYS[2])\n"
    "if queued.err then return redis.error_reply (queued.err) end\n"
    "for _, name in ipairs (queued) do\n"
    "  local row = ARGV[4] .. name\n"
    "  if row == KEYS[1] or redis.call ('EXISTS', row) == 0 then return 0 end\n"
    "end\n"
    "redis.call ('HSET', KEYS[1], ARGV[1], ARGV[3])\n"
    "return 1\n";

const char *
ps_redis_script_correct_text (void)
{
  return correct_text;
}

PsRedisScript
ps_redis_script_produce (void)
{
  PsRedisScript script = {.text = produce_text};
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA1, produce_text, -1);
  g_strlcpy (script.sha1, digest, sizeof script.sha1);
  return script;
}

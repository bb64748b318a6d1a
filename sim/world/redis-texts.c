/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/redis-texts.h"

#define REDIS_TEXTS                                                                                \
  .noscript = "NOSCRIPT No matching script. Please use EVAL.",                                     \
  .unknown = "ERR Unknown Redis command called from script",                                       \
  .arity = "ERR Wrong number of args calling Redis command from script",                           \
  .nothing = "ERR Please specify at least one argument for this redis lib call",                   \
  .arguments = "ERR Lua redis lib command arguments must be strings or integers",                  \
  .killed = "Script killed by user with SCRIPT KILL..."

static const PsSimRedisTexts texts[PS_SIM_REDIS_N_KINDS] = {
    [PS_SIM_REDIS_7_0] = {REDIS_TEXTS, .denied_command = "ERR The user executing the script can't "
                                                         "run this command or subcommand"},
    [PS_SIM_REDIS_8_0] = {REDIS_TEXTS,
                          .denied_command = "ERR ACL failure in script: User default has no "
                                            "permissions to run the '%s' command",
                          .whole_numbers = TRUE},
    [PS_SIM_VALKEY_8_1] = {.noscript = "NOSCRIPT No matching script.",
                           .denied_command = "ERR ACL failure in script: User default has no "
                                             "permissions to run the '%s' command",
                           .unknown = "ERR Unknown command called from script",
                           .arity = "ERR Wrong number of args calling command from script",
                           .nothing = "ERR Please specify at least one argument for this call",
                           .arguments = "ERR Command arguments must be strings or integers",
                           .killed = "Script killed by user with SCRIPT KILL.",
                           .whole_numbers = TRUE},
};

const char *const ps_sim_redis_kind_names[PS_SIM_REDIS_N_KINDS + 1] = {
    [PS_SIM_REDIS_7_0] = "redis-7.0",
    [PS_SIM_REDIS_8_0] = "redis-8.0",
    [PS_SIM_VALKEY_8_1] = "valkey-8.1",
};

const PsSimRedisTexts *
ps_sim_redis_texts (PsSimRedisKind server)
{
  g_assert (server < PS_SIM_REDIS_N_KINDS);
  return &texts[server];
}

# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# What package-smoke and systemd-smoke share: a switch of one port. Read by `.`, never run.
redis_run=/var/run/redis
row='PORT_TABLE|Ethernet0'

redis () {
  redis-cli -s $redis_run/redis.sock "$@"
}

# write_database_config SAMPLE: the one that the package brings.
write_database_config () {
  mkdir -p $redis_run/sonic-db
  cp "$1" $redis_run/sonic-db/database_config.json
}

# One port, as the configuration and orchagent would have it.
write_port () {
  redis -n 4 hset 'PORT|Ethernet0' lanes 0 >/dev/null
  redis -n 4 set CONFIG_DB_INITIALIZED 1 >/dev/null
  redis -n 0 hset PORT_TABLE:Ethernet0 lanes 0 >/dev/null
}

# wait_row FIELD VALUE COMMAND...: the command makes the daemon write VALUE; FALSE if it does not.
# The first three lines confirm the subscription; of each write one line says hset.
wait_row () {
  field=$1 value=$2
  shift 2
  fifo=$(mktemp -u)
  mkfifo "$fifo"
  timeout 20 redis-cli -s $redis_run/redis.sock --raw psubscribe "__keyspace@6__:$row" >"$fifo" &
  reader=$!
  exec 3<"$fifo"
  rm "$fifo"
  for line in 1 2 3; do read -r line <&3; done
  "$@"
  while read -r line <&3; do
    [ "$line" != hset ] || [ "$(redis -n 6 --raw hget "$row" "$field")" != "$value" ] || break
  done
  exec 3<&-
  kill $reader 2>/dev/null || :
  [ "$(redis -n 6 --raw hget "$row" "$field")" = "$value" ]
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "instance/host-store.h"

static char *
on_password (gpointer user_data, GError **error)
{
  return ps_host_password (user_data, error);
}

PsRedisStore *
ps_host_store_new (PsHost *host, PsClock *clock, PsLog *log, const PsConfig *config)
{
  const PsRedisAuth auth = {config->user, on_password, host};
  const PsRedisOptions options = {
      .reply_deadline_us = config->reply_deadline_us,
      .rng_seed = ps_host_seeds (host).back_off,
      .auth = config->user != NULL || config->password_file != NULL ? &auth : NULL,
  };
  return ps_redis_store_new (clock, log, &options);
}

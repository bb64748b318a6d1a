/* SPDX-License-Identifier: Apache-2.0 */
/* Many runs over the cores: processes, so that one that crashes ends nothing but itself. */
#pragma once
#include "sim/run/run-result.h"
G_BEGIN_DECLS

#define PS_POOL_WORKERS_MAX 256
#define PS_POOL_JOB_SECONDS 600 /* A run that takes longer hangs: it ends as a crash. */

typedef struct {
  guint64 n_jobs;
  guint n_workers;   /* 0: one for each core */
  guint64 seed_of_0; /* a crash is reported for this seed plus the job's number */
  /* On the monotonic clock: a job that is not over by then is ended and not told. 0: no limit. */
  gint64 deadline_us;
  guint job_seconds; /* One that takes longer hangs; 0: PS_POOL_JOB_SECONDS. */
  gboolean quiet;    /* What a job writes to standard error is thrown away. */
  PsRunResult *(*run) (guint64 job, gpointer user_data); /* in a process of its own */
  /* In this process, in no known order. FALSE: enough, stop. Owned by the callee. */
  gboolean (*done) (guint64 job, PsRunResult *result, gpointer user_data);
  gpointer user_data;
} PsPool;

typedef enum {
  PS_POOL_DONE,        /* every job, or `done` had enough, or the deadline came */
  PS_POOL_INTERRUPTED, /* by SIGINT or SIGTERM */
  PS_POOL_FAILED,      /* the machine refused a process, a pipe or to wait: error says which */
} PsPoolEnd;

/* The processes are gone when it returns, however it ends; they die with this one, too. */
PsPoolEnd ps_pool_run (const PsPool *pool, GError **error);
G_END_DECLS

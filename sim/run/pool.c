/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/pool.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  pid_t pid;
  int fd;            /* -1: none */
  guint64 next;      /* the job that it works at */
  GByteArray *bytes; /* owned: read and not yet understood */
} Worker;

typedef struct {
  const PsPool *pool;
  Worker *workers;
  guint n_workers;
  gint64 deadline_us;
  gboolean enough;
} Crew;

static volatile sig_atomic_t interrupted;

static void
on_signal (int number)
{
  interrupted = 1;
}

static gboolean
write_all (int fd, const guint8 *bytes, gsize size)
{
  while (size > 0) {
    ssize_t n = write (fd, bytes, size);
    if (n < 0 && errno != EINTR)
      return FALSE;
    bytes += MAX (n, 0);
    size -= (gsize)MAX (n, 0);
  }
  return TRUE;
}

static guint
job_seconds (const PsPool *pool)
{
  return pool->job_seconds > 0 ? pool->job_seconds : PS_POOL_JOB_SECONDS;
}

static void
close_ears (void)
{
  int null = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null >= 0)
    dup2 (null, STDERR_FILENO);
}

/* The jobs of a worker are every n-th: which one it works at need not be told. */
static void
work (const Crew *crew, guint64 job, int fd)
{
  const PsPool *pool = crew->pool;
  for (; job < pool->n_jobs; job += crew->n_workers) {
    if (crew->deadline_us > 0 && g_get_monotonic_time () > crew->deadline_us)
      return;
    alarm (job_seconds (pool));
    g_autoptr (PsRunResult) result = pool->run (job, pool->user_data);
    g_autoptr (GByteArray) bytes = ps_run_result_to_bytes (result);
    guint32 size = bytes->len;
    if (!write_all (fd, (const guint8 *)&size, sizeof size) ||
        !write_all (fd, bytes->data, bytes->len))
      return;
  }
}

static void
start (Crew *crew, guint index, guint64 job)
{
  Worker *worker = &crew->workers[index];
  int fds[2];
  worker->next = job;
  worker->fd = -1;
  if (job >= crew->pool->n_jobs || pipe (fds) != 0)
    return;
  worker->pid = fork ();
  if (worker->pid == 0) {
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    signal (SIGINT, SIG_IGN);
    signal (SIGTERM, SIG_DFL);
    close (fds[0]);
    if (crew->pool->quiet)
      close_ears ();
    work (crew, job, fds[1]);
    _exit (0);
  }
  close (fds[1]);
  worker->fd = fds[0];
}

static void
hand_over (Crew *crew, Worker *worker, PsRunResult *result)
{
  guint64 job = worker->next;
  worker->next += crew->n_workers;
  if (!crew->pool->done (job, result, crew->pool->user_data))
    crew->enough = TRUE;
}

static PsRunResult *
make_crash (const Crew *crew, const Worker *worker, int status)
{
  PsRunResult *result = ps_run_result_new (crew->pool->seed_of_0 + worker->next);
  result->verdict = PS_VERDICT_CRASH;
  result->check = g_strdup ("crash");
  result->expected = g_strdup ("the run comes to its end");
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM)
    result->seen = g_strdup_printf ("no end within %u seconds", job_seconds (crew->pool));
  else if (WIFSIGNALED (status))
    result->seen =
        g_strdup_printf ("signal %d (%s)", WTERMSIG (status), strsignal (WTERMSIG (status)));
  else
    result->seen = g_strdup_printf ("exit with code %d", WEXITSTATUS (status));
  return result;
}

/* The process is over: by itself, or one that crashed and is replaced behind that job. */
static void
bury (Crew *crew, guint index)
{
  Worker *worker = &crew->workers[index];
  int status = 0;
  close (worker->fd);
  worker->fd = -1;
  g_byte_array_set_size (worker->bytes, 0);
  while (waitpid (worker->pid, &status, 0) < 0 && errno == EINTR)
    continue;
  if ((WIFEXITED (status) && WEXITSTATUS (status) == 0) || crew->enough)
    return;
  hand_over (crew, worker, make_crash (crew, worker, status));
  start (crew, index, worker->next);
}

static void
understand (Crew *crew, Worker *worker)
{
  guint32 size;
  while (worker->bytes->len >= sizeof size && !crew->enough) {
    memcpy (&size, worker->bytes->data, sizeof size);
    if (worker->bytes->len - sizeof size < size)
      return;
    PsRunResult *result = ps_run_result_from_bytes (worker->bytes->data + sizeof size, size);
    g_assert (result != NULL);
    g_byte_array_remove_range (worker->bytes, 0, sizeof size + size);
    hand_over (crew, worker, result);
  }
}

static void
take_bytes (Crew *crew, guint index)
{
  guint8 bytes[65536];
  Worker *worker = &crew->workers[index];
  ssize_t n = read (worker->fd, bytes, sizeof bytes);
  if (n < 0 && errno == EINTR)
    return;
  if (n <= 0) {
    bury (crew, index);
    return;
  }
  g_byte_array_append (worker->bytes, bytes, (guint)n);
  understand (crew, worker);
}

static gboolean
wait_for_any (Crew *crew)
{
  struct pollfd fds[PS_POOL_WORKERS_MAX];
  gboolean some = FALSE;
  for (guint i = 0; i < crew->n_workers; i++) {
    fds[i] = (struct pollfd){.fd = crew->workers[i].fd, .events = POLLIN};
    some |= fds[i].fd >= 0;
  }
  if (!some)
    return FALSE;
  if (poll (fds, crew->n_workers, -1) < 0)
    return TRUE;
  for (guint i = 0; i < crew->n_workers && !crew->enough; i++)
    if (fds[i].revents != 0)
      take_bytes (crew, i);
  return TRUE;
}

static void
dismiss (Crew *crew)
{
  crew->enough = TRUE;
  for (guint i = 0; i < crew->n_workers; i++) {
    if (crew->workers[i].fd >= 0) {
      kill (crew->workers[i].pid, SIGKILL);
      bury (crew, i);
    }
    g_byte_array_unref (crew->workers[i].bytes);
  }
  g_free (crew->workers);
}

gboolean
ps_pool_run (const PsPool *pool)
{
  struct sigaction action = {.sa_handler = on_signal}, was_int, was_term;
  guint wanted = pool->n_workers > 0 ? pool->n_workers : g_get_num_processors ();
  Crew crew = {.pool = pool, .n_workers = MIN (wanted, PS_POOL_WORKERS_MAX)};
  if (pool->seconds > 0)
    crew.deadline_us = g_get_monotonic_time () + pool->seconds * G_USEC_PER_SEC;
  interrupted = 0;
  sigaction (SIGINT, &action, &was_int);
  sigaction (SIGTERM, &action, &was_term);
  crew.workers = g_new0 (Worker, crew.n_workers);
  for (guint i = 0; i < crew.n_workers; i++) {
    crew.workers[i].bytes = g_byte_array_new ();
    start (&crew, i, i);
  }
  while (!interrupted && !crew.enough && wait_for_any (&crew))
    continue;
  dismiss (&crew);
  sigaction (SIGINT, &was_int, NULL);
  sigaction (SIGTERM, &was_term, NULL);
  return !interrupted;
}

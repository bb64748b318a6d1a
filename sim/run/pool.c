/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/pool.h"
#include "sim/run/interrupt.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  pid_t pid;         /* 0: none */
  int fd;            /* -1: none */
  guint64 next;      /* the job that it works at */
  GByteArray *bytes; /* owned: read and not yet understood */
} Worker;

typedef struct {
  const PsPool *pool;
  Worker *workers;
  guint n_workers;
  gboolean enough;
  GError *error; /* owned, nullable: why nothing more can be done */
} Crew;

/* What the machine refused once it would refuse again: the whole ends. */
static void
give_up (Crew *crew, const char *what)
{
  int code = errno;
  crew->enough = TRUE;
  if (crew->error == NULL)
    g_set_error (&crew->error, G_FILE_ERROR, (gint)g_file_error_from_errno (code),
                 "%s: %s; fewer processes (-j) need less", what, g_strerror (code));
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
    alarm (job_seconds (pool));
    g_autoptr (PsRunResult) result = pool->run (job, pool->user_data);
    g_autoptr (GByteArray) bytes = ps_run_result_to_bytes (result);
    guint32 size = bytes->len;
    if (!write_all (fd, (const guint8 *)&size, sizeof size) ||
        !write_all (fd, bytes->data, bytes->len))
      return;
  }
}

static G_NORETURN void
be_worker (const Crew *crew, guint64 job, const int *fds, pid_t parent)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent) /* It died before it could be watched. */
    _exit (1);
  signal (SIGINT, SIG_IGN);
  signal (SIGTERM, SIG_DFL);
  close (fds[0]);
  if (crew->pool->quiet)
    close_ears ();
  work (crew, job, fds[1]);
  _exit (0);
}

static void
start (Crew *crew, guint index, guint64 job)
{
  Worker *worker = &crew->workers[index];
  pid_t self = getpid ();
  int fds[2];
  worker->next = job;
  worker->fd = -1;
  worker->pid = 0;
  if (job >= crew->pool->n_jobs || crew->enough)
    return;
  if (pipe2 (fds, O_CLOEXEC) != 0) {
    give_up (crew, "no pipe to a process that runs");
    return;
  }
  pid_t pid = fork ();
  if (pid == 0)
    be_worker (crew, job, fds, self);
  if (pid < 0) {
    give_up (crew, "no process that runs");
    close (fds[0]);
  } else {
    worker->pid = pid;
    worker->fd = fds[0];
  }
  close (fds[1]);
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

/* One that ends in order has no job left. */
static gboolean
is_through (const Crew *crew, const Worker *worker, int status)
{
  return WIFEXITED (status) && WEXITSTATUS (status) == 0 && worker->next >= crew->pool->n_jobs;
}

/* The process is over: by itself, or one that crashed and is replaced behind that job. */
static void
bury (Crew *crew, guint index)
{
  Worker *worker = &crew->workers[index];
  int status = 0;
  pid_t dead = 0;
  close (worker->fd);
  worker->fd = -1;
  g_byte_array_set_size (worker->bytes, 0);
  do
    dead = worker->pid > 0 ? waitpid (worker->pid, &status, 0) : -1;
  while (dead < 0 && worker->pid > 0 && errno == EINTR);
  worker->pid = 0;
  if (dead < 0)
    give_up (crew, "the end of a process that runs is not told");
  if (crew->enough || is_through (crew, worker, status))
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

/* For poll: -1 without a deadline, 0 once it came. */
static int
ms_left (const Crew *crew)
{
  gint64 left_us = crew->pool->deadline_us - g_get_monotonic_time ();
  if (crew->pool->deadline_us == 0)
    return -1;
  return left_us > 0 ? (int)MIN (left_us / 1000 + 1, G_MAXINT) : 0;
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
  if (poll (fds, crew->n_workers, ms_left (crew)) < 0) {
    if (errno != EINTR)
      give_up (crew, "waiting for the processes that run");
    return errno == EINTR;
  }
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
      if (crew->workers[i].pid > 0)
        kill (crew->workers[i].pid, SIGKILL);
      bury (crew, i);
    }
    g_byte_array_unref (crew->workers[i].bytes);
  }
  g_free (crew->workers);
}

PsPoolEnd
ps_pool_run (const PsPool *pool, GError **error)
{
  PsInterrupt before;
  guint wanted = pool->n_workers > 0 ? pool->n_workers : g_get_num_processors ();
  Crew crew = {.pool = pool, .n_workers = MIN (wanted, PS_POOL_WORKERS_MAX)};
  ps_interrupt_begin (&before);
  crew.workers = g_new0 (Worker, crew.n_workers);
  for (guint i = 0; i < crew.n_workers; i++) {
    crew.workers[i].bytes = g_byte_array_new ();
    start (&crew, i, i);
  }
  while (!ps_interrupt_came () && !crew.enough && ms_left (&crew) != 0 && wait_for_any (&crew))
    continue;
  dismiss (&crew);
  gboolean interrupted = ps_interrupt_came ();
  ps_interrupt_end (&before);
  if (crew.error != NULL) {
    g_propagate_error (error, crew.error);
    return PS_POOL_FAILED;
  }
  return interrupted ? PS_POOL_INTERRUPTED : PS_POOL_DONE;
}

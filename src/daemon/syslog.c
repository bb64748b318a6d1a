/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/syslog.h"
#include "base/timer.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FACILITY_USER (1 << 3)
#define LAST_WORDS_US (100 * 1000)

/* text is the line for syslog; the part for people begins at message. */
typedef struct {
  PsLogLevel level;
  gsize size, message;
  char text[];
} Line;

typedef enum { SENT, FULL, NO_READER, UNSENDABLE } SendResult;

enum { TIMER_RETRY, N_TIMERS };

struct _PsSyslog {
  PsClock *clock; /* owned */
  char *path;     /* owned */
  PsLogOutput output;
  int fd;                   /* owned; -1: not connected */
  gint64 next_connect_us;   /* not before */
  GQueue backlog;           /* owned; of Line, oldest first */
  PsTimer timers[N_TIMERS]; /* armed while the backlog is not empty */
  guint64 n_reported;       /* of counters.n_dropped */
  PsSyslogCounters counters;
};

static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* The month is spelled here because strftime follows the locale. */
static Line *
line_new (PsLogLevel level, const char *function, const char *text)
{
  time_t now = time (NULL);
  struct tm local = {0};
  localtime_r (&now, &local);
  GString *out = g_string_new (NULL);
  g_string_append_printf (out, "<%d>%s %2d %02d:%02d:%02d portsyncd: ", FACILITY_USER | (int)level,
                          month_names[local.tm_mon], local.tm_mday, local.tm_hour, local.tm_min,
                          local.tm_sec);
  gsize message = out->len;
  g_string_append_printf (out, ":- %s: %s", function, text);
  g_string_truncate (out, MIN (out->len, PS_SYSLOG_LINE_MAX));
  for (gsize i = message; i < out->len; i++)
    if (g_ascii_iscntrl (out->str[i]))
      out->str[i] = ' ';
  Line *line = g_malloc (sizeof *line + out->len);
  *line = (Line){.level = level, .size = out->len, .message = message};
  memcpy (line->text, out->str, out->len);
  g_string_free (out, TRUE);
  return line;
}

static void
disconnect (PsSyslog *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static int
open_socket (const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen (path) >= sizeof address.sun_path)
    return -1;
  memcpy (address.sun_path, path, strlen (path) + 1);
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd >= 0 && connect (fd, (struct sockaddr *)&address, sizeof address) != 0) {
    close (fd);
    return -1;
  }
  return fd;
}

static gboolean
ensure_connected (PsSyslog *self)
{
  if (self->fd >= 0)
    return TRUE;
  gint64 now_us = ps_clock_now_us (self->clock);
  if (now_us < self->next_connect_us)
    return FALSE;
  self->next_connect_us = now_us + PS_SYSLOG_RECONNECT_US;
  self->counters.n_connects++;
  self->fd = open_socket (self->path);
  return self->fd >= 0;
}

static SendResult
send_once (PsSyslog *self, const Line *line)
{
  ssize_t n;
  do
    n = send (self->fd, line->text, line->size, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n >= 0)
    return SENT;
  if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM)
    return FULL;
  return errno == EMSGSIZE ? UNSENDABLE : NO_READER;
}

/* A syslog daemon that restarts replaces its socket: the connection is dead, the path is not. */
static SendResult
send_line (PsSyslog *self, const Line *line)
{
  if (!ensure_connected (self))
    return NO_READER;
  SendResult result = send_once (self, line);
  if (result != NO_READER)
    return result;
  disconnect (self);
  return ensure_connected (self) ? send_once (self, line) : NO_READER;
}

/* A pipe that is ready takes PIPE_BUF bytes without blocking. */
static gboolean
write_stream (int fd, const Line *line)
{
  struct pollfd ready = {.fd = fd, .events = POLLOUT};
  if (poll (&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0)
    return FALSE;
  const char *level = ps_log_level_name (line->level);
  struct iovec parts[] = {
      {(void *)level, strlen (level)},
      {(void *)" ", 1},
      {(void *)(line->text + line->message), line->size - line->message},
      {(void *)"\n", 1},
  };
  return writev (fd, parts, G_N_ELEMENTS (parts)) > 0;
}

/* TRUE: line is dealt with and may be freed. */
static gboolean
try_syslog (PsSyslog *self, const Line *line)
{
  switch (send_line (self, line)) {
  case SENT:
    self->counters.n_written++;
    return TRUE;
  case FULL:
    return FALSE;
  case NO_READER:
    if (write_stream (STDERR_FILENO, line))
      self->counters.n_fallbacks++;
    else
      self->counters.n_dropped++;
    return TRUE;
  case UNSENDABLE:
    self->counters.n_dropped++;
    return TRUE;
  }
  g_assert_not_reached ();
}

static void
flush_backlog (PsSyslog *self)
{
  Line *line;
  while ((line = g_queue_peek_head (&self->backlog)) != NULL && try_syslog (self, line)) {
    g_queue_pop_head (&self->backlog);
    self->counters.backlog_bytes -= line->size;
    g_free (line);
  }
}

static void
on_retry (gpointer user_data)
{
  PsSyslog *self = user_data;
  flush_backlog (self);
  if (self->backlog.length > 0)
    ps_clock_rearm_in (self->clock, &self->timers[TIMER_RETRY], PS_SYSLOG_RETRY_US);
}

/* Takes line. FALSE: no room, it is dropped. */
static gboolean
enqueue (PsSyslog *self, Line *line)
{
  if (self->counters.backlog_bytes + line->size > PS_SYSLOG_BACKLOG_MAX) {
    self->counters.n_dropped++;
    g_free (line);
    return FALSE;
  }
  g_queue_push_tail (&self->backlog, line);
  self->counters.backlog_bytes += line->size;
  ps_clock_arm_in (self->clock, &self->timers[TIMER_RETRY], PS_SYSLOG_RETRY_US);
  return TRUE;
}

/* Takes line. FALSE: it was dropped, and counted. */
static gboolean
put (PsSyslog *self, Line *line)
{
  guint64 n_dropped = self->counters.n_dropped;
  if (self->output == PS_LOG_TO_SYSLOG) {
    if (self->backlog.length > 0 || !try_syslog (self, line))
      return enqueue (self, line);
  } else if (write_stream (self->output == PS_LOG_TO_STDOUT ? STDOUT_FILENO : STDERR_FILENO,
                           line)) {
    self->counters.n_written++;
  } else {
    self->counters.n_dropped++;
  }
  g_free (line);
  return self->counters.n_dropped == n_dropped;
}

PsSyslog *
ps_syslog_new (PsClock *clock, const char *path, PsLogOutput output)
{
  PsSyslog *self = g_new0 (PsSyslog, 1);
  ps_timer_bind (&self->timers[TIMER_RETRY], on_retry, self);
  self->clock = g_object_ref (clock);
  self->path = g_strdup (path != NULL ? path : PS_SYSLOG_PATH);
  self->output = output;
  self->fd = -1;
  self->next_connect_us = G_MININT64;
  g_queue_init (&self->backlog);
  tzset ();
  return self;
}

static void
say_last_words (PsSyslog *self)
{
  gint64 end_us = g_get_monotonic_time () + LAST_WORDS_US;
  flush_backlog (self);
  while (self->backlog.length > 0 && self->fd >= 0) {
    gint64 left_us = end_us - g_get_monotonic_time ();
    struct pollfd ready = {.fd = self->fd, .events = POLLOUT};
    if (left_us <= 0 || poll (&ready, 1, (int)(left_us / 1000) + 1) <= 0)
      return;
    flush_backlog (self);
  }
}

void
ps_syslog_free (PsSyslog *self)
{
  if (self == NULL)
    return;
  say_last_words (self);
  ps_clock_cancel (self->clock, &self->timers[TIMER_RETRY]);
  g_queue_clear_full (&self->backlog, g_free);
  disconnect (self);
  g_object_unref (self->clock);
  g_free (self->path);
  g_free (self);
}

void
ps_syslog_set_output (PsSyslog *self, PsLogOutput output)
{
  self->output = output;
}

void
ps_syslog_write (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  PsSyslog *self = user_data;
  guint64 n_lost = self->counters.n_dropped - self->n_reported;
  if (n_lost > 0) {
    char report[64];
    g_snprintf (report, sizeof report,
                "%" G_GUINT64_FORMAT " log lines lost: the log did not take them", n_lost);
    if (put (self, line_new (PS_LOG_WARN, "syslog", report)))
      self->n_reported += n_lost;
    else
      self->n_reported++; /* The report itself is no line of a caller. */
  }
  put (self, line_new (level, function, text));
}

PsSyslogCounters
ps_syslog_counters (const PsSyslog *self)
{
  return self->counters;
}

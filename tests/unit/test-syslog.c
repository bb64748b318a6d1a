/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/syslog.h"
#include "base/virtual-clock.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A syslog reader that reads when told, and a standard error that can be read back. */
typedef struct {
  char *dir, *path;
  int fd;          /* the reader's socket; -1: none */
  int error_fd;    /* read end of what the process writes to standard error */
  int real_stderr; /* restored at the end */
  PsVirtualClock *clock;
  PsSyslog *syslog;
} Rig;

static void
listen_at (Rig *rig)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  g_strlcpy (address.sun_path, rig->path, sizeof address.sun_path);
  rig->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_assert_cmpint (bind (rig->fd, (struct sockaddr *)&address, sizeof address), ==, 0);
}

static void
stop_listening (Rig *rig)
{
  close (rig->fd);
  rig->fd = -1;
  g_assert_cmpint (g_unlink (rig->path), ==, 0);
}

static void
capture_stderr (Rig *rig)
{
  int ends[2];
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  g_assert_cmpint (fcntl (ends[0], F_SETFL, O_NONBLOCK), ==, 0);
  rig->error_fd = ends[0];
  rig->real_stderr = dup (STDERR_FILENO);
  dup2 (ends[1], STDERR_FILENO);
  close (ends[1]);
}

static void
set_up (Rig *rig, gconstpointer data)
{
  signal (SIGPIPE, SIG_IGN);
  rig->dir = g_dir_make_tmp ("ps-syslog-XXXXXX", NULL);
  rig->path = g_build_filename (rig->dir, "log", NULL);
  rig->clock = ps_virtual_clock_new ();
  capture_stderr (rig);
  listen_at (rig);
  rig->syslog = ps_syslog_new (PS_CLOCK (rig->clock), rig->path, PS_LOG_TO_SYSLOG);
}

static void
tear_down (Rig *rig, gconstpointer data)
{
  ps_syslog_free (rig->syslog);
  g_assert_cmpuint (ps_virtual_clock_n_timers (rig->clock), ==, 0);
  g_assert_finalize_object (rig->clock);
  dup2 (rig->real_stderr, STDERR_FILENO);
  close (rig->real_stderr);
  if (rig->error_fd >= 0)
    close (rig->error_fd);
  if (rig->fd >= 0)
    stop_listening (rig);
  g_rmdir (rig->dir);
  g_free (rig->path);
  g_free (rig->dir);
}

/* What came in at fd, as much as one read gives; NULL if nothing. */
static char *
take (int fd)
{
  char text[8192];
  ssize_t n = read (fd, text, sizeof text);
  return n > 0 ? g_strndup (text, (gsize)n) : NULL;
}

static void
say (Rig *rig, const char *text)
{
  ps_syslog_write (PS_LOG_NOTICE, "on_flush", text, rig->syslog);
}

static void
assert_heard (Rig *rig, const char *end)
{
  g_autofree char *line = take (rig->fd);
  g_assert_nonnull (line);
  g_assert_true (g_str_has_suffix (line, end));
}

/* A line has the priority of facility USER, a syslog time, the program's name without a pid, and
 * SONiC's text; nothing else is sent, and nothing goes to standard error. */
static void
test_format (Rig *rig, gconstpointer data)
{
  say (rig, "Publish Ethernet0(ok:up) to state db");
  g_autofree char *line = take (rig->fd);
  g_assert_true (g_regex_match_simple (
      "^<13>[A-Z][a-z]{2} [ 0-9][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9] portsyncd: :- on_flush: "
      "Publish Ethernet0\\(ok:up\\) to state db$",
      line, 0, 0));
  g_assert_null (take (rig->fd));
  g_assert_null (take (rig->error_fd));
  ps_syslog_write (PS_LOG_EMERG, "f", "x", rig->syslog);
  g_autofree char *emergency = take (rig->fd);
  g_assert_true (g_str_has_prefix (emergency, "<8>"));
}

/* No text can forge a second line, and an endless one is cut. */
static void
test_hostile_text (Rig *rig, gconstpointer data)
{
  say (rig, "a\nb\x1b[2J\tc");
  assert_heard (rig, "portsyncd: :- on_flush: a b [2J c");
  g_autofree char *endless = g_strnfill (100000, 'x');
  say (rig, endless);
  g_autofree char *line = take (rig->fd);
  g_assert_cmpuint (strlen (line), ==, PS_SYSLOG_LINE_MAX);
}

static guint
fill_until_dropped (Rig *rig)
{
  guint n = 0;
  for (; ps_syslog_counters (rig->syslog).n_dropped == 0 && n < 100000; n++) {
    g_autofree char *text = g_strdup_printf ("line %u", n);
    say (rig, text);
  }
  return n;
}

/* A reader that stalls costs nothing but lines: they wait up to a bound, then are dropped and
 * counted; when it reads again everything that waited comes in order, then the count. */
static void
test_stalled_reader (Rig *rig, gconstpointer data)
{
  guint n = fill_until_dropped (rig);
  say (rig, "lost as well");
  PsSyslogCounters counters = ps_syslog_counters (rig->syslog);
  g_assert_cmpuint (counters.n_dropped, >=, 1);
  g_assert_cmpuint (counters.backlog_bytes, <=, PS_SYSLOG_BACKLOG_MAX);
  g_assert_cmpuint (counters.backlog_bytes, >, PS_SYSLOG_BACKLOG_MAX / 2);
  guint heard = 0;
  for (guint tries = 0; tries < 100000 && heard < n - 1; tries++) {
    g_autofree char *line = take (rig->fd);
    if (line == NULL) {
      ps_virtual_clock_advance (rig->clock, PS_SYSLOG_RETRY_US);
      continue;
    }
    g_autofree char *end = g_strdup_printf (": line %u", heard++);
    g_assert_true (g_str_has_suffix (line, end));
  }
  g_assert_cmpuint (heard, ==, n - 1);
  g_assert_null (take (rig->fd));
  g_assert_cmpuint (ps_virtual_clock_n_timers (rig->clock), ==, 0);
  say (rig, "after");
  assert_heard (rig, " log lines lost: the log did not take them");
  assert_heard (rig, ": after");
  say (rig, "and no more");
  assert_heard (rig, ": and no more");
  g_assert_null (take (rig->error_fd));
}

static guint
stall (Rig *rig)
{
  guint n = 0;
  for (; ps_syslog_counters (rig->syslog).backlog_bytes == 0 && n < 10000; n++)
    say (rig, "waiting");
  g_assert_cmpuint (n, <, 10000);
  return n;
}

/* What waits when the daemon ends still goes out if the reader reads again. */
static void
test_last_words (Rig *rig, gconstpointer data)
{
  guint n = stall (rig), heard = 0;
  g_autofree char *first = take (rig->fd);
  g_assert_nonnull (first);
  g_clear_pointer (&rig->syslog, ps_syslog_free);
  for (char *line; (line = take (rig->fd)) != NULL; heard++)
    g_free (line);
  g_assert_cmpuint (heard, ==, n - 1);
}

/* A reader that stays stalled holds the end up for a moment only. */
static void
test_stalled_end (Rig *rig, gconstpointer data)
{
  stall (rig);
  gint64 start_us = g_get_monotonic_time ();
  g_clear_pointer (&rig->syslog, ps_syslog_free);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, G_USEC_PER_SEC);
}

/* A syslog daemon that was replaced is found again by the very next line. */
static void
test_replaced_socket (Rig *rig, gconstpointer data)
{
  say (rig, "first");
  assert_heard (rig, ": first");
  stop_listening (rig);
  listen_at (rig);
  ps_virtual_clock_advance (rig->clock, PS_SYSLOG_RECONNECT_US);
  say (rig, "second");
  assert_heard (rig, ": second");
  g_assert_cmpuint (ps_syslog_counters (rig->syslog).n_connects, ==, 2);
  g_assert_null (take (rig->error_fd));
}

/* Without a socket lines go to standard error, and the path is tried once a second only. */
static void
test_no_socket (Rig *rig, gconstpointer data)
{
  stop_listening (rig);
  for (guint i = 0; i < 100; i++)
    say (rig, "hello");
  g_autofree char *text = take (rig->error_fd);
  g_assert_true (g_str_has_prefix (text, "NOTICE :- on_flush: hello\nNOTICE :- "));
  g_assert_cmpuint (ps_syslog_counters (rig->syslog).n_connects, ==, 1);
  g_assert_cmpuint (ps_syslog_counters (rig->syslog).n_fallbacks, ==, 100);
  g_assert_cmpuint (ps_syslog_counters (rig->syslog).n_dropped, ==, 0);
  listen_at (rig);
  say (rig, "too early");
  g_assert_null (take (rig->fd));
  ps_virtual_clock_advance (rig->clock, PS_SYSLOG_RECONNECT_US);
  say (rig, "now");
  assert_heard (rig, ": now");
}

/* LOGOUTPUT STDERR writes there and not to syslog; a full pipe drops, counts and never blocks. */
static void
test_full_pipe (Rig *rig, gconstpointer data)
{
  ps_syslog_set_output (rig->syslog, PS_LOG_TO_STDERR);
  guint n = fill_until_dropped (rig);
  g_assert_cmpuint (n, >, 100);
  g_assert_cmpuint (n, <, 100000);
  g_assert_null (take (rig->fd));
  g_autofree char *text = NULL;
  do {
    g_free (text);
    text = take (rig->error_fd);
  } while (text != NULL);
  say (rig, "again");
  text = take (rig->error_fd);
  g_assert_cmpstr (text, ==,
                   "WARN :- syslog: 1 log lines lost: the log did not take them\n"
                   "NOTICE :- on_flush: again\n");
}

/* A pipe whose reader is gone drops lines and does not end the process. */
static void
test_broken_pipe (Rig *rig, gconstpointer data)
{
  close (rig->error_fd);
  rig->error_fd = -1;
  ps_syslog_set_output (rig->syslog, PS_LOG_TO_STDERR);
  say (rig, "a");
  say (rig, "b");
  g_assert_cmpuint (ps_syslog_counters (rig->syslog).n_written, ==, 0);
  g_assert_cmpuint (ps_syslog_counters (rig->syslog).n_dropped, >=, 2);
}

#define ADD(name, fn) g_test_add ("/syslog/" name, Rig, NULL, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("format", test_format);
  ADD ("hostile-text", test_hostile_text);
  ADD ("stalled-reader", test_stalled_reader);
  ADD ("last-words", test_last_words);
  ADD ("stalled-end", test_stalled_end);
  ADD ("replaced-socket", test_replaced_socket);
  ADD ("no-socket", test_no_socket);
  ADD ("full-pipe", test_full_pipe);
  ADD ("broken-pipe", test_broken_pipe);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/screen.h"
#include "tests/support/state-check.h"
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TOLD_MAX   5 /* happenings that stay on the screen */
#define LOG_MAX    4 /* lines of the daemon's log, likewise */
#define ROWS       24
#define LINE_WIDTH 80

#define ALTERNATE "\033[?1049h\033[?25l" /* own screen, no cursor */
#define NORMAL    "\033[?25h\033[?1049l"
#define HOME      "\033[H"
#define CLEAR_EOL "\033[K\n"
#define CLEAR_END "\033[J"
#define RED       "\033[31;1m"
#define GREEN     "\033[32m"
#define BOLD      "\033[1m"
#define PLAIN     "\033[0m"

struct _PsScreen {
  gboolean terminal;
  guint table_rows;         /* drawn last; kept when Redis does not answer */
  gint64 start_us, told_us; /* told: the last happening */
  GPtrArray *told;          /* of char*, newest last */
  guint n_differences;      /* in the last picture */
  gboolean open;            /* lines: the last happening has not been settled yet */
};

PsScreen *
ps_screen_new (void)
{
  PsScreen *self = g_new0 (PsScreen, 1);
  self->terminal = isatty (STDOUT_FILENO) == 1;
  self->start_us = g_get_monotonic_time ();
  self->told = g_ptr_array_new_with_free_func (g_free);
  if (self->terminal)
    fputs (ALTERNATE, stdout);
  return self;
}

void
ps_screen_free (PsScreen *self)
{
  if (self == NULL)
    return;
  if (self->terminal)
    fputs (NORMAL, stdout);
  fflush (stdout);
  g_ptr_array_unref (self->told);
  g_free (self);
}

void
ps_screen_tell (PsScreen *self, const char *text)
{
  self->told_us = g_get_monotonic_time ();
  self->open = TRUE;
  double seconds = (double)(self->told_us - self->start_us) / G_USEC_PER_SEC;
  g_ptr_array_add (self->told, g_strdup_printf ("%6.1f s  %s", seconds, text));
  if (self->told->len > TOLD_MAX)
    g_ptr_array_remove_index (self->told, 0);
  if (!self->terminal)
    printf ("%6.1f s  %s\n", seconds, text);
  fflush (stdout);
}

static gboolean
differs (const PsPortState *port)
{
  return g_strcmp0 (port->kernel, port->state) != 0;
}

static guint
count_differences (GPtrArray *ports)
{
  guint n = 0;
  for (guint i = 0; i < ports->len; i++)
    n += differs (g_ptr_array_index (ports, i));
  return n;
}

/* Without the "ok " that every row begins with. */
static const char *
shown (const char *state)
{
  if (state == NULL)
    return "-";
  return g_str_has_prefix (state, "ok ") ? state + 3 : state;
}

static void
draw_cell (const PsPortState *port)
{
  const char *colour = differs (port) ? RED : port->state != NULL ? GREEN : "";
  printf ("%s%-11.11s %-12.12s %-12.12s%s", colour, port->name, shown (port->kernel),
          shown (port->state), PLAIN);
}

/* Two columns; ports of the second half stand beside those of the first. */
static void
draw_table (GPtrArray *ports)
{
  guint half = (ports->len + 1) / 2;
  const char *title = "port        kernel       STATE_DB     ";
  printf (BOLD "%s  %s" PLAIN CLEAR_EOL, title, title);
  for (guint i = 0; i < half; i++) {
    draw_cell (g_ptr_array_index (ports, i));
    fputs ("   ", stdout);
    if (i + half < ports->len)
      draw_cell (g_ptr_array_index (ports, i + half));
    fputs (CLEAR_EOL, stdout);
  }
}

/* The last lines of a text, without what syslog puts before the program's name. */
static void
draw_log (const char *log, guint n_shown)
{
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);
  guint n = g_strv_length (lines);
  n = n > 0 && *lines[n - 1] == '\0' ? n - 1 : n;
  for (guint i = n > n_shown ? n - n_shown : 0; i < n; i++) {
    const char *text = strstr (lines[i], "portsyncd: ");
    printf ("  %.*s" CLEAR_EOL, LINE_WIDTH - 2, text != NULL ? text : lines[i]);
  }
}

static guint
terminal_rows (void)
{
  struct winsize size = {0};
  return ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : ROWS;
}

/* A line on which the cursor ends must not be the last, or the screen would scroll. */
static void
draw_below (PsScreen *self, const char *log, guint n_above)
{
  guint rows = terminal_rows (), n_left = rows > n_above + 3 ? rows - n_above - 3 : 1;
  guint n_log = MIN (n_left / 2, LOG_MAX), n_told = MIN (n_left - n_log, self->told->len);
  fputs (CLEAR_EOL, stdout);
  for (guint i = self->told->len - n_told; i < self->told->len; i++)
    printf ("%s%s%s" CLEAR_EOL, i + 1 == self->told->len ? BOLD : "",
            (char *)g_ptr_array_index (self->told, i), PLAIN);
  fputs (CLEAR_EOL, stdout);
  draw_log (log, n_log);
  fputs (CLEAR_END, stdout);
}

static void
draw (PsScreen *self, GPtrArray *ports, gboolean daemon_runs, const char *log)
{
  printf (HOME BOLD "portsyncd" PLAIN "  daemon %s   Redis %s   %6.1f s   Ctrl-C ends" CLEAR_EOL,
          daemon_runs ? GREEN "runs" PLAIN : RED "dead" PLAIN,
          ports != NULL ? GREEN "runs" PLAIN : RED "dead" PLAIN,
          (double)(g_get_monotonic_time () - self->start_us) / G_USEC_PER_SEC);
  if (ports != NULL) {
    draw_table (ports);
    self->table_rows = (ports->len + 1) / 2 + 1;
  } else {
    printf ("\033[%uB", self->table_rows);
  }
  draw_below (self, log, 1 + self->table_rows);
}

/* One line when both sides agree again; one when they do not, and with whom it began. */
static void
print (PsScreen *self, GPtrArray *ports)
{
  if (ports == NULL || ports->len == 0)
    return;
  guint n = count_differences (ports);
  gint64 ms = (g_get_monotonic_time () - self->told_us) / 1000;
  if (n == 0 && (self->open || self->n_differences > 0)) {
    printf ("          kernel and STATE_DB agree on %u ports, %" G_GINT64_FORMAT " ms later\n",
            ports->len, ms);
    self->open = FALSE;
  }
  for (guint i = 0; n > 0 && n != self->n_differences && i < ports->len; i++) {
    const PsPortState *port = g_ptr_array_index (ports, i);
    if (!differs (port))
      continue;
    printf ("          %u ports differ: %s is \"%s\" in the kernel, \"%s\" in STATE_DB\n", n,
            port->name, shown (port->kernel), shown (port->state));
    break;
  }
  self->n_differences = n;
}

void
ps_screen_show (PsScreen *self, GPtrArray *ports, gboolean daemon_runs, const char *log)
{
  if (self->terminal)
    draw (self, ports, daemon_runs, log);
  else
    print (self, ports);
  fflush (stdout);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/screen.h"
#include "demo/record.h"
#include "tests/support/state-check.h"
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ROWS        24
#define COLUMNS     80
#define CELL        38 /* columns of one port in the table, with the gap behind it */
#define FIXED_ROWS  5  /* head, legend, title, "more ports", and none on the last */
#define ALIKE_MAX   3  /* lines about rows that are shown of one picture */
#define STORY_SHARE 2  /* the record gets one row of so many, at least */

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
  gboolean terminal;        /* taken over, and not given back */
  gint64 start_us, told_us; /* told: the last happening */
  PsRecord *record;
  guint n_log;         /* lines of the daemon's log that are in the record */
  GPtrArray *ports;    /* owned, nullable: of the last picture with Redis */
  guint n_differences; /* in the last picture */
  gboolean open;       /* the last happening has not been settled yet */
};

PsScreen *
ps_screen_new (void)
{
  PsScreen *self = g_new0 (PsScreen, 1);
  self->terminal = isatty (STDOUT_FILENO) == 1 && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  self->start_us = g_get_monotonic_time ();
  self->record = ps_record_new ();
  fputs (self->terminal ? ALTERNATE
                        : "What happens, when kernel and STATE_DB agree again, and after \"|\" the "
                          "daemon's log.\n",
         stdout);
  return self;
}

void
ps_screen_free (PsScreen *self)
{
  if (self == NULL)
    return;
  ps_screen_close (self);
  g_clear_pointer (&self->ports, g_ptr_array_unref);
  ps_record_free (self->record);
  g_free (self);
}

static struct winsize
terminal_size (void)
{
  struct winsize size = {0};
  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
    size = (struct winsize){.ws_row = ROWS, .ws_col = COLUMNS};
  return size;
}

void
ps_screen_close (PsScreen *self)
{
  if (!self->terminal)
    return;
  self->terminal = FALSE;
  fputs (NORMAL, stdout);
  g_autoptr (GPtrArray) lines = ps_record_tail (self->record, G_MAXUINT, terminal_size ().ws_col);
  for (guint i = 0; i < lines->len; i++)
    puts (g_ptr_array_index (lines, i));
  fflush (stdout);
}

void
ps_screen_abandon (void)
{
  if (isatty (STDOUT_FILENO) == 1) {
    ssize_t ignored = write (STDOUT_FILENO, NORMAL, sizeof NORMAL - 1);
    (void)ignored;
  }
}

/* Without a terminal a line is as long as it is. */
static void
record (PsScreen *self, PsRecordKind kind, const char *text)
{
  double seconds = (double)(g_get_monotonic_time () - self->start_us) / G_USEC_PER_SEC;
  ps_record_add (self->record, kind, seconds, text);
  if (self->terminal)
    return;
  g_autoptr (GPtrArray) lines = ps_record_tail (self->record, 1, G_MAXINT);
  puts (g_ptr_array_index (lines, 0));
}

void
ps_screen_tell (PsScreen *self, const char *text)
{
  self->told_us = g_get_monotonic_time ();
  self->open = TRUE;
  record (self, PS_RECORD_HAPPENING, text);
  fflush (stdout);
}

/* Without what syslog puts before the message. */
static const char *
message_of (const char *line)
{
  const char *text = strstr (line, "portsyncd");
  text = text != NULL ? strstr (text, ": ") : NULL;
  return text != NULL ? text + 2 : line;
}

static gboolean
is_about_row (const char *line)
{
  return strstr (line, " state db") != NULL;
}

/* What is new in the log; of many rows in a row only the first. */
static void
record_log (PsScreen *self, const char *log)
{
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);
  guint n_alike = 0;
  for (guint i = self->n_log; lines[i] != NULL && *lines[i] != '\0'; i++) {
    n_alike = is_about_row (lines[i]) ? n_alike + 1 : 0;
    if (n_alike <= ALIKE_MAX)
      record (self, PS_RECORD_LOG, message_of (lines[i]));
    gboolean last = lines[i + 1] == NULL || !is_about_row (lines[i + 1]);
    if (last && n_alike > ALIKE_MAX) {
      g_autofree char *text = g_strdup_printf ("(and %u such lines more)", n_alike - ALIKE_MAX);
      record (self, PS_RECORD_LOG, text);
    }
    self->n_log = i + 1;
  }
}

static gboolean
differs (const PsPortState *port)
{
  return g_strcmp0 (port->kernel, port->state) != 0;
}

static guint
count_differences (GPtrArray *ports, guint from)
{
  guint n = 0;
  for (guint i = from; i < ports->len; i++)
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

/* What became of the last happening: that both sides agree, or that they do not, and where. */
static void
record_outcome (PsScreen *self, GPtrArray *ports)
{
  guint n = count_differences (ports, 0);
  gint64 ms = (g_get_monotonic_time () - self->told_us) / 1000;
  g_autofree char *text = NULL;
  if (n == 0 && (self->open || self->n_differences > 0)) {
    text = g_strdup_printf ("kernel and STATE_DB agree on %u ports, %" G_GINT64_FORMAT " ms later",
                            ports->len, ms);
    self->open = FALSE;
  }
  for (guint i = 0; n > 0 && n != self->n_differences && text == NULL && i < ports->len; i++) {
    const PsPortState *port = g_ptr_array_index (ports, i);
    if (differs (port))
      text = g_strdup_printf ("%u %s: %s is \"%s\" in the kernel, \"%s\" in STATE_DB", n,
                              n == 1 ? "port differs" : "ports differ", port->name,
                              shown (port->kernel), shown (port->state));
  }
  if (text != NULL)
    record (self, PS_RECORD_OUTCOME, text);
  self->n_differences = n;
}

/* --- the picture on a terminal -----------------------------------------------------------------
 */

static void
draw_state (const char *state)
{
  g_auto (GStrv) words = g_strsplit (shown (state), "down", -1);
  g_autofree char *text = g_strjoinv ("dn", words);
  printf (" %-11.11s", text);
}

static void
draw_cell (const PsPortState *port)
{
  fputs (differs (port) ? RED : port->state != NULL ? GREEN : "", stdout);
  printf ("%-11.11s", port->name);
  draw_state (port->kernel);
  draw_state (port->state);
  fputs (PLAIN "   ", stdout);
}

/* Column by column; what has no room is counted. Returns the rows that it took. */
static guint
draw_table (GPtrArray *ports, guint n_columns, guint rows_max)
{
  guint n_rows = MIN ((ports->len + n_columns - 1) / n_columns, rows_max);
  for (guint column = 0; column < n_columns; column++)
    printf (BOLD "port        kernel      STATE_DB      " PLAIN);
  fputs (CLEAR_EOL, stdout);
  for (guint row = 0; row < n_rows; row++) {
    for (guint i = row; i < MIN (ports->len, n_rows * n_columns); i += n_rows)
      draw_cell (g_ptr_array_index (ports, i));
    fputs (CLEAR_EOL, stdout);
  }
  if (ports->len > n_rows * n_columns)
    printf ("and %u more ports, of which %u differ", ports->len - n_rows * n_columns,
            count_differences (ports, n_rows * n_columns));
  fputs (CLEAR_EOL, stdout);
  return n_rows;
}

/* A line on which the cursor ends must not be the last, or the screen would scroll. */
static void
draw (PsScreen *self, gboolean daemon_runs, gboolean redis_runs)
{
  struct winsize size = terminal_size ();
  guint rows = MAX (size.ws_row, FIXED_ROWS + 2), n_table = 0;
  printf (HOME BOLD "portsyncd" PLAIN "  daemon %s   Redis %s   %6.1f s   Ctrl-C ends" CLEAR_EOL,
          daemon_runs ? GREEN "runs" PLAIN : RED "dead" PLAIN,
          redis_runs ? GREEN "runs" PLAIN : RED "dead" PLAIN,
          (double)(g_get_monotonic_time () - self->start_us) / G_USEC_PER_SEC);
  printf ("admin state, carrier (dn: down), mtu; " GREEN "both agree" PLAIN ", " RED
          "they differ" PLAIN ", -: not there" CLEAR_EOL);
  if (self->ports != NULL)
    n_table =
        draw_table (self->ports, MAX (size.ws_col / CELL, 1), (rows - FIXED_ROWS) / STORY_SHARE);
  g_autoptr (GPtrArray) lines =
      ps_record_tail (self->record, rows - FIXED_ROWS - n_table, size.ws_col);
  for (guint i = 0; i < lines->len; i++) {
    const char *line = g_ptr_array_index (lines, i);
    printf ("%s%s%s" CLEAR_EOL, ps_record_is_happening (line) ? BOLD : "", line, PLAIN);
  }
  fputs (CLEAR_END, stdout);
}

void
ps_screen_show (PsScreen *self, GPtrArray *ports, gboolean daemon_runs, const char *log)
{
  record_log (self, log);
  if (ports != NULL && ports->len > 0)
    record_outcome (self, ports);
  if (ports != NULL) {
    g_clear_pointer (&self->ports, g_ptr_array_unref);
    self->ports = g_ptr_array_ref (ports);
  }
  if (self->terminal)
    draw (self, daemon_runs, ports != NULL);
  fflush (stdout);
}

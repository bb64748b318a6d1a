/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/stepper.h"
#include "base/units.h"
#include "sim/run/interrupt.h"
#include "sim/world/sonic-keys.h"
#include <string.h>

#define LINE_MAX_BYTES 256

struct _PsStepper {
  FILE *in, *out;
  gboolean prompts, quit;
  PsSimWorld *world; /* not owned; while it runs */
  guint64 left;      /* events to tell before the next question */
  gint64 silent_us;  /* nothing is told before; on the clock */
};

/* --- a port --------------------------------------------------------------------------------- */

static const struct {
  guint id;
  const char *name;
} dbs[] = {
    {PS_SIM_CONFIG_DB, "CONFIG_DB"}, {PS_SIM_APPL_DB, "APPL_DB"}, {PS_SIM_STATE_DB, "STATE_DB"}};

/* TRUE if some database has the key. */
static gboolean
print_key (PsStepper *self, const char *key)
{
  PsSimRedis *redis = ps_sim_world_redis (self->world);
  gboolean found = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (dbs); i++) {
    if (!ps_sim_redis_exists (redis, dbs[i].id, key))
      continue;
    g_autoptr (GArray) fields = ps_sim_redis_hgetall (redis, dbs[i].id, key);
    found = TRUE;
    fprintf (self->out, "  %-9s %s:", dbs[i].name, key);
    for (guint f = 0; f < fields->len; f++) {
      const PsField *field = &g_array_index (fields, PsField, f);
      fprintf (self->out, " %.*s=%.*s", (int)field->name.size, field->name.data,
               (int)field->value.size, field->value.data);
    }
    fputc ('\n', self->out);
  }
  return found;
}

static void
print_link (PsStepper *self, const char *name)
{
  PsSimKernel *kernel = ps_sim_world_kernel (self->world);
  const PsSimLink *link = ps_sim_kernel_find (kernel, name);
  if (link == NULL)
    fprintf (self->out, "  kernel    no link %s\n", name);
  else
    fprintf (self->out, "  kernel    ifindex %u, %s, carrier %s, %s, mtu %u, master %u\n",
             link->ifindex, (link->flags & IFF_UP) != 0 ? "up" : "down",
             ps_sim_kernel_has_carrier (kernel, link->ifindex) ? "on" : "off",
             (link->flags & IFF_RUNNING) != 0 ? "running" : "not running", link->mtu, link->master);
}

static void
print_engine (PsStepper *self, const char *name)
{
  static const char *const presences[] = {"unknown", "present", "gone"};
  static const char *const wants[] = {"hold", "put", "absent"};
  const PsEngine *engine = ps_sim_world_engine (self->world);
  const PsPort *port = engine != NULL ? ps_engine_find_port (engine, name) : NULL;
  if (port == NULL) {
    fprintf (self->out, "  daemon    %s\n", engine != NULL ? "no such port" : "does not run");
    return;
  }
  fprintf (self->out, "  daemon    %s, ifindex %u, wants %s, %s%s%s%s%s\n",
           presences[port->device.presence], port->device.ifindex, wants[ps_port_want (port)],
           ps_port_is_published (port) ? "published" : "not published",
           port->queue.dirty ? ", dirty" : "", port->queue.in_flight ? ", in flight" : "",
           port->queue.refused ? ", refused" : "", port->boot.pending ? ", awaited" : "");
}

/* A key of a database, or a port: what the kernel, the databases and the daemon make of it. */
static void
print_subject (PsStepper *self, const char *subject)
{
  if (strpbrk (subject, "|:") != NULL) {
    if (!print_key (self, subject))
      fprintf (self->out, "  no database has the key %s\n", subject);
    return;
  }
  g_autofree char *state = ps_sim_state_key (subject);
  g_autofree char *appl = ps_sim_live_key (subject);
  print_link (self, subject);
  if (!print_key (self, appl))
    fprintf (self->out, "  APPL_DB   no %s\n", appl);
  if (!print_key (self, state))
    fprintf (self->out, "  STATE_DB  no %s\n", state);
  print_engine (self, subject);
}

/* --- asking --------------------------------------------------------------------------------- */

const char *
ps_stepper_help (void)
{
  return "Enter: the next event; N: so many; u TIME: up to that time, such as 14.861554 or 12s;\n"
         "p PORT or p KEY: what is known of it; c: go on without asking; q: end here; ?: this.\n";
}

/* As the lines show it: seconds, and up to six digits behind a point. */
static gboolean
parse_seconds (const char *text, gint64 *out_us)
{
  guint64 seconds = 0, us = 0;
  const char *point = strchr (text, '.');
  g_autofree char *whole =
      point != NULL ? g_strndup (text, (gsize)(point - text)) : g_strdup (text);
  gsize n = point != NULL ? strlen (point + 1) : 0;
  g_autofree char *digits =
      g_strdup_printf ("%s%.*s", n > 0 ? point + 1 : "", (int)(6 - MIN (n, 6)), "000000");
  if (n > 6 || (point != NULL && n == 0) ||
      !g_ascii_string_to_unsigned (whole, 10, 0, PS_DURATION_MAX_US / G_USEC_PER_SEC, &seconds,
                                   NULL) ||
      !g_ascii_string_to_unsigned (digits, 10, 0, G_USEC_PER_SEC - 1, &us, NULL))
    return FALSE;
  *out_us = (gint64)(seconds * G_USEC_PER_SEC + us);
  return TRUE;
}

static gboolean
skip_to (PsStepper *self, const char *text)
{
  gint64 us;
  if (!ps_units_parse (PS_UNITS_DURATION, text, 0, PS_DURATION_MAX_US, &us) &&
      !parse_seconds (text, &us))
    return FALSE;
  self->silent_us = us;
  self->left = 1;
  return TRUE;
}

/* FALSE: it did not say how to go on. */
static gboolean
obey (PsStepper *self, const char *word)
{
  guint64 number = 0;
  if (word[0] == '\0')
    self->left = 1;
  else if (strcmp (word, "c") == 0)
    self->left = G_MAXUINT64;
  else if (strcmp (word, "q") == 0)
    self->quit = TRUE;
  else if (g_ascii_string_to_unsigned (word, 10, 1, G_MAXUINT64, &number, NULL))
    self->left = number;
  else if (word[0] == 'u' && word[1] == ' ' && skip_to (self, word + 2))
    return TRUE;
  else if (word[0] == 'p' && word[1] == ' ')
    print_subject (self, word + 2);
  else
    fputs (ps_stepper_help (), self->out);
  return self->left > 0 || self->quit;
}

static void
ask (PsStepper *self)
{
  char line[LINE_MAX_BYTES];
  for (gboolean said = FALSE; !said;) {
    if (self->prompts)
      fputs ("> ", self->out);
    fflush (self->out);
    /* A terminal hands out a line at a time, so nothing of it waits in the buffer of self->in. */
    if ((self->prompts && !ps_interrupt_wait (fileno (self->in))) ||
        fgets (line, sizeof line, self->in) == NULL) {
      self->quit = TRUE;
      return;
    }
    said = obey (self, g_strstrip (line));
  }
}

/* What has no number belongs to the event before it. */
static gboolean
is_event (const char *line)
{
  const char *space = strchr (line, ' ');
  return space != NULL && space[1] == '#';
}

static void
on_line (const char *line, gpointer user_data)
{
  PsStepper *self = user_data;
  if (self->quit || ps_sim_world_now_us (self->world) < self->silent_us)
    return;
  if (is_event (line)) {
    if (self->left == 0)
      ask (self);
    if (self->quit || ps_sim_world_now_us (self->world) < self->silent_us)
      return;
    self->left -= self->left < G_MAXUINT64;
  }
  fprintf (self->out, "%s\n", line);
}

static void
on_prepared (PsSimWorld *world, gpointer user_data)
{
  ((PsStepper *)user_data)->world = world;
}

static gboolean
on_stepped (gpointer user_data)
{
  return !((PsStepper *)user_data)->quit;
}

PsStepper *
ps_stepper_new (FILE *in, FILE *out, gboolean prompts)
{
  PsStepper *self = g_new0 (PsStepper, 1);
  self->in = in;
  self->out = out;
  self->prompts = prompts;
  self->left = 1;
  return self;
}

void
ps_stepper_free (PsStepper *self)
{
  g_free (self);
}

void
ps_stepper_attach (PsStepper *self, PsRunOptions *options)
{
  options->trace = on_line;
  options->prepared = on_prepared;
  options->stepped = on_stepped;
  options->trace_data = self;
}

gboolean
ps_stepper_has_quit (const PsStepper *self)
{
  return self->quit;
}

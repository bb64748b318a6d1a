/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/options.h"
#include "base/nearest.h"
#include "base/units.h"
#include "sim/run/document.h"
#include <string.h>

G_DEFINE_QUARK (ps_sim_options_error, ps_sim_options_error)

#define SEEDS_MAX    G_GUINT64_CONSTANT (1000000000)
#define BIT(command) (1u << (command))
#define RUN          BIT (PS_COMMAND_RUN)
#define SWARM        BIT (PS_COMMAND_SWARM)
#define EXPLORE      BIT (PS_COMMAND_EXPLORE)
#define TWICE        BIT (PS_COMMAND_TWICE)
#define SHRINK       BIT (PS_COMMAND_SHRINK)
#define EXPLAIN      BIT (PS_COMMAND_EXPLAIN)

/* In the order of PsCommand. */
static const char *const commands[] = {"run",     "swarm",     "explore", "shrink",
                                       "explain", "twice",     "check",   "schema",
                                       "--help",  "--version", NULL};

typedef enum {
  OPTION_SEED,
  OPTION_SEEDS,
  OPTION_UNTIL,
  OPTION_SECONDS,
  OPTION_SHARD,
  OPTION_JOBS,
  OPTION_CRASH_AT,
  OPTION_OUT,
  OPTION_ACTOR,
  OPTION_CRASH_AFTER,
  OPTION_SWARM,
  OPTION_VERBOSE,
  OPTION_STEP,
  OPTION_BYTES,
  OPTION_TAP,
  OPTION_DIGESTS,
  OPTION_EXPECT_FAILURE
} Option;
static const char *const names[] = {
    "--seed",     "--seeds", "--until", "--seconds",     "--shard",          "-j",
    "--crash-at", "-o",      "--actor", "--crash-after", "--swarm",          "-v",
    "--step",     "--bytes", "--tap",   "--digests",     "--expect-failure", NULL};
static const char *const actors[] = {"daemon", "upstream", NULL};
/* In the order of the names: which commands it goes with. */
static const guint goes_with[] = {
    RUN | SWARM | EXPLORE | TWICE | SHRINK | EXPLAIN,
    RUN | SWARM | TWICE | SHRINK,
    RUN | EXPLAIN,
    SWARM | EXPLORE | SHRINK,
    SWARM | EXPLORE,
    RUN | SWARM | EXPLORE | SHRINK,
    RUN | EXPLORE | SHRINK,
    SHRINK | EXPLAIN,
    RUN | SHRINK | EXPLAIN | TWICE,
    RUN | SHRINK,
    RUN | SHRINK | EXPLAIN,
    RUN,
    RUN,
    RUN,
    RUN | SWARM | EXPLORE | TWICE,
    RUN,
    RUN | TWICE,
};
/* What each with a value allows, in the same order. */
static const char *const allowed[] = {
    "a number from 0 to 18446744073709551615",
    "a number from 1 to 1000000000",
    "a time from 1us to 8784h, such as 12s",
    "a number of seconds from 1 to 1000000",
    "I/N with I from 1 to N, N up to 4294967295",
    "a number from 1 to 256",
    "a number from 1 to 9223372036854775807",
    "a name of a file",
    "daemon or upstream",
};
static const guint first_without_value = OPTION_CRASH_AFTER;

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, PS_SIM_OPTIONS_ERROR, 0, "%s; see portsim --help", text);
  return FALSE;
}

static gboolean
fail_unknown (GError **error, const char *kind, const char *word, const char *const *known)
{
  const char *near = ps_nearest (word, known);
  return fail (error, "unknown %s \"%s\"%s%s%s", kind, word,
               near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
               near != NULL ? "\"?" : "");
}

static gboolean
find_word (const char *word, const char *const *words, guint *out)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], word) == 0) {
      *out = i;
      return TRUE;
    }
  return FALSE;
}

/* Decimal, or hexadecimal with 0x. */
static gboolean
read_number (const char *text, guint64 min, guint64 max, guint64 *out)
{
  gboolean hex = g_str_has_prefix (text, "0x");
  return g_ascii_string_to_unsigned (hex ? text + 2 : text, hex ? 16 : 10, min, max, out, NULL);
}

static gboolean
read_shard (const char *text, PsSimOptions *out)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 3);
  return g_strv_length (parts) == 2 && read_number (parts[1], 1, G_MAXUINT32, &out->n_shards) &&
         read_number (parts[0], 1, out->n_shards, &out->shard);
}

static gboolean
take_value (Option option, const char *text, PsSimOptions *out)
{
  guint64 number = 0;
  guint actor = 0;
  gboolean ok = FALSE;
  switch (option) {
  case OPTION_SEED:
    out->has_seed = TRUE;
    return read_number (text, 0, G_MAXUINT64, &out->seed);
  case OPTION_SEEDS:
    return read_number (text, 1, SEEDS_MAX, &out->n_seeds);
  case OPTION_UNTIL:
    return ps_units_parse (PS_UNITS_DURATION, text, 1, PS_DURATION_MAX_US, &out->until_us);
  case OPTION_SECONDS:
    ok = read_number (text, 1, 1000000, &number);
    out->seconds = (gint64)number;
    return ok;
  case OPTION_SHARD:
    return read_shard (text, out);
  case OPTION_JOBS:
    ok = read_number (text, 1, 256, &number);
    out->workers = (guint)number;
    return ok;
  case OPTION_CRASH_AT:
    return read_number (text, 1, G_MAXINT64, &out->crash_at);
  case OPTION_OUT:
    out->out = text;
    return text[0] != '\0';
  case OPTION_ACTOR:
    ok = find_word (text, actors, &actor);
    out->actor = (PsSimActor)actor;
    return ok;
  case OPTION_CRASH_AFTER:
  case OPTION_SWARM:
  case OPTION_VERBOSE:
  case OPTION_STEP:
  case OPTION_BYTES:
  case OPTION_TAP:
  case OPTION_DIGESTS:
  case OPTION_EXPECT_FAILURE:
    break;
  }
  g_assert_not_reached ();
}

static void
take_flag (Option option, PsSimOptions *out)
{
  out->crash_after |= option == OPTION_CRASH_AFTER;
  out->swarm |= option == OPTION_SWARM;
  out->verbose |= option == OPTION_VERBOSE;
  out->step |= option == OPTION_STEP;
  out->bytes |= option == OPTION_BYTES;
  out->tap |= option == OPTION_TAP;
  out->digests |= option == OPTION_DIGESTS;
  out->expect_failure |= option == OPTION_EXPECT_FAILURE;
}

/* The value stands behind '=' or as the next argument. */
static gboolean
take_option (int argc, char **argv, int *at, PsSimOptions *out, GError **error)
{
  const char *equals = strchr (argv[*at], '=');
  g_autofree char *name =
      equals != NULL ? g_strndup (argv[*at], (gsize)(equals - argv[*at])) : g_strdup (argv[*at]);
  guint option;
  if (!find_word (name, names, &option))
    return fail_unknown (error, "option", name, names);
  if ((goes_with[option] & BIT (out->command)) == 0)
    return fail (error, "%s does not go with \"%s\"", name, commands[out->command]);
  if (option >= first_without_value && equals != NULL)
    return fail (error, "%s takes no value", name);
  if (option >= first_without_value) {
    take_flag ((Option)option, out);
    return TRUE;
  }
  if (equals == NULL && ++*at >= argc)
    return fail (error, "%s lacks its value", name);
  const char *value = equals != NULL ? equals + 1 : argv[*at];
  return take_value ((Option)option, value, out) ||
         fail (error, "%s: \"%s\" is not allowed: %s", name, value, allowed[option]);
}

/* The last seed must be a number, too. */
static gboolean
check_seeds (const PsSimOptions *self, GError **error)
{
  guint64 n = self->n_seeds > 0 ? self->n_seeds : self->command == PS_COMMAND_SWARM ? SEEDS_MAX : 1;
  if (!self->has_seed || self->seed <= G_MAXUINT64 - n)
    return TRUE;
  return fail (error,
               "--seed: %" G_GUINT64_FORMAT " seeds from %" G_GUINT64_FORMAT
               " on go beyond the largest: at most %" G_GUINT64_FORMAT,
               n, self->seed, G_MAXUINT64 - n);
}

/* What is read once cannot be read again, nor asked at. */
static gboolean
check_input (const PsSimOptions *self, GError **error)
{
  guint n = 0;
  for (guint i = 0; i < self->files->len; i++)
    n += strcmp (g_ptr_array_index (self->files, i), "-") == 0;
  if (n > 0 && (n > 1 || self->step || self->command == PS_COMMAND_TWICE))
    return fail (error, "standard input (-) is read once: not with --step, twice, or a second -");
  return TRUE;
}

static gboolean
check_files (const PsSimOptions *self, GError **error)
{
  gboolean none = self->command >= PS_COMMAND_SCHEMA;
  gboolean many = self->command == PS_COMMAND_CHECK || self->command == PS_COMMAND_SWARM;
  if (none && self->files->len > 0)
    return fail (error, "\"%s\" takes no file", commands[self->command]);
  if (!none && self->files->len == 0)
    return fail (error, "\"%s\" lacks a scenario file", commands[self->command]);
  if (!none && !many && self->files->len > 1)
    return fail (error, "\"%s\" takes one file", commands[self->command]);
  if (self->crash_after && self->crash_at == 0)
    return fail (error, "--crash-after goes with --crash-at");
  if ((self->verbose || self->step) && self->n_seeds > 1)
    return fail (error, "%s shows one seed, not many", self->verbose ? "-v" : "--step");
  if (self->bytes && !self->verbose && !self->step)
    return fail (error, "--bytes goes with -v or --step");
  if (self->step && self->tap)
    return fail (error, "--step does not go with --tap");
  if (self->expect_failure && self->actor != PS_SIM_ACTOR_UPSTREAM)
    return fail (error, "--expect-failure goes with --actor=upstream");
  if (self->expect_failure && (self->until_us > 0 || self->swarm || self->crash_at > 0))
    return fail (error, "--expect-failure goes with whole runs");
  return check_seeds (self, error) && check_input (self, error);
}

static gboolean
parse (int argc, char **argv, PsSimOptions *out, GError **error)
{
  guint command;
  if (argc < 2)
    return fail (error, "a command is missing");
  if (!find_word (argv[1], commands, &command))
    return fail_unknown (error, "command", argv[1], commands);
  out->command = (PsCommand)command;
  for (int i = 2; i < argc; i++) {
    if (strcmp (argv[i], "--help") == 0) {
      out->command = PS_COMMAND_HELP;
      return TRUE;
    }
    if (argv[i][0] != '-' || argv[i][1] == '\0')
      g_ptr_array_add (out->files, argv[i]);
    else if (!take_option (argc, argv, &i, out, error))
      return FALSE;
  }
  return check_files (out, error);
}

gboolean
ps_sim_options_parse (int argc, char **argv, PsSimOptions *out, GError **error)
{
  *out = (PsSimOptions){.files = g_ptr_array_new (), .shard = 1, .n_shards = 1};
  if (parse (argc, argv, out, error))
    return TRUE;
  ps_sim_options_clear (out);
  return FALSE;
}

void
ps_sim_options_clear (PsSimOptions *self)
{
  g_clear_pointer (&self->files, g_ptr_array_unref);
}

const char *
ps_sim_options_help (void)
{
  return "portsim: the switch around portsyncd, simulated to the bit\n"
         "\n"
         "  portsim run FILE         run a scenario with its seeds\n"
         "  portsim swarm FILE...    random seeds, each with half of the faults\n"
         "  portsim explore FILE     kill the daemon before and after each command to Redis\n"
         "  portsim shrink FILE      make a scenario that fails small, as another file\n"
         "  portsim explain FILE     print what one seed does, as another file\n"
         "  portsim twice FILE       run in two unlike processes and compare to the bit\n"
         "  portsim check FILE...    is the file right?\n"
         "  portsim schema           a JSON schema of the files\n"
         "\n"
         "  --seed N                 run, explain, shrink, explore, twice: this seed\n"
         "                           (with --seeds, and with swarm: the first)\n"
         "  --seeds N                run, swarm, shrink, twice: so many; else as the file says\n"
         "  --until TIME             run, explain: stop there, e.g. 12s; the end is not judged\n"
         "  -v                       run: one line an event, \"<- #N\": event N led to it\n"
         "  --step                   run: ask before each event; ? at the prompt for help\n"
         "  --bytes                  run: with -v, --step: also what is read and written, so each\n"
         "                           poll\n"
         "  --swarm                  run, explain, shrink: leave out faults as swarm does\n"
         "  --crash-at N             run, shrink: kill the daemon at its N-th command to Redis;\n"
         "                           explore: begin there\n"
         "  --crash-after            run, shrink: after that was carried out (else before)\n"
         "  --actor=upstream         run, explain, shrink, twice: SONiC's C++ daemon in the\n"
         "                           place of ours\n"
         "  --expect-failure         run, twice: pass if each run fails as the file's "
         "\"upstream\"\n"
         "                           says\n"
         "  --seconds N              swarm, explore, shrink: the time for all of it\n"
         "  --shard I/N              swarm, explore: only the I-th of N equal parts\n"
         "  -j N                     run, swarm, explore, shrink: processes; else one a core\n"
         "  -o FILE                  shrink, explain: write there, not to standard output\n"
         "  --digests                run: print seed and digest of each run\n"
         "  --tap                    run, swarm, explore, twice: report as TAP\n"
         "  --help, --version\n"
         "\n"
         "Exit codes: 0 pass; 1 safety: something happened that never may; 2 liveness: something\n"
         "did not happen that had to, or a step never took effect; 3 nondeterminism; 4 crash;\n"
         "64 wrong command line or file; 130 interrupted. See portsim(1), docs/simulator.md.\n";
}

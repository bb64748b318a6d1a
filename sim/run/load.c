/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/load.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
fail (GError **error, const char *file, const char *what)
{
  g_set_error (error, PS_DOCUMENT_ERROR, PS_DOCUMENT_ERROR_INVALID, "%s: %s", file, what);
  return FALSE;
}

/* A device may have no end. */
static gboolean
check_kind (int fd, const char *file, GError **error)
{
  struct stat about;
  if (fstat (fd, &about) != 0)
    return fail (error, file, g_strerror (errno));
  if (S_ISREG (about.st_mode) || S_ISFIFO (about.st_mode) || S_ISSOCK (about.st_mode) ||
      isatty (fd))
    return TRUE;
  return fail (error, file, "neither a file nor a pipe; name a scenario file, or - for the input");
}

static gboolean
read_all (int fd, const char *file, GString *out, GError **error)
{
  char bytes[65536];
  ssize_t n = 1;
  while (n != 0) {
    n = read (fd, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return fail (error, file, g_strerror (errno));
    g_string_append_len (out, bytes, n);
    if (out->len > PS_LOAD_BYTES_MAX)
      return fail (error, file, "larger than 16 MiB: no scenario");
  }
  return TRUE;
}

/* NULL if it could not be read. Free with g_string_free. */
static GString *
load_text (const char *file, GError **error)
{
  gboolean is_input = strcmp (file, "-") == 0;
  g_autoptr (GString) text = g_string_new (NULL);
  int fd = is_input ? STDIN_FILENO : open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    fail (error, file, g_strerror (errno));
    return NULL;
  }
  gboolean ok = check_kind (fd, file, error) && read_all (fd, file, text, error);
  if (!is_input)
    close (fd);
  return ok ? g_steal_pointer (&text) : NULL;
}

PsScenario *
ps_scenario_load (const char *file, GError **error)
{
  g_autoptr (GString) text = load_text (file, error);
  return text != NULL ? ps_scenario_parse (text->str, text->len, file, error) : NULL;
}

PsScenario *
ps_scenario_load_all (const char *file, GPtrArray *out_faults)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = load_text (file, &error);
  if (text != NULL)
    return ps_scenario_parse_all (text->str, text->len, file, out_faults);
  g_ptr_array_add (out_faults, g_strdup (error->message));
  return NULL;
}

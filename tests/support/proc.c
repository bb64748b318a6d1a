/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/proc.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *
read_text (int pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", pid, name);
  char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("cannot read %s: the process is gone", path);
  return text;
}

guint
ps_proc_rss_kb (int pid)
{
  g_autofree char *text = read_text (pid, "statm");
  guint pages = 0;
  if (sscanf (text, "%*u %u", &pages) != 1)
    g_error ("/proc/%d/statm says \"%s\"", pid, text);
  return (guint)(pages * (gulong)sysconf (_SC_PAGESIZE) / 1024);
}

guint
ps_proc_n_descriptors (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;
  if (dir == NULL)
    g_error ("cannot read %s: the process is gone", path);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

gboolean
ps_proc_blocks (int pid, int signal_number)
{
  g_autofree char *text = read_text (pid, "status");
  const char *line = strstr (text, "\nSigBlk:");
  guint64 set = line != NULL ? g_ascii_strtoull (line + strlen ("\nSigBlk:"), NULL, 16) : 0;
  return (set >> (signal_number - 1) & 1) != 0;
}

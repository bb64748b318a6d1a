/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/sysfs-carriers.h"
#include <string.h>

static gboolean
read_number (const char *dir, const char *file, guint32 *out, GError **error)
{
  g_autofree char *path = g_build_filename (dir, file, NULL);
  g_autofree char *text = NULL;
  gsize size = 0;
  guint64 number = 0;
  if (!g_file_get_contents (path, &text, &size, error))
    return FALSE;
  gboolean whole = size > 1 && text[size - 1] == '\n' && strlen (text) == size;
  if (whole)
    text[size - 1] = '\0';
  if (!whole || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &number, NULL)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is no number of 32 bits", path);
    return FALSE;
  }
  *out = (guint32)number;
  return TRUE;
}

gboolean
ps_sysfs_carriers_read (const char *class_net, const char *name, PsSysfsCarriers *out,
                        GError **error)
{
  g_autofree char *dir = g_build_filename (class_net, name, NULL);
  PsSysfsCarriers read = {0};
  if (!read_number (dir, "ifindex", &read.ifindex, error) ||
      !read_number (dir, "carrier_changes", &read.changes, error) ||
      !read_number (dir, "carrier_up_count", &read.ups, error) ||
      !read_number (dir, "carrier_down_count", &read.downs, error))
    return FALSE;
  *out = read;
  return TRUE;
}

char *
ps_sysfs_carriers_text (const PsSysfsCarriers *self)
{
  return g_strdup_printf ("%u %u %u %u", self->ifindex, self->changes, self->ups, self->downs);
}

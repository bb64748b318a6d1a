/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/identity.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define STAT_START_TIME 22 /* proc(5): the 22nd field of /proc/PID/stat */
#define STAT_AFTER_NAME 3  /* the first field behind the name, which may hold spaces and ')' */

static gboolean
fail_malformed (GError **error, const char *path)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
               "%s has not the form that proc(5) describes", path);
  return FALSE;
}

static gboolean
copy_word (const char *word, char *out, gsize out_size)
{
  gsize size = strlen (word);
  if (size == 0 || size >= out_size)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isgraph (word[i]))
      return FALSE;
  memcpy (out, word, size + 1);
  return TRUE;
}

static gboolean
read_boot_id (const char *path, PsIdentity *identity, GError **error)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  if (!copy_word (g_strstrip (text), identity->boot_id, sizeof identity->boot_id))
    return fail_malformed (error, path);
  return TRUE;
}

static gboolean
read_init_start (const char *path, PsIdentity *identity, GError **error)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  const char *name_end = strrchr (text, ')');
  if (name_end == NULL || name_end[1] != ' ')
    return fail_malformed (error, path);
  g_auto (GStrv) fields = g_strsplit (name_end + 2, " ", -1);
  guint wanted = STAT_START_TIME - STAT_AFTER_NAME;
  if (g_strv_length (fields) <= wanted ||
      !g_ascii_string_to_unsigned (fields[wanted], 10, 0, G_MAXUINT64, &identity->init_start, NULL))
    return fail_malformed (error, path);
  return TRUE;
}

static gboolean
read_netns (const char *path, PsIdentity *identity, GError **error)
{
  struct stat info;
  if (stat (path, &info) != 0) {
    int code = errno;
    g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (code), "%s: %s", path,
                 g_strerror (code));
    return FALSE;
  }
  g_snprintf (identity->netns, sizeof identity->netns, "%llu:%llu", (unsigned long long)info.st_dev,
              (unsigned long long)info.st_ino);
  return TRUE;
}

gboolean
ps_identity_read (const PsIdentityPaths *paths, PsIdentity *out_identity, GError **error)
{
  PsIdentityPaths p = paths != NULL ? *paths : (PsIdentityPaths){NULL};
  PsIdentity identity = {""};
  if (!read_boot_id (p.boot_id != NULL ? p.boot_id : "/proc/sys/kernel/random/boot_id", &identity,
                     error) ||
      !read_init_start (p.init_stat != NULL ? p.init_stat : "/proc/1/stat", &identity, error) ||
      !read_netns (p.netns != NULL ? p.netns : "/proc/self/ns/net", &identity, error))
    return FALSE;
  *out_identity = identity;
  return TRUE;
}

void
ps_identity_make_unknown (PsIdentity *out_identity)
{
  *out_identity = (PsIdentity){PS_LIFE_BOOT_UNKNOWN};
  g_snprintf (out_identity->netns, sizeof out_identity->netns, "unknown-%08x%08x%08x%08x",
              g_random_int (), g_random_int (), g_random_int (), g_random_int ());
}

/* Not a reason to mirror nothing: Redis still tells how to start. */
PsLifeIdentity *
ps_identity_now (PsLog *log)
{
  PsIdentity identity;
  g_autoptr (GError) why = NULL;
  if (!ps_identity_read (NULL, &identity, &why)) {
    ps_error (log,
              "Cannot tell this boot from another: %s; no life record is used; Redis alone "
              "tells whether a start is a restart of portsyncd alone",
              why->message);
    ps_identity_make_unknown (&identity);
  }
  return ps_life_identity_new (identity.boot_id, identity.init_start, identity.netns);
}

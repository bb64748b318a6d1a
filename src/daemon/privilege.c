/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/privilege.h"
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEPT (1U << CAP_DAC_OVERRIDE) /* in the first word */

static gboolean
fail (GError **error, const char *what)
{
  int code = errno;
  g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (code), "%s: %s", what,
               g_strerror (code));
  return FALSE;
}

/* By the system calls of capabilities(7): a library for two calls would be one more thing to
 * trust. */
gboolean
ps_privilege_drop (GError **error)
{
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fail (error, "prctl PR_SET_NO_NEW_PRIVS");
  if (prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return fail (error, "prctl PR_CAP_AMBIENT");
  if (syscall (SYS_capget, &header, sets) != 0)
    return fail (error, "capget");
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++) {
    guint32 keep = i == 0 ? KEPT : 0;
    sets[i].effective &= keep;
    sets[i].permitted &= keep;
    sets[i].inheritable = 0;
  }
  return syscall (SYS_capset, &header, sets) == 0 ? TRUE : fail (error, "capset");
}

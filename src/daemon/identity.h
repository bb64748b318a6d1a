/* SPDX-License-Identifier: Apache-2.0 */
/* In which boot, container and network namespace this process lives: what a life record is compared
 * with. */
#pragma once
#include "base/log.h"
#include "start/life-record.h"
G_BEGIN_DECLS

/* Files to read, for tests; any may be NULL for the real one. */
typedef struct {
  const char *boot_id;   /* /proc/sys/kernel/random/boot_id */
  const char *init_stat; /* /proc/1/stat; PID 1 of a container is the container's own */
  const char *netns;     /* /proc/self/ns/net */
} PsIdentityPaths;

/* The texts are printable and without spaces. */
typedef struct {
  char boot_id[40];   /* as the kernel prints it */
  guint64 init_start; /* start of PID 1 in clock ticks since boot: proc(5) stat field 22 */
  char netns[48];     /* "device:inode" of the namespace file */
} PsIdentity;

/* paths may be NULL. An error names the file and what was wrong with it. */
gboolean ps_identity_read (const PsIdentityPaths *paths, PsIdentity *out_identity,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For when it cannot be read: one that no other equals, so that neither is a life record found
 * under it used, nor one written under it. */
void ps_identity_make_unknown (PsIdentity *out_identity);

/* That of this process, as a life record holds it; the unknown one, and an error in the log, if it
 * cannot be read.
 */
PsLifeIdentity *ps_identity_now (PsLog *log);
G_END_DECLS

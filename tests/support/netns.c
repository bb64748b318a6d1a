/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/netns.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGE PS_NETNS_DIR "/dev"

static void
must (gboolean ok, const char *what)
{
  if (ok)
    return;
  fprintf (stderr, "%s: %s. Needed are root and namespaces of mounts and networks\n", what,
           g_strerror (errno));
  exit (1);
}

/* A bind mount keeps a node's own major and minor number, which mknod may not be allowed to. */
static void
bind_node (const char *name, gboolean is_directory)
{
  g_autofree char *from = g_build_filename ("/dev", name, NULL);
  g_autofree char *to = g_build_filename (STAGE, name, NULL);
  if (access (from, F_OK) != 0)
    return;
  if (is_directory) {
    must (g_mkdir_with_parents (to, 0755) == 0, to);
  } else {
    g_autofree char *parent = g_path_get_dirname (to);
    must (g_mkdir_with_parents (parent, 0755) == 0, parent);
    int fd = open (to, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    must (fd >= 0, to);
    close (fd);
  }
  must (mount (from, to, "none", MS_BIND, NULL) == 0, to);
}

static void
replace_dev (void)
{
  static const char *const nodes[] = {"null", "zero",    "full",    "random",
                                      "tty",  "urandom", "net/tun", "ptmx"};
  must (g_mkdir_with_parents (STAGE, 0755) == 0, STAGE);
  must (mount ("tmpfs", STAGE, "tmpfs", 0, "mode=0755") == 0, "tmpfs for /dev");
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    bind_node (nodes[i], FALSE);
  bind_node ("pts", TRUE);
  bind_node ("shm", TRUE);
  must (symlink ("/proc/self/fd", STAGE "/fd") == 0, "/dev/fd");
  must (mount (STAGE, "/dev", "none", MS_MOVE, NULL) == 0, "/dev");
}

/* In a plain chroot "/" is no mount point, and the mount that holds it cannot be named from within.
 * Entering the mount namespace in which we are leads to its root (setns); then back into the
 * chroot. */
static void
make_mounts_private (void)
{
  if (mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0)
    return;
  must (errno == EINVAL, "private mounts");
  int root = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  int own = open ("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  must (root >= 0 && own >= 0, "/proc/self/ns/mnt");
  must (setns (own, CLONE_NEWNS) == 0, "setns (CLONE_NEWNS)");
  must (mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
  must (fchdir (root) == 0 && chroot (".") == 0, "chroot");
  close (root);
  close (own);
}

void
ps_netns_isolate (void)
{
  must (unshare (CLONE_NEWNS) == 0, "unshare (CLONE_NEWNS)");
  make_mounts_private ();
  must (mount ("tmpfs", "/run", "tmpfs", 0, "mode=0755") == 0, "tmpfs over /run");
  must (g_mkdir_with_parents (PS_NETNS_DIR, 0755) == 0, PS_NETNS_DIR);
  replace_dev ();
  must (g_setenv ("TMPDIR", PS_NETNS_DIR, TRUE), "TMPDIR");
}

static void
bring_lo_up (void)
{
  struct ifreq request = {.ifr_name = "lo"};
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  must (fd >= 0, "socket");
  must (ioctl (fd, SIOCGIFFLAGS, &request) == 0, "flags of lo");
  request.ifr_flags |= IFF_UP;
  must (ioctl (fd, SIOCSIFFLAGS, &request) == 0, "lo up");
  close (fd);
}

void
ps_netns_enter_new (void)
{
  must (unshare (CLONE_NEWNET) == 0, "unshare (CLONE_NEWNET)");
  bring_lo_up ();
}

void
ps_netns_disable_ipv6 (void)
{
  int fd = open ("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT)
    return; /* A kernel without IPv6. */
  must (fd >= 0 && write (fd, "1", 1) == 1, "disable_ipv6");
  close (fd);
}

int
ps_netns_open_own (void)
{
  int fd = open ("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  must (fd >= 0, "/proc/thread-self/ns/net");
  return fd;
}

void
ps_netns_enter (int fd)
{
  must (setns (fd, CLONE_NEWNET) == 0, "setns");
}

int
ps_netns_open_other (void)
{
  int own = ps_netns_open_own ();
  ps_netns_enter_new ();
  int other = ps_netns_open_own ();
  ps_netns_enter (own);
  close (own);
  return other;
}

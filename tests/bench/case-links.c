/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/cases.h"
#include "tests/bench/limit-links.h"
#include "tests/bench/process.h"
#include "tests/bench/table.h"
#include "tests/bench/world.h"
#include "tests/support/netns.h"
#include "tests/support/wait.h"
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_COLD      4096
#define PATIENT_US  (60 * G_USEC_PER_SEC)
#define BASE_BYTES  (6 * 1024 * 1024)
#define PORT_BYTES  512
#define SETTLE_MS   5000
#define UPSTREAM_MS 11700 /* cold restart beside 4,096 netdevs (docs/predecessor.md 2.4) */

typedef struct {
  pid_t pid;
  guint64 at_most_bytes;
} Memory;

static gboolean
has_settled (gpointer user_data)
{
  const Memory *memory = user_data;
  return ps_process_memory (memory->pid, "VmRSS") <= memory->at_most_bytes;
}

/* What the boot needed goes back to the system a second after it. */
static void
measure_memory (PsWorld *world, guint n)
{
  PsSamples all = {0}, own = {0};
  ps_world_set_ports (world, n);
  ps_world_set_links (world, n);
  ps_world_boot_daemon (world);
  pid_t pid = ps_daemon_pid (world->daemon);
  Memory memory = {pid, BASE_BYTES + (guint64)n * PORT_BYTES};
  ps_wait_until (has_settled, &memory, SETTLE_MS);
  ps_samples_add (&all, (double)ps_process_memory (pid, "VmRSS") / 1024);
  ps_samples_add (&own, (double)ps_process_memory (pid, "RssAnon") / 1024);
  ps_world_stop_daemon (world);
  double at = (double)memory.at_most_bytes / 1024;
  g_autofree char *name = g_strdup_printf ("resident memory, %u ports", n);
  ps_table_row (&(PsFigure){name, "KiB", &all, NULL, PS_BAR_AT_MOST, at, PS_BAR_AT_MOST, at, NULL});
  ps_table_row (
      &(PsFigure){"  of it anonymous", "KiB", &own, NULL, PS_BAR_NONE, 0, PS_BAR_NONE, 0, NULL});
}

/* Notes the ports that messages, as they come, say are down. */
static void
note_down (int fd, GHashTable *down)
{
  static _Alignas(NLMSG_ALIGNTO) char buffer[LIMIT_BUFFER_BYTES];
  gssize size = recv (fd, buffer, sizeof buffer, MSG_DONTWAIT);
  if (size < 0 && errno != EAGAIN)
    g_error ("the link listener: %s", g_strerror (errno));
  guint left = size > 0 ? (guint)size : 0;
  for (struct nlmsghdr *h = (gpointer)buffer; NLMSG_OK (h, left); h = NLMSG_NEXT (h, left)) {
    LimitLink link;
    if (limit_links_walk (h, &link) && !(link.flags & IFF_UP))
      g_hash_table_add (down, GINT_TO_POINTER (link.ifindex));
  }
}

static double
ms_until_down (int fd, guint n, gint64 start_us)
{
  g_autoptr (GHashTable) down = g_hash_table_new (NULL, NULL);
  while (g_hash_table_size (down) < n) {
    struct pollfd poll_fd = {fd, POLLIN, 0};
    if (ps_now_us () - start_us > PATIENT_US)
      g_error ("%u of %u links are down", g_hash_table_size (down), n);
    if (poll (&poll_fd, 1, 1000) == 1)
      note_down (fd, down);
  }
  return (double)(ps_now_us () - start_us) / 1000;
}

static double
take_down (PsWorld *world, gboolean is_daemon)
{
  const char *const args[] = {"down", NULL};
  pid_t pid = 0;
  for (guint i = 0; i < world->n_links; i++)
    ps_netdevs_set_up (world->netdevs, ps_port_name (i).text, TRUE);
  ps_netdevs_commit (world->netdevs);
  ps_world_forget (world);
  int fd = limit_links_open (TRUE);
  gint64 start_us = ps_now_us ();
  if (is_daemon)
    ps_world_exec_daemon (world);
  else
    pid = ps_world_exec_limit (world, args, NULL);
  double ms = ms_until_down (fd, world->n_links, start_us);
  close (fd);
  if (is_daemon)
    ps_daemon_kill (world->daemon);
  else
    ps_world_collect (pid);
  return ms;
}

static void
measure_cold_restart (PsWorld *world)
{
  PsSamples ours = {0}, bare = {0};
  ps_daemon_set (world->daemon, "netlink", "old_interfaces", NULL);
  for (guint i = 0; i < world->n_reps; i++) {
    ps_samples_add (&ours, take_down (world, TRUE));
    ps_samples_add (&bare, take_down (world, FALSE));
  }
  g_autofree char *name =
      g_strdup_printf ("cold restart beside %u netdevs: all down", world->n_links);
  ps_table_row (&(PsFigure){name, "ms", &ours, &bare, PS_BAR_RATIO, 1.25, PS_BAR_RATIO, 2.5, NULL});
  ps_table_row (&(PsFigure){"  below upstream's", "ms", &ours, NULL,
                            world->n_links == N_COLD ? PS_BAR_AT_MOST : PS_BAR_NONE, UPSTREAM_MS,
                            PS_BAR_NONE, 0, NULL});
}

void
ps_case_links (const PsBenchOptions *options)
{
  PsWorld *world = ps_world_new (options->quick, options->n_reps);
  /* Of the seconds that the kernel would need to take 4,096 links down, IPv6 would be nearly all.
   */
  ps_netns_disable_ipv6 ();
  measure_memory (world, 32);
  measure_memory (world, 512);
  if (!options->quick)
    measure_memory (world, N_COLD);
  measure_cold_restart (world);
  if (!options->quick)
    measure_memory (world, 20000);
  ps_world_free (world);
}

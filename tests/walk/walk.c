/* SPDX-License-Identifier: Apache-2.0 */
/* Prints which functions of the product a change of one link calls, until its row is acknowledged.
 * The product is compiled with -finstrument-functions here: each of its functions tells when it
 * begins and ends. A line is "depth address"; the depth counts only functions of the product, and
 * an address is that in the file. test-walk compares with docs/architecture.md. */
#include "sim/world/world.h"
#include <dlfcn.h>

#define CALLS_MAX 100000
/* Between two of the daemon's looks, which come each second. */
#define BOOT_US (10 * G_USEC_PER_SEC + 300 * G_TIME_SPAN_MILLISECOND)
/* Long enough for the answer of Redis. */
#define WALK_US (5 * G_TIME_SPAN_MILLISECOND)

void __cyg_profile_func_enter (void *function, void *caller);
void __cyg_profile_func_exit (void *function, void *caller);

static struct {
  guint depth;
  void *function;
} calls[CALLS_MAX];
static guint n_calls, depth;
static gboolean recording;

void
__cyg_profile_func_enter (void *function, void *caller)
{
  if (recording) {
    g_assert_cmpuint (n_calls, <, CALLS_MAX);
    calls[n_calls].depth = depth;
    calls[n_calls++].function = function;
  }
  depth++;
}

void
__cyg_profile_func_exit (void *function, void *caller)
{
  depth--;
}

int
main (void)
{
  PsSimWorldOptions options = {.seed = 1};
  g_autoptr (PsSimWorld) world = ps_sim_world_new (&options);
  PsSimKernel *kernel = ps_sim_world_kernel (world);
  ps_sim_world_configure_ports (world, 1);
  g_assert_true (ps_sim_world_start_daemon (world));
  ps_sim_orchagent_start (ps_sim_world_orchagent (world), FALSE);
  ps_sim_world_run_for (world, BOOT_US);
  g_assert_true (ps_engine_status (ps_sim_world_engine (world)).init_done);

  recording = TRUE;
  guint32 ifindex = ps_sim_kernel_find (kernel, "Ethernet0")->ifindex;
  g_assert_true (ps_sim_kernel_set_mtu (kernel, ifindex, 1400));
  ps_sim_world_run_for (world, WALK_US);
  recording = FALSE;

  Dl_info self;
  g_assert_true (dladdr ((void *)__cyg_profile_func_enter, &self) != 0);
  for (guint i = 0; i < n_calls; i++)
    g_print ("%u %#tx\n", calls[i].depth, (char *)calls[i].function - (char *)self.dli_fbase);
  return 0;
}

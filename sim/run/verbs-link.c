/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the kernel: what happens to links, and what goes wrong on netlink. */
#include "sim/run/verb.h"
#include <errno.h>

#define COUNT(name_, what_, min_, max_)                                                            \
  {                                                                                                \
    .name = name_, .type = PS_PARAM_COUNT, .what = what_, .min = min_, .max = max_                 \
  }
#define FLAG(name_, what_)                                                                         \
  {                                                                                                \
    .name = name_, .type = PS_PARAM_FLAG, .what = what_                                            \
  }

#define MTU_MAX 65535

static const char *const error_words[] = {"EBUSY",  "EPERM",  "EINTR",  "EAGAIN",
                                          "ENOMEM", "EINVAL", "ENODEV", NULL};
static const int error_numbers[] = {EBUSY, EPERM, EINTR, EAGAIN, ENOMEM, EINVAL, ENODEV};
static const char *const link_kinds[] = {"physical", "veth", "team", "bridge", "dummy", NULL};

typedef gboolean (*LinkFn) (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call);

/* Of the links that exist; TRUE if the kernel counts a change. */
static gboolean
for_each_link (const PsVerbCall *call, LinkFn fn)
{
  PsSimKernel *kernel = ps_sim_world_kernel (call->world);
  guint64 before = ps_sim_kernel_n_events (kernel);
  for (guint i = 0; i < call->n_links; i++) {
    const PsSimLink *link = ps_sim_kernel_find (kernel, call->links[i]);
    if (link != NULL)
      fn (kernel, link->ifindex, call);
  }
  return ps_sim_kernel_n_events (kernel) != before;
}

#define EACH_LINK(apply, fn)                                                                       \
  static gboolean apply (const PsVerbCall *call)                                                   \
  {                                                                                                \
    return for_each_link (call, fn);                                                               \
  }

static gboolean
apply_add (const PsVerbCall *call)
{
  PsSimKernel *kernel = ps_sim_world_kernel (call->world);
  const char *kind = call->values[0] == 0 ? NULL : link_kinds[call->values[0]];
  gboolean changed = FALSE;
  for (guint i = 0; i < call->n_links; i++)
    changed |= ps_sim_kernel_add (kernel, call->links[i], 0, kind) != 0;
  return changed;
}

static gboolean
pad_link (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  return ps_sim_kernel_pad (kernel, ifindex, (guint16)call->values[0]);
}

EACH_LINK (apply_pad, pad_link)

static gboolean
remove_link (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  return ps_sim_kernel_remove (kernel, ifindex);
}

EACH_LINK (apply_remove, remove_link)

static gboolean
move_link_away (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  return ps_sim_kernel_move_away (kernel, ifindex);
}

EACH_LINK (apply_move_away, move_link_away)

static gboolean
replace_link (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  PsSimLink was = *ps_sim_kernel_find_ifindex (kernel, ifindex);
  guint32 again = call->values[0] ? ifindex : 0;
  return ps_sim_kernel_remove (kernel, ifindex) &&
         ps_sim_kernel_add (kernel, was.name, again, was.kind) != 0;
}

EACH_LINK (apply_replace, replace_link)

static gboolean
set_link_admin (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  return ps_sim_kernel_set_admin (kernel, ifindex, call->values[0] != 0);
}

EACH_LINK (apply_admin, set_link_admin)

static gboolean
set_link_carrier (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  return ps_sim_kernel_set_carrier (kernel, ifindex, call->values[0] != 0);
}

EACH_LINK (apply_carrier, set_link_carrier)

static gboolean
lose_carrier (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  return ps_sim_kernel_set_carrier (kernel, ifindex, FALSE);
}

static gboolean
gain_carrier (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  return ps_sim_kernel_set_carrier (kernel, ifindex, TRUE);
}

EACH_LINK (apply_flap, lose_carrier)

static void
heal_flap (const PsVerbCall *call)
{
  for_each_link (call, gain_carrier);
}

static gboolean
flap_link (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  for (gint64 i = 0; i < call->values[0]; i++) {
    lose_carrier (kernel, ifindex, call);
    gain_carrier (kernel, ifindex, call);
  }
  return TRUE;
}

EACH_LINK (apply_burst, flap_link)

static gboolean
set_link_mtu (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  return ps_sim_kernel_set_mtu (kernel, ifindex, (guint32)call->values[0]);
}

EACH_LINK (apply_mtu, set_link_mtu)

static gboolean
apply_rename (const PsVerbCall *call)
{
  PsSimKernel *kernel = ps_sim_world_kernel (call->world);
  const PsSimLink *link = ps_sim_kernel_find (kernel, call->links[0]);
  return link != NULL && ps_sim_kernel_rename (kernel, link->ifindex, call->texts[0]);
}

/* A to a name of its own, B to A, A to B: what an administrator has to do. */
static gboolean
apply_swap (const PsVerbCall *call)
{
  PsSimKernel *kernel = ps_sim_world_kernel (call->world);
  const PsSimLink *one = ps_sim_kernel_find (kernel, call->links[0]);
  const PsSimLink *other = ps_sim_kernel_find (kernel, call->links[1]);
  if (one == NULL || other == NULL)
    return FALSE;
  guint32 first = one->ifindex, second = other->ifindex;
  return ps_sim_kernel_rename (kernel, first, "swapping") &&
         ps_sim_kernel_rename (kernel, second, call->links[0]) &&
         ps_sim_kernel_rename (kernel, first, call->links[1]);
}

static gboolean
enslave_link (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  const PsSimLink *master = ps_sim_kernel_find (kernel, call->texts[0]);
  return ps_sim_kernel_set_master (kernel, ifindex, master != NULL ? master->ifindex : 0);
}

static gboolean
free_link (PsSimKernel *kernel, guint32 ifindex, const PsVerbCall *call)
{
  return ps_sim_kernel_set_master (kernel, ifindex, 0);
}

EACH_LINK (apply_enslave, enslave_link)

static void
heal_enslave (const PsVerbCall *call)
{
  for_each_link (call, free_link);
}

/* --- faults of netlink ---------------------------------------------------------------------- */

#define MET(fault)                                                                                 \
  static guint64 met_##fault (const PsVerbCall *call)                                              \
  {                                                                                                \
    return ps_sim_kernel_counters (ps_sim_world_kernel (call->world))->fault;                      \
  }
MET (interrupted)
MET (failed)
MET (held)
MET (truncated)
MET (silent)
MET (duplicated)
MET (refused)
MET (closed)

static gboolean
apply_interrupt_dumps (const PsVerbCall *call)
{
  ps_sim_kernel_interrupt_dumps (ps_sim_world_kernel (call->world), (guint)call->values[0]);
  return TRUE;
}

static gboolean
apply_fail_dumps (const PsVerbCall *call)
{
  ps_sim_kernel_fail_dumps (ps_sim_world_kernel (call->world), (guint)call->values[0],
                            error_numbers[call->values[1]]);
  return TRUE;
}

static gboolean
apply_hold_dumps (const PsVerbCall *call)
{
  ps_sim_kernel_hold_dump (ps_sim_world_kernel (call->world), TRUE);
  return TRUE;
}

static void
heal_hold_dumps (const PsVerbCall *call)
{
  ps_sim_kernel_hold_dump (ps_sim_world_kernel (call->world), FALSE);
}

static gboolean
apply_truncate (const PsVerbCall *call)
{
  ps_sim_kernel_truncate_next (ps_sim_world_kernel (call->world));
  return TRUE;
}

static gboolean
apply_drop (const PsVerbCall *call)
{
  ps_sim_kernel_drop_silently (ps_sim_world_kernel (call->world), (guint)call->values[0]);
  return TRUE;
}

static gboolean
apply_duplicate (const PsVerbCall *call)
{
  ps_sim_kernel_duplicate (ps_sim_world_kernel (call->world), (guint)call->values[0]);
  return TRUE;
}

static gboolean
apply_refuse_admin (const PsVerbCall *call)
{
  ps_sim_kernel_refuse_admin (ps_sim_world_kernel (call->world), error_numbers[call->values[0]]);
  return TRUE;
}

static void
heal_refuse_admin (const PsVerbCall *call)
{
  ps_sim_kernel_refuse_admin (ps_sim_world_kernel (call->world), 0);
}

static gboolean
apply_close (const PsVerbCall *call)
{
  ps_sim_kernel_close_sockets (ps_sim_world_kernel (call->world), EBADF);
  return TRUE;
}

static guint64
met_overrun (const PsVerbCall *call)
{
  return ps_sim_kernel_counters (ps_sim_world_kernel (call->world))->overruns;
}

#define ANY 1, G_MAXUINT
const PsVerb ps_verbs_link[] = {
    {"link.add",
     "A device comes into being, down and without carrier.",
     ANY,
     FALSE,
     FALSE,
     {{.name = "kind",
       .type = PS_PARAM_WORD,
       .what = "as IFLA_INFO_KIND has it; physical: none",
       .optional = TRUE,
       .fallback = 1,
       .words = link_kinds}},
     apply_add,
     NULL,
     NULL},
    {"link.pad",
     "The messages about it carry more that no program reads, as with hundreds of alternative "
     "names.",
     ANY,
     FALSE,
     FALSE,
     {COUNT ("bytes", "how much more", 0, PS_SIM_KERNEL_PADDING_MAX)},
     apply_pad,
     NULL,
     NULL},
    {"link.remove", "The device is gone.", ANY, FALSE, FALSE, {{0}}, apply_remove, NULL, NULL},
    {"link.move_away",
     "The device goes to another network namespace.",
     ANY,
     FALSE,
     FALSE,
     {{0}},
     apply_move_away,
     NULL,
     NULL},
    {"link.replace",
     "The device is removed and made again at once.",
     ANY,
     FALSE,
     FALSE,
     {FLAG ("same_ifindex", "the new one has the ifindex of the old one")},
     apply_replace,
     NULL,
     NULL},
    {"link.admin",
     "IFF_UP.",
     ANY,
     FALSE,
     FALSE,
     {FLAG ("up", "up or down")},
     apply_admin,
     NULL,
     NULL},
    {"link.carrier",
     "The cable.",
     ANY,
     FALSE,
     FALSE,
     {FLAG ("on", "with carrier or without")},
     apply_carrier,
     NULL,
     NULL},
    {"link.flap",
     "The carrier is lost, and comes back after \"for\".",
     ANY,
     TRUE,
     FALSE,
     {{0}},
     apply_flap,
     heal_flap,
     NULL},
    {"link.burst",
     "The carrier is lost and comes back so often at one instant.",
     ANY,
     FALSE,
     FALSE,
     {COUNT ("losses", "of each link", 1, 100000)},
     apply_burst,
     NULL,
     NULL},
    {"link.mtu",
     "The MTU.",
     ANY,
     FALSE,
     FALSE,
     {COUNT ("mtu", "bytes", 68, MTU_MAX)},
     apply_mtu,
     NULL,
     NULL},
    {"link.rename",
     "The device gets another name.",
     1,
     1,
     FALSE,
     FALSE,
     {{.name = "to", .type = PS_PARAM_TEXT, .what = "the new name"}},
     apply_rename,
     NULL,
     NULL},
    {"link.swap",
     "Two devices exchange their names by way of a third.",
     2,
     2,
     FALSE,
     FALSE,
     {{0}},
     apply_swap,
     NULL,
     NULL},
    {"link.enslave",
     "The devices become members of a master, until after \"for\".",
     ANY,
     FALSE,
     FALSE,
     {{.name = "master", .type = PS_PARAM_TEXT, .what = "name of a bridge or team"}},
     apply_enslave,
     heal_enslave,
     NULL},
    {"link.overrun",
     "So many losses of carrier at one instant that the receive buffer must be "
     "full.",
     ANY,
     FALSE,
     TRUE,
     {COUNT ("losses", "of each link", 1, 100000)},
     apply_burst,
     NULL,
     met_overrun},
    {"netlink.interrupt_dumps",
     "Dumps carry NLM_F_DUMP_INTR.",
     0,
     0,
     FALSE,
     TRUE,
     {COUNT ("count", "the next so many", 1, 1000)},
     apply_interrupt_dumps,
     NULL,
     met_interrupted},
    {"netlink.fail_dumps",
     "Dumps fail.",
     0,
     0,
     FALSE,
     TRUE,
     {COUNT ("count", "the next so many", 1, 1000),
      {.name = "error", .type = PS_PARAM_WORD, .what = "errno", .words = error_words}},
     apply_fail_dumps,
     NULL,
     met_failed},
    {"netlink.hold_dumps",
     "Dumps stand still.",
     0,
     0,
     TRUE,
     TRUE,
     {{0}},
     apply_hold_dumps,
     heal_hold_dumps,
     met_held},
    {"netlink.truncate",
     "The next message does not fit the reader's buffer.",
     0,
     0,
     FALSE,
     TRUE,
     {{0}},
     apply_truncate,
     NULL,
     met_truncated},
    {"netlink.drop",
     "Messages are lost, and nothing says so: only an audit mends it.",
     0,
     0,
     FALSE,
     TRUE,
     {COUNT ("count", "the next so many", 1, 100000)},
     apply_drop,
     NULL,
     met_silent},
    {"netlink.duplicate",
     "Messages come twice.",
     0,
     0,
     FALSE,
     TRUE,
     {COUNT ("count", "the next so many", 1, 100000)},
     apply_duplicate,
     NULL,
     met_duplicated},
    {"netlink.refuse_admin",
     "RTM_SETLINK is refused.",
     0,
     0,
     TRUE,
     TRUE,
     {{.name = "error", .type = PS_PARAM_WORD, .what = "errno", .words = error_words}},
     apply_refuse_admin,
     heal_refuse_admin,
     met_refused},
    {"netlink.close",
     "Every netlink socket dies.",
     0,
     0,
     FALSE,
     TRUE,
     {{0}},
     apply_close,
     NULL,
     met_closed},
    {0},
};

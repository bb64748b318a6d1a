/* SPDX-License-Identifier: Apache-2.0 */
/* Makes and changes netdevs over rtnetlink, thousands in a batch, every answer checked. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsNetdevs PsNetdevs;

/* Values of IFLA_OPERSTATE that user space may set (kernel, if.h). */
#define PS_OPER_DORMANT 5
#define PS_OPER_UP      6

/* Works on the network namespace in which it was made. One thread at a time. */
PsNetdevs *ps_netdevs_new (void);
void ps_netdevs_free (PsNetdevs *self);

/* Each of these queues one request; commit sends them in order. A link is named by its name at
 * the time at which the kernel reads the request. ifindex 0: the kernel chooses. */
void ps_netdevs_add_veth (PsNetdevs *self, const char *name, const char *peer, int ifindex);
void ps_netdevs_add (PsNetdevs *self, const char *name, const char *kind, int ifindex);
void ps_netdevs_delete (PsNetdevs *self, const char *name);
void ps_netdevs_set_up (PsNetdevs *self, const char *name, gboolean up);
void ps_netdevs_set_mtu (PsNetdevs *self, const char *name, guint mtu);
void ps_netdevs_set_alias (PsNetdevs *self, const char *name, const char *alias);
void ps_netdevs_set_operstate (PsNetdevs *self, const char *name, guint8 operstate);
void ps_netdevs_move (PsNetdevs *self, const char *name, int netns_fd);

/* Asks for one link. The kernel first ends what its link watch has put off for it, and so sends its
 * last event. */
void ps_netdevs_look (PsNetdevs *self, int ifindex);

/* These look up ifindexes first and so commit what is queued. master NULL: release. */
void ps_netdevs_rename (PsNetdevs *self, const char *name, const char *new_name);
void ps_netdevs_set_master (PsNetdevs *self, const char *name, const char *master);

/* Sends what is queued and reads every answer. Ends the process if one is an error. */
void ps_netdevs_commit (PsNetdevs *self);

/* The same, but returns how many requests the kernel refused (a link that is gone, say). */
guint ps_netdevs_commit_any (PsNetdevs *self);

/* A tap device of this name: its carrier follows ps_tap_set_carrier, and unlike veth's its going
 * down is held back by the kernel's link watch for up to a second. Closing the descriptor deletes
 * it. */
int ps_tap_new (const char *name);
void ps_tap_set_carrier (int fd, gboolean on);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsNetdevs, ps_netdevs_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* The carrier counters of a link as sysfs has them: another way to the kernel than rtnetlink. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct {
  guint32 ifindex, changes, ups, downs; /* ifindex, carrier_changes, carrier_up_count, ..._down_ */
} PsSysfsCarriers;

/* class_net is "/sys/class/net", or where another sysfs is mounted. FALSE, and out as it was, if a
 * file cannot be read or is no decimal number of 32 bits with a line feed; the error (of
 * G_FILE_ERROR) names it. */
gboolean ps_sysfs_carriers_read (const char *class_net, const char *name, PsSysfsCarriers *out,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "IFINDEX CHANGES UPS DOWNS", as ps_daemon_carriers says it. Free with g_free. */
char *ps_sysfs_carriers_text (const PsSysfsCarriers *self);
G_END_DECLS

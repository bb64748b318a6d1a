/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc says of a process. One that is gone ends the caller with a message. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

guint ps_proc_rss_kb (int pid);
guint ps_proc_n_descriptors (int pid);

/* Whether it has blocked this signal, as one that reads it from a descriptor has. */
gboolean ps_proc_blocks (int pid, int signal_number);
G_END_DECLS

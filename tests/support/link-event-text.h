/* SPDX-License-Identifier: Apache-2.0 */
/* Link events compared and in words, for tests. */
#pragma once
#include "core/link-event.h"
G_BEGIN_DECLS

/* TRUE when every field that the type uses is equal; received_us is not compared. */
gboolean ps_link_event_equal (const PsLinkEvent *a, const PsLinkEvent *b);

/* One line; names are escaped. Free with g_free. */
char *ps_link_event_to_string (const PsLinkEvent *event);
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* What the log has been told, so that it hears of what lasts once a minute, and of what is the same
 * once. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_TOLD_EVERY_US (60 * G_USEC_PER_SEC)

/* All zero: never told. */
typedef struct {
  gboolean ever;
  gint64 at_us;
} PsTold;

/* Never told, or PS_TOLD_EVERY_US ago. */
gboolean ps_told_is_due (const PsTold *self, gint64 now_us);

/* TRUE: it is due, and counts as told now. */
gboolean ps_told_take (PsTold *self, gint64 now_us);

/* TRUE: text is another than *told (owned, nullable), which it then is. */
gboolean ps_told_is_news (char **told, const char *text);
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a condition with a bound: what integration tests do instead of sleeping. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* How long a test waits for something that takes milliseconds when all is well. Generous, because
 * it only costs time when the test is about to fail. */
#define PS_WAIT_MS 20000

typedef gboolean (*PsCondition) (gpointer user_data);

/* Asks until condition holds or timeout_ms have passed; says whether it held. The interval grows
 * from 1 ms to 20 ms. */
gboolean ps_wait_until (PsCondition condition, gpointer user_data, guint timeout_ms);
G_END_DECLS

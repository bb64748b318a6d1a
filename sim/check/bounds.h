/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon may do at most. */
#pragma once

#define PS_CONNECTS_PER_SECOND 10 /* of one connection */
#define PS_DUMPS_PER_SECOND    25
#define PS_STEPS_AT_ONCE       1000000 /* timers at one instant */

/* What the daemon does in a second in which nothing happens, and more for each change and port. */
#define PS_COMMANDS_PER_SECOND 32
#define PS_COMMANDS_PER_CHANGE 4
#define PS_COMMANDS_PER_PORT   14
#define PS_EXISTS_PER_SECOND   16
#define PS_EXISTS_PER_PORT     10 /* a device waits for its live row: asked for each 100 ms */
#define PS_RETRIES_PER_SECOND  16 /* what Redis refuses is tried again, 100 ms later at first */
#define PS_LINES_PER_SECOND    8
#define PS_RECORDS_PER_SECOND  2
#define PS_RECORDS_PER_CHANGE  2

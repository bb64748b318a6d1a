/* SPDX-License-Identifier: Apache-2.0 */
/* The bare program that the daemon is compared with: the same work and nothing around it. None of
 * the product's code, no library but libc. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Link messages to HSET, for ever. Says "r" on standard output once it listens. log_path: a
 * datagram socket that is sent a line for each row written, as the daemon does; NULL: none. */
void limit_mirror (const char *redis_path, const char *log_path);

/* CONFIG_DB PORT to the producer table of APPL_DB. */
void limit_boot (const char *redis_path);

/* Lists the links, reads all port rows of STATE_DB, and sets the warm restart's state to
 * reconciled: the daemon's warm start if nothing differs. */
void limit_warm (const char *redis_path);

/* Lists the links and takes every port's down. */
void limit_down (void);

/* What limit_mirror does with one message that is not about a new value: walk, store, mark.
 * Returns how many ports are marked. */
size_t limit_absorb (const void *message);

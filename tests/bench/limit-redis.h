/* SPDX-License-Identifier: Apache-2.0 */
/* RESP by hand over one unix socket. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

typedef struct {
  int fd;
  char *in; /* bytes read; in[start..end) is not consumed */
  size_t in_size, start, end;
  char *out; /* bytes to write */
  size_t out_size, n_out;
} LimitRedis;

/* Connects and selects the database. */
void limit_redis_open (LimitRedis *self, const char *path, int db);

/* Appends to the output: text as it is, an array's head, a bulk string. */
void limit_redis_raw (LimitRedis *self, const void *bytes, size_t size);
void limit_redis_array (LimitRedis *self, size_t n);
void limit_redis_bulk (LimitRedis *self, const char *text, size_t size);

/* Writes all of the output. */
void limit_redis_send (LimitRedis *self);

/* Reads once what is there and counts the integer replies in it. An error reply ends the process.
 */
size_t limit_redis_count_integers (LimitRedis *self);

/* Blocking readers of one element. bulk and line are valid until the next read. */
long limit_redis_read_array (LimitRedis *self);
char *limit_redis_read_bulk (LimitRedis *self, size_t *out_size);
char *limit_redis_read_line (LimitRedis *self);

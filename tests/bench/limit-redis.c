/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/limit-redis.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_BYTES (256 * 1024)

static void
must (bool ok, const char *what)
{
  if (ok)
    return;
  fprintf (stderr, "limit: redis: %s: %s\n", what, strerror (errno));
  exit (1);
}

static void
reserve (char **bytes, size_t *size, size_t needed)
{
  if (needed <= *size)
    return;
  *size = needed * 2 > FIRST_BYTES ? needed * 2 : FIRST_BYTES;
  *bytes = realloc (*bytes, *size);
  must (*bytes != NULL, "memory");
}

void
limit_redis_raw (LimitRedis *self, const void *bytes, size_t size)
{
  reserve (&self->out, &self->out_size, self->n_out + size);
  memcpy (self->out + self->n_out, bytes, size);
  self->n_out += size;
}

static void
head (LimitRedis *self, char type, size_t n)
{
  char text[24];
  size_t at = sizeof text;
  text[--at] = '\n';
  text[--at] = '\r';
  do
    text[--at] = (char)('0' + n % 10);
  while ((n /= 10) > 0);
  text[--at] = type;
  limit_redis_raw (self, text + at, sizeof text - at);
}

void
limit_redis_array (LimitRedis *self, size_t n)
{
  head (self, '*', n);
}

void
limit_redis_bulk (LimitRedis *self, const char *text, size_t size)
{
  head (self, '$', size);
  limit_redis_raw (self, text, size);
  limit_redis_raw (self, "\r\n", 2);
}

void
limit_redis_send (LimitRedis *self)
{
  for (size_t at = 0; at < self->n_out;) {
    ssize_t n = send (self->fd, self->out + at, self->n_out - at, MSG_NOSIGNAL);
    must (n > 0, "send");
    at += (size_t)n;
  }
  self->n_out = 0;
}

static void
read_more (LimitRedis *self)
{
  if (self->start > 0) {
    memmove (self->in, self->in + self->start, self->end - self->start);
    self->end -= self->start;
    self->start = 0;
  }
  reserve (&self->in, &self->in_size, self->end + FIRST_BYTES / 2);
  ssize_t n = recv (self->fd, self->in + self->end, self->in_size - self->end, 0);
  must (n > 0, "connection lost");
  self->end += (size_t)n;
}

size_t
limit_redis_count_integers (LimitRedis *self)
{
  size_t n = 0;
  read_more (self);
  char *at = self->in, *end = self->in + self->end, *next;
  while (at < end && (next = memchr (at, '\n', (size_t)(end - at))) != NULL) {
    must (*at == ':', "an error reply");
    n++;
    at = next + 1;
  }
  self->start = (size_t)(at - self->in);
  return n;
}

char *
limit_redis_read_line (LimitRedis *self)
{
  char *end = NULL;
  while (self->end == self->start ||
         (end = memchr (self->in + self->start, '\n', self->end - self->start)) == NULL)
    read_more (self);
  char *line = self->in + self->start;
  must (*line != '-', "an error reply");
  end[-1] = '\0';
  self->start = (size_t)(end + 1 - self->in);
  return line;
}

long
limit_redis_read_array (LimitRedis *self)
{
  char *line = limit_redis_read_line (self);
  must (*line == '*', "not an array");
  return strtol (line + 1, NULL, 10);
}

char *
limit_redis_read_bulk (LimitRedis *self, size_t *out_size)
{
  char *line = limit_redis_read_line (self);
  must (*line == '$', "not a bulk string");
  size_t size = strtoul (line + 1, NULL, 10);
  while (self->end - self->start < size + 2)
    read_more (self);
  char *text = self->in + self->start;
  self->start += size + 2;
  *out_size = size;
  return text;
}

void
limit_redis_open (LimitRedis *self, const char *path, int db)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char select[64];
  memset (self, 0, sizeof *self);
  must (strlen (path) < sizeof address.sun_path, "path");
  memcpy (address.sun_path, path, strlen (path));
  self->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must (connect (self->fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
  int n = snprintf (select, sizeof select, "*2\r\n$6\r\nSELECT\r\n$1\r\n%d\r\n", db);
  limit_redis_raw (self, select, (size_t)n);
  limit_redis_send (self);
  limit_redis_read_line (self);
}

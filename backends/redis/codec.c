/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/codec.h"
#include "base/decimal.h"
#include <hiredis/hiredis.h>
#include <string.h>

#define NOT_RESP2 "a type of reply that RESP2 does not have"

#define WRITER_KEPT_BYTES (1024 * 1024) /* A larger buffer is given back when it is empty. */
#define READER_KEPT_BYTES (128 * 1024)
#define BLOCK_BYTES       (64 * 1024)

struct _PsRespWriter {
  guint8 *bytes; /* owned */
  gsize capacity, length, sent;
};

PsRespWriter *
ps_resp_writer_new (void)
{
  return g_new0 (PsRespWriter, 1);
}

void
ps_resp_writer_free (PsRespWriter *self)
{
  if (self == NULL)
    return;
  g_free (self->bytes);
  g_free (self);
}

/* Room for n bytes more. What was sent is dropped only when that makes the room, so that a byte is
 * moved at most once for each time the buffer fills. */
static guint8 *
reserve (PsRespWriter *self, gsize n)
{
  if (self->capacity - self->length < n && self->sent >= self->length / 2 && self->sent > 0) {
    memmove (self->bytes, self->bytes + self->sent, self->length - self->sent);
    self->length -= self->sent;
    self->sent = 0;
  }
  if (self->capacity - self->length < n) {
    self->capacity = MAX (self->capacity * 2, self->length + n + 512);
    self->bytes = g_realloc (self->bytes, self->capacity);
  }
  return self->bytes + self->length;
}

static guint8 *
put_header (guint8 *at, char type, guint64 value)
{
  *at++ = (guint8)type;
  at += ps_decimal_write ((char *)at, value);
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

static guint8 *
put_text (guint8 *at, PsText text)
{
  if (text.size > 0)
    memcpy (at, text.data, text.size);
  return at + text.size;
}

void
ps_resp_begin (PsRespWriter *self, gsize n_words)
{
  guint8 *at = reserve (self, PS_DECIMAL_DIGITS + 3);
  self->length = (gsize)(put_header (at, '*', n_words) - self->bytes);
}

void
ps_resp_word_joined (PsRespWriter *self, PsText prefix, PsText text, PsText suffix)
{
  gsize size = prefix.size + text.size + suffix.size;
  guint8 *at = put_header (reserve (self, size + PS_DECIMAL_DIGITS + 5), '$', size);
  at = put_text (put_text (put_text (at, prefix), text), suffix);
  *at++ = '\r';
  *at++ = '\n';
  self->length = (gsize)(at - self->bytes);
}

void
ps_resp_word (PsRespWriter *self, PsText word)
{
  ps_resp_word_joined (self, word, (PsText){"", 0}, (PsText){"", 0});
}

void
ps_resp_word_uint (PsRespWriter *self, guint64 value)
{
  char digits[PS_DECIMAL_DIGITS];
  ps_resp_word (self, (PsText){digits, ps_decimal_write (digits, value)});
}

void
ps_resp_format (PsRespWriter *self, const char *format, ...)
{
  char *command = NULL;
  va_list args;
  va_start (args, format);
  int n = redisvFormatCommand (&command, format, args);
  va_end (args);
  g_assert (n > 0); /* The formats are literals of this program. */
  put_text (reserve (self, (gsize)n), (PsText){command, (gsize)n});
  self->length += (gsize)n;
  redisFreeCommand (command);
}

const guint8 *
ps_resp_writer_unsent (const PsRespWriter *self, gsize *out_n)
{
  *out_n = self->length - self->sent;
  return self->bytes == NULL ? NULL : self->bytes + self->sent;
}

void
ps_resp_writer_sent (PsRespWriter *self, gsize n)
{
  g_assert (n <= self->length - self->sent);
  self->sent += n;
  if (self->sent == self->length)
    ps_resp_writer_clear (self);
}

void
ps_resp_writer_clear (PsRespWriter *self)
{
  self->length = self->sent = 0;
  if (self->capacity <= WRITER_KEPT_BYTES)
    return;
  g_clear_pointer (&self->bytes, g_free);
  self->capacity = 0;
}

/* Replies are built in blocks that are forgotten together when the next reply begins: no
 * allocation for each string. */
typedef struct {
  guint8 *bytes; /* owned */
  gsize size, used;
} PsBlock;

struct _PsRespReader {
  redisReader *reader; /* owned */
  GArray *blocks;      /* owned; of PsBlock; the first one is kept */
  PsRedisReply root;
  gsize n_elements; /* announced by the arrays of the current reply */
  gboolean delivered;
  const char *broken; /* nullable */
};

static void
clear_block (gpointer data)
{
  PsBlock *block = data;
  g_free (block->bytes);
}

static gpointer
allocate (PsRespReader *self, gsize n)
{
  n = (n + 7) & ~(gsize)7;
  PsBlock *last =
      self->blocks->len > 0 ? &g_array_index (self->blocks, PsBlock, self->blocks->len - 1) : NULL;
  if (last == NULL || last->size - last->used < n) {
    gsize size = MAX (n, BLOCK_BYTES);
    PsBlock fresh = {g_malloc (size), size, 0};
    g_array_append_val (self->blocks, fresh);
    last = &g_array_index (self->blocks, PsBlock, self->blocks->len - 1);
  }
  gpointer result = last->bytes + last->used;
  last->used += n;
  return result;
}

static void
forget_reply (PsRespReader *self)
{
  if (self->blocks->len > 1)
    g_array_set_size (self->blocks, 1);
  if (self->blocks->len > 0)
    g_array_index (self->blocks, PsBlock, 0).used = 0;
  self->n_elements = 0;
  self->delivered = FALSE;
}

/* hiredis calls the functions below for each value; NULL makes it stop with an error. */
static gpointer
refuse (PsRespReader *self, const char *why)
{
  self->broken = why;
  return NULL;
}

static PsRedisReply *
slot_of (const redisReadTask *task)
{
  PsRespReader *self = task->privdata;
  if (task->parent == NULL)
    return &self->root;
  PsRedisReply *parent = task->parent->obj;
  return (PsRedisReply *)&parent->elements[task->idx];
}

static void *
create_string (const redisReadTask *task, char *bytes, size_t size)
{
  PsRespReader *self = task->privdata;
  PsRedisReplyType type = PS_REDIS_REPLY_STRING;
  if (task->type == REDIS_REPLY_STATUS)
    type = PS_REDIS_REPLY_STATUS;
  else if (task->type == REDIS_REPLY_ERROR)
    type = PS_REDIS_REPLY_ERROR;
  else if (task->type != REDIS_REPLY_STRING)
    return refuse (self, NOT_RESP2);
  char *copy = allocate (self, size + 1);
  if (size > 0)
    memcpy (copy, bytes, size);
  copy[size] = '\0';
  PsRedisReply *slot = slot_of (task);
  *slot = (PsRedisReply){.type = type, .text = {copy, size}};
  return slot;
}

static guint
depth_of (const redisReadTask *task)
{
  guint depth = 1;
  for (; task->parent != NULL; task = task->parent)
    depth++;
  return depth;
}

/* The number of elements is what the peer claims: checked before anything is allocated for it. */
static void *
create_array_checked (const redisReadTask *task, gint64 n)
{
  PsRespReader *self = task->privdata;
  if (task->type != REDIS_REPLY_ARRAY)
    return refuse (self, NOT_RESP2);
  if (depth_of (task) > PS_RESP_DEPTH_MAX)
    return refuse (self, "arrays nested too deeply");
  if (n < 0 || (guint64)n > PS_RESP_ELEMENTS_MAX - self->n_elements)
    return refuse (self, "too many elements in one reply");
  self->n_elements += (gsize)n;
  PsRedisReply *elements = allocate (self, (gsize)n * sizeof (PsRedisReply));
  for (gint64 i = 0; i < n; i++)
    elements[i] = (PsRedisReply){.type = PS_REDIS_REPLY_NIL, .text = {"", 0}};
  PsRedisReply *slot = slot_of (task);
  *slot = (PsRedisReply){PS_REDIS_REPLY_ARRAY, 0, {"", 0}, elements, (gsize)n};
  return slot;
}

static void *
create_integer (const redisReadTask *task, long long value)
{
  PsRedisReply *slot = slot_of (task);
  *slot = (PsRedisReply){.type = PS_REDIS_REPLY_INTEGER, .integer = value, .text = {"", 0}};
  return slot;
}

static void *
create_nil (const redisReadTask *task)
{
  PsRedisReply *slot = slot_of (task);
  *slot = (PsRedisReply){.type = PS_REDIS_REPLY_NIL, .text = {"", 0}};
  return slot;
}

static void
free_nothing (void *object)
{
}

/* hiredis 1.x counts in size_t and knows the types of RESP3, which the daemon never asks for. */
#if HIREDIS_MAJOR >= 1
static void *
create_array (const redisReadTask *task, size_t n)
{
  return create_array_checked (task, n > G_MAXINT ? -1 : (gint64)n);
}

static void *
create_double (const redisReadTask *task, double value, char *bytes, size_t size)
{
  return refuse (task->privdata, NOT_RESP2);
}

static void *
create_bool (const redisReadTask *task, int value)
{
  return refuse (task->privdata, NOT_RESP2);
}
#else
static void *
create_array (const redisReadTask *task, int n)
{
  return create_array_checked (task, n);
}
#endif

static redisReplyObjectFunctions reply_functions = {
    .createString = create_string,
    .createArray = create_array,
    .createInteger = create_integer,
    .createNil = create_nil,
    .freeObject = free_nothing,
#if HIREDIS_MAJOR >= 1
    .createDouble = create_double,
    .createBool = create_bool,
#endif
};

PsRespReader *
ps_resp_reader_new (void)
{
  PsRespReader *self = g_new0 (PsRespReader, 1);
  self->reader = redisReaderCreateWithFunctions (&reply_functions);
  g_assert (self->reader != NULL);
  self->reader->privdata = self;
  self->reader->maxbuf = READER_KEPT_BYTES;
  self->blocks = g_array_new (FALSE, FALSE, sizeof (PsBlock));
  g_array_set_clear_func (self->blocks, clear_block);
  return self;
}

void
ps_resp_reader_free (PsRespReader *self)
{
  if (self == NULL)
    return;
  redisReaderFree (self->reader);
  g_array_unref (self->blocks);
  g_free (self);
}

static gsize
n_unread (const PsRespReader *self)
{
  return self->reader->len - self->reader->pos;
}

gboolean
ps_resp_reader_feed (PsRespReader *self, const guint8 *bytes, gsize n_bytes)
{
  if (self->broken == NULL && n_unread (self) + n_bytes > PS_RESP_UNREAD_MAX)
    self->broken = "a reply is too large";
  if (self->broken == NULL &&
      redisReaderFeed (self->reader, (const char *)bytes, n_bytes) != REDIS_OK)
    self->broken = self->reader->errstr;
  return self->broken == NULL;
}

/* hiredis searches a line's end anew each time: a line without one must not grow for long. */
static gboolean
line_is_endless (const PsRespReader *self)
{
  const char *unread = self->reader->buf + self->reader->pos;
  return n_unread (self) > PS_RESP_LINE_MAX && memchr (unread, '\n', PS_RESP_LINE_MAX) == NULL;
}

PsRespResult
ps_resp_reader_next (PsRespReader *self, const PsRedisReply **out_reply)
{
  if (self->delivered)
    forget_reply (self);
  void *reply = NULL;
  if (self->broken == NULL && redisReaderGetReply (self->reader, &reply) != REDIS_OK &&
      self->broken == NULL)
    self->broken = self->reader->errstr;
  if (self->broken == NULL && reply == NULL && line_is_endless (self))
    self->broken = "a line without an end";
  if (self->broken != NULL)
    return PS_RESP_BROKEN;
  if (reply == NULL)
    return PS_RESP_MORE;
  self->delivered = TRUE;
  *out_reply = &self->root;
  return PS_RESP_REPLY;
}

const char *
ps_resp_reader_error (const PsRespReader *self)
{
  return self->broken != NULL ? self->broken : "no error";
}

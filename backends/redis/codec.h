/* SPDX-License-Identifier: Apache-2.0 */
/* The Redis protocol (RESP2): commands into bytes, bytes into replies. */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

/* --- Commands --- */

/* A growing buffer of commands with the place up to which they were sent. */
typedef struct _PsRespWriter PsRespWriter;

PsRespWriter *ps_resp_writer_new (void);
void ps_resp_writer_free (PsRespWriter *self);

/* A command is the number of its words, then as many words. Words may hold any bytes. */
void ps_resp_begin (PsRespWriter *self, gsize n_words);
void ps_resp_word (PsRespWriter *self, PsText word);
/* One word of two or three parts: prefix, then text, then suffix. */
void ps_resp_word_joined (PsRespWriter *self, PsText prefix, PsText text, PsText suffix);
void ps_resp_word_uint (PsRespWriter *self, guint64 value);
/* A rarely used command, through hiredis' formatter: only %s, %u and literal words. */
void ps_resp_format (PsRespWriter *self, const char *format, ...);

/* What is not sent yet; valid until the next call. */
const guint8 *ps_resp_writer_unsent (const PsRespWriter *self, gsize *out_n);
void ps_resp_writer_sent (PsRespWriter *self, gsize n); /* The first n of them were. */
void ps_resp_writer_clear (PsRespWriter *self);

/* --- Replies --- */

#define PS_RESP_UNREAD_MAX   (64 * 1024 * 1024) /* bytes of one reply before it is complete */
#define PS_RESP_ELEMENTS_MAX (256 * 1024)       /* in one reply, nested ones included */
#define PS_RESP_DEPTH_MAX    3                  /* arrays within each other */
#define PS_RESP_LINE_MAX     (64 * 1024)        /* bytes up to a CRLF */

typedef enum {
  PS_REDIS_REPLY_STATUS, /* text */
  PS_REDIS_REPLY_ERROR,  /* text, without the '-' */
  PS_REDIS_REPLY_INTEGER,
  PS_REDIS_REPLY_STRING, /* text */
  PS_REDIS_REPLY_NIL,
  PS_REDIS_REPLY_ARRAY,
} PsRedisReplyType;

typedef struct _PsRedisReply PsRedisReply;
struct _PsRedisReply {
  PsRedisReplyType type;
  gint64 integer;
  PsText text;
  const PsRedisReply *elements;
  gsize n_elements;
};

typedef struct _PsRespReader PsRespReader;

typedef enum {
  PS_RESP_REPLY,  /* *out_reply is one, valid until the next call. */
  PS_RESP_MORE,   /* No complete reply is there. */
  PS_RESP_BROKEN, /* The bytes are not the protocol, or exceed a limit; see _error. */
} PsRespResult;

PsRespReader *ps_resp_reader_new (void);
void ps_resp_reader_free (PsRespReader *self);

/* Adds bytes. FALSE if they would exceed PS_RESP_UNREAD_MAX. */
gboolean ps_resp_reader_feed (PsRespReader *self, const guint8 *bytes, gsize n_bytes);
PsRespResult ps_resp_reader_next (PsRespReader *self, const PsRedisReply **out_reply);

/* Why it is broken; owned by the reader. */
const char *ps_resp_reader_error (const PsRespReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRespWriter, ps_resp_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRespReader, ps_resp_reader_free)
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* The server's side of the Redis protocol: bytes into commands, replies into bytes. Written apart
 * from the product's codec, so that an error there does not hide here. */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

#define PS_SIM_RESP_WORDS_MAX (1024 * 1024)        /* in a command; as a real server */
#define PS_SIM_RESP_WORD_MAX  (512u * 1024 * 1024) /* bytes; as a real server */
#define PS_SIM_RESP_LINE_MAX  (64 * 1024)          /* bytes of a header or an inline command */

typedef struct _PsSimRespParser PsSimRespParser;

typedef enum {
  PS_SIM_RESP_COMMAND, /* *out_words are one, not empty. */
  PS_SIM_RESP_MORE,    /* There is no complete command. */
  PS_SIM_RESP_BROKEN,  /* This is not the protocol; stays so. See _error. */
} PsSimRespResult;

PsSimRespParser *ps_sim_resp_parser_new (void);
void ps_sim_resp_parser_free (PsSimRespParser *self);

void ps_sim_resp_parser_feed (PsSimRespParser *self, const void *bytes, gsize n_bytes);

/* The first word is in upper case. Words are followed by a NUL each and valid until the next call
 * of the parser that brings bytes or asks for a command. Empty lines and
 * commands without words are skipped, as a real server does. */
PsSimRespResult
ps_sim_resp_parser_next (PsSimRespParser *self, const PsText **out_words, gsize *out_n);
/* What is wrong, as a real server words it: "Protocol error: …". Static. */
const char *ps_sim_resp_parser_error (const PsSimRespParser *self);

/* Replies, appended to out. */
void ps_sim_resp_status (GString *out, const char *text);
void ps_sim_resp_error (GString *out, const char *text); /* line ends become spaces */
void ps_sim_resp_integer (GString *out, gint64 value);
void ps_sim_resp_string (GString *out, PsText text);
void ps_sim_resp_nil (GString *out);
void ps_sim_resp_array (GString *out, gsize n); /* n replies must follow */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimRespParser, ps_sim_resp_parser_free)
G_END_DECLS

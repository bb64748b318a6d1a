/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines with a level, a bounded rate and a writer that the daemon or a test provides. */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

/* The numbers are syslog's severities; the names are SONiC's (CONFIG_DB LOGGER|portsyncd). */
typedef enum {
  PS_LOG_EMERG,
  PS_LOG_ALERT,
  PS_LOG_CRIT,
  PS_LOG_ERROR,
  PS_LOG_WARN,
  PS_LOG_NOTICE,
  PS_LOG_INFO,
  PS_LOG_DEBUG,
} PsLogLevel;

/* Where lines go; the names are those of CONFIG_DB LOGGER|portsyncd LOGOUTPUT. */
typedef enum { PS_LOG_TO_SYSLOG, PS_LOG_TO_STDOUT, PS_LOG_TO_STDERR } PsLogOutput;

/* A SONiC container may log 20,000 lines in 300 s (docs/sonic-protocol.md 6.4): half of that is
 * for portsyncd. */
#define PS_LOG_BURST      2000
#define PS_LOG_PER_SECOND 30

typedef struct _PsLog PsLog;

/* function: who says it, as in SONiC's ":- function: text". Must not block. */
typedef void (*PsLogWriter) (PsLogLevel level, const char *function, const char *text,
                             gpointer user_data);

PsLog *ps_log_new (PsClock *clock, PsLogWriter writer, gpointer user_data);
void ps_log_free (PsLog *self);

void ps_log_set_level (PsLog *self, PsLogLevel level);
PsLogLevel ps_log_level (const PsLog *self);
gboolean ps_log_level_from_name (const char *name, PsLogLevel *out_level);
const char *ps_log_level_name (PsLogLevel level);
gboolean ps_log_output_from_name (const char *name, PsLogOutput *out_output);
const char *ps_log_output_name (PsLogOutput output);

/* Lines above the level cost a comparison. Beyond the rate, lines below PS_LOG_ERROR are dropped
 * and counted; the next line that passes is preceded by the count. */
void ps_log_write (PsLog *self, PsLogLevel level, const char *function, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

#define ps_error(log, ...)  ps_log_write ((log), PS_LOG_ERROR, __func__, __VA_ARGS__)
#define ps_warn(log, ...)   ps_log_write ((log), PS_LOG_WARN, __func__, __VA_ARGS__)
#define ps_notice(log, ...) ps_log_write ((log), PS_LOG_NOTICE, __func__, __VA_ARGS__)
#define ps_info(log, ...)   ps_log_write ((log), PS_LOG_INFO, __func__, __VA_ARGS__)
#define ps_debug(log, ...)  ps_log_write ((log), PS_LOG_DEBUG, __func__, __VA_ARGS__)

/* A copy in which control characters, backslashes and bytes that are not UTF-8 are written \xNN;
 * cut to 256 characters. For names that come from outside. Free with g_free. */
char *ps_log_escape (const char *text, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLog, ps_log_free)
G_END_DECLS

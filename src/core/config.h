/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as a checked value: [section], key = value, # comment; units; no unknown keys.
 */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_CONFIG_DEFAULT_FILE   "/etc/portsyncd/portsyncd.conf"
#define PS_CONFIG_SIZE_MAX       (1024 * 1024) /* bytes */
#define PS_CONFIG_COMPLAINTS_MAX 20            /* told; the rest is counted */

typedef enum {
  PS_OLD_IGNORE, /* Links that exist at a cold start belong to the previous run. */
  PS_OLD_ADOPT,  /* They are current: virtual switches, DPUs. */
} PsOldInterfaces;

typedef struct {
  char *database_config;      /* [database] config: path of database_config.json */
  gint64 reply_deadline_us;   /* [database] reply_deadline */
  char *user;                 /* [database] user; NULL: the server's default user */
  char *password_file;        /* [database] password_file; NULL: no password is sent */
  gsize receive_buffer_bytes; /* [netlink] receive_buffer; 0 = auto */
  PsOldInterfaces old_interfaces;
  gint64 audit_interval_us; /* [netlink] audit_interval */
  gint64 eoiu_timeout_us;   /* [start] eoiu_timeout */
  char *run_dir;            /* [start] run_dir */
} PsConfig;

#define PS_CONFIG_ERROR (ps_config_error_quark ())
GQuark ps_config_error_quark (void);
typedef enum { PS_CONFIG_ERROR_INVALID } PsConfigError;

PsConfig *ps_config_new (void); /* The defaults. */
void ps_config_free (PsConfig *self);

/* Reads text over the defaults. The error's message has a line for each thing that is wrong: origin
 * and line, section, key, value and what is allowed, with the nearest known name for one that is
 * unknown. What is given twice is wrong, too. */
PsConfig *ps_config_parse (const char *text, gsize size, const char *origin,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The effective values in the syntax of the file, with comments. Free with g_free. */
char *ps_config_print (const PsConfig *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsConfig, ps_config_free)
G_END_DECLS

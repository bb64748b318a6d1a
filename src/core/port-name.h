/* SPDX-License-Identifier: Apache-2.0 */
/* The one rule for names: which of them a netdev can have, and which of those are ports'
 * (docs/decisions/0022). */
#pragma once
#include <glib.h>
#include <net/if.h>
G_BEGIN_DECLS

typedef enum {
  PS_NAME_PORT,      /* "Ethernet…" without a '.': mirrored, and awaited if configured */
  PS_NAME_OTHER,     /* A netdev may be called so, but it is no port. */
  PS_NAME_TOO_LONG,  /* More than IFNAMSIZ - 1 bytes. */
  PS_NAME_FORBIDDEN, /* Empty, "." or "..", or with a byte that is not allowed. */
  PS_NAME_MARKER,    /* PortConfigDone, PortInitDone */
  PS_N_NAME_KINDS,
} PsNameKind;

/* Allowed are the bytes that the kernel allows (dev_valid_name(): no '/', ':' or white space) and
 * that can stand in a key and in a line of the log: printable ASCII without '|'. */
PsNameKind ps_name_kind (const char *name, gsize size);

gboolean ps_name_is_port (const char *name, gsize size);

/* TRUE if there may be a netdev of this name. A configured port of another is left out: orchagent
 * could not make its netdev. */
gboolean ps_name_is_usable (PsNameKind kind);
G_END_DECLS

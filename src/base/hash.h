/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a: for tables, seeds, digests, and against torn and flipped bytes; not against malice. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_HASH_64_START G_GUINT64_CONSTANT (0xcbf29ce484222325)
#define PS_HASH_64_PRIME G_GUINT64_CONSTANT (0x100000001b3)

guint32 ps_hash_32 (gconstpointer bytes, gsize n_bytes);
guint64 ps_hash_64 (gconstpointer bytes, gsize n_bytes);

/* Goes on with the hash of what came before; PS_HASH_64_START: nothing did. */
guint64 ps_hash_64_add (guint64 hash, gconstpointer bytes, gsize n_bytes);
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets share. Each target is one fuzz-NAME.c with LLVMFuzzerTestOneInput, which a
 * fuzzer calls again and again; in ordinary builds replay.c calls it for each file of the corpus.
 * A broken invariant ends the process, as does a critical message of GLib. */
#pragma once
#include <glib.h>
#include <stdint.h>
G_BEGIN_DECLS

int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The input as a sequence of choices. When it is used up, every choice is 0. */
typedef struct {
  const guint8 *at;
  gsize left;
} PsFuzzInput;

guint8 ps_fuzz_byte (PsFuzzInput *self);
guint32 ps_fuzz_number (PsFuzzInput *self); /* two bytes, the lower one first */

/* At most n_max bytes, fewer at the end; valid as long as the input. */
const guint8 *ps_fuzz_bytes (PsFuzzInput *self, gsize n_max, gsize *out_n);

/* A number in front says how many bytes. */
const guint8 *ps_fuzz_block (PsFuzzInput *self, gsize *out_n);

/* The loaders' contract: there is an error exactly if there is no result; each line of its
 * text begins with "fuzz:" (the origin that targets give), and has no control characters. */
void ps_fuzz_check_error (gconstpointer result, const GError *error);
G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
/* Whole numbers as text. Each row and each word of the wire has one: printf would be the largest
 * part of forming them. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_DECIMAL_DIGITS 20 /* of the largest 64-bit number */

/* Writes the digits, without a NUL, to out, which has room for PS_DECIMAL_DIGITS. Returns how many
 * there are. */
static inline gsize
ps_decimal_write (char *out, guint64 value)
{
  gsize n = 1;
  for (guint64 rest = value; rest >= 10; rest /= 10)
    n++;
  for (gsize at = n; at > 0; value /= 10)
    out[--at] = (char)('0' + value % 10);
  return n;
}

/* TRUE if text is digits alone, and their value at most max (9 or more). */
static inline gboolean
ps_decimal_read (const char *text, guint64 max, guint64 *out_value)
{
  guint64 value = 0;
  const char *at = text;
  for (; g_ascii_isdigit (*at); at++) {
    guint64 digit = (guint64)(*at - '0');
    if (value > (max - digit) / 10)
      return FALSE;
    value = 10 * value + digit;
  }
  *out_value = value;
  return at != text && *at == '\0';
}
G_END_DECLS

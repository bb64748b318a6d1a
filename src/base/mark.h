/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen in this reading, listing or look, without a set that has to be emptied before each:
 * a mark names the generation in which it was set, and is current until the next one begins.
 * A generation has 32 bits, of which 0 means "never set". After 2^32 - 1 generations the numbers
 * come again: a mark that was not set in all that time would read as current. Readings begin ten
 * times a second at the most, so that is 13 years away. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* All zeros: not set. */
typedef struct {
  guint32 generation;
} PsMark;

/* A line of generations. All zeros: none has begun yet. */
typedef struct {
  guint32 now;
} PsMarks;

/* The next generation begins: no mark is current any more. */
static inline void
ps_marks_begin (PsMarks *self)
{
  self->now = self->now == G_MAXUINT32 ? 1 : self->now + 1;
}

/* The mark of the generation that began last; not set before the first one. */
static inline PsMark
ps_marks_now (const PsMarks *self)
{
  return (PsMark){self->now};
}

static inline gboolean
ps_mark_is_set (PsMark mark)
{
  return mark.generation != 0;
}

/* Both were set, in the same generation of one line. */
static inline gboolean
ps_mark_is_of (PsMark mark, PsMark other)
{
  return ps_mark_is_set (mark) && mark.generation == other.generation;
}

static inline gboolean
ps_mark_is_current (PsMark mark, const PsMarks *marks)
{
  return ps_mark_is_of (mark, ps_marks_now (marks));
}
G_END_DECLS

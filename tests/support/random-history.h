/* SPDX-License-Identifier: Apache-2.0 */
/* A random history of a switch around an engine: what its kernel, databases, operator and process
 * may do, one step at a time, and what a test must remember to judge the end. */
#pragma once
#include "base/rng.h"
#include "core/schema.h"
#include "tests/support/engine-world.h"
#include <string.h>
G_BEGIN_DECLS

#define PS_HISTORY_PORTS      8  /* names Ethernet0 … */
#define PS_HISTORY_CONFIGURED 6  /* of them in CONFIG_DB */
#define PS_HISTORY_IFINDEXES  24 /* 1 … */

/* What the test knows of a port's name. */
typedef struct {
  char name[IFNAMSIZ];
  gboolean replaced;   /* its device went or changed at some time */
  gboolean unsure;     /* no exact flap count: things happened while the engine did not look */
  gboolean had_device; /* in this process's time, one that is not old */
  guint64 downs;       /* carrier losses of its devices */
  gint64 live_us;      /* when its live row was last there */
} PsHistoryName;

typedef struct {
  PsEngineWorld *w;
  guint64 seed;
  PsRng rng;
  gboolean verbose;
  gboolean no_audit; /* Healing is not left to it. */
  PsHistoryName names[PS_HISTORY_PORTS];
  gboolean old[PS_HISTORY_IFINDEXES + 1];
  gboolean old_settled; /* this process's old set was taken over into `old` */
  gboolean silent, flushed_appl, has_life;
  guint n_init_done; /* of this process */
  guint n_seen;      /* lines of the write log looked at */
  gint64 run_us;     /* when the last run began */
  gboolean held;     /* answers of Redis wait, and grow old */
  gint64 held_us;    /* when they last did */
} PsHistory;

/* A line of the history, when it is printed. */
#define ps_history_tell(h, ...)                                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if ((h)->verbose)                                                                              \
      g_test_message (__VA_ARGS__);                                                                \
  }                                                                                                \
  G_STMT_END

/* Fails with the seed. */
#define ps_history_expect(h, condition, ...)                                                       \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!(condition)) {                                                                            \
      g_autofree char *what_ = g_strdup_printf (__VA_ARGS__);                                      \
      g_autofree char *writes_ = ps_memory_store_log_text ((h)->w->store);                         \
      g_test_message ("%s%s", (h)->verbose ? (h)->w->lines->str : "",                              \
                      (h)->verbose ? writes_ : "");                                                \
      g_error ("seed %" G_GUINT64_FORMAT ": %s", (h)->seed, what_);                                \
    }                                                                                              \
  }                                                                                                \
  G_STMT_END

/* Uniform below bound, from the history's own stream. */
guint ps_history_draw (PsHistory *h, guint bound);

/* One random step each: of the kernel's links; of what the source hears of them; of Redis; of the
 * other daemons and the operator; of our own process. */
void ps_history_kernel_step (PsHistory *h);
void ps_history_source_step (PsHistory *h);
void ps_history_store_step (PsHistory *h);
void ps_history_switch_step (PsHistory *h);
void ps_history_process_step (PsHistory *h);

void ps_history_start (PsHistory *h); /* A process; none may be alive. */
void ps_history_add_link (PsHistory *h);
void ps_history_set_silent (PsHistory *h, gboolean silent);
void ps_history_hold (PsHistory *h, gboolean hold);

/* Takes over which devices the process counts as old, once it has started. */
void ps_history_settle_old (PsHistory *h);

/* NULL if no link has that name; valid until the links change. */
const PsLinkEvent *ps_history_link_named (PsHistory *h, const char *name);
PsSimRedisDb *ps_history_db (PsHistory *h, PsDb which);
gboolean ps_history_is_live (PsHistory *h, const char *name);      /* its APPL_DB row is there */
gboolean ps_history_has_marker (PsHistory *h, const char *marker); /* live or staged */
G_END_DECLS

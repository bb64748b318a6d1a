/* SPDX-License-Identifier: Apache-2.0 */
/* An engine between a scripted link source and an in-memory store, on a clock moved by hand. */
#pragma once
#include "engine/engine.h"
#include "base/virtual-clock.h"
#include "tests/support/memory-store.h"
#include "tests/support/script-source.h"
G_BEGIN_DECLS

#define UP      ((guint32)(IFF_UP | IFF_RUNNING))
#define NO_LINK ((guint32)IFF_UP) /* admin up, no carrier */

typedef struct {
  PsVirtualClock *clock;
  PsScriptSource *source;
  PsMemoryStore *store;
  PsConfig *config;
  PsLifeIdentity *identity;
  PsLog *log;
  PsEngine *engine;             /* NULL while "dead" */
  GString *life;                /* the record as a file would hold it */
  guint n_appended, n_replaced; /* times that something was added to it, or it was written anew */
  gboolean disk_stands;         /* what is written waits */
  const char *disk_error;       /* nullable: nothing can be written, for this reason */
  GBytes *disk_bytes;           /* owned, nullable: what waits, and whether it is the whole */
  gboolean disk_whole;
  PsTimerId disk_answer;
  GString *lines;  /* the log */
  guint n_bursts;  /* times that memory may have been given back */
  guint n_settled; /* times that the process said that no link is taken down any more */
  gboolean drained, failed;
} PsEngineWorld;

/* A cold switch: no engine yet, nothing in the databases. */
void ps_engine_world_set_up (PsEngineWorld *w, gconstpointer data);

/* Checks that no timer outlives the engine. */
void ps_engine_world_tear_down (PsEngineWorld *w, gconstpointer data);

/* Starts a process: a new engine that finds the life record of the one before. */
void ps_engine_world_start (PsEngineWorld *w);

/* kill -9: nothing is drained; the next link source is a new socket with the same kernel. */
void ps_engine_world_kill (PsEngineWorld *w);

/* A row PORT|name in CONFIG_DB, with lanes and the rest. */
void ps_engine_world_configure (PsEngineWorld *w, const char *name);

/* The same for n ports, Ethernet0 and so on. */
void ps_engine_world_configure_ports (PsEngineWorld *w, guint n);

/* Links of the same names come, up, with ifindexes from first_ifindex on; 100 ms pass. */
void ps_engine_world_links_up (PsEngineWorld *w, guint n, guint32 first_ifindex);

/* The live row PORT_TABLE:name, as orchagent would write it. */
void ps_engine_world_make_live (PsEngineWorld *w, const char *name);

/* The disk goes on: what waits is written. */
void ps_engine_world_disk_goes_on (PsEngineWorld *w);

/* Time passes; everything due happens. */
void ps_engine_world_run_ms (PsEngineWorld *w, gint64 ms);

/* Orchagent takes everything, and time for our looks passes. */
void ps_engine_world_consume (PsEngineWorld *w);

/* A cold boot with the ports Ethernet0 … Ethernet(n-1), consumed, without netdevs. */
void ps_engine_world_boot (PsEngineWorld *w, guint n);
/* A boot with one port, whose netdev comes up with ifindex 10. */
void ps_engine_world_boot_one (PsEngineWorld *w);

/* How often the log has this text. */
guint ps_engine_world_n_lines (PsEngineWorld *w, const char *text);

/* The STATE_DB row as "ok up up 9100" (state, oper, admin, mtu); "-" without state. Free. */
char *ps_engine_world_row (PsEngineWorld *w, const char *name);

#define ps_assert_row(w, name, expected)                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *row_ = ps_engine_world_row ((w), (name));                                     \
    g_assert_cmpstr (row_, ==, (expected));                                                        \
  }                                                                                                \
  G_STMT_END
G_END_DECLS

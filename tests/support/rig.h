/* SPDX-License-Identifier: Apache-2.0 */
/* Everything an integration test needs, set up in one call and judged in another. */
#pragma once
#include "tests/support/daemon.h"
#include "tests/support/db.h"
#include "tests/support/keyspace.h"
#include "tests/support/netdevs.h"
#include "tests/support/netns.h"
#include "tests/support/orchagent.h"
#include "tests/support/port-names.h"
#include "tests/support/redis-server.h"
#include "tests/support/state-check.h"
#include "tests/support/storm.h"
#include "tests/support/syslog-sink.h"
#include "tests/support/wait.h"
G_BEGIN_DECLS

typedef struct {
  guint n_ports;           /* rows of CONFIG_DB PORT: ps_port_name (0 .. n_ports - 1) */
  guint batch;             /* of orchagent; 0: there is none */
  guint delay_ms;          /* orchagent's, before each pop */
  gboolean makes_netdevs;  /* orchagent's */
  gboolean held;           /* orchagent's */
  gboolean host_tx_ready;  /* orchagent's */
  const char *switch_type; /* of DEVICE_METADATA; NULL: none */
  gboolean no_redis;       /* Redis and all that needs it is not started */
} PsRigSetup;

typedef struct {
  PsRigSetup setup;
  char *dir;
  PsNetdevs *netdevs;
  PsSyslogSink *syslog;
  PsRedisServer *redis;
  PsDb *db;
  PsKeyspace *keyspace; /* of STATE_DB PORT_TABLE; NULL when Redis was killed */
  PsOrchagent *orchagent;
  PsDaemon *daemon;
  PsOldNetdevs *old; /* see ps_rig_note_old */
} PsRig;

/* In main, instead of g_test_init: private mounts, and a report of the daemon's output, syslog and
 * Redis' log when a test fails. */
void ps_rig_init (int *argc, char ***argv);

/* A new network namespace, syslog, Redis with the ports in CONFIG_DB, orchagent; the daemon is
 * configured but not started. */
PsRig *ps_rig_new (const PsRigSetup *setup);
void ps_rig_free (PsRig *self);

/* Starts the daemon and waits until PortInitDone is live and STATE_DB shows the kernel. */
void ps_rig_boot (PsRig *self);

/* Lets the kernel's link watch end what it put off: links change no more of themselves. */
void ps_rig_settle_links (PsRig *self);

/* Waits until STATE_DB shows the kernel. */
void ps_rig_settle (PsRig *self);

/* The same, then forgets the keyspace events so far. */
void ps_rig_settle_and_clear (PsRig *self);

/* The end of every case: settle, SIGTERM, which ends it in time, carrier counters equal, STATE_DB
 * still shows the kernel. */
void ps_rig_finish (PsRig *self);

/* Kills the daemon, starts it again. */
void ps_rig_restart_daemon (PsRig *self);

/* Deletes the life record that the daemon left. */
void ps_rig_forget_life (PsRig *self);

/* Makes veth pairs for ports first .. first + n - 1, both ends up. */
void ps_rig_make_veths (PsRig *self, guint first, guint n);

/* Writes live APPL_DB rows for these ports, as orchagent's pop would have. */
void ps_rig_make_live (PsRig *self, guint first, guint n);

/* Adds rows to CONFIG_DB PORT. */
void ps_rig_add_config (PsRig *self, guint first, guint n);

/* All Ethernet* netdevs that exist now are the previous run's from here on. */
void ps_rig_note_old (PsRig *self);

/* Starts orchagent, as the setup says, or starts it anew. */
void ps_rig_start_orchagent (PsRig *self);

/* Wait with a bound, or end the process. */
void ps_rig_wait_key (PsRig *self, int db, const char *key);
void ps_rig_wait_no_key (PsRig *self, int db, const char *key);
void ps_rig_wait_field (PsRig *self, int db, const char *key, const char *field, const char *value);
void ps_rig_wait_line (PsRig *self, const char *text);
void ps_rig_wait_popped (PsRig *self, const char *key);

/* Waits for a line with this text; there may be no second one. */
void ps_rig_assert_line_once (PsRig *self, const char *text);

/* Lines with this text in syslog and in the daemon's output together. */
guint ps_rig_n_lines (PsRig *self, const char *text);

/* Waits until the daemon has polled Redis n more times (docs/rules.md 4.2), so that whatever a poll
 * would change has been changed. */
void ps_rig_wait_polls (PsRig *self, guint n);

/* Keyspace events of a port (NULL: all) and operation (NULL: all) since. */
guint ps_rig_n_events (PsRig *self, const char *port, const char *operation);

/* Redis again, after it was killed: connects everything of ours anew. */
void ps_rig_redis_is_back (PsRig *self);

/* A seed for this run: PS_RIG_SEED of the environment, or random; printed. */
guint64 ps_rig_seed (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRig, ps_rig_free)
G_END_DECLS

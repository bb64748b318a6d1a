/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine does about each error reply of Redis (decision 0010): how often it tries again,
 * what it tells the operator, and that one port's refusal concerns no other port. */
#include "tests/support/engine-world.h"
#include <string.h>

#define FOR_EVER  1000000
#define MINUTE_MS (60 * 1000)
#define FLAG_READ "GET CONFIG_DB_INITIALIZED"

static void
boot_two (PsEngineWorld *w)
{
  ps_engine_world_configure (w, "Ethernet0");
  ps_engine_world_configure (w, "Ethernet1");
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
}

static guint
n_refused (PsEngineWorld *w)
{
  return ps_memory_store_counters (w->store).refused;
}

typedef struct {
  const char *name;
  PsRefusal refusal;
  const char *reply;
  guint min, max; /* attempts in the first minute */
  gint64 heals_ms;
  const char *advice; /* nullable */
} Case;

/* 100 ms to 2 s make 34 attempts in a minute, 1 s to 30 s make 6. */
static const Case cases[] = {
    {"loading", PS_REFUSAL_TRANSIENT, "LOADING Redis is loading the dataset in memory", 30, 36,
     2000, NULL},
    {"busy", PS_REFUSAL_TRANSIENT, "BUSY Redis is busy running a script", 30, 36, 2000, NULL},
    {"oom", PS_REFUSAL_CAPACITY, "OOM command not allowed when used memory > 'maxmemory'.", 5, 8,
     30000, "(maxmemory)"},
    {"misconf", PS_REFUSAL_CAPACITY, "MISCONF Errors writing to the AOF file", 5, 8, 30000,
     "the disk"},
    {"noperm", PS_REFUSAL_PERMISSION, "NOPERM No permissions to access a key", 5, 8, 30000,
     "ACL LOG"},
    {"other", PS_REFUSAL_OTHER, "ERR wrong number of arguments", 5, 8, 30000, "report it"},
};

/* A write that is refused is tried again at the pace of its reason, for ever; the log says once a
 * minute what was refused, why and what to do; the other port is written all the while; and when
 * the server takes it, it is written within the longest pause. */
static void
test_paces (PsEngineWorld *w, gconstpointer data)
{
  const Case *c = data;
  boot_two (w);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet0", c->refusal, c->reply,
                          FOR_EVER);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_engine_world_run_ms (w, MINUTE_MS - 1);
  g_assert_cmpuint (n_refused (w), >=, c->min);
  g_assert_cmpuint (n_refused (w), <=, c->max);
  g_assert_cmpuint (
      ps_engine_world_n_lines (w, "ERROR STATE_DB refused to write PORT_TABLE|Ethernet0"), ==, 1);
  /* The log quotes it in the words that SONiC's log analyser lets pass. */
  g_autofree char *quoted = g_str_has_prefix (c->reply, "ERR ")
                                ? g_strconcat ("Err ", c->reply + strlen ("ERR "), NULL)
                                : g_strdup (c->reply);
  g_assert_cmpuint (ps_engine_world_n_lines (w, quoted), >=, 1);
  if (c->advice != NULL)
    g_assert_cmpuint (ps_engine_world_n_lines (w, c->advice), ==, 1);
  ps_assert_row (w, "Ethernet0", "-");
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
  g_assert_cmpuint (ps_engine_status (w->engine).n_repaired, ==, 0);
  ps_script_source_link (w->source, "Ethernet1", 11, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet1", "ok down up 9100");
  ps_memory_store_relent (w->store);
  ps_engine_world_run_ms (w, c->heals_ms);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
}

/* A row of the daemon that a client replaced by another type is deleted and written, once, and
 * said. */
static void
test_wrong_type_repaired (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = ps_memory_store_db (w->store, PS_DB_STATE);
  boot_two (w);
  ps_memory_db_spoil (state, "PORT_TABLE|Ethernet0");
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 100);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  g_assert_cmpuint (ps_engine_status (w->engine).n_repaired, ==, 1);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "PORT_TABLE|Ethernet0 is no hash"), ==, 1);
  ps_engine_world_run_ms (w, MINUTE_MS);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet0"), ==,
                    2);
  /* It may happen again, and the audit finds it. */
  ps_memory_db_delete (state, "PORT_TABLE|Ethernet0");
  ps_memory_db_spoil (state, "PORT_TABLE|Ethernet0");
  ps_engine_world_run_ms (w, w->config->audit_interval_us / 1000);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  g_assert_cmpuint (ps_engine_status (w->engine).n_repaired, ==, 2);
}

/* If the deletion does not help, it is not repeated: no contest with another writer. */
static void
test_wrong_type_once (PsEngineWorld *w, gconstpointer data)
{
  boot_two (w);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 0);
  ps_memory_store_clear_log (w->store);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet0", PS_REFUSAL_WRONGTYPE,
                          "WRONGTYPE", FOR_EVER);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 10 * MINUTE_MS);
  g_assert_cmpuint (ps_engine_status (w->engine).n_repaired, ==, 1);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "is no hash"), ==, 1);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet0"), ==,
                    0);
}

/* What is not ours is not deleted, whatever it holds: a sub-interface's row, a row of CONFIG_DB and
 * what the consumer shares with other producers. */
static void
test_wrong_type_of_others (PsEngineWorld *w, gconstpointer data)
{
  static const struct {
    PsDb db;
    const char *key;
  } others[] = {
      {PS_DB_STATE, "PORT_TABLE|Ethernet0.10"}, {PS_DB_STATE, "PORT_TABLE|PortChannel1"},
      {PS_DB_CONFIG, "LOGGER|portsyncd"},       {PS_DB_CONFIG, "PORT|Ethernet8"},
      {PS_DB_APPL, "_PORT_TABLE:Ethernet1"},
  };
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    PsSimRedisDb *db = ps_memory_store_db (w->store, others[i].db);
    ps_memory_db_delete (db, others[i].key);
    ps_memory_db_spoil (db, others[i].key);
  }
  boot_two (w);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 2 * w->config->audit_interval_us / 1000);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    PsSimRedisDb *db = ps_memory_store_db (w->store, others[i].db);
    g_assert_true (ps_memory_db_exists (db, others[i].key));
    g_assert_false (ps_memory_db_fits (db, others[i].key, PS_SIM_HASH));
  }
  g_assert_cmpuint (ps_engine_status (w->engine).n_repaired, ==, 0);
}

/* The row of the warm restart is ours as well. What it said before comes back, also if the write
 * behind the deletion is refused first. */
static void
test_wrong_type_of_warm_row (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = ps_memory_store_db (w->store, PS_DB_STATE);
  ps_memory_db_set (state, "WARM_RESTART_ENABLE_TABLE|swss", "enable", "true");
  ps_memory_db_set (state, "WARM_RESTART_TABLE|portsyncd", "restore_count", "4");
  ps_memory_db_set (ps_memory_store_db (w->store, PS_DB_APPL), "PORT_TABLE:PortConfigDone", "count",
                    "2");
  boot_two (w);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpstr (ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "state"), ==,
                   "restored");
  ps_memory_db_delete (state, "WARM_RESTART_TABLE|portsyncd");
  ps_memory_db_spoil (state, "WARM_RESTART_TABLE|portsyncd");
  ps_memory_store_hold (w->store, TRUE);
  ps_engine_world_run_ms (w, w->config->eoiu_timeout_us / 1000);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PUT WARM_RESTART_TABLE|portsyncd",
                          PS_REFUSAL_CAPACITY, "OOM", 1);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 0);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "WARM_RESTART_TABLE|portsyncd is no hash"), ==, 1);
  g_assert_false (ps_memory_db_exists (state, "WARM_RESTART_TABLE|portsyncd"));
  ps_engine_world_run_ms (w, 5000);
  g_autofree char *row = ps_memory_db_row (state, "WARM_RESTART_TABLE|portsyncd");
  g_assert_cmpstr (row, ==, "restore_count=5 state=reconciled");
}

/* A cold start finds it so. */
static void
test_wrong_type_of_found_warm_row (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = ps_memory_store_db (w->store, PS_DB_STATE);
  ps_memory_db_spoil (state, "WARM_RESTART_TABLE|portsyncd");
  boot_two (w);
  ps_engine_world_run_ms (w, 3000);
  g_assert_cmpstr (ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "restore_count"), ==,
                   "0");
  g_assert_cmpuint (ps_engine_world_n_lines (w, "WARM_RESTART_TABLE|portsyncd is no hash"), ==, 1);
}

/* A refused restore_count is written by a cold start, too, when the server takes it; at the pace of
 * the refusal, whatever the links do. */
static void
test_refused_warm_row (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = ps_memory_store_db (w->store, PS_DB_STATE);
  ps_memory_store_hold (w->store, TRUE);
  ps_engine_world_start (w);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "WARM_RESTART_TABLE|portsyncd",
                          PS_REFUSAL_CAPACITY, "OOM", 6);
  ps_memory_store_hold (w->store, FALSE);
  for (guint i = 0; i < 300; i++) {
    ps_script_source_link (w->source, "Ethernet9", 10, i % 2 ? UP : NO_LINK);
    ps_engine_world_run_ms (w, 10);
  }
  g_assert_cmpuint (n_refused (w), <=, 3);
  ps_engine_world_run_ms (w, 60 * 1000);
  g_assert_cmpstr (ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "restore_count"), ==,
                   "0");
  g_assert_cmpuint (ps_engine_world_n_lines (w, "STATE_DB refused WARM_RESTART_TABLE|portsyncd"),
                    ==, 1);
}

/* The copy of the configuration goes on at the pace of the refusal, and says what to do. */
static void
test_refused_copy (PsEngineWorld *w, gconstpointer data)
{
  const Case *c = data;
  ps_engine_world_configure (w, "Ethernet0");
  ps_memory_store_refuse (w->store, PS_DB_APPL, "PORT_TABLE:Ethernet0", c->refusal, c->reply,
                          FOR_EVER);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, MINUTE_MS - 1);
  g_assert_cmpuint (n_refused (w), >=, c->min);
  g_assert_cmpuint (n_refused (w), <=, c->max);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "ERROR"), ==, 1);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, 0);
  if (c->advice != NULL)
    g_assert_cmpuint (ps_engine_world_n_lines (w, c->advice), ==, 1);
  ps_memory_store_relent (w->store);
  ps_engine_world_run_ms (w, c->heals_ms);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, 1);
}

/* A LOGGER row that may not be read, or is none, is a line a minute, and the level stays as it is;
 * when it can be read again it is followed at the end of the pause. */
static void
test_logger (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  boot_two (w);
  if (data != NULL) {
    ps_memory_db_delete (config, "LOGGER|portsyncd");
    ps_memory_db_spoil (config, "LOGGER|portsyncd");
  } else {
    ps_memory_store_refuse (w->store, PS_DB_CONFIG, "LOGGER|portsyncd", PS_REFUSAL_PERMISSION,
                            "NOPERM", FOR_EVER);
  }
  ps_engine_world_run_ms (w, MINUTE_MS);
  g_assert_cmpuint (
      ps_engine_world_n_lines (w, "CONFIG_DB refuses to read LOGGER|portsyncd, so DEBUG"), ==, 1);
  g_assert_cmpint (ps_log_level (w->log), ==, PS_LOG_DEBUG);
  ps_memory_store_relent (w->store);
  ps_memory_db_delete (config, "LOGGER|portsyncd");
  ps_memory_db_set (config, "LOGGER|portsyncd", "LOGLEVEL", "ERROR");
  ps_memory_db_set (config, "LOGGER|portsyncd", "LOGOUTPUT", "STDERR");
  ps_engine_world_run_ms (w, 31 * 1000);
  g_assert_cmpint (ps_log_level (w->log), ==, PS_LOG_ERROR);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "output 2"), ==, 1);
}

static const char *
logger_row (PsEngineWorld *w, char **out_row)
{
  g_free (*out_row);
  *out_row = ps_memory_db_row (ps_memory_store_db (w->store, PS_DB_CONFIG), "LOGGER|portsyncd");
  return *out_row;
}

/* A row that may be read and not written is a line a minute, and what an operator writes into it is
 * followed within a second all the same. */
static void
test_logger_not_written (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  g_autofree char *row = NULL;
  boot_two (w);
  ps_memory_db_delete (config, "LOGGER|portsyncd");
  ps_memory_store_refuse (w->store, PS_DB_CONFIG, "ADD LOGGER|portsyncd", PS_REFUSAL_PERMISSION,
                          "NOPERM", FOR_EVER);
  ps_engine_world_run_ms (w, 10 * MINUTE_MS);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "CONFIG_DB refuses to write LOGGER|portsyncd"), ==,
                    10);
  g_assert_cmpuint (n_refused (w), <=, 2 * 25);
  ps_memory_db_set (config, "LOGGER|portsyncd", "LOGLEVEL", "ERROR");
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpint (ps_log_level (w->log), ==, PS_LOG_ERROR);
  ps_memory_store_relent (w->store);
  ps_engine_world_run_ms (w, 31 * 1000);
  g_assert_cmpstr (logger_row (w, &row), ==, "LOGLEVEL=ERROR LOGOUTPUT=SYSLOG");
}

/* The row comes back when CONFIG_DB was emptied, also on another connection; with what is in force,
 * and never over what an operator wrote in between. */
static void
test_logger_comes_back (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  g_autofree char *row = NULL;
  boot_two (w);
  ps_memory_db_set (config, "LOGGER|portsyncd", "LOGLEVEL", "nonsense");
  ps_engine_world_run_ms (w, 1000);
  ps_sim_redis_db_clear (config);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpstr (logger_row (w, &row), ==, "LOGLEVEL=DEBUG LOGOUTPUT=SYSLOG");
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 1000);
  ps_sim_redis_db_clear (config);
  ps_memory_store_set_online (w->store, TRUE);
  ps_memory_store_hold (w->store, TRUE);
  ps_engine_world_run_ms (w, 1000);
  /* The row was read, and was not there: the answer is on its way. */
  ps_memory_db_set (config, "LOGGER|portsyncd", "LOGLEVEL", "INFO");
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpstr (logger_row (w, &row), ==, "LOGLEVEL=INFO LOGOUTPUT=SYSLOG");
  g_assert_cmpint (ps_log_level (w->log), ==, PS_LOG_INFO);
}

/* EXISTS refused is not silence: the log says once a minute which database refuses, and a device
 * that waits for its live row is published when the answer comes. */
static void
test_exists (PsEngineWorld *w, gconstpointer data)
{
  boot_two (w);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 1000);
  ps_memory_store_refuse (w->store, PS_DB_APPL, "EXISTS", PS_REFUSAL_PERMISSION, "NOPERM",
                          FOR_EVER);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "EXISTS", PS_REFUSAL_PERMISSION, "NOPERM",
                          FOR_EVER);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  guint before = ps_memory_store_counters (w->store).exists;
  ps_engine_world_run_ms (w, 10 * MINUTE_MS);
  guint n = ps_memory_store_counters (w->store).exists - before;
  g_assert_cmpuint (ps_engine_world_n_lines (w, "ERROR APPL_DB refused to say which rows exist"),
                    ==, 10);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "ERROR STATE_DB refused to say which rows exist"),
                    ==, 10);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "ACL LOG"), ==, 20);
  /* Four questions each time, and two to CONFIG_DB every 10 s. */
  g_assert_cmpuint (n, <=, 4 * 25 + 2 * 60);
  PsEngineStatus status = ps_engine_status (w->engine);
  g_assert_cmpuint (status.n_refused, ==, 2);
  g_assert_cmpstr (status.refused, ==, "EXISTS in STATE_DB");
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  ps_assert_row (w, "Ethernet1", "-");
  ps_memory_store_relent (w->store);
  ps_engine_world_run_ms (w, 31 * 1000);
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
  g_assert_cmpuint (ps_engine_status (w->engine).n_refused, ==, 0);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "does not refuse EXISTS in APPL_DB any more"), ==,
                    1);
}

/* Nor does a cold start that might take the links of a DPU down begin. */
static void
test_flag_before_start (PsEngineWorld *w, gconstpointer data)
{
  ps_memory_store_refuse (w->store, PS_DB_CONFIG, FLAG_READ, PS_REFUSAL_PERMISSION, "NOPERM",
                          FOR_EVER);
  boot_two (w);
  ps_engine_world_run_ms (w, 10 * MINUTE_MS - 2000);
  g_assert_false (ps_engine_status (w->engine).started);
  g_assert_cmpuint (
      ps_engine_world_n_lines (w, "ERROR CONFIG_DB does not let us read whether it is loaded"), ==,
      10);
  g_assert_cmpuint (ps_memory_store_counters (w->store).gets, <=, 2 + 25);
  ps_memory_store_relent (w->store);
  ps_engine_world_run_ms (w, 32 * 1000);
  g_assert_true (ps_engine_status (w->engine).started);
  g_assert_cmpuint (ps_engine_status (w->engine).n_refused, ==, 0);
}

/* Nothing is copied while the flag of a loaded CONFIG_DB may not be read. That is a refusal like
 * any other, and not an unloaded CONFIG_DB. */
static void
test_flag_before_copy (PsEngineWorld *w, gconstpointer data)
{
  ps_memory_db_set (ps_memory_store_db (w->store, PS_DB_CONFIG), "DEVICE_METADATA|localhost",
                    "switch_type", "voq"); /* The start does not wait for it. */
  ps_memory_store_refuse (w->store, PS_DB_CONFIG, FLAG_READ, PS_REFUSAL_PERMISSION, "NOPERM",
                          FOR_EVER);
  boot_two (w);
  ps_engine_world_run_ms (w, 10 * MINUTE_MS - 2000);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "ERROR Copying PORT from CONFIG_DB refused"), ==,
                    10);
  g_assert_cmpuint (
      ps_engine_world_n_lines (w, "ERROR The count of PortConfigDone cannot be compared"), ==, 10);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "ACL LOG"), ==, 20);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "is not loaded"), ==, 0);
  g_assert_cmpuint (ps_memory_store_counters (w->store).gets, <=, 2 * 25);
  g_assert_cmpstr (ps_engine_status (w->engine).refused, ==, "announcing the configuration");
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, 0);
  ps_memory_store_relent (w->store);
  ps_engine_world_run_ms (w, 31 * 1000);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, 1);
  g_assert_cmpuint (
      ps_engine_world_n_lines (w, "does not refuse announcing the configuration any more"), ==, 1);
}

/* Later, the names of CONFIG_DB may not be read for the same reason: no port is given up, no count
 * corrected, and rows go on. */
static void
test_flag_after_copy (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  boot_two (w);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, MINUTE_MS);
  ps_memory_store_refuse (w->store, PS_DB_CONFIG, FLAG_READ, PS_REFUSAL_PERMISSION, "NOPERM",
                          FOR_EVER);
  ps_memory_db_delete (config, "PORT|Ethernet1");
  ps_memory_db_delete (ps_memory_store_db (w->store, PS_DB_APPL), "PORT_TABLE:Ethernet1");
  ps_memory_store_clear_log (w->store);
  ps_engine_world_run_ms (w, w->config->audit_interval_us / 1000 + 5 * MINUTE_MS);
  gint64 minutes = w->config->audit_interval_us / 1000 / MINUTE_MS + 5;
  guint n_told =
      ps_engine_world_n_lines (w, "ERROR CONFIG_DB refused to say which ports are configured");
  g_assert_cmpuint (n_told, >=, minutes - 1);
  g_assert_cmpuint (n_told, <=, minutes);
  g_assert_cmpuint (
      ps_engine_world_n_lines (w, "ERROR The count of PortConfigDone cannot be compared"), >=, 4);
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 1);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, 0);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  ps_memory_store_relent (w->store);
  ps_engine_world_run_ms (w, MINUTE_MS);
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 0);
  ps_engine_world_consume (w); /* PortInitDone, behind which the count is put right */
  ps_engine_world_run_ms (w, MINUTE_MS);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, 1);
  g_assert_cmpuint (ps_engine_status (w->engine).n_refused, ==, 0);
}

/* What was refused and is written for another reason, here because Redis came back, does not wait
 * any more: the daemon is at rest, and leaves with nothing unwritten. */
static void
test_written_meanwhile (PsEngineWorld *w, gconstpointer data)
{
  boot_two (w);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet0", PS_REFUSAL_CAPACITY, "OOM",
                          FOR_EVER);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpuint (ps_engine_status (w->engine).n_waiting, ==, 1);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 100);
  ps_memory_store_relent (w->store);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 100);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  g_assert_cmpuint (ps_engine_status (w->engine).n_waiting, ==, 0);
  g_assert_cmpstr (ps_engine_status (w->engine).refused, ==, NULL);
  ps_engine_drain (w->engine);
  ps_engine_world_run_ms (w, 0);
  g_assert_true (w->drained);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "Leaving with"), ==, 0);
}

/* Nonsense of any shape is one line each time that it changes, and the last good value stays. */
static void
test_logger_nonsense (PsEngineWorld *w, gconstpointer data)
{
  static const char *const levels[] = {"", "notice", "9", "NOTICE ", "NOTICE\n", "\xff\x1b[31m"};
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  boot_two (w);
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++) {
    ps_memory_db_set (config, "LOGGER|portsyncd", "LOGLEVEL", levels[i]);
    ps_memory_db_set (config, "LOGGER|portsyncd", "LOGOUTPUT", levels[i]);
    ps_engine_world_run_ms (w, 5000);
    g_assert_cmpuint (ps_engine_world_n_lines (w, "is no level; DEBUG stays"), ==, i + 1);
    g_assert_cmpuint (ps_engine_world_n_lines (w, "is no output; SYSLOG stays"), ==, i + 1);
  }
  g_assert_null (strchr (w->lines->str, '\x1b'));
  g_assert_cmpint (ps_log_level (w->log), ==, PS_LOG_DEBUG);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "\noutput "), ==, 0);
}

static void
add (const char *name, gconstpointer data, void (*fn) (PsEngineWorld *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/engine-refusals/%s", name);
  g_test_add (path, PsEngineWorld, data, ps_engine_world_set_up, fn, ps_engine_world_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *row = g_strdup_printf ("paces/%s", cases[i].name);
    g_autofree char *copy = g_strdup_printf ("refused-copy/%s", cases[i].name);
    add (row, &cases[i], test_paces);
    add (copy, &cases[i], test_refused_copy);
  }
  add ("wrong-type-repaired", NULL, test_wrong_type_repaired);
  add ("wrong-type-once", NULL, test_wrong_type_once);
  add ("wrong-type-of-others", NULL, test_wrong_type_of_others);
  add ("wrong-type-of-warm-row", NULL, test_wrong_type_of_warm_row);
  add ("wrong-type-of-found-warm-row", NULL, test_wrong_type_of_found_warm_row);
  add ("exists", NULL, test_exists);
  add ("flag/before-start", NULL, test_flag_before_start);
  add ("flag/before-copy", NULL, test_flag_before_copy);
  add ("flag/after-copy", NULL, test_flag_after_copy);
  add ("written-meanwhile", NULL, test_written_meanwhile);
  add ("logger/not-written", NULL, test_logger_not_written);
  add ("logger/comes-back", NULL, test_logger_comes_back);
  add ("logger/refused", NULL, test_logger);
  add ("logger/spoiled", "spoiled", test_logger);
  add ("logger-nonsense", NULL, test_logger_nonsense);
  add ("refused-warm-row", NULL, test_refused_warm_row);
  return g_test_run ();
}

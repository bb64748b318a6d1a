/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/state-check.h"
#include "tests/support/kernel-dump.h"
#include "tests/support/wait.h"
#include <string.h>

#define SHOWN_MAX 20 /* differences */

static void
free_state (gpointer data)
{
  PsPortState *port = data;
  g_free (port->name);
  g_free (port->kernel);
  g_free (port->state);
  g_free (port);
}

/* The rule of docs/rules.md 2.2, written a second time. */
static gboolean
is_port (const char *name)
{
  if (!g_str_has_prefix (name, "Ethernet"))
    return FALSE;
  for (const char *p = name; *p != '\0'; p++)
    if (*p <= ' ' || *p > '~' || strchr (".|:", *p) != NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_old (PsOldNetdevs *old, int ifindex)
{
  for (guint i = 0; old != NULL && i < old->len; i++)
    if (g_array_index (old, int, i) == ifindex)
      return TRUE;
  return FALSE;
}

static PsPortState *
port_of (GHashTable *ports, const char *name)
{
  PsPortState *port = g_hash_table_lookup (ports, name);
  if (port == NULL) {
    port = g_new0 (PsPortState, 1);
    port->name = g_strdup (name);
    g_hash_table_insert (ports, port->name, port);
  }
  return port;
}

static void
add_kernel (GHashTable *ports, GHashTable *live, PsOldNetdevs *old)
{
  g_autoptr (GArray) links = ps_kernel_dump ();
  for (guint i = 0; i < links->len; i++) {
    const PsKernelLink *link = &g_array_index (links, PsKernelLink, i);
    if (!is_port (link->name) || strcmp (link->kind, "team") == 0)
      continue;
    PsPortState *port = port_of (ports, link->name);
    port->ifindex = link->ifindex;
    if (is_old (old, link->ifindex) || !g_hash_table_contains (live, link->name))
      continue;
    port->kernel = g_strdup_printf ("ok %s %s %u", link->flags & IFF_RUNNING ? "up" : "down",
                                    link->flags & IFF_UP ? "up" : "down", link->mtu);
  }
}

/* Configured ports stand in the list even if neither side has them now. */
static void
add_live (GHashTable *ports, GHashTable *live)
{
  GHashTableIter iter;
  gpointer name;
  g_hash_table_iter_init (&iter, live);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (is_port (name))
      port_of (ports, name);
}

static const char *
field (GHashTable *row, const char *name)
{
  const char *value = g_hash_table_lookup (row, name);
  return value != NULL ? value : "-";
}

static void
add_state (GHashTable *ports, GHashTable *rows)
{
  GHashTableIter iter;
  gpointer name, row;
  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, &name, &row)) {
    g_autofree char *text =
        g_strdup_printf ("%s %s %s %s", field (row, "state"), field (row, "netdev_oper_status"),
                         field (row, "admin_status"), field (row, "mtu"));
    if (strchr (name, '.') == NULL && strcmp (text, "- - - -") != 0)
      port_of (ports, name)->state = g_steal_pointer (&text);
  }
}

/* Ethernet4 before Ethernet12. */
static int
compare_names (gconstpointer a, gconstpointer b)
{
  const PsPortState *const *left = a, *const *right = b;
  gsize left_size = strlen ((*left)->name), right_size = strlen ((*right)->name);
  if (left_size != right_size)
    return left_size < right_size ? -1 : 1;
  return strcmp ((*left)->name, (*right)->name);
}

GPtrArray *
ps_state_read (PsDb *db, PsOldNetdevs *old)
{
  g_autoptr (GHashTable) ports = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) rows = ps_db_table (db, PS_DB_STATE, "PORT_TABLE|");
  g_autoptr (GHashTable) live = ps_db_table (db, PS_DB_APPL, "PORT_TABLE:");
  if (rows == NULL || live == NULL)
    return NULL;
  add_live (ports, live);
  add_kernel (ports, live, old);
  add_state (ports, rows);
  GPtrArray *out = g_ptr_array_new_with_free_func (free_state);
  GHashTableIter iter;
  gpointer port;
  g_hash_table_iter_init (&iter, ports);
  while (g_hash_table_iter_next (&iter, NULL, &port))
    g_ptr_array_add (out, port);
  g_ptr_array_sort (out, compare_names);
  return out;
}

char *
ps_state_difference (PsDb *db, PsOldNetdevs *old)
{
  g_autoptr (GPtrArray) ports = ps_state_read (db, old);
  if (ports == NULL)
    return g_strdup ("redis does not answer");
  g_autoptr (GString) text = g_string_new ("");
  guint n = 0;
  for (guint i = 0; i < ports->len; i++) {
    const PsPortState *port = g_ptr_array_index (ports, i);
    if (g_strcmp0 (port->kernel, port->state) == 0 || ++n > SHOWN_MAX)
      continue;
    g_string_append_printf (text, "%s (ifindex %d): kernel \"%s\", STATE_DB \"%s\"\n", port->name,
                            port->ifindex, port->kernel != NULL ? port->kernel : "nothing to show",
                            port->state != NULL ? port->state : "no row");
  }
  if (n == 0)
    return NULL;
  g_string_append_printf (text, "%u of %u ports differ", n, ports->len);
  return g_strdup (text->str);
}

typedef struct {
  PsDb *db;
  PsOldNetdevs *old;
} Question;

static gboolean
is_equal (gpointer user_data)
{
  const Question *question = user_data;
  g_autofree char *difference = ps_state_difference (question->db, question->old);
  return difference == NULL;
}

void
ps_state_assert_equal (PsDb *db, PsOldNetdevs *old, guint timeout_ms)
{
  Question question = {db, old};
  if (ps_wait_until (is_equal, &question, timeout_ms))
    return;
  g_autofree char *difference = ps_state_difference (db, old);
  g_error ("after %u ms kernel and STATE_DB differ:\n%s", timeout_ms,
           difference != NULL ? difference : "(they agree just now)");
}

void
ps_state_assert_carriers (PsDaemon *daemon, PsDb *db, PsOldNetdevs *old)
{
  g_autoptr (GHashTable) counted = ps_daemon_carriers (daemon);
  g_autoptr (GPtrArray) ports = ps_state_read (db, old);
  g_autoptr (GArray) links = ps_kernel_dump ();
  if (counted == NULL || ports == NULL)
    g_error ("no life record in %s, or no redis", ps_daemon_run_dir (daemon));
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < links->len; i++) {
    PsKernelLink *link = &g_array_index (links, PsKernelLink, i);
    g_hash_table_insert (by_name, link->name, link);
  }
  for (guint i = 0; i < ports->len; i++) {
    const PsPortState *port = g_ptr_array_index (ports, i);
    const PsKernelLink *link = g_hash_table_lookup (by_name, port->name);
    if (port->kernel == NULL || link == NULL)
      continue;
    const char *theirs = g_hash_table_lookup (counted, port->name);
    g_autofree char *ours =
        g_strdup_printf ("%d %u %u %u", link->ifindex, link->changes, link->ups, link->downs);
    if (g_strcmp0 (ours, theirs) != 0)
      g_error ("carrier counters of %s (ifindex changes ups downs): kernel %s, life record %s",
               port->name, ours, theirs != NULL ? theirs : "without that port");
  }
}

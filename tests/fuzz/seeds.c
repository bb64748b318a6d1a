/* SPDX-License-Identifier: Apache-2.0 */
/* Writes meaningful inputs: fuzz-seeds SOURCE_ROOT DIRECTORY makes DIRECTORY/TARGET/seed-NAME, to
 * begin with, and DIRECTORY/TARGET/edge-NAME, at the edge of what is still right. Edges stay in the
 * corpora: to a fuzzer, a length that is one too many looks like any other that is wrong. */
#include "backends/redis/scripts.h"
#include "start/life-record.h"
#include "tests/fuzz/ops.h"
#include "tests/support/link-message.h"
#include "tests/support/session-rig.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REDIS_INSTANCE "{\"hostname\":\"127.0.0.1\",\"port\":6379,\"unix_socket_path\":\"/r\"}"
#define TCP_INSTANCE   "{\"hostname\":\"h\",\"port\":65535}"
#define DATABASE(id)   "{\"id\":" id ",\"separator\":\":\",\"instance\":\"redis\"}"
#define DATABASES                                                                                  \
  "{\"APPL_DB\":" DATABASE ("0") ",\"CONFIG_DB\":" DATABASE ("4") ",\"STATE_DB\":" DATABASE (      \
      "6") "}"

static const char *directory, *kind = "seed";

static void
put (const char *target, const char *name, const void *bytes, gsize size)
{
  g_autofree char *folder = g_build_filename (directory, target, NULL);
  g_autofree char *file = g_strdup_printf ("%s/%s-%s", folder, kind, name);
  g_autoptr (GError) error = NULL;
  if (g_mkdir_with_parents (folder, 0777) == 0 &&
      g_file_set_contents (file, bytes, (gssize)size, &error))
    return;
  fprintf (stderr, "fuzz-seeds: %s: %s\n", file, error != NULL ? error->message : strerror (errno));
  exit (1);
}

static void
put_text (const char *target, const char *name, const char *text)
{
  put (target, name, text, strlen (text));
}

static void
put_bytes (const char *target, const char *name, GByteArray *bytes)
{
  put (target, name, bytes->data, bytes->len);
  g_byte_array_set_size (bytes, 0);
}

static void
copy (const char *root, const char *path, const char *target, const char *name)
{
  g_autofree char *file = g_build_filename (root, path, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  if (!g_file_get_contents (file, &text, &size, &error)) {
    fprintf (stderr, "fuzz-seeds: %s\n", error->message);
    exit (1);
  }
  put (target, name, text, size);
}

/* Every scenario of the tree. */
static void
put_scenarios (const char *root)
{
  g_autofree char *folder = g_build_filename (root, "scenarios", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename ("scenarios", name, NULL);
    if (g_str_has_suffix (name, ".json"))
      copy (root, path, "scenario", name);
  }
}

static void
put_configs (const char *root)
{
  copy (root, "data/portsyncd.conf", "config", "example");
  put_text (
      "config", "values",
      "[database]\nconfig='/a'\nreply_deadline=10ms\n[netlink]\nreceive_buffer=64M\n"
      "old_interfaces=adopt\naudit_interval=24h\n[start]\neoiu_timeout=100000us\nrun_dir=/\n");
  put_text ("config", "unknown", "[databse]\n[stats]\n");
  put_text ("db-config", "unix",
            "{\"INSTANCES\":{\"redis\":" REDIS_INSTANCE "},\"DATABASES\":" DATABASES "}");
  put_text ("db-config", "tcp",
            "{\"INSTANCES\":{\"redis\":" TCP_INSTANCE "},\"DATABASES\":" DATABASES "}");
  put_text ("db-config", "escapes",
            "{\"INSTANCES\":{\"\\u0041/~\":[null,1.5,true]},\"x\":\"\\n\"}");
}

static void
put_life (void)
{
  g_autoptr (PsLifeIdentity) identity = ps_life_identity_new ("b-1", 77, "4:99");
  g_autoptr (GString) text = g_string_new (NULL);
  PsPort port = {.name = "Ethernet0"};
  port.device.flap = (PsFlap){12, {10, 5, 5}, {16, 8, 8}, 100, 101};
  ps_life_record_put_header (text, identity);
  ps_life_record_put_old (text, 30);
  ps_life_record_put_old_gone (text, 30);
  ps_life_record_put_copied (text);
  ps_life_record_put_port (text, &port);
  ps_life_record_put_precleared (text, &port);
  ps_life_record_put_seen (text, &port);
  put ("life", "record", text->str, text->len);
  put_text ("life", "lines",
            "portsyncd-life 1\nboot b\ninit 7\nnetns 4:9\nold 1\nold-gone 1\ncopied\n"
            "port Ethernet0 1 2 3 4 5 6 7\nprecleared Ethernet4\nseen Ethernet0 2 9 9 9\n");
}

static void
add_link (GByteArray *out, PsLinkEventType type, guint32 ifindex, const char *name)
{
  PsLinkEvent link = {.type = type, .ifindex = ifindex, .flags = IFF_UP | IFF_RUNNING};
  link.fields = PS_LINK_HAS_MTU | PS_LINK_HAS_MASTER | PS_LINK_HAS_KIND | PS_LINK_HAS_CARRIER;
  link.mtu = 9100;
  link.master = 3;
  link.carrier = (PsCarrier){3, 2, 1};
  g_strlcpy (link.name, name, sizeof link.name);
  g_strlcpy (link.kind, "veth", sizeof link.kind);
  ps_message_append_link (out, (PsMessageOrigin){0}, &link);
}

static void
put_links (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  add_link (out, PS_LINK_UPSERT, 7, "Ethernet0");
  put_bytes ("link", "new", out);
  add_link (out, PS_LINK_REMOVE, 7, "Ethernet-Rec0");
  put_bytes ("link", "gone", out);
  ps_message_append_done (out, (PsMessageOrigin){NLM_F_MULTI, 1, 1}, -EINTR);
  put_bytes ("link", "done", out);
  ps_message_append_error (out, 1, 1, EBUSY);
  put_bytes ("link", "error", out);
}

static void
op (GByteArray *out, guint8 code)
{
  g_byte_array_append (out, &code, 1);
}

static void
number (GByteArray *out, guint value)
{
  op (out, value & 0xff);
  op (out, (guint8)(value >> 8));
}

static void
block (GByteArray *out, guint8 code, const void *bytes, gsize size)
{
  op (out, code);
  number (out, (guint)size);
  g_byte_array_append (out, bytes, (guint)size);
}

static void
turn (GByteArray *out, guint8 code)
{
  op (out, code);
  number (out, 10);
}

static void
part (GByteArray *out, guint8 from, guint8 ifindex)
{
  op (out, PS_NETLINK_OP_LINK);
  op (out, from);
  op (out, ifindex);
  op (out, ifindex);
}

/* A listing of two parts; what begins it stands in out already. */
static void
listing (GByteArray *out, guint8 from, guint8 code)
{
  op (out, PS_NETLINK_OP_SNAPSHOT);
  turn (out, PS_NETLINK_OP_TIME);
  part (out, from, 1);
  part (out, 0, 1);
  op (out, PS_NETLINK_OP_ARRIVE);
  part (out, from, 2);
  op (out, PS_NETLINK_OP_DONE);
  op (out, code);
  op (out, PS_NETLINK_OP_ARRIVE);
  turn (out, PS_NETLINK_OP_TIME);
}

static void
put_netlink_listings (GByteArray *out)
{
  listing (out, PS_NETLINK_FROM_DUMP, 0);
  put_bytes ("netlink", "listing", out);
  listing (out, PS_NETLINK_FROM_DUMP | PS_NETLINK_FROM_INTERRUPTED, 0);
  listing (out, PS_NETLINK_FROM_DUMP, EBUSY);
  put_bytes ("netlink", "interrupted", out);
  listing (out, PS_NETLINK_FROM_DUMP | PS_NETLINK_FROM_EARLIER, 0);
  put_bytes ("netlink", "late", out);
  op (out, PS_NETLINK_OP_FAIL_SENDS);
  op (out, EBUSY - 1);
  op (out, 2);
  op (out, PS_NETLINK_OP_OVERRUN);
  op (out, 5);
  listing (out, PS_NETLINK_FROM_DUMP, 0);
  put_bytes ("netlink", "busy", out);
}

static void
put_netlink (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GByteArray) datagram = g_byte_array_new ();
  put_netlink_listings (out);
  add_link (datagram, PS_LINK_UPSERT, 7, "Ethernet0");
  add_link (datagram, PS_LINK_REMOVE, 7, "Ethernet0");
  block (out, PS_NETLINK_OP_DATAGRAM, datagram->data, datagram->len);
  turn (out, PS_NETLINK_OP_TIME);
  block (out, PS_NETLINK_OP_DATAGRAM, datagram->data, datagram->len - 3);
  put_bytes ("netlink", "datagrams", out);
  op (out, PS_NETLINK_OP_ADMIN_DOWN);
  op (out, 70);
  turn (out, PS_NETLINK_OP_TIME);
  op (out, PS_NETLINK_OP_ERROR);
  op (out, 0);
  op (out, PS_NETLINK_OP_ARRIVE);
  turn (out, PS_NETLINK_OP_TIME);
  op (out, PS_NETLINK_OP_ERROR);
  op (out, EPERM);
  op (out, PS_NETLINK_OP_ARRIVE);
  put_bytes ("netlink", "admin-down", out);
  op (out, PS_NETLINK_OP_SNAPSHOT);
  turn (out, PS_NETLINK_OP_TIME);
  op (out, PS_NETLINK_OP_CLOSE);
  op (out, EIO - 1);
  put_bytes ("netlink", "closed", out);
}

static void
says (GByteArray *out, PsRedisSaying what)
{
  op (out, PS_REDIS_OP_SAY);
  op (out, (guint8)what);
}

static void
asks (GByteArray *out, PsRedisOp what, guint8 which)
{
  op (out, (guint8)what);
  if (what != PS_REDIS_OP_EXISTS)
    op (out, which);
}

static void
hello (GByteArray *out, gboolean produces)
{
  op (out, produces ? PS_REDIS_FLAG_PRODUCES : 0);
  says (out, PS_REDIS_SAY_HELLO);
  if (produces)
    says (out, PS_REDIS_SAY_SCRIPT);
}

static void
put_redis_producer (GByteArray *out)
{
  hello (out, TRUE);
  asks (out, PS_REDIS_OP_COMMIT, 2);
  says (out, PS_REDIS_SAY_NOSCRIPT);
  says (out, PS_REDIS_SAY_PRODUCED);
  asks (out, PS_REDIS_OP_COMMIT, 5);
  put_bytes ("redis", "produce", out);
  hello (out, TRUE);
  asks (out, PS_REDIS_OP_COMMIT, 4);
  says (out, PS_REDIS_SAY_READONLY);
  turn (out, PS_REDIS_OP_TIME);
  put_bytes ("redis", "readonly", out);
}

static void
put_redis (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  const char *replies = PS_SESSION_RIG_SCENE_REPLIES;
  put_redis_producer (out);
  hello (out, FALSE);
  asks (out, PS_REDIS_OP_COMMIT, 3);
  asks (out, PS_REDIS_OP_READ, 2);
  asks (out, PS_REDIS_OP_EXISTS, 0);
  block (out, PS_REDIS_OP_FEED, replies, strlen (replies));
  put_bytes ("redis", "scene", out);
  hello (out, FALSE);
  asks (out, PS_REDIS_OP_READ, 1);
  says (out, PS_REDIS_SAY_PAGE);
  says (out, PS_REDIS_SAY_LAST_PAGE);
  says (out, PS_REDIS_SAY_ROW);
  says (out, PS_REDIS_SAY_WRONGTYPE);
  put_bytes ("redis", "scan", out);
  hello (out, FALSE);
  op (out, PS_REDIS_OP_CHUNKS);
  number (out, 2);
  number (out, 2);
  asks (out, PS_REDIS_OP_COMMIT, 0);
  op (out, PS_REDIS_OP_END);
  asks (out, PS_REDIS_OP_CONNECT, 2);
  op (out, PS_REDIS_OP_FREE);
  turn (out, PS_REDIS_OP_TIME);
  put_bytes ("redis", "cut", out);
}

static void
add_words (GString *out, const char *const *words)
{
  g_string_append_printf (out, "*%u\r\n", g_strv_length ((char **)words));
  for (guint i = 0; words[i] != NULL; i++)
    g_string_append_printf (out, "$%zu\r\n%s\r\n", strlen (words[i]), words[i]);
}

/* Two bytes of pieces in front. */
static void
put_sim_redis (void)
{
  PsRedisScript script = ps_redis_script_produce ();
  const char *load[] = {"SCRIPT", "LOAD", script.text, NULL};
  const char *call[] = {"EVALSHA", script.sha1, "4", "C", "S", "_T:a", "_T:b", "G", "a", "2",
                        "f",       "1",         "g", "2", "b", "1",    "f",    "3", NULL};
  g_autoptr (GString) out = g_string_new ("zz");
  add_words (out, load);
  add_words (out, call);
  add_words (out, call);
  put ("sim-redis", "script", out->str, out->len);
  put_text ("sim-redis", "hashes",
            "zzSELECT 6\nHSET h a 1 b 2\nHGETALL h\nHGET h b\nHDEL h a b\nEXISTS h\nDEL h\n");
  put_text ("sim-redis", "others",
            "azSADD s m n\nSCARD s\nSREM s m\nSET s v\nGET s\nPUBLISH c x\nKEYS *\nPING x\n"
            "SCAN 0 MATCH [a-s]* COUNT 1\nEVAL x 0\nFLUSHDB\nSCRIPT FLUSH\nHSET s a\n");
}

static void
put_resp (void)
{
  put_text ("resp", "replies", "z+OK\r\n-ERR x\r\n:-7\r\n$3\r\na\rb\r\n$-1\r\n*-1\r\n*0\r\n");
  put_text ("resp", "nested", "z*2\r\n*1\r\n*1\r\n:1\r\n$0\r\n\r\n");
  put_text ("resp", "commands", "z*2\r\n$4\r\nping\r\n$1\r\nx\r\nset a b\n\r\n*0\r\n*-1\r\n");
}

/* RTM_NEWLINK with these attributes, byte by byte; claimed is the length of the message that its
 * header tells beyond the true one. */
static void
put_edge_link (const char *name, guint8 family, int ifindex, const char *attrs, gsize n_attrs,
               int claimed)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  struct ifinfomsg info = {.ifi_family = family, .ifi_index = ifindex};
  guint32 length = (guint32)((int)(NLMSG_HDRLEN + sizeof info + n_attrs) + claimed);
  ps_message_append (out, RTM_NEWLINK, (PsMessageOrigin){0}, &info, sizeof info);
  g_byte_array_append (out, (const guint8 *)attrs, (guint)n_attrs);
  memcpy (out->data, &length, sizeof length);
  put_bytes ("link", name, out);
}

#define PUT_EDGE_LINK(name, attrs) put_edge_link (name, 0, 7, attrs, sizeof attrs - 1, 0)
#define NAME_A                     "\x06\0\x03\0A\0\0\0"

static void
put_edge_names (void)
{
  PUT_EDGE_LINK ("name-15", "\x14\0\x03\0Ethernet1234567\0");
  PUT_EDGE_LINK ("name-16", "\x15\0\x03\0Ethernet12345678\0");
  PUT_EDGE_LINK ("name-unterminated-1", "\x05\0\x03\0A");
  PUT_EDGE_LINK ("name-unterminated-15", "\x13\0\x03\0Ethernet1234567");
  PUT_EDGE_LINK ("name-beyond-the-end", "\x14\0\x03\0Ethernet");
  PUT_EDGE_LINK ("name-empty", "\x05\0\x03\0\0");
  PUT_EDGE_LINK ("name-without-bytes", "\x04\0\x03\0");
  PUT_EDGE_LINK ("name-twice", NAME_A "\x06\0\x03\0B\0\0\0");
  PUT_EDGE_LINK ("name-nested-flag", "\x06\0\x03\x80"
                                     "A\0\0\0");
  PUT_EDGE_LINK ("name-odd", "\x0b\0\x03\0\xff|:\n\x7f\\\0\0");
}

static void
put_edge_attrs (void)
{
  PUT_EDGE_LINK ("attr-0", NAME_A "\0\0\x04\0");
  PUT_EDGE_LINK ("attr-3", NAME_A "\x03\0\x04\0");
  PUT_EDGE_LINK ("attr-4", NAME_A "\x04\0\x04\0");
  PUT_EDGE_LINK ("mtu-3", NAME_A "\x07\0\x04\0\1\2\3\0");
  PUT_EDGE_LINK ("mtu-5", NAME_A "\x09\0\x04\0\1\2\3\4\5\0\0\0");
  PUT_EDGE_LINK ("mtu-beyond-the-end", NAME_A "\x08\0\x04\0\1\2\3");
  PUT_EDGE_LINK ("rest-3", NAME_A "\1\2\3");
  PUT_EDGE_LINK ("kind-unterminated", NAME_A "\x0c\0\x12\0\x08\0\x01\0veth");
  PUT_EDGE_LINK ("kind-beyond-the-end", NAME_A "\x0c\0\x12\0\x40\0\x01\0veth");
  PUT_EDGE_LINK ("kind-long", NAME_A "\x1c\0\x12\0\x18\0\x01\0abcdefghijklmnopqrs");
  put_edge_link ("bridge", 7, 7, NAME_A, sizeof NAME_A - 1, 0);
  put_edge_link ("ifindex-0", 0, 0, NAME_A, sizeof NAME_A - 1, 0);
  put_edge_link ("ifindex-negative", 0, -1, NAME_A, sizeof NAME_A - 1, 0);
  put_edge_link ("ifindex-largest", 0, G_MAXINT32, NAME_A, sizeof NAME_A - 1, 0);
  put_edge_link ("length-0", 0, 7, "", 0, -32);
  put_edge_link ("length-15", 0, 7, "", 0, -17);
  put_edge_link ("length-31", 0, 7, "", 0, -1);
  put_edge_link ("length-beyond-the-end", 0, 7, NAME_A, sizeof NAME_A - 1, 1);
}

static void
put_edge_redis (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  static const char *const counts[] = {":3\r\n", ":4\r\n", ":-1\r\n"};
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    g_autofree char *name = g_strdup_printf ("exists-%u", i);
    hello (out, FALSE);
    turn (out, PS_REDIS_OP_TIME);
    asks (out, PS_REDIS_OP_EXISTS, 0);
    block (out, PS_REDIS_OP_FEED, counts[i], strlen (counts[i]));
    put_bytes ("redis", name, out);
  }
  put_text ("resp", "depth-3", "z*1\r\n*1\r\n*1\r\n:1\r\n");
  put_text ("resp", "depth-4", "z*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n");
  put_text ("resp", "depth-9", "z*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n");
  put_text ("resp", "elements", "z*262145\r\n");
  put_text ("resp", "nested-elements", "z*2\r\n*131072\r\n:1\r\n");
}

static void
put_edge_files (void)
{
  g_autofree char *path = g_strnfill (108, 'p');
  g_autofree char *json = g_strdup_printf (
      "{\"INSTANCES\":{\"redis\":{\"unix_socket_path\":\"%s\"}},\"DATABASES\":" DATABASES "}",
      path);
  put_text ("db-config", "path-108", json);
  put_text ("config", "quote-in-path", "[start]\nrun_dir='/a\"b'\n");
  put_text ("config", "no-whole-unit", "[netlink]\naudit_interval=90s\nreceive_buffer=4097\n");
  put_text ("life", "long-name",
            "portsyncd-life 1\nboot b\ninit 7\nnetns n\nprecleared Ethernet12345678\nold 0\n");
  put_text ("scenario", "ring",
            "{\"scenario\":2,\"name\":\"n\",\"why\":\"w\",\"duration\":\"1s\","
            "\"setup\":{\"ports\":1},\"steps\":["
            "{\"id\":\"a\",\"after\":\"b\",\"do\":\"daemon.start\"},"
            "{\"id\":\"b\",\"after\":\"a\",\"do\":\"daemon.start\"}]}");
}

static void
put_edges (void)
{
  kind = "edge";
  put_edge_names ();
  put_edge_attrs ();
  put_edge_redis ();
  put_edge_files ();
}

int
main (int argc, char **argv)
{
  if (argc != 3) {
    fprintf (stderr, "Usage: %s SOURCE_ROOT DIRECTORY\n", argv[0]);
    return 2;
  }
  directory = argv[2];
  put_scenarios (argv[1]);
  put_configs (argv[1]);
  put_life ();
  put_links ();
  put_netlink ();
  put_redis ();
  put_sim_redis ();
  put_resp ();
  put_edges ();
  return 0;
}

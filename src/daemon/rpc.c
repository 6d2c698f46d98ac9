#include "src/daemon/rpc.h"

#include "feeds/json.h"
#include "src/daemon/blobs_talk.h"
#include "src/daemon/daemon.h"
#include "src/daemon/ebt_stream.h"
#include "src/daemon/methods.h"
#include "src/limits.h"

/* Methods of one namespace stand together. */
const struct rpc_method rpc_methods[] = {
	{ "manifest", RPC_ASYNC, RPC_ANYONE, RPC_EARLY, method_manifest },
	{ "whoami", RPC_ASYNC, RPC_LOCAL, RPC_EARLY, method_whoami },
	{ "version", RPC_ASYNC, RPC_LOCAL, RPC_EARLY, method_version },
	{ "status", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_status },
	{ "progress", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_progress },
	{ "get", RPC_ASYNC, RPC_LOCAL, RPC_EARLY, method_get },
	{ "latestSequence", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_latest_sequence },
	{ "createFeedStream", RPC_SOURCE, RPC_LOCAL, RPC_EARLY,
	  method_feed_stream },
	{ "createLogStream", RPC_SOURCE, RPC_LOCAL, RPC_EARLY,
	  method_log_stream },
	{ "createUserStream", RPC_SOURCE, RPC_LOCAL, RPC_EARLY,
	  method_user_stream },
	{ "createHistoryStream", RPC_SOURCE, RPC_ANYONE, RPC_LOADED,
	  method_history_stream },
	{ "links", RPC_SOURCE, RPC_LOCAL, RPC_EARLY, method_links },
	{ "messagesByType", RPC_SOURCE, RPC_LOCAL, RPC_EARLY, method_by_type },
	{ "publish", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_publish },
	{ "add", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_add },
	{ "createWriteStream", RPC_SINK, RPC_LOCAL, RPC_LOADED,
	  method_write_stream },
	{ "about.latestValue", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_latest_value },
	{ "about.latestValues", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_latest_values },
	{ "about.socialValue", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_social_value },
	{ "about.socialValues", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_social_values },
	{ "backlinks.read", RPC_SOURCE, RPC_LOCAL, RPC_EARLY,
	  method_backlinks },
	{ "blobs.add", RPC_SINK, RPC_LOCAL, RPC_LOADED, method_blobs_add },
	{ "blobs.changes", RPC_SOURCE, RPC_ANYONE, RPC_EARLY,
	  method_blobs_changes },
	{ "blobs.createWants", RPC_SOURCE, RPC_ANYONE, RPC_LOADED,
	  blobs_serve_wants },
	{ "blobs.get", RPC_SOURCE, RPC_ANYONE, RPC_EARLY, method_blobs_get },
	{ "blobs.getSlice", RPC_SOURCE, RPC_ANYONE, RPC_EARLY,
	  method_blobs_slice },
	{ "blobs.has", RPC_ASYNC, RPC_ANYONE, RPC_EARLY, method_blobs_has },
	{ "blobs.ls", RPC_SOURCE, RPC_LOCAL, RPC_EARLY, method_blobs_ls },
	{ "blobs.meta", RPC_ASYNC, RPC_LOCAL, RPC_EARLY, method_blobs_meta },
	{ "blobs.push", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_blobs_push },
	{ "blobs.pushed", RPC_SOURCE, RPC_LOCAL, RPC_LOADED,
	  method_blobs_pushed },
	{ "blobs.rm", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_blobs_rm },
	{ "blobs.size", RPC_ASYNC, RPC_LOCAL, RPC_EARLY, method_blobs_size },
	{ "blobs.want", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_blobs_want },
	{ "conn.connect", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, dialer_connect },
	{ "conn.dbPeers", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_db_peers },
	{ "conn.disconnect", RPC_ASYNC, RPC_LOCAL, RPC_LOADED,
	  method_disconnect },
	{ "conn.peers", RPC_SOURCE, RPC_LOCAL, RPC_LOADED, method_peers },
	{ "conn.ping", RPC_DUPLEX, RPC_ANYONE, RPC_LOADED, method_ping },
	{ "ebt.clock", RPC_ASYNC, RPC_ANYONE, RPC_LOADED, method_ebt_clock },
	{ "ebt.replicate", RPC_DUPLEX, RPC_ANYONE, RPC_LOADED,
	  ebt_stream_serve },
	{ "friends.createFriendStream", RPC_SOURCE, RPC_LOCAL, RPC_LOADED,
	  method_friend_stream },
	{ "friends.get", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_friends_get },
	{ "friends.graph", RPC_ASYNC, RPC_LOCAL, RPC_LOADED,
	  method_friends_graph },
	{ "friends.graphStream", RPC_SOURCE, RPC_LOCAL, RPC_LOADED,
	  method_graph_stream },
	{ "friends.hopStream", RPC_SOURCE, RPC_LOCAL, RPC_LOADED,
	  method_hop_stream },
	{ "friends.hops", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_hops },
	{ "friends.isBlocking", RPC_ASYNC, RPC_LOCAL, RPC_LOADED,
	  method_is_blocking },
	{ "friends.isFollowing", RPC_ASYNC, RPC_LOCAL, RPC_LOADED,
	  method_is_following },
	{ "friends.stream", RPC_SOURCE, RPC_LOCAL, RPC_LOADED,
	  method_edge_stream },
	{ "gossip.ping", RPC_DUPLEX, RPC_ANYONE, RPC_LOADED, method_ping },
	{ "kith.blob", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_blob_word },
	{ "kith.blobWhy", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_blob_why },
	{ "kith.blobsCheck", RPC_SOURCE, RPC_LOCAL, RPC_LOADED,
	  method_blobs_check },
	{ "kith.captureStart", RPC_ASYNC, RPC_LOCAL, RPC_LOADED,
	  method_capture_start },
	{ "kith.captureStatus", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_capture_status },
	{ "kith.captureStop", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_capture_stop },
	{ "kith.catchUp", RPC_SOURCE, RPC_LOCAL, RPC_EARLY, method_catch_up },
	{ "kith.compact", RPC_SOURCE, RPC_LOCAL, RPC_LOADED, method_compact },
	{ "kith.dropProofs", RPC_SOURCE, RPC_LOCAL, RPC_LOADED,
	  method_drop_proofs },
	{ "kith.explain", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_explain },
	{ "kith.forget", RPC_SOURCE, RPC_LOCAL, RPC_LOADED, method_forget },
	{ "kith.markRead", RPC_SOURCE, RPC_LOCAL, RPC_LOADED,
	  method_mark_read },
	{ "kith.query", RPC_SOURCE, RPC_LOCAL, RPC_EARLY, method_query },
	{ "kith.rebuild", RPC_SOURCE, RPC_LOCAL, RPC_LOADED, method_rebuild },
	{ "kith.refusals", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_refusals },
	{ "kith.refused", RPC_SOURCE, RPC_LOCAL, RPC_LOADED, method_refused },
	{ "kith.remember", RPC_SOURCE, RPC_LOCAL, RPC_LOADED, method_remember },
	{ "kith.retain", RPC_SOURCE, RPC_LOCAL, RPC_LOADED, method_retain },
	{ "kith.unfreeze", RPC_ASYNC, RPC_LOCAL, RPC_LOADED, method_unfreeze },
	{ "names.getImageFor", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_image_for },
	{ "names.getSignifier", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_signifier },
	{ "private.publish", RPC_ASYNC, RPC_LOCAL, RPC_LOADED,
	  method_private_publish },
	{ "private.read", RPC_SOURCE, RPC_LOCAL, RPC_EARLY,
	  method_private_read },
	{ "private.unbox", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_private_unbox },
	{ "query.read", RPC_SOURCE, RPC_LOCAL, RPC_EARLY, method_query_read },
	{ "room.metadata", RPC_ASYNC, RPC_ANYONE, RPC_LOADED,
	  method_room_metadata },
	{ "search.query", RPC_SOURCE, RPC_LOCAL, RPC_EARLY, method_search },
	{ "tribes.create", RPC_ASYNC, RPC_LOCAL, RPC_LOADED,
	  method_group_create },
	{ "tribes.get", RPC_ASYNC, RPC_LOCAL, RPC_EARLY, method_group_get },
	{ "tribes.invite", RPC_ASYNC, RPC_LOCAL, RPC_LOADED,
	  method_group_invite },
	{ "tribes.list", RPC_ASYNC, RPC_LOCAL, RPC_EARLY, method_group_list },
	{ "tribes.listAuthors", RPC_ASYNC, RPC_LOCAL, RPC_EARLY,
	  method_group_members },
	{ "tunnel.isRoom", RPC_ASYNC, RPC_ANYONE, RPC_LOADED, method_is_room },
	{ .name = NULL },
};

const struct rpc_method *rpc_find(struct kith_slice name)
{
	for (const struct rpc_method *m = rpc_methods; m->name; m++)
		if (kith_equal(name, kith_text(m->name)))
			return m;
	return NULL;
}

void rpc_call(struct peer *p, const struct session_event *call)
{
	const struct rpc_method *m = rpc_find(call->name);

	if (p->state != PEER_OPEN)
		return;
	if (!p->local && (!m || m->who == RPC_LOCAL))
		session_refuse(p->session, call->request, call->name);
	else if (!m || m->shape != call->shape)
		session_absent(p->session, call->request, call->shape,
			       call->name);
	else if (m->when == RPC_EARLY || load_rest(p->daemon))
		m->call(p, call);
}

/* --- the manifest --- */

/* Length of the namespace at the front of name; 0: none. */
static size_t namespace_length(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? (size_t)(dot - name) : 0;
}

static bool same_namespace(const char *a, const char *b)
{
	size_t n = namespace_length(a);

	return n && n == namespace_length(b) && !memcmp(a, b, n);
}

static void put_leaf(struct kith_buf *out, const struct rpc_method *m)
{
	size_t n = namespace_length(m->name);

	json_put_text(out, m->name + (n ? n + 1 : 0));
	kith_buf_byte(out, ':');
	json_put_text(out, rpc_shape_name(m->shape));
}

static void put_namespace(struct kith_buf *out, const char *name)
{
	json_put_string(out, (struct kith_slice){ (const uint8_t *)name,
						  namespace_length(name) });
	kith_buf_text(out, ":{");
}

void rpc_manifest(struct kith_buf *out)
{
	const struct rpc_method *m = rpc_methods;
	bool joins, goes_on;

	kith_buf_byte(out, '{');
	for (; m->name; m++) {
		joins = m > rpc_methods && same_namespace(m->name, m[-1].name);
		goes_on = m[1].name && same_namespace(m->name, m[1].name);
		if (!joins && namespace_length(m->name))
			put_namespace(out, m->name);
		put_leaf(out, m);
		if (!goes_on && namespace_length(m->name))
			kith_buf_byte(out, '}');
		if (m[1].name)
			kith_buf_byte(out, ',');
	}
	kith_buf_byte(out, '}');
}

enum kith_err rpc_write_manifest(const struct home *h, struct kith_error *e)
{
	struct kith_buf compact = { .limit = LIMIT_BODY_BYTES };
	struct kith_buf pretty = { .limit = LIMIT_BODY_BYTES };
	struct kith_buf there = { .limit = LIMIT_BODY_BYTES };
	enum kith_err err = KITH_OK;

	rpc_manifest(&compact);
	json_pretty(kith_bytes(&compact), &pretty);
	kith_buf_byte(&pretty, '\n');
	if (home_read(h, "manifest.json", &there, NULL) ||
	    !kith_equal(kith_bytes(&there), kith_bytes(&pretty)))
		err = home_write(h, "manifest.json", kith_bytes(&pretty), e);
	kith_buf_free(&compact);
	kith_buf_free(&pretty);
	kith_buf_free(&there);
	return err;
}

/*
 * The methods, by namespace; rpc.c has the table.  Each answers its call now
 * or hangs a request on it.  ebt.replicate is in ebt_stream.h, conn.connect in
 * dialer.h.
 */
#ifndef DAEMON_METHODS_H
#define DAEMON_METHODS_H

#include "src/daemon/peer.h"
#include "src/daemon/streams.h"
#include "src/ingest/ingest.h"

typedef void method_fn(struct peer *p, const struct session_event *call);

/* methods_core.c */
method_fn method_manifest, method_whoami, method_version;
/* methods_status.c */
method_fn method_status, method_progress;
/* methods_explain.c */
method_fn method_explain, method_refusals;
/* methods_refused.c */
method_fn method_refused;
/* methods_log.c */
method_fn method_get, method_latest_sequence, method_log_stream,
	method_user_stream, method_history_stream;
/* methods_views.c */
method_fn method_query, method_by_type, method_feed_stream;
/* methods_links.c */
method_fn method_links, method_backlinks, method_query_read,
	method_private_read;
/* methods_write.c */
method_fn method_add, method_write_stream;
/* methods_private.c */
method_fn method_publish, method_private_publish, method_private_unbox;
/* methods_groups.c */
method_fn method_group_create, method_group_invite, method_group_list,
	method_group_get, method_group_members;
/* methods_capture.c */
method_fn method_capture_start, method_capture_stop, method_capture_status;
/* methods_feed.c */
method_fn method_unfreeze;
/* methods_space.c */
method_fn method_compact, method_forget, method_remember,
	method_retain;
/* methods_follow.c */
method_fn method_catch_up, method_rebuild, method_mark_read;
/* methods_forks.c */
method_fn method_drop_proofs;
/* methods_friends.c */
method_fn method_is_following, method_is_blocking, method_friends_get,
	method_friends_graph, method_hops, method_hop_stream,
	method_friend_stream, method_edge_stream, method_graph_stream;
/* methods_people.c */
method_fn method_social_value, method_latest_value, method_social_values,
	method_latest_values, method_signifier, method_image_for;
/* methods_conn.c */
method_fn method_db_peers, method_disconnect, method_peers,
	method_ping;
/* methods_blobs.c */
method_fn method_blobs_has, method_blobs_size, method_blobs_meta,
	method_blobs_want, method_blobs_push, method_blobs_rm,
	method_blob_word;
/* methods_blobs_add.c, _get.c, _watch.c, _why.c */
method_fn method_blobs_add, method_blobs_get, method_blobs_slice,
	method_blobs_ls, method_blobs_changes, method_blobs_pushed,
	method_blobs_check, method_blob_why;
/* methods_ebt.c */
method_fn method_ebt_clock;
/* methods_search.c */
method_fn method_search;
/* methods_room.c */
method_fn method_room_metadata, method_is_room;

/* A session with a remote peer is open: the calls that we make on it. */
void ping_opened(struct peer *p);

/* The options of a stream over the log as members of a query; each behind a
 * comma.  False: answered with an error. */
bool query_read_options(struct peer *p, const struct session_event *call,
			struct stream_options *o);
void query_put_receipt(struct kith_buf *text, const struct stream_options *o);
void query_put_options(struct kith_buf *text, const struct stream_options *o,
		       const char *order);

/* A contact was said, or hops changed: tells those who watch friends. */
struct contact;
void friends_said(struct daemon *d, const struct contact *c);
void friends_moved(struct daemon *d);

/* Appends {"id":...,"size":...,"ts":...}. */
void blob_put_meta(struct kith_buf *out, const struct kith_blob_id *id,
		   uint64_t size, int64_t added_us);

/* methods_explain.c: appends refusal n as those who ask are told it. */
struct refusal;
void refusal_put(struct kith_buf *out, uint64_t n, const struct refusal *r);

/* One more was refused: tells those who watch. */
void refusal_watches_wake(struct daemon *d);

/* Peers came, went or changed: tells those who watch conn.peers. */
void peers_changed(struct daemon *d);

#endif

/* The functions behind the table, one file a command or close family. */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

#include "tools/tool.h"

/* identity.c */
int command_init(struct tool *t, int argc, char **argv);
int command_id(struct tool *t, int argc, char **argv);
/* words.c */
int command_words(struct tool *t, int argc, char **argv);
/* feed.c */
int command_feed(struct tool *t, int argc, char **argv);
/* compose.c, publish.c */
int command_post(struct tool *t, int argc, char **argv);
int command_reply(struct tool *t, int argc, char **argv);
int command_publish(struct tool *t, int argc, char **argv);
/* dm.c, group.c */
int command_dm(struct tool *t, int argc, char **argv);
int command_group(struct tool *t, int argc, char **argv);
/* like.c, name.c, subscribe.c */
int command_like(struct tool *t, int argc, char **argv);
int command_name(struct tool *t, int argc, char **argv);
int command_subscribe(struct tool *t, int argc, char **argv);
int command_unsubscribe(struct tool *t, int argc, char **argv);
/* contact.c */
int command_follow(struct tool *t, int argc, char **argv);
int command_unfollow(struct tool *t, int argc, char **argv);
int command_block(struct tool *t, int argc, char **argv);
int command_unblock(struct tool *t, int argc, char **argv);
/* peers.c */
int command_connect(struct tool *t, int argc, char **argv);
int command_disconnect(struct tool *t, int argc, char **argv);
int command_peers(struct tool *t, int argc, char **argv);
/* stop.c */
int command_stop(struct tool *t, int argc, char **argv);
/* forks.c */
int command_forks(struct tool *t, int argc, char **argv);
/* clock.c, diff.c, sync_plan.c */
int command_clock(struct tool *t, int argc, char **argv);
int command_diff(struct tool *t, int argc, char **argv);
int command_sync_plan(struct tool *t, int argc, char **argv);
/* feeds.c, log.c, cat.c */
int command_feeds(struct tool *t, int argc, char **argv);
int command_log(struct tool *t, int argc, char **argv);
int command_cat(struct tool *t, int argc, char **argv);
/* links.c, about.c, tree.c, tail.c */
int command_links(struct tool *t, int argc, char **argv);
int command_backlinks(struct tool *t, int argc, char **argv);
int command_about(struct tool *t, int argc, char **argv);
int command_tree(struct tool *t, int argc, char **argv);
int command_tail(struct tool *t, int argc, char **argv);
/* search.c */
int command_search(struct tool *t, int argc, char **argv);
/* query.c */
int command_query(struct tool *t, int argc, char **argv);
/* timeline.c, thread.c, channels.c */
int command_timeline(struct tool *t, int argc, char **argv);
int command_channel(struct tool *t, int argc, char **argv);
int command_thread(struct tool *t, int argc, char **argv);
int command_channels(struct tool *t, int argc, char **argv);
/* inbox.c, unread.c */
int command_inbox(struct tool *t, int argc, char **argv);
int command_mentions(struct tool *t, int argc, char **argv);
int command_unread(struct tool *t, int argc, char **argv);
/* profile.c, whois.c, follows.c */
int command_profile(struct tool *t, int argc, char **argv);
int command_whois(struct tool *t, int argc, char **argv);
int command_follows(struct tool *t, int argc, char **argv);
/* stats.c, space.c, graph.c, explain.c */
int command_stats(struct tool *t, int argc, char **argv);
int command_space(struct tool *t, int argc, char **argv);
int command_graph(struct tool *t, int argc, char **argv);
int command_explain(struct tool *t, int argc, char **argv);
/* adopt.c */
int command_adopt(struct tool *t, int argc, char **argv);
/* import.c, export.c, verify.c */
int command_import(struct tool *t, int argc, char **argv);
int command_export(struct tool *t, int argc, char **argv);
int command_verify(struct tool *t, int argc, char **argv);
/* decode.c, redact.c */
int command_decode(struct tool *t, int argc, char **argv);
int command_redact(struct tool *t, int argc, char **argv);
/* rpc.c, peer.c */
int command_rpc(struct tool *t, int argc, char **argv);
int command_peer(struct tool *t, int argc, char **argv);
/* lint.c */
int command_lint(struct tool *t, int argc, char **argv);
/* fsck.c */
int command_fsck(struct tool *t, int argc, char **argv);
/* compact.c, forget.c, retention.c */
int command_retention(struct tool *t, int argc, char **argv);
int command_compact(struct tool *t, int argc, char **argv);
int command_forget(struct tool *t, int argc, char **argv);
/* passphrase.c */
int command_passphrase(struct tool *t, int argc, char **argv);
/* backup.c, restore.c */
int command_backup(struct tool *t, int argc, char **argv);
int command_restore(struct tool *t, int argc, char **argv);
/* status.c */
int command_status(struct tool *t, int argc, char **argv);
/* bundle.c */
int command_bundle(struct tool *t, int argc, char **argv);
/* blob.c */
int command_blob(struct tool *t, int argc, char **argv);
int command_blobs(struct tool *t, int argc, char **argv);
/* sync.c */
int command_sync(struct tool *t, int argc, char **argv);
/* depot.c */
int command_depot(struct tool *t, int argc, char **argv);
/* capture.c, tap.c */
int command_capture(struct tool *t, int argc, char **argv);
int command_tap(struct tool *t, int argc, char **argv);
/* views.c */
int command_views(struct tool *t, int argc, char **argv);
/* dissect.c */
int command_dissect(struct tool *t, int argc, char **argv);

#endif

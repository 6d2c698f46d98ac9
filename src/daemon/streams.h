/*
 * Streams of stored messages: the log, or one feed, old and live.
 *
 * A stream reads rows only while its peer takes them.
 * Source: protocol/05 section 2; protocol/08 sections 2 and 4.
 */
#ifndef DAEMON_STREAMS_H
#define DAEMON_STREAMS_H

#include "src/daemon/peer.h"
#include "src/store/messages.h"

struct log_stream;

enum { STREAMS_LISTS = 256 };
LIST_HEAD(live_list, log_stream);

/* Streams that wait for new messages.  A peer without EBT has one for each
 * feed that it wants, so those of a feed stand in a list of their own. */
struct streams {
	struct live_list log;
	struct live_list feeds[STREAMS_LISTS]; /* by a byte of the feed's key */
	struct live_list private; /* of these, what shows what is private */
};

struct stream_options {
	bool by_feed; /* else the whole log */
	struct kith_feed_id feed;
	uint64_t from, to; /* positions, inclusive: sequences of the feed, or
			    * receive numbers of the log */
	int64_t limit;	   /* below zero: none */
	bool reverse, live, old;
	bool keys, values; /* what an item is made of */
	bool sync;	   /* say {"sync":true} between old and live */
	bool private;	   /* for a program of ours: opened.h */
	bool guarded;	   /* ends before a message that blocks the reader */
};

/* Everything, old first, {key,value,timestamp}. */
void stream_options_init(struct stream_options *o);

/* Reads the options that all streams share.  Range members of the log are
 * receive times in milliseconds.  EFORMAT names the option. */
KITH_CHECK enum kith_err stream_options_read(struct stream_options *o,
					     struct kith_slice options,
					     struct txn *t,
					     struct kith_error *e);

/* Serves the request with what o asks for. */
void stream_serve(struct peer *p, int32_t request,
		  const struct stream_options *o);

void streams_start(struct daemon *d);

/* There is a new message of feed. */
void streams_wake(struct daemon *d, const struct kith_feed_id *feed);

/* More was opened: those wake that show what is private. */
void streams_wake_private(struct daemon *d);

/* Appends {"key":...,"value":...,"timestamp":...}; and what stands before and
 * behind the value. */
void message_item(const struct message_row *row, struct kith_buf *out);
void message_item_begin(const struct message_row *row, struct kith_buf *out);
void message_item_end(const struct message_row *row, struct kith_buf *out);

#endif

/*
 * The way to the store's writer: kithd when it runs, else this process.
 *
 * What is written is committed and synced when a call returns, either way.
 */
#ifndef TOOLS_PASS_WRITER_H
#define TOOLS_PASS_WRITER_H

#include "feeds/boxed.h"
#include "feeds/id.h"
#include "src/ingest/ingest.h"
#include "tools/text/progress.h"
#include "tools/tool.h"

struct writer;

/* Closes t->store, where it is open.  EXIT_DONE and *out, to be ended by
 * writer_close; or an exit code after an error text that says what to do. */
int writer_open(struct tool *t, struct writer **out);
void writer_close(struct writer *w);

/* What was published. */
struct published {
	struct kith_feed_id feed;
	struct kith_msg_id id;
	uint64_t sequence;
	double claimed, received_ms;
};

/* Publishes content (JSON); what has recps is boxed for them, as box says:
 * NONE: as letter.h chooses.  EXIT_FAILED after an error text. */
int writer_publish(struct writer *w, struct kith_slice content,
		   enum kith_box box, struct published *out);

/* Founds a private group, and adds feeds to one; text: for those added, or
 * empty.  As writer_publish. */
int writer_found(struct writer *w, struct kith_msg_id *group);
int writer_add(struct writer *w, const struct kith_msg_id *group,
	       const struct kith_feed_id *feeds, size_t n,
	       struct kith_slice text, struct published *out);

/* The way that was found, for who hands in messages by the thousand (sink.h):
 * ingest and the store, or kithd; the others are NULL. */
struct ingest *writer_ingest(struct writer *w);
struct store *writer_store(struct writer *w);
struct client *writer_daemon(struct writer *w);

/* Wall clock: what was received before was known before. */
double writer_opened_ms(const struct writer *w);

/* Where this process writes: runs fn(store, arg) on the writer's thread, and
 * meanwhile watch(arg), which waits a little each time, on this one; NULL: only
 * waits.
 * EXIT_FAILED after an error text. */
int writer_task(struct writer *w, ingest_fn fn, void *arg,
		void (*watch)(void *arg));

/* Where this process writes: brings the views up to the log, as far as no
 * signal comes.  kithd does that by itself.  Nothing may be under way. */
int writer_catch_up(struct writer *w, struct progress *p);

#endif

/*
 * The way to the store's writer: kithd when it runs, else this process.
 *
 * What is written is committed and synced when a call returns, either way.
 */
#ifndef TOOLS_WRITER_H
#define TOOLS_WRITER_H

#include "feeds/id.h"
#include "src/ingest/ingest.h"
#include "tools/tool.h"

enum { WRITER_BATCH_MAX = 4096, WRITER_BATCH_BYTES_MAX = 4 << 20 };

struct writer;

/* EXIT_DONE and *out, to be ended by writer_close; or an exit code after an
 * error text that says what to do. */
int writer_open(struct tool *t, struct writer **out);
void writer_close(struct writer *w);

/* What was published. */
struct published {
	struct kith_feed_id feed;
	struct kith_msg_id id;
	uint64_t sequence;
	double claimed, received_ms;
};

/* Publishes content (JSON).  EXIT_FAILED after an error text. */
int writer_publish(struct writer *w, struct kith_slice content,
		   struct published *out);

/* What became of one message of a batch. */
struct verdict {
	enum ingest_verdict verdict;
	char why[KITH_ERROR_TEXT_BYTES]; /* for INVALID, FORK, OWN and FAILED */
};

/* Hands in n bare values, at most WRITER_BATCH_MAX; values and verdicts are
 * kept as views until writer_settle, which must come before the next batch.
 * EXIT_FAILED after an error text. */
int writer_send(struct writer *w, const struct kith_slice *values, size_t n,
		struct verdict *verdicts);

/* Waits for the verdict on each message of the batch.  EXIT_FAILED after an
 * error text: what became of them is not known. */
int writer_settle(struct writer *w);

#endif

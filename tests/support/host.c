#include "tests/support/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/store/messages.h"
#include "tools/stream/remove_all.h"

enum { BLOB_BYTES_MAX = 5 << 20, PIECE_BYTES = 16 * 1024 };

/* --- the sink ------------------------------------------------------------- */

static enum kith_err sink_put(void *arg, struct kith_slice value, uint32_t tag,
			      struct kith_error *e)
{
	struct host *h = arg;

	(void)e;
	return ingest_add(h->in, value, tag, 0);
}

static bool sink_full(void *arg)
{
	struct host *h = arg;

	return ingest_full(h->in);
}

static enum kith_err sink_wait(void *arg, struct kith_error *e)
{
	struct host *h = arg;

	(void)e;
	if (h->given == h->done.count)
		ingest_wait_some(h->in);
	return KITH_OK;
}

static bool sink_next(void *arg, struct depot_verdict *out)
{
	struct host *h = arg;
	const struct ingest_result *r;

	while (h->given == h->done.count) {
		h->given = h->done.count = 0;
		if (!ingest_done(h->in, &h->done))
			return false;
	}
	r = &h->done.results[h->given++];
	*out = (struct depot_verdict){ r->tag, r->verdict, r->code, r->why };
	return true;
}

static enum kith_err sink_proof(void *arg, struct kith_slice one,
				struct kith_slice other, struct kith_error *e)
{
	struct host *h = arg;

	(void)one, (void)other, (void)e;
	h->proofs++;
	return KITH_OK;
}

static enum kith_err copy_blob(struct blob_writer *w, struct folder_reader *r,
			       struct kith_error *e)
{
	uint8_t piece[PIECE_BYTES];
	enum kith_err err;
	size_t got;

	do {
		err = folder_reader_get(r, piece, sizeof(piece), &got, e);
		if (!err)
			err = blob_writer_put(w, (struct kith_slice){
						  piece, got }, e);
	} while (!err && got);
	return err;
}

static enum kith_err sink_blob(void *arg, const struct depot_blob *blob,
			       struct folder_reader *r, struct kith_error *e)
{
	struct host *h = arg;
	struct blob_write how = { .id = &blob->id, .limit = BLOB_BYTES_MAX };
	struct blob_writer *w;
	enum kith_err err = blob_writer_new(h->blobs, &how, &w, e);

	if (err)
		return err;
	err = copy_blob(w, r, e);
	if (!err)
		return blob_writer_finish(w, NULL, e);
	blob_writer_drop(w);
	return err;
}

/* --- the host ------------------------------------------------------------- */

void host_in_memory(void)
{
	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 1);
}

static void make_blob(uint8_t *to, size_t n, uint8_t seed)
{
	assert_in_range(n, 1, HOST_BLOB_BYTES_MAX);
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(i * 7 + i / 251 + seed);
}

struct kith_blob_id host_blob_id(size_t n, uint8_t seed)
{
	uint8_t bytes[HOST_BLOB_BYTES_MAX];
	struct kith_blob_id id;

	make_blob(bytes, n, seed);
	crypto_hash_sha256(id.b, bytes, n);
	return id;
}

struct kith_blob_id host_give_blob(struct host *h, size_t n, uint8_t seed)
{
	struct blob_write how = { .limit = BLOB_BYTES_MAX };
	uint8_t bytes[HOST_BLOB_BYTES_MAX];
	struct blob_writer *w;
	struct kith_blob_id id;

	make_blob(bytes, n, seed);
	assert_int_equal(blob_writer_new(h->blobs, &how, &w, NULL), KITH_OK);
	assert_int_equal(blob_writer_put(w, (struct kith_slice){ bytes, n },
					 NULL), KITH_OK);
	assert_int_equal(blob_writer_finish(w, &id, NULL), KITH_OK);
	return id;
}

bool host_has_blob(struct host *h, const struct kith_blob_id *id)
{
	return !blob_verify(h->blobs, id);
}

static void note_finding(void *arg, const char *text)
{
	struct host *h = arg;
	size_t room = sizeof(h->findings) - h->findings_bytes;
	int n = snprintf(h->findings + h->findings_bytes, room, "%s\n", text);

	if (n > 0 && (size_t)n < room)
		h->findings_bytes += (size_t)n;
}

void host_open(struct host *h, uint8_t n)
{
	struct ingest_config config = { .verifiers = 1 };

	*h = (struct host){ 0 };
	author_init(&h->self, n);
	test_home_open(&h->h);
	test_home_store(&h->h, 0);
	config.store = h->h.store;
	assert_int_equal(ingest_start(&config, &h->in, NULL), KITH_OK);
	assert_int_equal(blobs_open(h->h.home, &h->blobs, NULL), KITH_OK);
	h->graph = graph_new(author_id(&h->self));
	assert_non_null(h->graph);
	h->sink = (struct depot_sink){
		h, sink_put, sink_full, sink_wait, sink_next, sink_proof,
		sink_blob,
	};
	h->config = (struct depot_config){
		.home = h->h.home,
		.store = h->h.store,
		.blobs = h->blobs,
		.self = h->self.signer,
		.graph = h->graph,
		.hops = 2,
		.sink = &h->sink,
		.blob_bytes_max = BLOB_BYTES_MAX,
		.blob_hops = 2,
		.finding = note_finding,
		.arg = h,
	};
}

void host_close(struct host *h)
{
	ingest_stop(h->in);
	blobs_close(h->blobs);
	graph_free(h->graph);
	author_clear(&h->self);
	test_home_close(&h->h);
}

void host_follow(struct host *h, const struct kith_feed_id *feed)
{
	assert_int_equal(graph_set(h->graph, author_id(&h->self), feed,
				   CONTACT_FOLLOW), KITH_OK);
}

void host_give(struct host *h, const struct author *a, uint64_t first,
	       uint64_t last)
{
	struct depot_verdict v;

	for (uint64_t i = first; i <= last; i++)
		assert_int_equal(ingest_add(h->in, author_message(a, i), 0, 0),
				 KITH_OK);
	ingest_wait(h->in);
	while (sink_next(h, &v))
		if (v.verdict != INGEST_ADDED && v.verdict != INGEST_KNOWN)
			fail_msg("%s", v.why);
}

enum kith_err host_sync(struct host *h, struct folder *f,
			struct depot_report *report, struct kith_error *e)
{
	struct depot_report own;

	h->findings_bytes = 0;
	*h->findings = '\0';
	return depot_sync(f, &h->config, report ? report : &own, e);
}

enum kith_err host_sync_at(struct host *h, struct medium *m,
			   struct depot_report *report, struct kith_error *e)
{
	struct folder *f = medium_folder(m, FOLDER_WRITES | FOLDER_APPENDS |
					 FOLDER_LISTS);
	enum kith_err err = host_sync(h, f, report, e);

	folder_free(f);
	return err;
}

void host_forget(struct host *h)
{
	char path[TEST_PATH_BYTES + sizeof("/depots")];

	snprintf(path, sizeof(path), "%s/depots", h->h.path);
	remove_all(path);
}

/* --- looking -------------------------------------------------------------- */

uint64_t host_has(struct host *h, const struct kith_feed_id *feed)
{
	struct feed_row row;
	struct txn *t;

	assert_int_equal(store_read(h->h.store, &t), KITH_OK);
	if (!feed_get(t, feed, &row))
		row.last = 0;
	txn_end(t);
	return row.last;
}

/* Every feed of one is the other's, and no message is in its log but those. */
static bool holds(struct txn *one, struct txn *other)
{
	struct feed_row mine, yours;
	uint64_t messages = 0;
	uint32_t number = 0;

	while (feed_next(one, &number, &mine)) {
		if (mine.last && (!feed_get(other, &mine.id, &yours) ||
				  mine.last != yours.last ||
				  !kith_msg_equal(&mine.last_id,
						  &yours.last_id)))
			return false;
		messages += mine.last;
	}
	return messages == message_count(one);
}

bool host_equal(struct host *a, struct host *b)
{
	struct txn *one, *other;
	bool equal;

	assert_int_equal(store_read(a->h.store, &one), KITH_OK);
	assert_int_equal(store_read(b->h.store, &other), KITH_OK);
	equal = holds(one, other) && holds(other, one);
	txn_end(one);
	txn_end(other);
	return equal;
}

#include "tests/depot/carry_bed.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/ref.h"
#include "tests/support/shell.h"

/* --- the node ------------------------------------------------------------- */

static enum kith_err put_blob(void *arg, const struct depot_blob *blob,
			      struct folder_reader *r, struct kith_error *e)
{
	struct carrier *f = arg;
	struct blob_write how = { .id = &blob->id, .limit = UINT64_MAX };
	uint8_t piece[1000];
	struct blob_writer *w;
	enum kith_err err;
	size_t got = 1;

	f->hops = blob->hops;
	err = blob_writer_new(f->blobs, &how, &w, e);
	if (err)
		return err;
	while (!err && got) {
		err = folder_reader_get(r, piece, sizeof(piece), &got, e);
		if (!err)
			err = blob_writer_put(w, (struct kith_slice){ piece,
					      got }, e);
	}
	if (!err)
		return blob_writer_finish(w, NULL, e);
	blob_writer_drop(w);
	return err;
}

static bool go_on(void *arg, enum depot_phase phase, uint64_t messages,
		  uint64_t bytes, uint64_t total)
{
	const struct carrier *f = arg;

	(void)phase, (void)messages, (void)bytes, (void)total;
	return !f->stops;
}

static void note_finding(void *arg, const char *text)
{
	struct carrier *f = arg;

	assert_non_null(strstr(text, "blob &"));
	f->findings++;
}

static void configure(struct carrier *f)
{
	f->sink = (struct depot_sink){ .arg = f, .blob = put_blob };
	f->config = (struct depot_config){
		.store = f->node.h.store, .blobs = f->blobs,
		.graph = f->graph, .hops = 2, .blob_hops = 2,
		.sink = &f->sink, .blob_bytes_max = BYTES_MAX,
		.progress = go_on, .finding = note_finding, .arg = f,
	};
	f->known[0] = &f->other;
	f->carry = (struct depot_carry){
		.depot = &f->depot, .config = &f->config,
		.known = f->known, .known_count = 1, .own = f->own,
		.moved = true, .room = BYTES_MAX, .report = &f->report,
	};
}

int carrier_open(void **state)
{
	struct carrier *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	node_open(&f->node, 0);
	author_init(&f->friend, 1);
	author_init(&f->far, 2);
	assert_int_equal(blobs_open(f->node.h.home, &f->blobs, NULL), KITH_OK);
	f->graph = graph_new(author_id(&f->node.self));
	assert_int_equal(graph_set(f->graph, author_id(&f->node.self),
				   author_id(&f->friend), CONTACT_FOLLOW),
			 KITH_OK);
	snprintf(f->path, sizeof(f->path), "/tmp/kith-carry-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	assert_int_equal(folder_disk_open(f->path, false, &f->depot.folder,
					  NULL), KITH_OK);
	f->depot.medium = f->depot.folder;
	f->own = depot_notes_new();
	f->other.notes = depot_notes_new();
	configure(f);
	*state = f;
	return 0;
}

int carrier_close(void **state)
{
	struct carrier *f = *state;

	depot_notes_free(f->own);
	depot_notes_free(f->other.notes);
	folder_free(f->depot.folder);
	graph_free(f->graph);
	blobs_close(f->blobs);
	author_clear(&f->friend);
	author_clear(&f->far);
	node_close(&f->node);
	shell_run("rm -r %s", f->path);
	free(f);
	return 0;
}

/* --- helpers -------------------------------------------------------------- */

struct kith_slice carrier_bytes(unsigned seed, size_t n)
{
	static uint8_t all[BYTES_MAX];

	assert_in_range(n, 0, sizeof(all));
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		all[i] = (uint8_t)(seed >> 16);
	}
	return (struct kith_slice){ all, n };
}

struct kith_blob_id carrier_id(unsigned seed, size_t n)
{
	struct kith_slice s = carrier_bytes(seed, n);
	struct kith_blob_id id;

	crypto_hash_sha256(id.b, s.p, s.n);
	return id;
}

struct kith_blob_id add_here(struct carrier *f, unsigned seed, size_t n)
{
	struct kith_blob_id id = carrier_id(seed, n);
	struct blob_write how = { .id = &id, .limit = UINT64_MAX };
	struct blob_writer *w;

	assert_int_equal(blob_writer_new(f->blobs, &how, &w, NULL), KITH_OK);
	assert_int_equal(blob_writer_put(w, carrier_bytes(seed, n), NULL),
			 KITH_OK);
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_OK);
	return id;
}

bool is_here(struct carrier *f, const struct kith_blob_id *id)
{
	return blob_verify(f->blobs, id) == KITH_OK;
}

void put_there(struct carrier *f, const struct kith_blob_id *id, bool part,
	       struct kith_slice s)
{
	char name[FOLDER_NAME_BYTES];

	carry_name(name, &f->depot, id, part);
	assert_int_equal(folder_put(f->depot.folder, name, s, NULL), KITH_OK);
}

struct kith_blob_id add_there(struct carrier *f, unsigned seed, size_t n)
{
	struct kith_blob_id id = carrier_id(seed, n);

	put_there(f, &id, false, carrier_bytes(seed, n));
	return id;
}

bool is_there(struct carrier *f, const struct kith_blob_id *id)
{
	return carry_check(&f->depot, id, NULL, NULL, NULL) == KITH_OK;
}

void refer(struct carrier *f, struct author *a, const struct kith_blob_id *id)
{
	char text[KITH_REF_TEXT_BYTES], content[256];

	kith_blob_print(id, text);
	snprintf(content, sizeof(content), "{\"type\":\"post\",\"text\":"
		 "\"![](%s)\",\"mentions\":[{\"link\":\"%s\"}]}", text, text);
	author_write(a, kith_text(content));
	assert_int_equal(node_try(&f->node, author_message(a, a->count))
			 .verdict, INGEST_ADDED);
}

void ask(struct carrier *f, const struct kith_blob_id *id, unsigned distance)
{
	assert_int_equal(depot_notes_want(f->other.notes, id, distance),
			 KITH_OK);
}

unsigned wanted(struct carrier *f, const struct kith_blob_id *id)
{
	struct kith_blob_id found;
	unsigned distance;
	size_t at = 0;

	while (depot_notes_next_want(f->own, &at, &found, &distance))
		if (!memcmp(found.b, id->b, sizeof(id->b)))
			return distance;
	return 0;
}

void take(struct carrier *f)
{
	struct kith_error e = { 0 };

	assert_int_equal(depot_blobs_take(&f->carry, &e), KITH_OK);
}

void leave(struct carrier *f)
{
	struct kith_error e = { 0 };

	assert_int_equal(depot_blobs_leave(&f->carry, &e), KITH_OK);
}

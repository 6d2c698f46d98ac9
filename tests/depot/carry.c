#include "src/depot/carry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/ref.h"
#include "src/depot/carry_file.h"
#include "tests/support/node.h"
#include "tests/support/shell.h"

enum { PATH_BYTES = 64, BYTES_MAX = 1 << 20, FINDINGS_MAX = 8 };

/* A node at a depot in a folder of this machine. */
struct fixture {
	struct node node;
	struct author friend, far;
	struct blobs *blobs;
	struct graph *graph;
	char path[PATH_BYTES];
	struct depot depot;
	struct depot_sink sink;
	struct depot_config config;
	struct depot_report report;
	struct depot_notes *own;
	struct depot_known other;
	struct depot_known *known[1];
	struct depot_carry carry;
	unsigned findings;
	bool stops;
	uint8_t hops; /* of what came last */
};

/* --- the node ------------------------------------------------------------- */

static enum kith_err put_blob(void *arg, const struct depot_blob *blob,
			      struct folder_reader *r, struct kith_error *e)
{
	struct fixture *f = arg;
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
	const struct fixture *f = arg;

	(void)phase, (void)messages, (void)bytes, (void)total;
	return !f->stops;
}

static void note_finding(void *arg, const char *text)
{
	struct fixture *f = arg;

	assert_non_null(strstr(text, "blob &"));
	f->findings++;
}

static void configure(struct fixture *f)
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

static int open_all(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

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

static int close_all(void **state)
{
	struct fixture *f = *state;

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

static struct kith_slice bytes(unsigned seed, size_t n)
{
	static uint8_t all[BYTES_MAX];

	assert_in_range(n, 0, sizeof(all));
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		all[i] = (uint8_t)(seed >> 16);
	}
	return (struct kith_slice){ all, n };
}

static struct kith_blob_id id_of(unsigned seed, size_t n)
{
	struct kith_slice s = bytes(seed, n);
	struct kith_blob_id id;

	crypto_hash_sha256(id.b, s.p, s.n);
	return id;
}

static struct kith_blob_id add_here(struct fixture *f, unsigned seed, size_t n)
{
	struct kith_blob_id id = id_of(seed, n);
	struct blob_write how = { .id = &id, .limit = UINT64_MAX };
	struct blob_writer *w;

	assert_int_equal(blob_writer_new(f->blobs, &how, &w, NULL), KITH_OK);
	assert_int_equal(blob_writer_put(w, bytes(seed, n), NULL), KITH_OK);
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_OK);
	return id;
}

static bool is_here(struct fixture *f, const struct kith_blob_id *id)
{
	return blob_verify(f->blobs, id) == KITH_OK;
}

static void put_there(struct fixture *f, const struct kith_blob_id *id,
		      bool part, struct kith_slice s)
{
	char name[FOLDER_NAME_BYTES];

	carry_name(name, &f->depot, id, part);
	assert_int_equal(folder_put(f->depot.folder, name, s, NULL), KITH_OK);
}

static struct kith_blob_id add_there(struct fixture *f, unsigned seed,
				     size_t n)
{
	struct kith_blob_id id = id_of(seed, n);

	put_there(f, &id, false, bytes(seed, n));
	return id;
}

static bool is_there(struct fixture *f, const struct kith_blob_id *id)
{
	return carry_check(&f->depot, id, NULL, NULL, NULL) == KITH_OK;
}

/* A message of the author that refers to the blob comes in. */
static void refer(struct fixture *f, struct author *a,
		  const struct kith_blob_id *id)
{
	char text[KITH_REF_TEXT_BYTES], content[256];

	kith_blob_print(id, text);
	snprintf(content, sizeof(content), "{\"type\":\"post\",\"text\":"
		 "\"![](%s)\",\"mentions\":[{\"link\":\"%s\"}]}", text, text);
	author_write(a, kith_text(content));
	assert_int_equal(node_try(&f->node, author_message(a, a->count))
			 .verdict, INGEST_ADDED);
}

static void ask(struct fixture *f, const struct kith_blob_id *id,
		unsigned distance)
{
	assert_int_equal(depot_notes_want(f->other.notes, id, distance),
			 KITH_OK);
}

/* The distance in our notes; 0: we do not want it. */
static unsigned wanted(struct fixture *f, const struct kith_blob_id *id)
{
	struct kith_blob_id found;
	unsigned distance;
	size_t at = 0;

	while (depot_notes_next_want(f->own, &at, &found, &distance))
		if (!memcmp(found.b, id->b, sizeof(id->b)))
			return distance;
	return 0;
}

static void take(struct fixture *f)
{
	struct kith_error e = { 0 };

	assert_int_equal(depot_blobs_take(&f->carry, &e), KITH_OK);
}

static void leave(struct fixture *f)
{
	struct kith_error e = { 0 };

	assert_int_equal(depot_blobs_leave(&f->carry, &e), KITH_OK);
}

/* --- taking --------------------------------------------------------------- */

static void what_messages_refer_to_comes_in(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_there(f, 1, 300000);

	refer(f, &f->friend, &id);
	take(f);
	assert_true(is_here(f, &id));
	assert_int_equal(f->hops, 1);
	assert_int_equal(f->report.in.blobs, 1);
	assert_int_equal(f->report.in.blob_bytes, 300000);
	assert_int_equal(wanted(f, &id), 0);
}

static void what_is_not_there_is_asked_for_in_our_notes(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = id_of(1, 10), mine = id_of(2, 10);

	refer(f, &f->friend, &id);
	refer(f, &f->node.self, &mine);
	take(f);
	assert_int_equal(wanted(f, &id), 2);
	assert_int_equal(wanted(f, &mine), 1);
	add_here(f, 1, 10);
	take(f);
	assert_int_equal(wanted(f, &id), 0);
	assert_int_equal(wanted(f, &mine), 1);
}

static void blobs_of_authors_out_of_reach_are_not_wanted(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_there(f, 1, 10);

	refer(f, &f->far, &id);
	take(f);
	assert_false(is_here(f, &id));
	assert_int_equal(wanted(f, &id), 0);
}

static void what_was_removed_here_is_not_wanted_again(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_there(f, 1, 10);
	struct blob_row row = { .id = id, .state = BLOB_REMOVED };
	struct txn *t;

	refer(f, &f->friend, &id);
	assert_int_equal(store_write(f->node.h.store, &t), KITH_OK);
	blob_row_put(t, &row);
	assert_int_equal(txn_commit(t), KITH_OK);
	take(f);
	assert_false(is_here(f, &id));
}

static void what_the_person_asked_for_comes_in(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_there(f, 1, 10);
	struct blob_row row = { .id = id, .state = BLOB_WANTED, .asked = true,
				.hops = BLOB_HOPS_NONE };
	struct txn *t;

	assert_int_equal(store_write(f->node.h.store, &t), KITH_OK);
	blob_row_put(t, &row);
	assert_int_equal(txn_commit(t), KITH_OK);
	take(f);
	assert_true(is_here(f, &id));
	assert_int_equal(f->hops, 0);
}

static void a_blob_over_the_limit_is_left_lying(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id fits = add_there(f, 1, 999),
			    large = add_there(f, 2, 1000);

	f->config.blob_bytes_max = 1000;
	refer(f, &f->friend, &fits);
	refer(f, &f->friend, &large);
	take(f);
	assert_true(is_here(f, &fits));
	assert_false(is_here(f, &large));
}

static void no_more_comes_in_than_the_quota_has_room_for(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id small = add_there(f, 1, 600),
			    large = add_there(f, 2, 700);
	struct keep_quotas quotas = { .total = 1000 };

	for (size_t i = 0; i < KEEP_HOPS; i++)
		quotas.hops[i] = KEEP_NO_LIMIT;
	f->config.blob_quotas = &quotas;
	refer(f, &f->friend, &large);
	refer(f, &f->friend, &small);
	take(f);
	assert_int_equal(f->report.in.blobs, 1);
	assert_true(is_here(f, &small) != is_here(f, &large));
}

static void a_damaged_blob_is_a_finding_and_stays_wanted(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = id_of(1, 5000), good = add_there(f, 3, 10);

	put_there(f, &id, false, bytes(2, 5000));
	refer(f, &f->friend, &id);
	refer(f, &f->friend, &good);
	take(f);
	assert_int_equal(f->findings, 1);
	assert_int_equal(wanted(f, &id), 2);
	assert_false(is_here(f, &id));
	assert_true(is_here(f, &good));
}

static void old_wants_are_looked_for_only_where_somebody_was(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = id_of(1, 10);
	struct txn *t;

	refer(f, &f->friend, &id);
	take(f);
	assert_int_equal(store_read(f->node.h.store, &t), KITH_OK);
	f->carry.log_from = message_end(t);
	txn_end(t);
	add_there(f, 1, 10);
	f->carry.moved = false;
	take(f);
	assert_false(is_here(f, &id));
	assert_int_equal(wanted(f, &id), 2);
	f->carry.moved = true;
	take(f);
	assert_true(is_here(f, &id));
	assert_int_equal(f->hops, 1);
}

static void a_dry_run_counts_and_takes_nothing(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_there(f, 1, 10);

	refer(f, &f->friend, &id);
	f->config.dry_run = true;
	take(f);
	assert_false(is_here(f, &id));
	assert_int_equal(f->report.in.blobs, 1);
}

/* --- leaving -------------------------------------------------------------- */

static void what_others_ask_for_is_left(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_here(f, 1, 600000), absent = id_of(2, 10);

	ask(f, &id, 3);
	ask(f, &absent, 1);
	leave(f);
	assert_true(is_there(f, &id));
	assert_false(is_there(f, &absent));
	assert_int_equal(f->report.out.blobs, 1);
	assert_int_equal(f->report.out.blob_bytes, 600000);
	leave(f);
	assert_int_equal(f->report.out.blobs, 1);
}

static void our_own_blobs_are_left_before_anybody_asks(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id mine = add_here(f, 1, 10),
			    far = add_here(f, 2, 10);

	refer(f, &f->node.self, &mine);
	refer(f, &f->far, &far);
	leave(f);
	assert_true(is_there(f, &mine));
	assert_false(is_there(f, &far));
}

static void where_room_is_short_the_nearest_and_smallest_go(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id near = add_here(f, 1, 9000),
			    small = add_here(f, 2, 3000),
			    large = add_here(f, 3, 60000);

	ask(f, &near, 1);
	ask(f, &small, 2);
	ask(f, &large, 2);
	f->carry.room = 60000;
	leave(f);
	assert_true(is_there(f, &near));
	assert_true(is_there(f, &small));
	assert_false(is_there(f, &large));
	assert_int_equal(f->report.left_bytes, 60000);
}

static void what_nobody_asked_for_takes_half_of_the_room(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id mine = add_here(f, 1, 60000);

	refer(f, &f->node.self, &mine);
	f->carry.room = 100000;
	leave(f);
	assert_false(is_there(f, &mine));
	assert_int_equal(f->report.left_bytes, 0);
	ask(f, &mine, 1);
	leave(f);
	assert_true(is_there(f, &mine));
}

static void what_a_pull_left_is_taken_up(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_here(f, 1, 700000);
	char part[FOLDER_NAME_BYTES];
	struct kith_error e = { 0 };
	uint64_t size;

	carry_name(part, &f->depot, &id, true);
	ask(f, &id, 1);
	f->stops = true;
	assert_int_equal(depot_blobs_leave(&f->carry, &e), KITH_EBUSY);
	assert_int_equal(folder_size(f->depot.folder, part, &size, NULL),
			 KITH_OK);
	assert_in_range(size, 1, 699999);
	f->stops = false;
	leave(f);
	assert_true(is_there(f, &id));
	assert_int_equal(folder_size(f->depot.folder, part, &size, NULL),
			 KITH_ENOENT);
}

static void a_part_that_is_something_else_is_written_anew(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_here(f, 1, 300000),
			    other = add_here(f, 2, 1000);

	ask(f, &id, 1);
	ask(f, &other, 1);
	put_there(f, &id, true, bytes(3, 290000));
	put_there(f, &other, true, bytes(3, 2000));
	leave(f);
	assert_true(is_there(f, &id));
	assert_true(is_there(f, &other));
}

static void a_blob_that_is_there_is_not_written_over(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_here(f, 1, 1000);

	put_there(f, &id, false, bytes(2, 1000));
	ask(f, &id, 1);
	leave(f);
	assert_false(is_there(f, &id));
	assert_int_equal(f->report.out.blobs, 0);
}

static void one_that_has_another_size_there_is(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_here(f, 1, 1000);

	put_there(f, &id, false, bytes(1, 700));
	ask(f, &id, 1);
	leave(f);
	assert_true(is_there(f, &id));
}

static void nothing_is_left_where_nothing_may_be_written(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_here(f, 1, 1000);

	ask(f, &id, 1);
	f->config.import_only = true;
	leave(f);
	f->config.import_only = false;
	f->depot.folder->can &= ~(unsigned)FOLDER_WRITES;
	leave(f);
	assert_false(is_there(f, &id));
}

static void a_server_that_takes_files_whole_gets_them_so(void **state)
{
	struct fixture *f = *state;
	struct kith_blob_id id = add_here(f, 1, 1000);

	ask(f, &id, 1);
	f->depot.folder->can &= ~(unsigned)FOLDER_APPENDS;
	leave(f);
	assert_true(is_there(f, &id));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_messages_refer_to_comes_in),
		CASE(what_is_not_there_is_asked_for_in_our_notes),
		CASE(blobs_of_authors_out_of_reach_are_not_wanted),
		CASE(what_was_removed_here_is_not_wanted_again),
		CASE(what_the_person_asked_for_comes_in),
		CASE(a_blob_over_the_limit_is_left_lying),
		CASE(no_more_comes_in_than_the_quota_has_room_for),
		CASE(a_damaged_blob_is_a_finding_and_stays_wanted),
		CASE(old_wants_are_looked_for_only_where_somebody_was),
		CASE(a_dry_run_counts_and_takes_nothing),
		CASE(what_others_ask_for_is_left),
		CASE(our_own_blobs_are_left_before_anybody_asks),
		CASE(where_room_is_short_the_nearest_and_smallest_go),
		CASE(what_nobody_asked_for_takes_half_of_the_room),
		CASE(what_a_pull_left_is_taken_up),
		CASE(a_part_that_is_something_else_is_written_anew),
		CASE(a_blob_that_is_there_is_not_written_over),
		CASE(one_that_has_another_size_there_is),
		CASE(nothing_is_left_where_nothing_may_be_written),
		CASE(a_server_that_takes_files_whole_gets_them_so),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

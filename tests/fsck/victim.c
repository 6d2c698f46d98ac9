#include "tests/fsck/victim.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/ref.h"
#include "src/store/blob_rows.h"
#include "src/store/local.h"
#include "src/store/proofs.h"
#include "src/views/view.h"

enum { CONTENT_BYTES = 9000, FORKER = 77, BLOBS = 40 };

uint32_t victim_below(uint64_t *state, size_t n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)((*state >> 11) % n);
}

/* --- the store ------------------------------------------------------------ */

/* Now and then a contact or a name, and a post that takes a page of its own. */
static void write_one(struct victim *v, size_t author, size_t i)
{
	struct author *a = &v->authors[author];
	char content[CONTENT_BYTES], id[KITH_REF_TEXT_BYTES];
	int n = i % 17 == 3 ? 5000 : 10;

	kith_feed_print(author_id(&v->authors[(author + 1 + i) %
					      VICTIM_AUTHORS]), id);
	if (i % 5 == 1)
		snprintf(content, sizeof(content), "{\"type\":\"contact\","
			 "\"contact\":\"%s\",\"following\":%s}", id,
			 i % 2 ? "true" : "false");
	else if (i % 7 == 2)
		snprintf(content, sizeof(content), "{\"type\":\"about\","
			 "\"about\":\"%s\",\"name\":\"name %zu\"}", id, i);
	else
		snprintf(content, sizeof(content), "{\"type\":\"post\","
			 "\"text\":\"%0*zu\"}", n, i);
	author_write(a, kith_text(content));
}

static void append(struct txn *t, struct author *a, uint64_t sequence)
{
	struct view_message seen;
	struct message_row row;
	struct kith_msg m;
	struct feed_row f;

	feed_get(t, author_id(a), &f);
	kith_decoder_reset(a->decoder);
	assert_int_equal(kith_msg_decode(a->decoder, KITH_CLASSIC,
					 author_message(a, sequence), &m,
					 NULL), KITH_OK);
	assert_int_equal(message_append(t, &f, &m, 0, 1, &row), KITH_OK);
	feed_put(t, &f);
	seen = (struct view_message){ .row = &row, .author = m.author,
				      .claimed = m.claimed,
				      .content = m.content };
	views_fold(t, &seen, VIEW_ADDED);
}

static void put_clock(struct victim *v, struct txn *t, size_t author)
{
	struct kith_clock_entry entries[VICTIM_AUTHORS];

	for (size_t i = 0; i < VICTIM_AUTHORS; i++) {
		entries[i].feed = *author_id(&v->authors[i]);
		entries[i].sequence = (int64_t)(10 * author + i);
	}
	clock_put(t, author_id(&v->authors[author]), entries, VICTIM_AUTHORS);
}

/* Two messages of somebody else for one place. */
static void put_proof(struct txn *t)
{
	struct proof_row row = { .sequence = 1, .count = 2 };
	struct author other;

	author_init(&other, FORKER);
	row.feed = *author_id(&other);
	author_write(&other, KITH_SLICE("{\"type\":\"one\"}"));
	author_go_back(&other, 0);
	author_write(&other, KITH_SLICE("{\"type\":\"another\"}"));
	for (uint8_t i = 0; i < 2; i++) {
		row.messages[i].id = (struct kith_msg_id){ KITH_CLASSIC,
							   { i } };
		row.messages[i].canon = author_message(&other, i + 1U);
	}
	assert_true(proof_put(t, &row));
	author_clear(&other);
}

static void put_blobs(struct txn *t)
{
	struct blob_row row = { .state = BLOB_HERE, .pinned = true };

	for (unsigned i = 0; i < BLOBS; i++) {
		row.id.b[0] = (uint8_t)i;
		row.size = i;
		blob_row_put(t, &row);
	}
}

static void put_facts(struct victim *v)
{
	struct publish_row publish = { .state = PUBLISH_OK };
	struct address_row address = { .text = KITH_SLICE("net:a.b:8008") };
	struct txn *t;

	assert_int_equal(store_write(v->h.store, &t), KITH_OK);
	publish_put(t, author_id(&v->authors[0]), &publish);
	for (size_t i = 0; i < VICTIM_AUTHORS; i++) {
		peer_number(t, author_id(&v->authors[i]));
		put_clock(v, t, i);
		memcpy(address.key, author_id(&v->authors[i])->b, 32);
		address_row_put(t, &address);
	}
	put_proof(t);
	put_blobs(t);
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void read_file(struct victim *v)
{
	struct stat st;
	int fd = open(v->path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	free(v->whole);
	free(v->bytes);
	v->n = (size_t)st.st_size;
	v->whole = malloc(v->n);
	v->bytes = malloc(v->n);
	assert_non_null(v->whole);
	assert_non_null(v->bytes);
	assert_int_equal(read(fd, v->whole, v->n), v->n);
	memcpy(v->bytes, v->whole, v->n);
	close(fd);
}

void victim_change(struct victim *v)
{
	test_home_store(&v->h, 0);
}

void victim_settle(struct victim *v)
{
	struct kith_error e = { 0 };

	assert_int_equal(store_settle(v->h.store), KITH_OK);
	store_close(v->h.store);
	v->h.store = NULL;
	home_close(v->h.home);
	assert_int_equal(home_open(v->h.path, false, &v->h.home, &e), KITH_OK);
	read_file(v);
}

void victim_open(struct victim *v, size_t posts)
{
	struct txn *t;

	*v = (struct victim){ 0 };
	for (size_t i = 0; i < VICTIM_AUTHORS; i++)
		author_init(&v->authors[i], (uint8_t)(i + 1));
	test_home_open(&v->h);
	snprintf(v->path, sizeof(v->path), "%s/store/data.mdb", v->h.path);
	victim_change(v);
	assert_int_equal(views_catch_up(v->h.store, NULL), KITH_OK);
	for (size_t i = 0; i < posts; i++) {
		assert_int_equal(store_write(v->h.store, &t), KITH_OK);
		for (size_t k = 0; k < VICTIM_AUTHORS; k++) {
			write_one(v, k, i);
			append(t, &v->authors[k], i + 1);
		}
		assert_int_equal(txn_commit(t), KITH_OK);
	}
	assert_int_equal(views_catch_up(v->h.store, NULL), KITH_OK);
	put_facts(v);
	victim_settle(v);
}

void victim_close(struct victim *v)
{
	for (size_t i = 0; i < VICTIM_AUTHORS; i++)
		author_clear(&v->authors[i]);
	free(v->whole);
	free(v->bytes);
	free(v->places);
	test_home_close(&v->h);
}

/* What repairs have left. */
static void remove_generations(struct victim *v)
{
	char path[TEST_PATH_BYTES + 64];

	snprintf(path, sizeof(path), "%s/store/current", v->h.path);
	unlink(path);
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/store/%d/data.mdb",
			 v->h.path, i);
		unlink(path);
		snprintf(path, sizeof(path), "%s/store/%d/lock.mdb",
			 v->h.path, i);
		unlink(path);
		snprintf(path, sizeof(path), "%s/store/%d", v->h.path, i);
		rmdir(path);
		snprintf(path, sizeof(path), "%s/store/damaged-%d/data.mdb",
			 v->h.path, i);
		unlink(path);
		snprintf(path, sizeof(path), "%s/store/damaged-%d", v->h.path,
			 i);
		rmdir(path);
	}
}

void victim_rewrite(struct victim *v)
{
	int fd = open(v->path, O_WRONLY | O_TRUNC | O_CREAT, 0600);


	assert_true(fd >= 0);
	assert_int_equal(write(fd, v->bytes, v->n), v->n);
	close(fd);
}

void victim_write(struct victim *v)
{
	remove_generations(v);
	victim_rewrite(v);
}

void victim_restore(struct victim *v)
{
	memcpy(v->bytes, v->whole, v->n);
	victim_write(v);
}

void victim_load(struct victim *v, const char *path)
{
	*v = (struct victim){ 0 };
	snprintf(v->path, sizeof(v->path), "%s", path);
	read_file(v);
	victim_map(v);
}

/* The logs of other programs, read in place: whole, deleted from, cut off at
 * every byte, and with every byte damaged. */
#include "src/source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/source/bipf_log.h"
#include "src/source/kind.h"
#include "tests/support/bipf.h"
#include "tests/support/home.h"

enum { LIMIT = 1 << 20, RECORDS = 12, ERASED = 3, WIDTH = 6,
       TEXT_BYTES = 256 };

/* Where a record lies in its file. */
struct place {
	size_t at, end;
};

/* A log of one kind, whose record ERASED was deleted. */
struct log {
	const char *kind, *name;
	struct kith_buf bytes;
	struct place places[RECORDS];
};

/* What reading one gave. */
struct result {
	bool there[RECORDS]; /* byte for byte */
	size_t messages, deleted, damaged;
	uint64_t damaged_at;
};

static struct test_home home;

static void put_value(size_t i, char out[static TEXT_BYTES])
{
	snprintf(out, TEXT_BYTES, "{\"previous\":null,\"sequence\":%zu,"
		 "\"timestamp\":1514517067954.5,\"content\":{\"type\":\"post\","
		 "\"text\":\"\xc3\xa9 %.*s\"}}", i, (int)(7 * i),
		 "a text that is as long as its number says, more or less, and "
		 "then some, so that records differ");
}

static void put_kvt(size_t i, struct kith_buf *out)
{
	char value[TEXT_BYTES], text[2 * TEXT_BYTES];

	put_value(i, value);
	snprintf(text, sizeof(text), "{\"key\":\"%%%042zu0=.sha256\","
		 "\"value\":%s,\"timestamp\":1600000000000.5}", i, value);
	kith_buf_text(out, text);
}

/* --- writing them --------------------------------------------------------- */

static void put_be(struct kith_buf *out, uint64_t n, size_t width)
{
	while (width--)
		kith_buf_byte(out, (uint8_t)(n >> 8 * width));
}

static void write_flume(struct log *l)
{
	*l = (struct log){ .kind = "flume", .name = "log.offset",
			   .bytes.limit = LIMIT };
	for (size_t i = 0; i < RECORDS; i++) {
		struct kith_buf record = { .limit = LIMIT };

		put_kvt(i, &record);
		if (i == ERASED)
			memset(record.p, 0, record.n);
		l->places[i].at = l->bytes.n;
		put_be(&l->bytes, record.n, 4);
		kith_buf_put(&l->bytes, kith_bytes(&record));
		put_be(&l->bytes, record.n, 4);
		put_be(&l->bytes, l->bytes.n + WIDTH, WIDTH);
		l->places[i].end = l->bytes.n;
		kith_buf_free(&record);
	}
}

/* Two blocks, half of the records in each. */
static void write_bipf(struct log *l)
{
	*l = (struct log){ .kind = "bipf", .name = "log.bipf",
			   .bytes.limit = LIMIT };
	for (size_t i = 0; i < RECORDS; i++) {
		struct kith_buf text = { .limit = LIMIT };
		struct kith_buf record = { .limit = LIMIT };

		put_kvt(i, &text);
		bipf_put_json(&record, kith_bytes(&text));
		if (i == ERASED)
			memset(record.p, 0, record.n);
		if (i == RECORDS / 2)
			bipf_end_block(&l->bytes);
		l->places[i].at = l->bytes.n;
		bipf_put_record(&l->bytes, kith_bytes(&record));
		l->places[i].end = l->bytes.n;
		kith_buf_free(&record);
		kith_buf_free(&text);
	}
	bipf_end_block(&l->bytes);
}

static void put_file(const char *name, struct kith_slice bytes)
{
	char path[TEST_PATH_BYTES + 32];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", home.path, name);
	/* One that is written over would be synced. */
	(void)unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

/* --- reading them --------------------------------------------------------- */

static struct source *open_log(const struct log *l)
{
	char name[TEST_PATH_BYTES + 32];
	struct source *s;

	snprintf(name, sizeof(name), "%s:%s/%s", l->kind, home.path, l->name);
	assert_int_equal(source_open(name, NULL, &s, NULL), KITH_OK);
	return s;
}

static void take_message(struct result *r, const struct source_message *m)
{
	char want[TEXT_BYTES];

	r->messages++;
	for (size_t i = 0; i < RECORDS; i++) {
		put_value(i, want);
		if (kith_equal(m->value, kith_text(want)))
			r->there[i] = true;
	}
}

static void take_finding(struct result *r, const struct source_finding *f)
{
	assert_non_null(f->file);
	assert_non_null(f->text);
	assert_true(!f->next || f->next > f->at);
	r->deleted += f->harmless;
	if (!f->harmless && !r->damaged++)
		r->damaged_at = f->at;
}

static struct result read_all(struct source *s)
{
	struct result r = { .messages = 0 };
	struct source_message m;
	struct source_finding f;
	enum source_step step;

	do {
		assert_int_equal(source_next(s, &step, &m, &f, NULL), KITH_OK);
		if (step == SOURCE_MESSAGE)
			take_message(&r, &m);
		else if (step == SOURCE_FINDING)
			take_finding(&r, &f);
	} while (step != SOURCE_END);
	return r;
}

static struct result read_bytes(const struct log *l, struct kith_slice bytes)
{
	struct source *s;
	struct result r;

	put_file(l->name, bytes);
	s = open_log(l);
	r = read_all(s);
	source_close(s);
	return r;
}

/* --- what is proved ------------------------------------------------------- */

typedef void (*write_fn)(struct log *l);
static const write_fn kinds[] = { write_flume, write_bipf };
enum { KINDS = 2 };

static void a_whole_log_gives_every_message_as_it_is(void **state)
{
	struct result r;
	struct log l;
	(void)state;

	for (size_t k = 0; k < KINDS; k++) {
		kinds[k](&l);
		r = read_bytes(&l, kith_bytes(&l.bytes));
		assert_int_equal(r.messages, RECORDS - 1);
		assert_int_equal(r.deleted, 1);
		assert_int_equal(r.damaged, 0);
		for (size_t i = 0; i < RECORDS; i++)
			assert_int_equal(r.there[i], i != ERASED);
		kith_buf_free(&l.bytes);
	}
}

static void a_message_comes_with_its_place_id_and_time(void **state)
{
	struct source_message m;
	struct source_finding f;
	enum source_step step;
	struct source *s;
	struct log l;
	(void)state;

	for (size_t k = 0; k < KINDS; k++) {
		kinds[k](&l);
		put_file(l.name, kith_bytes(&l.bytes));
		s = open_log(&l);
		assert_string_equal(source_kind(s), l.kind);
		for (size_t i = 0; i < ERASED; i++) {
			assert_int_equal(source_next(s, &step, &m, &f, NULL),
					 KITH_OK);
			assert_int_equal(step, SOURCE_MESSAGE);
			assert_int_equal(m.at, l.places[i].at);
			assert_int_equal(m.received_us, 1600000000000500);
			assert_true(m.has_id);
		}
		assert_int_equal(source_next(s, &step, &m, &f, NULL), KITH_OK);
		assert_int_equal(step, SOURCE_FINDING);
		assert_true(f.harmless);
		assert_int_equal(f.at, l.places[ERASED].at);
		assert_int_equal(f.next, l.places[ERASED].end);
		source_close(s);
		kith_buf_free(&l.bytes);
	}
}

static void rewinding_gives_the_same_again(void **state)
{
	struct result first, again;
	struct source *s;
	struct log l;
	(void)state;

	for (size_t k = 0; k < KINDS; k++) {
		kinds[k](&l);
		put_file(l.name, kith_bytes(&l.bytes));
		s = open_log(&l);
		first = read_all(s);
		assert_int_equal(source_rewind(s, NULL), KITH_OK);
		again = read_all(s);
		assert_memory_equal(&first, &again, sizeof(first));
		source_close(s);
		kith_buf_free(&l.bytes);
	}
}

/* All that is whole in front of the cut is given, and one finding if it goes
 * through a record. */
static void a_log_that_is_cut_off_anywhere_gives_what_is_whole(void **state)
{
	struct result r;
	struct log l;
	(void)state;

	for (size_t k = 0; k < KINDS; k++) {
		kinds[k](&l);
		for (size_t n = 0; n < l.places[RECORDS - 1].end; n++) {
			bool within = false;

			/* Zeros are alike. */
			if (n == l.places[RECORDS / 2 - 1].end)
				n = l.places[RECORDS / 2].at;
			r = read_bytes(&l, (struct kith_slice){ l.bytes.p, n });
			for (size_t i = 0; i < RECORDS; i++) {
				const struct place *p = &l.places[i];

				within = within || (p->at < n && n < p->end);
				assert_int_equal(r.there[i], p->end <= n &&
						 i != ERASED);
			}
			assert_int_equal(r.damaged, within);
		}
		kith_buf_free(&l.bytes);
	}
}

/* The record that holds the byte; RECORDS: none. */
static size_t record_of(const struct log *l, size_t byte)
{
	for (size_t i = 0; i < RECORDS; i++)
		if (byte >= l->places[i].at && byte < l->places[i].end)
			return i;
	return RECORDS;
}

/* A byte's damage costs its record; in a block of BIPF, at most those behind
 * it in the same block. */
static void check_damage(const struct log *l, const struct result *r,
			 size_t hit)
{
	bool blocks = !strcmp(l->kind, "bipf");
	size_t block_end = hit < RECORDS / 2 ? RECORDS / 2 : RECORDS;

	for (size_t i = 0; i < RECORDS; i++) {
		bool safe = i != hit && i != ERASED;

		if (blocks && i > hit && i < block_end)
			safe = false;
		assert_true(r->there[i] || !safe);
	}
}

static void a_damaged_byte_costs_no_more_than_it_must(void **state)
{
	struct result r;
	struct log l;
	(void)state;

	for (size_t k = 0; k < KINDS; k++) {
		kinds[k](&l);
		for (size_t byte = 0; byte < l.bytes.n; byte++) {
			size_t hit = record_of(&l, byte);

			if (hit == RECORDS)
				continue;
			l.bytes.p[byte] ^= 0x41;
			r = read_bytes(&l, kith_bytes(&l.bytes));
			check_damage(&l, &r, hit);
			l.bytes.p[byte] ^= 0x41;
		}
		kith_buf_free(&l.bytes);
	}
}

static void hostile_lengths_end_in_a_finding(void **state)
{
	static const uint8_t lengths[] = { 0xff, 0x80, 0x7f, 0x01 };
	struct result r;
	struct log l;
	(void)state;

	for (size_t k = 0; k < KINDS; k++) {
		kinds[k](&l);
		for (size_t i = 0; i < sizeof(lengths); i++) {
			memset(l.bytes.p, lengths[i], k ? 2 : 4);
			r = read_bytes(&l, kith_bytes(&l.bytes));
			assert_true(r.damaged);
			assert_int_equal(r.damaged_at, 0);
			assert_true(r.there[RECORDS - 1]);
		}
		kith_buf_free(&l.bytes);
	}
}

static void the_block_of_a_compaction_that_was_cut_off_is_read(void **state)
{
	struct kith_buf state_file = { .limit = LIMIT };
	struct result r;
	struct log l;
	(void)state;

	write_bipf(&l);
	for (size_t i = 0; i < BIPF_LOG_STATE_BYTES; i++)
		kith_buf_byte(&state_file, 1);
	/* The first block moved there, and is not in the log any more. */
	kith_buf_put(&state_file,
		     (struct kith_slice){ l.bytes.p, BIPF_LOG_BLOCK_BYTES });
	put_file("log.bipf.compaction", kith_bytes(&state_file));
	kith_buf_drop(&l.bytes, BIPF_LOG_BLOCK_BYTES);
	r = read_bytes(&l, kith_bytes(&l.bytes));
	assert_int_equal(r.messages, RECORDS - 1);
	assert_int_equal(r.damaged, 0);
	kith_buf_free(&l.bytes);
	kith_buf_free(&state_file);
}

static void a_folder_is_told_by_its_log(void **state)
{
	const char *name;
	struct log l;
	(void)state;

	write_bipf(&l);
	put_file(l.name, kith_bytes(&l.bytes));
	assert_ptr_equal(source_find(home.path, &name, NULL), &source_bipf);
	kith_buf_free(&l.bytes);
}

static void what_is_not_there_is_said(void **state)
{
	struct kith_error e = { 0 };
	struct source *s;
	(void)state;

	assert_int_equal(source_open("bipf:/nowhere/at/all", NULL, &s, &e),
			 KITH_ENOENT);
	assert_true(*e.text);
	e = (struct kith_error){ 0 };
	assert_int_equal(source_open("flume:/nowhere/at/all", NULL, &s, &e),
			 KITH_ENOENT);
	assert_true(*e.text);
}

static int open_home(void **state)
{
	(void)state;
	test_home_open(&home);
	return 0;
}

static int close_home(void **state)
{
	(void)state;
	test_home_close(&home);
	return 0;
}

#define IN_A_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, open_home, close_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_whole_log_gives_every_message_as_it_is),
		IN_A_FOLDER(a_message_comes_with_its_place_id_and_time),
		IN_A_FOLDER(rewinding_gives_the_same_again),
		IN_A_FOLDER(a_log_that_is_cut_off_anywhere_gives_what_is_whole),
		IN_A_FOLDER(a_damaged_byte_costs_no_more_than_it_must),
		IN_A_FOLDER(hostile_lengths_end_in_a_finding),
		IN_A_FOLDER(the_block_of_a_compaction_that_was_cut_off_is_read),
		IN_A_FOLDER(a_folder_is_told_by_its_log),
		cmocka_unit_test(what_is_not_there_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

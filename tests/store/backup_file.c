#include "src/store/backup_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/support/alloc.h"

/* The least that Argon2id does: tests are many. */
static const struct kith_seal_cost cheap = { 1, 8192 };

enum { FILE_BYTES_MAX = 1 << 20, MADE_US = 1234567 };

/* What a reader gave: section, then content, one after the other. */
struct got {
	struct kith_buf text;
	enum backup_step last;
	struct kith_error error;
};

/* Three sections: one of a kind that nobody knows, one empty, and one of n
 * bytes. */
static struct kith_buf make(const char *passphrase, size_t n)
{
	struct kith_buf out = { .limit = FILE_BYTES_MAX };
	struct backup_writer *w = NULL;

	assert_int_equal(backup_writer_new(kith_text(passphrase), &cheap,
					   MADE_US, &out, &w, NULL), KITH_OK);
	backup_section(w, 999);
	backup_write(w, KITH_SLICE("some"));
	backup_write(w, KITH_SLICE("thing"));
	backup_section(w, BACKUP_SECRET);
	backup_section(w, BACKUP_STORE);
	for (size_t i = 0; i < n; i++) {
		uint8_t byte = (uint8_t)(i * 7 % 251);

		backup_write(w, (struct kith_slice){ &byte, 1 });
	}
	backup_end(w);
	backup_writer_free(w);
	assert_int_equal(out.err, KITH_OK);
	return out;
}

static void note(struct got *g, const struct backup_piece *piece)
{
	char head[16];

	if (piece->first) {
		snprintf(head, sizeof(head), "<%u>", piece->section);
		kith_buf_text(&g->text, head);
	}
	kith_buf_put(&g->text, piece->bytes);
	if (piece->last)
		kith_buf_text(&g->text, "</>");
}

static void feed(struct got *g, struct backup_reader *r, struct kith_slice in,
		 const char *passphrase)
{
	struct backup_piece piece;

	do {
		g->last = backup_next(r, &in, &piece);
		if (g->last == BACKUP_PIECE)
			note(g, &piece);
		if (g->last == BACKUP_SEALED &&
		    backup_unlock(r, kith_text(passphrase), &g->error)) {
			g->last = BACKUP_BAD;
			return;
		}
	} while (g->last == BACKUP_PIECE || g->last == BACKUP_SEALED);
	if (g->last == BACKUP_MORE || g->last == BACKUP_END)
		assert_int_equal(in.n, 0);
}

/* Reads a file in pieces of step bytes. */
static struct got read_in(struct kith_slice file, size_t step,
			  const char *passphrase)
{
	struct got g = { .text = { .limit = FILE_BYTES_MAX },
			 .last = BACKUP_MORE };
	struct backup_reader *r = backup_reader_new();

	while (file.n && g.last != BACKUP_BAD) {
		size_t n = file.n < step ? file.n : step;

		feed(&g, r, (struct kith_slice){ file.p, n }, passphrase);
		file.p += n;
		file.n -= n;
	}
	if (g.last != BACKUP_END)
		backup_error(r, &g.error);
	if (g.last == BACKUP_END)
		assert_int_equal(backup_made_us(r), MADE_US);
	backup_reader_free(r);
	return g;
}

static struct got read_whole(struct kith_slice file, const char *passphrase)
{
	return read_in(file, FILE_BYTES_MAX, passphrase);
}

static void assert_bad(struct kith_slice file, const char *passphrase,
		       const char *says)
{
	struct got g = read_whole(file, passphrase);

	assert_int_not_equal(g.last, BACKUP_END);
	if (!strstr(g.error.text, says))
		fail_msg("\"%s\" says nothing of \"%s\"", g.error.text, says);
	kith_buf_free(&g.text);
}

static void gives_back_what_went_in(const char *passphrase)
{
	struct kith_buf file = make(passphrase, 3);
	struct got g = read_whole(kith_bytes(&file), passphrase);

	assert_int_equal(g.last, BACKUP_END);
	assert_true(kith_equal(kith_bytes(&g.text),
			       KITH_SLICE("<999>something</><2></><4>"
					  "\0\7\16</>")));
	kith_buf_free(&g.text);
	kith_buf_free(&file);
}

static void an_open_file_gives_back_what_went_in(void **state)
{
	(void)state;
	gives_back_what_went_in("");
}

static void a_sealed_file_gives_back_what_went_in(void **state)
{
	(void)state;
	gives_back_what_went_in("open");
}

/* Around one chunk and two. */
static void content_of_any_length_comes_back(void **state)
{
	static const size_t lengths[] = { 0, 1, 65535, 65536, 65537, 131072,
					  131073 };
	const size_t start = strlen("<999>something</><2></><4>");

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		for (int sealed = 0; sealed < 2; sealed++) {
			const char *passphrase = sealed ? "open" : "";
			struct kith_buf file = make(passphrase, lengths[i]);
			struct got g = read_whole(kith_bytes(&file),
						  passphrase);

			assert_int_equal(g.last, BACKUP_END);
			assert_int_equal(g.text.n, start + lengths[i] + 3);
			for (size_t j = 0; j < lengths[i]; j++)
				assert_int_equal(g.text.p[start + j],
						 j * 7 % 251);
			kith_buf_free(&g.text);
			kith_buf_free(&file);
		}
}

static void cut_into_pieces_of_any_size_it_reads_the_same(void **state)
{
	(void)state;
	for (int sealed = 0; sealed < 2; sealed++) {
		const char *passphrase = sealed ? "open" : "";
		struct kith_buf file = make(passphrase, 100);
		struct got whole = read_whole(kith_bytes(&file), passphrase);

		for (size_t step = 1; step <= file.n; step++) {
			struct got g = read_in(kith_bytes(&file), step,
					       passphrase);

			assert_int_equal(g.last, BACKUP_END);
			assert_true(kith_equal(kith_bytes(&g.text),
					       kith_bytes(&whole.text)));
			kith_buf_free(&g.text);
		}
		kith_buf_free(&whole.text);
		kith_buf_free(&file);
	}
}

static void a_bit_flipped_anywhere_is_found(void **state)
{
	(void)state;
	for (int sealed = 0; sealed < 2; sealed++) {
		const char *passphrase = sealed ? "open" : "";
		struct kith_buf file = make(passphrase, 20);

		for (size_t bit = 0; bit < file.n * 8; bit++) {
			uint8_t mask = (uint8_t)(1 << bit % 8);

			file.p[bit / 8] ^= mask;
			assert_bad(kith_bytes(&file), passphrase, "");
			file.p[bit / 8] ^= mask;
		}
		kith_buf_free(&file);
	}
}

static void a_file_cut_off_anywhere_is_found(void **state)
{
	(void)state;
	for (int sealed = 0; sealed < 2; sealed++) {
		const char *passphrase = sealed ? "open" : "";
		struct kith_buf file = make(passphrase, 20);

		for (size_t n = 0; n < file.n; n++)
			assert_bad((struct kith_slice){ file.p, n },
				   passphrase, n < BACKUP_HEADER_BYTES
						       ? "no backup"
						       : "ends too early");
		kith_buf_free(&file);
	}
}

static void something_behind_the_end_is_found(void **state)
{
	struct kith_buf file = make("", 3);

	(void)state;
	kith_buf_byte(&file, 0);
	assert_bad(kith_bytes(&file), "", "follows its end");
	kith_buf_free(&file);
}

/* A chunk that is left out, doubled, or stands in the place of another. */
static void chunks_in_another_order_are_found(void **state)
{
	(void)state;
	for (int sealed = 0; sealed < 2; sealed++) {
		const char *passphrase = sealed ? "open" : "";
		struct kith_buf file = make(passphrase, 9);
		size_t chunk = BACKUP_CHUNK_HEADER_BYTES + 9 +
			       (sealed ? 17 : 32);
		uint8_t *first = file.p + BACKUP_HEADER_BYTES;
		uint8_t *last = file.p + file.n - chunk;
		struct kith_buf changed = { .limit = FILE_BYTES_MAX };

		kith_buf_put(&changed, (struct kith_slice){
			file.p, BACKUP_HEADER_BYTES });
		kith_buf_put(&changed, (struct kith_slice){
			first + chunk, file.n - BACKUP_HEADER_BYTES - chunk });
		assert_bad(kith_bytes(&changed), passphrase, "damaged");
		kith_buf_free(&changed);
		kith_buf_put(&changed, (struct kith_slice){
			file.p, BACKUP_HEADER_BYTES + chunk });
		kith_buf_put(&changed, (struct kith_slice){ first, chunk });
		assert_bad(kith_bytes(&changed), passphrase, "damaged");
		memcpy(first, last, chunk);
		assert_bad(kith_bytes(&file), passphrase, "damaged");
		kith_buf_free(&changed);
		kith_buf_free(&file);
	}
}

static void a_wrong_passphrase_is_told_from_damage(void **state)
{
	struct kith_buf file = make("open", 3);

	(void)state;
	assert_bad(kith_bytes(&file), "opem", "wrong passphrase");
	file.p[file.n - 1] ^= 1;
	assert_bad(kith_bytes(&file), "open", "damaged");
	kith_buf_free(&file);
}

static void after_a_wrong_passphrase_another_may_be_tried(void **state)
{
	struct backup_reader *r = backup_reader_new();
	struct kith_buf file = make("open", 3);
	struct kith_slice in = kith_bytes(&file);
	struct backup_piece piece;

	(void)state;
	assert_int_equal(backup_next(r, &in, &piece), BACKUP_SEALED);
	assert_int_equal(backup_next(r, &in, &piece), BACKUP_SEALED);
	assert_int_equal(backup_unlock(r, KITH_SLICE("x"), NULL),
			 KITH_EDENIED);
	assert_int_equal(backup_unlock(r, KITH_SLICE("open"), NULL), KITH_OK);
	assert_int_equal(backup_next(r, &in, &piece), BACKUP_PIECE);
	assert_int_equal(piece.section, 999);
	backup_reader_free(r);
	kith_buf_free(&file);
}

static void nothing_of_a_sealed_file_is_readable(void **state)
{
	struct kith_buf open = make("", 0), sealed = make("open", 0);

	(void)state;
	assert_non_null(memmem(open.p, open.n, "something", 9));
	assert_null(memmem(sealed.p, sealed.n, "something", 9));
	assert_non_null(memmem(open.p, open.n, "not sealed", 10));
	kith_buf_free(&open);
	kith_buf_free(&sealed);
}

/* Corrects the header's own hash after a change. */
static void settle(struct kith_buf *file)
{
	crypto_generichash(file->p + 336, 32, file->p, 336, NULL, 0);
}

static void what_it_demands_is_limited_before_it_is_done(void **state)
{
	struct kith_buf file = make("open", 3);

	(void)state;
	kith_put_be64(file.p + 264, (1ull << 30) + 1);
	settle(&file);
	assert_bad(kith_bytes(&file), "open", "more memory");
	kith_put_be64(file.p + 264, 8192);
	kith_put_be32(file.p + 260, 17);
	settle(&file);
	assert_bad(kith_bytes(&file), "open", "more memory or time");
	kith_buf_free(&file);
}

static void a_newer_version_and_junk_are_told_apart(void **state)
{
	struct kith_buf file = make("", 3);
	static uint8_t junk[BACKUP_HEADER_BYTES * 2];

	(void)state;
	file.p[12] = '2';
	assert_bad(kith_bytes(&file), "", "a newer kith made it");
	file.p[12] = '1';
	file.p[256] = 2;
	settle(&file);
	assert_bad(kith_bytes(&file), "", "a newer kith made it");
	file.p[12] = 'x';
	assert_bad(kith_bytes(&file), "", "no backup");
	assert_bad((struct kith_slice){ junk, 1 }, "", "no backup");
	assert_bad((struct kith_slice){ junk, sizeof(junk) }, "", "no backup");
	kith_buf_free(&file);
}

/* Junk is told by its first bytes, however much of it there is. */
static void junk_is_not_read_to_its_end(void **state)
{
	struct backup_reader *r = backup_reader_new();
	struct kith_slice in = KITH_SLICE("kith b\n");
	struct backup_piece piece;

	(void)state;
	assert_int_equal(backup_next(r, &in, &piece), BACKUP_BAD);
	in = KITH_SLICE("x");
	assert_int_equal(backup_next(r, &in, &piece), BACKUP_BAD);
	backup_reader_free(r);
}

static void a_chunk_over_the_limit_is_refused(void **state)
{
	struct kith_buf file = make("", 3);

	(void)state;
	kith_put_be32(file.p + BACKUP_HEADER_BYTES + 4,
		      BACKUP_CHUNK_BYTES_MAX + 1);
	assert_bad(kith_bytes(&file), "", "damaged");
	kith_put_be32(file.p + BACKUP_HEADER_BYTES + 4,
		      BACKUP_CHUNK_BYTES_MAX);
	assert_bad(kith_bytes(&file), "", "ends too early");
	kith_buf_free(&file);
}

static void without_memory_there_is_neither_reader_nor_writer(void **state)
{
	struct kith_buf out = { .limit = FILE_BYTES_MAX };
	struct backup_writer *w = NULL;

	(void)state;
	assert_true(alloc_fail_at(1));
	assert_null(backup_reader_new());
	assert_true(alloc_fail_at(1));
	assert_int_equal(backup_writer_new(KITH_SLICE(""), &cheap, 0, &out, &w,
					   NULL), KITH_ENOMEM);
	alloc_reset();
	assert_null(w);
	backup_writer_free(NULL);
	backup_reader_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_file_gives_back_what_went_in),
		cmocka_unit_test(a_sealed_file_gives_back_what_went_in),
		cmocka_unit_test(content_of_any_length_comes_back),
		cmocka_unit_test(cut_into_pieces_of_any_size_it_reads_the_same),
		cmocka_unit_test(a_bit_flipped_anywhere_is_found),
		cmocka_unit_test(a_file_cut_off_anywhere_is_found),
		cmocka_unit_test(something_behind_the_end_is_found),
		cmocka_unit_test(chunks_in_another_order_are_found),
		cmocka_unit_test(a_wrong_passphrase_is_told_from_damage),
		cmocka_unit_test(after_a_wrong_passphrase_another_may_be_tried),
		cmocka_unit_test(nothing_of_a_sealed_file_is_readable),
		cmocka_unit_test(what_it_demands_is_limited_before_it_is_done),
		cmocka_unit_test(a_newer_version_and_junk_are_told_apart),
		cmocka_unit_test(junk_is_not_read_to_its_end),
		cmocka_unit_test(a_chunk_over_the_limit_is_refused),
		cmocka_unit_test(
			without_memory_there_is_neither_reader_nor_writer),
	};

	return kith_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

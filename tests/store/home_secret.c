#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/secret_seal.h"
#include "src/store/ask.h"
#include "tests/support/home.h"

/* The least that Argon2id does. */
static const struct kith_seal_cost cheap = { 1, 8192 };

enum { PATH_BYTES = TEST_PATH_BYTES + 32 };

static const char *path_in(const struct test_home *h, const char *name,
			   char out[static PATH_BYTES])
{
	snprintf(out, PATH_BYTES, "%s/%s", h->path, name);
	return out;
}

static void write_file(const struct test_home *h, const char *name,
		       const char *text)
{
	char path[PATH_BYTES];
	FILE *f = fopen(path_in(h, name, path), "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void seal(const struct kith_signer *s, const char *passphrase,
		 struct kith_buf *out)
{
	uint8_t random[KITH_SEAL_RANDOM_BYTES];

	randombytes_buf(random, sizeof(random));
	assert_int_equal(ask_init(out, NULL), KITH_OK);
	assert_int_equal(kith_secret_seal(s, kith_text(passphrase), &cheap,
					  random, out, NULL), KITH_OK);
}

/* A home whose secret is sealed with the passphrase "open". */
static void open_sealed(struct test_home *h, struct kith_signer **s)
{
	struct kith_buf text;

	test_home_open(h);
	*s = kith_signer_generate();
	seal(*s, "open", &text);
	assert_int_equal(home_secret_install(h->home, kith_bytes(&text), NULL),
			 KITH_OK);
	ask_clear(&text);
}

static void close_sealed(struct test_home *h, struct kith_signer *s)
{
	kith_signer_free(s);
	test_home_close(h);
}

static enum kith_err read_with(struct test_home *h, const char *passphrase,
			       const struct kith_signer *want)
{
	struct kith_signer *s = NULL;
	char path[PATH_BYTES];
	enum kith_err err;

	write_file(h, "pass", passphrase);
	home_passphrase_from(h->home, path_in(h, "pass", path));
	err = home_secret_read(h->home, &s, NULL);
	home_passphrase_from(h->home, NULL);
	if (!err)
		assert_true(kith_feed_equal(kith_signer_id(s),
					    kith_signer_id(want)));
	kith_signer_free(s);
	return err;
}

static void a_sealed_secret_opens_with_the_first_line_of_a_file(void **state)
{
	struct test_home h;
	struct kith_signer *s;

	(void)state;
	open_sealed(&h, &s);
	assert_int_equal(read_with(&h, "open", s), KITH_OK);
	assert_int_equal(read_with(&h, "open\n", s), KITH_OK);
	assert_int_equal(read_with(&h, "open\r\nmore\n", s), KITH_OK);
	assert_int_equal(read_with(&h, "open ", s), KITH_EDENIED);
	assert_int_equal(read_with(&h, "\nopen", s), KITH_EDENIED);
	assert_int_equal(read_with(&h, "", s), KITH_EDENIED);
	close_sealed(&h, s);
}

/* ENOENT would say that there is no identity. */
static void a_passphrase_file_that_is_not_there_is_another_error(void **state)
{
	struct kith_signer *s, *none = NULL;
	struct test_home h;
	struct kith_error e = { 0 };

	(void)state;
	open_sealed(&h, &s);
	home_passphrase_from(h.home, "/nowhere/at/all");
	assert_int_equal(home_secret_read(h.home, &none, &e), KITH_EIO);
	assert_non_null(strstr(e.text, "/nowhere/at/all"));
	close_sealed(&h, s);
}

static void the_environment_may_name_the_file(void **state)
{
	struct kith_signer *s, *read = NULL;
	char path[PATH_BYTES];
	struct test_home h;

	(void)state;
	open_sealed(&h, &s);
	write_file(&h, "pass", "open");
	setenv("KITH_PASSPHRASE_FILE", path_in(&h, "pass", path), 1);
	assert_int_equal(home_secret_read(h.home, &read, NULL), KITH_OK);
	unsetenv("KITH_PASSPHRASE_FILE");
	kith_signer_free(read);
	close_sealed(&h, s);
}

static void whose_it_is_needs_no_passphrase(void **state)
{
	struct kith_feed_id id;
	struct test_home h;
	struct kith_signer *s;

	(void)state;
	open_sealed(&h, &s);
	assert_int_equal(home_identity(h.home, &id, NULL), KITH_OK);
	assert_true(kith_feed_equal(&id, kith_signer_id(s)));
	close_sealed(&h, s);
}

static void a_replaced_secret_is_the_new_one_and_the_old_is_gone(void **state)
{
	struct test_home h;
	struct kith_signer *s;
	struct kith_buf text;
	struct stat st;
	char path[PATH_BYTES], now[KITH_SECRET_FILE_BYTES_MAX];
	FILE *old;

	(void)state;
	open_sealed(&h, &s);
	old = fopen(path_in(&h, "secret", path), "r");
	assert_non_null(old);
	seal(s, "sesame", &text);
	assert_int_equal(home_secret_replace(h.home, kith_bytes(&text), NULL),
			 KITH_OK);
	ask_clear(&text);
	assert_int_equal(read_with(&h, "sesame", s), KITH_OK);
	assert_int_equal(read_with(&h, "open", s), KITH_EDENIED);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0400);
	assert_true(fread(now, 1, sizeof(now), old) > 0);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(now[i], 0);
	fclose(old);
	close_sealed(&h, s);
}

static void a_linked_copy_of_a_replaced_secret_stays_whole(void **state)
{
	char path[PATH_BYTES], copy[PATH_BYTES];
	struct kith_buf text = { .limit = KITH_SECRET_FILE_BYTES_MAX };
	struct test_home h;
	struct kith_signer *s;

	(void)state;
	open_sealed(&h, &s);
	assert_int_equal(link(path_in(&h, "secret", path),
			      path_in(&h, "copy", copy)), 0);
	kith_secret_encode(s, &text);
	assert_int_equal(home_secret_replace(h.home, kith_bytes(&text), NULL),
			 KITH_OK);
	assert_int_equal(read_with(&h, "", s), KITH_OK);
	kith_buf_reset(&text);
	assert_int_equal(home_read(h.home, "copy", &text, NULL), KITH_OK);
	assert_true(kith_secret_is_sealed(kith_bytes(&text)));
	ask_clear(&text);
	close_sealed(&h, s);
}

static void a_secret_that_is_not_there_is_not_replaced(void **state)
{
	struct test_home h;
	struct kith_buf text;

	(void)state;
	test_home_open(&h);
	assert_int_equal(home_secret_replace(h.home, KITH_SLICE("x"), NULL),
			 KITH_ENOENT);
	assert_int_equal(home_secret_text(h.home, &text, NULL), KITH_ENOENT);
	test_home_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_sealed_secret_opens_with_the_first_line_of_a_file),
		cmocka_unit_test(
			a_passphrase_file_that_is_not_there_is_another_error),
		cmocka_unit_test(the_environment_may_name_the_file),
		cmocka_unit_test(whose_it_is_needs_no_passphrase),
		cmocka_unit_test(
			a_replaced_secret_is_the_new_one_and_the_old_is_gone),
		cmocka_unit_test(
			a_linked_copy_of_a_replaced_secret_stays_whole),
		cmocka_unit_test(a_secret_that_is_not_there_is_not_replaced),
	};

	unsetenv("KITH_PASSPHRASE_FILE");
	return kith_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

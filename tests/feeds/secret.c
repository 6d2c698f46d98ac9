#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/secret.h"
#include "feeds/signer_private.h"
#include "tests/support/alloc.h"
#include "tests/support/data.h"

#define PUBLIC "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"
#define PRIVATE                                                               \
	"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQGKiOPddAnxlf1S2y08ul1yymcJ" \
	"vx2UEhvzdIgBtA9vXA==.ed25519"
#define OTHER_PUBLIC "gTl3Dqh9F19Wo1Rmw0x+zMuNipG07jeiXfYPW4/Js5Q=.ed25519"
#define OBJECT "{\"public\":\"" PUBLIC "\",\"private\":\"" PRIVATE "\"}"

static struct kith_signer *signer_of_ones(void)
{
	uint8_t seed[KITH_SEED_BYTES];

	memset(seed, 1, sizeof(seed));
	return kith_signer_from_seed(seed);
}

static void assert_is_ones(struct kith_slice text)
{
	struct kith_signer *s = NULL, *ones = signer_of_ones();

	assert_int_equal(kith_secret_decode(text, &s, NULL), KITH_OK);
	assert_memory_equal(signer_secret(s), signer_secret(ones),
			    KITH_SECRET_BYTES);
	kith_signer_free(s);
	kith_signer_free(ones);
}

static void assert_refused(const char *text, const char *why)
{
	struct kith_signer *s = NULL;
	struct kith_error e = { 0 };

	assert_int_equal(kith_secret_decode(kith_text(text), &s, &e),
			 KITH_EFORMAT);
	assert_null(s);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" says nothing of \"%s\"", e.text, why);
}

static void reads_back_what_it_writes(void **state)
{
	struct kith_signer *s = signer_of_ones();
	struct kith_buf b = { .limit = 4096 };

	(void)state;
	kith_secret_encode(s, &b);
	assert_int_equal(b.err, KITH_OK);
	assert_is_ones(kith_bytes(&b));
	kith_buf_free(&b);
	kith_signer_free(s);
}

/* Comments, one object in two-space form, comments that end with the id. */
static void has_the_layout_that_people_know(void **state)
{
	static const char object[] =
		"\n{\n"
		"  \"curve\": \"ed25519\",\n"
		"  \"public\": \"" PUBLIC "\",\n"
		"  \"private\": \"" PRIVATE "\",\n"
		"  \"id\": \"@" PUBLIC "\"\n"
		"}\n#";
	static const char end[] = "\n#   @" PUBLIC "\n";
	struct kith_signer *s = signer_of_ones();
	struct kith_buf b = { .limit = 4096 };

	(void)state;
	kith_secret_encode(s, &b);
	assert_int_equal(b.p[0], '#');
	assert_non_null(memmem(b.p, b.n, object, strlen(object)));
	assert_memory_equal(b.p + b.n - strlen(end), end, strlen(end));
	kith_buf_free(&b);
	kith_signer_free(s);
}

static void a_buffer_without_room_is_left_as_it_was(void **state)
{
	struct kith_signer *s = signer_of_ones();
	struct kith_buf b = { .limit = 100 };

	(void)state;
	kith_secret_encode(s, &b);
	assert_int_equal(b.err, KITH_ETOOBIG);
	assert_int_equal(b.n, 0);
	kith_buf_free(&b);
	kith_signer_free(s);
}

static void reads_every_form_that_others_wrote(void **state)
{
	(void)state;
	assert_is_ones(KITH_SLICE(OBJECT));
	assert_is_ones(KITH_SLICE("\xef\xbb\xbf" OBJECT));
	assert_is_ones(KITH_SLICE("# a {\r\n\r\n" OBJECT " # hi\r\n# b\r\n"));
	assert_is_ones(KITH_SLICE("{\"curve\":\"ed25519\", # the curve\n"
				  "\"public\":\"" PUBLIC "\",\r\n"
				  "\"private\":\"" PRIVATE "\",\r\n"
				  "\"id\":\"ssb:feed/classic/abc=\"}"));
	assert_is_ones(KITH_SLICE(PRIVATE));
	assert_is_ones(KITH_SLICE("  " PRIVATE "\r\n"));
}

static void agrees_with_the_worked_examples(void **state)
{
	struct kith_slice all, item;
	struct kith_buf file = data_read_json("protocol/refs.json", &all);
	size_t at = 0, seen = 0;

	(void)state;
	while (json_next_element(json_get(all, "secret_parse"), &at, &item)) {
		struct kith_buf text = { .limit = 4096 };

		assert_true(json_unescape(json_get(item, "text"), &text));
		if (text.n) /* the bare key is more than JS reads */
			assert_is_ones(kith_bytes(&text));
		else
			assert_refused("", "no JSON");
		kith_buf_free(&text);
		seen++;
	}
	assert_int_equal(seen, 9);
	kith_buf_free(&file);
}

static void says_why_a_file_is_of_no_use(void **state)
{
	(void)state;
	assert_refused("", "no JSON");
	assert_refused("# only a comment\n", "no JSON");
	assert_refused("[]", "no JSON object");
	assert_refused(OBJECT "x", "no JSON");
	assert_refused("{}", "public key");
	assert_refused("{\"curve\":\"k256\"}", "curve");
	assert_refused("{\"curve\":1,\"public\":\"" PUBLIC
		       "\",\"private\":\"" PRIVATE "\"}", "curve");
	assert_refused("{\"public\":\"" PUBLIC "\"}", "private key");
	assert_refused("{\"public\":\"" PUBLIC "\",\"private\":\"" PUBLIC "\"}",
		       "private key");
	assert_refused("{\"public\":\"" OTHER_PUBLIC "\",\"private\":\"" PRIVATE
		       "\"}", "do not match");
}

/* The seed's own public key decides, not the copy behind it. */
static void a_public_half_of_another_key_is_refused(void **state)
{
	static const char object[] =
		"{\"public\":\"" OTHER_PUBLIC "\",\"private\":\""
		"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQGBOXcOqH0XX1ajVGbD"
		"TH7My42KkbTuN6Jd9g9bj8mzlA==.ed25519\"}";

	(void)state;
	assert_refused(object, "do not match");
}

static void a_file_over_the_limit_is_not_read(void **state)
{
	size_t n = KITH_SECRET_FILE_BYTES_MAX + 1;
	uint8_t *text = malloc(n);
	struct kith_signer *s = NULL;

	(void)state;
	assert_non_null(text);
	memset(text, '\n', n);
	memcpy(text, OBJECT, strlen(OBJECT));
	assert_int_equal(kith_secret_decode((struct kith_slice){ text, n }, &s,
					    NULL),
			 KITH_ETOOBIG);
	assert_is_ones((struct kith_slice){ text, n - 1 });
	free(text);
}

static void without_memory_no_signer_is_given(void **state)
{
	struct kith_signer *s = NULL, *ones = signer_of_ones();
	struct kith_buf b = { .limit = 4096 };

	(void)state;
	assert_true(alloc_fail_at(1));
	assert_int_equal(kith_secret_decode(KITH_SLICE(OBJECT), &s, NULL),
			 KITH_ENOMEM);
	assert_null(s);
	assert_true(alloc_fail_at(1));
	kith_secret_encode(ones, &b);
	assert_int_equal(b.err, KITH_ENOMEM);
	alloc_reset();
	kith_buf_free(&b);
	kith_signer_free(ones);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_back_what_it_writes),
		cmocka_unit_test(has_the_layout_that_people_know),
		cmocka_unit_test(a_buffer_without_room_is_left_as_it_was),
		cmocka_unit_test(reads_every_form_that_others_wrote),
		cmocka_unit_test(agrees_with_the_worked_examples),
		cmocka_unit_test(says_why_a_file_is_of_no_use),
		cmocka_unit_test(a_public_half_of_another_key_is_refused),
		cmocka_unit_test(a_file_over_the_limit_is_not_read),
		cmocka_unit_test(without_memory_no_signer_is_given),
	};

	return kith_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

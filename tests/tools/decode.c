/* Of secrets nothing is told, however damaged they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/signer.h"
#include "tools/wire/decode.h"

#define PUBLIC "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
/* The seed, 32 bytes of 1, and its public key. */
#define PRIVATE "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQGK" \
		"iOPddAnxlf1S2y08ul1yymcJvx2UEhvzdIgBtA9vXA=="

/* Pieces of the seed in every form in which it could come out. */
static const char *const pieces[] = {
	"AQEBAQEB", "EBAQEBAQ", "BAQEBAQE", "01010101", "\\u0001\\u0001",
	"abandon abandon",
};

static const char secret_file[] =
	"# x\n"
	"{\"curve\":\"ed25519\",\"public\":\"" PUBLIC ".ed25519\","
	"\"private\":\"" PRIVATE ".ed25519\",\"id\":\"@" PUBLIC ".ed25519\"}\n";

static void assert_tells_nothing(struct kith_slice token)
{
	static const uint8_t app_key[32] = { 1 };
	const struct decode_ways ways = { .app_key = app_key };
	struct kith_buf json = { .limit = DECODE_OUT_BYTES_MAX };

	(void)decode_token(&ways, token, &json);
	kith_buf_byte(&json, 0);
	assert_int_equal(json.err, KITH_OK);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
		if (strstr((const char *)json.p, pieces[i]))
			fail_msg("of %.*s came out %s", (int)token.n,
				 (const char *)token.p, (const char *)json.p);
	kith_buf_free(&json);
}

/* Every character made another, or left out, or doubled. */
static void damage(const char *text)
{
	static const char others[] = "@=.\"{} \nZ";
	size_t n = strlen(text);
	uint8_t b[1024];

	assert_true(n + 1 < sizeof(b));
	for (size_t i = 0; i < n; i++) {
		for (const char *c = others; *c; c++) {
			memcpy(b, text, n);
			b[i] = (uint8_t)*c;
			assert_tells_nothing((struct kith_slice){ b, n });
		}
		memcpy(b, text, i);
		memcpy(b + i, text + i + 1, n - i - 1);
		assert_tells_nothing((struct kith_slice){ b, n - 1 });
		memcpy(b, text, i + 1);
		memcpy(b + i + 1, text + i, n - i);
		assert_tells_nothing((struct kith_slice){ b, n + 1 });
	}
}

static void secret_files_keep_their_secret(void **state)
{
	size_t n = strlen(secret_file);

	(void)state;
	damage(secret_file);
	for (size_t i = 0; i < n; i++) {
		assert_tells_nothing((struct kith_slice){
			(const uint8_t *)secret_file, i });
		assert_tells_nothing((struct kith_slice){
			(const uint8_t *)secret_file + i, n - i });
	}
}

static void keys_of_old_files_keep_their_secret(void **state)
{
	(void)state;
	damage(PRIVATE ".ed25519");
	damage("\"" PRIVATE ".ed25519\"");
	damage(PRIVATE);
}

static void words_keep_their_secret(void **state)
{
	(void)state;
	damage("abandon abandon abandon abandon abandon abandon abandon "
	       "abandon abandon abandon abandon abandon abandon abandon "
	       "abandon abandon abandon abandon abandon abandon abandon "
	       "abandon abandon art");
}

static void invites_keep_their_seed(void **state)
{
	(void)state;
	damage("net:h:8008~shs:" PUBLIC
	       ":AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
	damage("h:8008:@" PUBLIC
	       ".ed25519~AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
}

/* Its last characters are missing, and it stands where a place should. */
static void invites_keep_a_seed_that_is_cut(void **state)
{
	static const char seed[] =
		"net:h:8008:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=~shs:"
		PUBLIC;
	size_t whole = 11 + 44;
	char text[sizeof(seed)];

	(void)state;
	for (size_t cut = 0; cut <= 4; cut++) {
		memcpy(text, seed, whole - cut);
		memcpy(text + whole - cut, seed + whole, sizeof(seed) - whole);
		assert_tells_nothing(kith_text(text));
		text[whole - cut] = 0;
		assert_tells_nothing(kith_text(text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_files_keep_their_secret),
		cmocka_unit_test(keys_of_old_files_keep_their_secret),
		cmocka_unit_test(words_keep_their_secret),
		cmocka_unit_test(invites_keep_their_seed),
		cmocka_unit_test(invites_keep_a_seed_that_is_cut),
	};

	return kith_init() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

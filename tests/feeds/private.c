#include "tests/feeds/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"

struct kith_signer *private_signer(uint8_t n)
{
	uint8_t seed[KITH_SEED_BYTES];
	struct kith_signer *s;

	memset(seed, n, sizeof(seed));
	s = kith_signer_from_seed(seed);
	assert_non_null(s);
	return s;
}

void private_hex(struct kith_slice value, uint8_t *out, size_t n)
{
	struct kith_slice text = json_plain(value);
	size_t got;

	assert_int_equal(sodium_hex2bin(out, n, (const char *)text.p, text.n,
					NULL, &got, NULL),
			 0);
	assert_int_equal(got, n);
}

void private_assert_plain(const struct kith_opened *out,
			  struct kith_slice plain)
{
	assert_int_equal(out->n, plain.n);
	assert_memory_equal(out->plain, plain.p, plain.n);
}

void private_encode(const uint8_t *box, size_t n, const char *suffix,
		    struct kith_buf *out)
{
	uint8_t *p = kith_buf_reserve(out, BASE64_CHARS(n) + 16);

	assert_non_null(p);
	kith_buf_byte(out, '"');
	base64_encode((struct kith_slice){ box, n }, (char *)out->p + out->n);
	out->n += BASE64_CHARS(n);
	kith_buf_text(out, suffix);
	kith_buf_byte(out, '"');
}

size_t private_decode(struct kith_slice content,
		      uint8_t out[static KITH_BOX_BYTES_MAX])
{
	struct kith_slice text = json_plain(content);
	size_t chars = base64_span(text), n = chars / 4 * 3;

	while (chars > 0 && text.p[--chars] == '=')
		n--;
	text.n = base64_span(text);
	assert_true(n <= KITH_BOX_BYTES_MAX);
	assert_true(base64_decode(text, out, n));
	return n;
}

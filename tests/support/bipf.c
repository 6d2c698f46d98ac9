#include "tests/support/bipf.h"

#include <math.h>

#include "feeds/json.h"
#include "src/source/bipf_log.h"

enum { LIMIT = 1 << 20 };

void bipf_put(struct kith_buf *out, enum bipf_kind kind,
	      struct kith_slice data)
{
	uint64_t tag = (uint64_t)data.n << 3 | kind;

	for (; tag >= 0x80; tag >>= 7)
		kith_buf_byte(out, (uint8_t)(tag | 0x80));
	kith_buf_byte(out, (uint8_t)tag);
	kith_buf_put(out, data);
}

void bipf_put_text(struct kith_buf *out, const char *text)
{
	bipf_put(out, BIPF_STRING, kith_text(text));
}

static void put_le(struct kith_buf *out, enum bipf_kind kind, uint64_t bits,
		   size_t bytes)
{
	uint8_t le[8];

	for (size_t i = 0; i < bytes; i++)
		le[i] = (uint8_t)(bits >> (8 * i));
	bipf_put(out, kind, (struct kith_slice){ le, bytes });
}

void bipf_put_int(struct kith_buf *out, int32_t n)
{
	put_le(out, BIPF_INT, (uint32_t)n, sizeof(n));
}

void bipf_put_double(struct kith_buf *out, double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	put_le(out, BIPF_DOUBLE, bits, sizeof(d));
}

static void put_number(struct kith_buf *out, struct kith_slice value)
{
	double d = 0;

	(void)!json_number(value, &d);
	if (fabs(d) <= INT32_MAX && d == floor(d))
		bipf_put_int(out, (int32_t)d);
	else
		bipf_put_double(out, d);
}

static void put_string(struct kith_buf *out, struct kith_slice value)
{
	struct kith_buf text = { .limit = LIMIT };

	(void)!json_unescape(value, &text);
	bipf_put(out, BIPF_STRING, kith_bytes(&text));
	kith_buf_free(&text);
}

/* Tests' own values: not deep. */
static void put_nested(struct kith_buf *out, struct kith_slice value)
{
	bool object = json_kind(value) == JSON_KIND_OBJECT;
	struct kith_buf inner = { .limit = LIMIT };
	struct kith_slice key, one;
	size_t at = 0;

	while (object ? json_next_member(value, &at, &key, &one)
		      : json_next_element(value, &at, &one)) {
		if (object)
			put_string(&inner, key);
		bipf_put_json(&inner, one);
	}
	bipf_put(out, object ? BIPF_OBJECT : BIPF_ARRAY, kith_bytes(&inner));
	kith_buf_free(&inner);
}

void bipf_put_json(struct kith_buf *out, struct kith_slice value)
{
	uint8_t yes = json_says_true(value);

	switch (json_kind(value)) {
	case JSON_KIND_NONE:
	case JSON_KIND_NULL:
		bipf_put(out, BIPF_WORD, (struct kith_slice){ NULL, 0 });
		break;
	case JSON_KIND_BOOL:
		bipf_put(out, BIPF_WORD, (struct kith_slice){ &yes, 1 });
		break;
	case JSON_KIND_NUMBER: put_number(out, value); break;
	case JSON_KIND_STRING: put_string(out, value); break;
	case JSON_KIND_ARRAY:
	case JSON_KIND_OBJECT: put_nested(out, value); break;
	}
}

/* --- blocks --- */

void bipf_end_block(struct kith_buf *log)
{
	while (log->n % BIPF_LOG_BLOCK_BYTES && !log->err)
		kith_buf_byte(log, 0);
}

void bipf_put_record(struct kith_buf *log, struct kith_slice record)
{
	size_t used = log->n % BIPF_LOG_BLOCK_BYTES;

	if (used + 2 * BIPF_LOG_LENGTH_BYTES + record.n > BIPF_LOG_BLOCK_BYTES)
		bipf_end_block(log);
	kith_buf_byte(log, (uint8_t)record.n);
	kith_buf_byte(log, (uint8_t)(record.n >> 8));
	kith_buf_put(log, record);
}

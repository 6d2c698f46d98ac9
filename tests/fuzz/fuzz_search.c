#include "feeds/json.h"
#include "src/views/search_parse.h"
#include "src/views/search_text.h"
#include "tests/fuzz/replay.h"

static bool any_author(void *arg, struct kith_slice name, uint32_t *number,
		       struct kith_error *e)
{
	(void)arg;
	*number = (uint32_t)name.n;
	return name.n % 2 || (kith_fail(e, KITH_EFORMAT, 0, "no such"), false);
}

/* What SQLite is given has balanced quotes and brackets, and no NUL. */
static void check(struct kith_slice match)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < match.n; i++) {
		uint8_t c = match.p[i];

		quoted ^= c == '"';
		depth += !quoted && c == '(';
		depth -= !quoted && c == ')';
		if (!c || depth < 0)
			__builtin_trap();
	}
	if (depth || quoted)
		__builtin_trap();
}

static void parse(struct kith_slice text)
{
	struct search_parsed parsed = { .count = 0 };

	if (!search_parse(text, any_author, NULL, &parsed, NULL))
		check(kith_bytes(&parsed.match));
	search_parsed_clear(&parsed);
}

/* Content is canonical by the time a view reads it. */
static void strip(struct kith_slice text)
{
	struct kith_buf canonical = { .limit = 1 << 20 };
	struct kith_buf out = { .limit = 1 << 20 };
	struct kith_buf scratch = { .limit = 1 << 20 };
	struct kith_slice value;

	if (!json_check(text, &value, NULL)) {
		json_compact(value, &canonical);
		search_text(kith_bytes(&canonical), &out, &scratch);
		if (out.n > canonical.n)
			__builtin_trap();
	}
	kith_buf_free(&canonical);
	kith_buf_free(&out);
	kith_buf_free(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse((struct kith_slice){ data, size });
	strip((struct kith_slice){ data, size });
	return 0;
}

#include <stdlib.h>

#include "feeds/json.h"
#include "tests/fuzz/replay.h"

enum { ROOM = 1 << 24, DEPTH_MAX = 4 };

/* The walkers see any bytes: msg_peek hands them what just arrived. */
static void walk(struct kith_slice value, unsigned depth)
{
	struct kith_slice key, inner;
	uint64_t number;
	size_t at = 0;

	while (depth < DEPTH_MAX && json_next_member(value, &at, &key, &inner))
		walk(inner, depth + 1);
	at = 0;
	while (depth < DEPTH_MAX && json_next_element(value, &at, &inner))
		walk(inner, depth + 1);
	if (json_uint(value, &number) && json_kind(value) != JSON_KIND_NUMBER)
		abort();
	if (json_units(value) > value.n || json_plain(value).n > value.n ||
	    json_get(value, "a").n > value.n)
		abort();
}

/* The canonical form of the canonical form, pretty or not, is itself. */
static void print(struct kith_slice value)
{
	struct kith_buf once = { .limit = ROOM }, pretty = once, twice = once;

	json_compact(value, &once);
	json_pretty(kith_bytes(&once), &pretty);
	if (json_check(kith_bytes(&pretty), NULL, NULL))
		abort();
	json_compact(kith_bytes(&pretty), &twice);
	if (!kith_equal(kith_bytes(&once), kith_bytes(&twice)))
		abort();
	kith_buf_free(&once);
	kith_buf_free(&pretty);
	kith_buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice text = { data, size }, value;

	walk(text, 0);
	if (size <= 1 << 14 && !json_check(text, &value, NULL))
		print(value);
	return 0;
}

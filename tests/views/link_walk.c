#include "src/views/link_walk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "feeds/json.h"

enum { ROOM = 1 << 16 };

#define MSG  "\"%Rbb3YvR5/NpCXf231kiJlnI8fov04FeYD9iArqUW2Yk=.sha256\""
#define FEED "\"@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519\""
#define URI  "\"ssb:message/classic/Rbb3YvR5_NpCXf231kiJlnI8fov04FeYD9iA" \
	     "rqUW2Yk=\""

/* The next link of the relation; false: no more. */
static bool next_of(struct link_walk *w, enum relation relation,
		    struct link *out)
{
	while (link_walk_next(w, out))
		if (out->relation == relation && !out->channel)
			return true;
	return false;
}

/* A walk for one relation finds of it what the whole walk does. */
static size_t compare(struct kith_slice content, enum relation relation)
{
	struct link_walk whole, only;
	struct link a, b;
	size_t n = 0;

	link_walk_start(&whole, content);
	link_walk_start(&only, content);
	link_walk_only(&only, relation);
	for (; next_of(&whole, relation, &a); n++) {
		assert_true(next_of(&only, relation, &b));
		assert_ptr_equal(a.text.p, b.text.p);
		assert_int_equal(a.depth, b.depth);
		assert_true(kith_equal(a.member, b.member));
	}
	assert_false(next_of(&only, relation, &b));
	return n;
}

static size_t compare_all(struct kith_slice content)
{
	size_t n = 0;

	assert_int_equal(json_check(content, NULL, NULL), KITH_OK);
	for (int i = RELATION_ROOT; i < RELATION_COUNT; i++)
		n += compare(content, (enum relation)i);
	return n;
}

static void a_walk_for_one_relation_finds_all_of_it(void **state)
{
	static const struct {
		const char *content;
		size_t links;
	} cases[] = {
		{ "{}", 0 },
		{ "\"AA==.box\"", 0 },
		{ "{\"root\":" MSG "}", 1 },
		{ "{\"root\":" URI "}", 1 },
		{ "{\"r\\u006fot\":" MSG "}", 1 },
		{ "{\"root\":\"\\u0025Rbb3\",\"root\":\"%\",\"fork\":\"\"}",
		  0 },
		{ "{\"x\":{\"root\":" MSG "},\"rootx\":" MSG "}", 0 },
		{ "{\"vote\":{\"link\":" MSG ",\"value\":1},\"channel\":\"a\"}",
		  1 },
		{ "{\"branch\":[" MSG ",[" MSG ",{\"root\":" FEED "}]],"
		  "\"mentions\":[{\"link\":" FEED ",\"name\":\"#a\"},\"#b\"],"
		  "\"about\":" FEED ",\"contact\":" FEED ",\"reply\":{" MSG
		  ":" FEED "}}", 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(compare_all(kith_text(cases[i].content)),
				 cases[i].links);
}

/* {"x":[tags],"root":MSG} */
static size_t count_behind(size_t tags)
{
	struct kith_buf b = { .limit = ROOM };
	size_t n;

	kith_buf_text(&b, "{\"x\":[1");
	for (size_t i = 0; i < tags; i++)
		kith_buf_text(&b, ",\"#a\"");
	kith_buf_text(&b, "],\"root\":" MSG "}");
	assert_int_equal(b.err, KITH_OK);
	n = compare_all(kith_bytes(&b));
	kith_buf_free(&b);
	return n;
}

static void links_of_others_count_in_the_limit_too(void **state)
{
	(void)state;
	assert_int_equal(count_behind(LINKS_MAX - 1), 1);
	assert_int_equal(count_behind(LINKS_MAX), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_walk_for_one_relation_finds_all_of_it),
		cmocka_unit_test(links_of_others_count_in_the_limit_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

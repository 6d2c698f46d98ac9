#include "tests/views/scene.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"

enum { CONTENT_BYTES_MAX = 8192 };

void scene_open(struct scene *s)
{
	struct txn *t;

	*s = (struct scene){ .viewer = { .known = false } };
	test_home_open(&s->h);
	test_home_store(&s->h, 0);
	assert_int_equal(store_write(s->h.store, &t), KITH_OK);
	history_start(&s->history, t, 1);
	scene_look(s);
}

void scene_close(struct scene *s)
{
	viewer_end(&s->viewer);
	assert_int_equal(txn_error(s->history.txn), KITH_OK);
	txn_end(s->history.txn);
	history_clear(&s->history);
	test_home_close(&s->h);
}

void scene_look(struct scene *s)
{
	viewer_end(&s->viewer);
	assert_int_equal(viewer_start(&s->viewer, s->history.txn,
				      &s->history.authors[0]), KITH_OK);
}

static void put_id(struct scene *s, char kind, int n, struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];
	struct kith_msg_id msg = history_id(&s->history, (size_t)n);

	if (kind == 'F')
		kith_feed_print(&s->history.authors[n], id);
	else
		kith_msg_print(&msg, id);
	json_put_text(out, id);
}

void scene_say(struct scene *s, size_t author, const char *content, ...)
{
	struct kith_buf out = { .limit = CONTENT_BYTES_MAX };
	va_list args;

	va_start(args, content);
	for (; *content; content++)
		if (*content == '%')
			put_id(s, *++content, va_arg(args, int), &out);
		else
			kith_buf_byte(&out, (uint8_t)*content);
	va_end(args);
	kith_buf_byte(&out, 0);
	assert_false(out.err);
	history_say(&s->history, author, (const char *)out.p);
	kith_buf_free(&out);
}

struct kith_ref scene_feed(const struct scene *s, size_t author)
{
	return (struct kith_ref){ .kind = KITH_REF_FEED,
				  .feed = s->history.authors[author] };
}

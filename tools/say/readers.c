#include "tools/say/readers.h"

#include "feeds/json.h"
#include "feeds/ref.h"

void readers_init(struct readers *r)
{
	*r = (struct readers){ .recps.limit = READERS_BYTES_MAX };
	kith_buf_text(&r->recps, "[]");
}

void readers_free(struct readers *r)
{
	kith_buf_free(&r->recps);
}

int readers_add_feed(struct readers *r, const struct kith_feed_id *feed)
{
	char id[KITH_REF_TEXT_BYTES];

	for (size_t i = 0; i < r->count; i++)
		if (kith_feed_equal(&r->feeds[i], feed))
			return EXIT_DONE;
	if (r->count == READERS_MAX)
		return tool_fail(EXIT_MISUSED, "at most %d can read it, you "
				 "among them", READERS_MAX);
	r->feeds[r->count++] = *feed;
	r->recps.n--; /* the bracket that ends it */
	if (r->count > 1)
		kith_buf_byte(&r->recps, ',');
	kith_feed_print(feed, id);
	json_put_text(&r->recps, id);
	kith_buf_byte(&r->recps, ']');
	return r->recps.err ? tool_fail(EXIT_FAILED, "out of memory")
			    : EXIT_DONE;
}

int readers_add(struct readers *r, struct look *l, const char *whom)
{
	struct kith_feed_id feed;
	int code = named_feed(l, kith_text(whom), NAMED_NEITHER, &feed);

	return code ? code : readers_add_feed(r, &feed);
}

void readers_list(const struct readers *r, struct look *l,
		  struct kith_buf *out)
{
	for (size_t i = 0; i < r->count; i++) {
		kith_buf_text(out, "  ");
		named_put(l, &r->feeds[i], out);
		kith_buf_byte(out, '\n');
	}
}

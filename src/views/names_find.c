/* From a name to those whom it stands for. */
#include "src/views/names.h"
#include "src/views/social.h"

/* A feed may be found by the name that it gives itself, though the viewer has
 * another one for it. */
static bool is_called(struct txn *t, const struct viewer *v,
		      const struct kith_feed_id *feed,
		      struct kith_slice folded)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	uint8_t own[NAME_BYTES_MAX];
	bool found = name_of_feed(t, v, feed, &name);
	size_t n = found ? name_fold(kith_bytes(&name), own) : 0;

	kith_buf_free(&name);
	return n && kith_equal(folded, (struct kith_slice){ own, n });
}

void names_find(struct txn *t, const struct viewer *v, struct social *known,
		struct kith_slice name, struct name_feeds *out)
{
	struct kith_buf shown = { .limit = NAME_BYTES_MAX };
	uint8_t bytes[NAME_BYTES_MAX];
	struct kith_slice folded = { bytes, name_fold(name, bytes) };
	struct kith_feed_id feed;
	struct names n;

	*out = (struct name_feeds){ 0 };
	if (!folded.n)
		return;
	names_start_whole(&n, t, v, name);
	while (out->count < NAME_FEEDS_MAX && names_next(&n, &feed, &shown))
		if ((!known || social_knows(known, &feed)) &&
		    is_called(t, v, &feed, folded))
			out->feed[out->count++] = feed;
	kith_buf_free(&shown);
}

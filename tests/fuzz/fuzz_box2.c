#include <stdlib.h>

#include "feeds/group.h"
#include "feeds/json.h"
#include "feeds/opener.h"
#include "tests/fuzz/replay.h"

static struct kith_opener *make_opener(const struct kith_signer *s)
{
	struct kith_opener *o = s ? kith_opener_new(s) : NULL;
	uint8_t key[KITH_BOX2_KEY_BYTES];

	if (!o)
		abort();
	memset(key, 3, sizeof(key));
	kith_opener_set_self(o, key);
	if (kith_opener_add_group(o, key) != KITH_OK)
		abort();
	return o;
}

/* What a member may be told of a group. */
static void read_content(struct kith_slice content)
{
	struct kith_group_add add;
	struct kith_tangle tangle;

	kith_group_is_init(content);
	if (kith_group_add_read(content, &add) == KITH_OK &&
	    (add.n == 0 || add.group.format != KITH_CLOAKED))
		abort();
	if (kith_tangle_read(content, "group", &tangle) == KITH_OK &&
	    !tangle.first && tangle.n == 0)
		abort();
}

/* The first byte says whose message it is, ours (odd) or another's, and
 * whether it is the first (4); the rest is its content, which is read as if
 * it had come out of a box, too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kith_signer *self, *other;
	static struct kith_opener *o;
	uint8_t seed[KITH_SEED_BYTES];
	struct kith_msg_id previous = { .format = KITH_CLASSIC };
	struct kith_boxed m;
	struct kith_opened out, again;
	enum kith_opening got;

	if (kith_init())
		abort();
	if (!o) {
		memset(seed, 1, sizeof(seed));
		self = kith_signer_from_seed(seed);
		memset(seed, 2, sizeof(seed));
		other = kith_signer_from_seed(seed);
		o = make_opener(self);
	}
	if (size == 0 || !other)
		return 0;
	m.content = (struct kith_slice){ data + 1, size - 1 };
	m.author = kith_signer_id(data[0] & 1 ? self : other);
	m.previous = data[0] & 4 ? NULL : &previous;
	got = kith_open(o, &m, KITH_TRY_USUAL | KITH_TRY_MIRROR, &out);
	if ((got == KITH_OPENED || got == KITH_UNUSABLE) &&
	    (kith_box_open_by_key(&m, &out.key, &again) != got ||
	     !kith_equal(kith_plain(&out), kith_plain(&again))))
		abort();
	if (got == KITH_OPENED)
		read_content(kith_plain(&out));
	if (json_check(m.content, NULL, NULL) == KITH_OK)
		read_content(m.content);
	return 0;
}

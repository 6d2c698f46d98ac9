#include "feeds/json.h"

static bool holds(struct kith_slice s, const uint8_t *p)
{
	return (uintptr_t)p - (uintptr_t)s.p < s.n;
}

/* Written behind a dot without brackets. */
static bool is_word(struct kith_slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i], low = c | 0x20;

		if (!(low >= 'a' && low <= 'z') && c != '_' && c != '-' &&
		    !(i && c >= '0' && c <= '9'))
			return false;
	}
	return name.n > 0;
}

static void put_name(struct kith_slice quoted, struct kith_buf *out)
{
	struct kith_slice name = json_plain(quoted);

	if (!is_word(name)) {
		kith_buf_byte(out, '[');
		kith_buf_put(out, quoted);
		kith_buf_byte(out, ']');
		return;
	}
	if (out->n)
		kith_buf_byte(out, '.');
	kith_buf_put(out, name);
}

/* Goes down to the member of *at that holds p; false: none does, or p is in
 * its name. */
static bool enter_member(struct kith_slice *at, const uint8_t *p,
			 struct kith_buf *out)
{
	struct kith_slice object = *at, key, value;
	size_t i = 0;

	while (json_next_member(object, &i, &key, &value)) {
		if (!holds(key, p) && !holds(value, p))
			continue;
		put_name(key, out);
		*at = value;
		return holds(value, p);
	}
	return false;
}

static bool enter_element(struct kith_slice *at, const uint8_t *p,
			  struct kith_buf *out)
{
	struct kith_slice array = *at, value;
	size_t i = 0;

	for (uint64_t n = 0; json_next_element(array, &i, &value); n++) {
		if (!holds(value, p))
			continue;
		kith_buf_byte(out, '[');
		kith_buf_uint(out, n);
		kith_buf_byte(out, ']');
		*at = value;
		return true;
	}
	return false;
}

void json_path(struct kith_slice root, const uint8_t *p, struct kith_buf *out)
{
	struct kith_slice at = root;

	while (holds(at, p) && at.p != p)
		if (!enter_member(&at, p, out) && !enter_element(&at, p, out))
			return;
}

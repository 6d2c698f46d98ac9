/* An explanation as lines for a person: a name, then what it says; what is in
 * it further in. */
#include "tools/wire/decode.h"

#include "feeds/json.h"

enum { INDENT = 2, NAME_COLUMNS = 12, VALUE_BYTES_MAX = 4096, LEVELS_MAX = 40 };

static void put_spaces(struct kith_buf *out, size_t n)
{
	while (n--)
		kith_buf_byte(out, ' ');
}

/* A text without its quotes, its line ends still escaped; else as it is. */
static void put_scalar(struct kith_buf *out, struct kith_slice value)
{
	if (json_kind(value) == JSON_KIND_STRING) {
		value.p++;
		value.n -= 2;
	}
	if (value.n > VALUE_BYTES_MAX) {
		kith_buf_put(out, (struct kith_slice){ value.p,
						       VALUE_BYTES_MAX });
		kith_buf_text(out, "...");
	} else {
		kith_buf_put(out, value);
	}
	kith_buf_byte(out, '\n');
}

static bool is_tree(struct kith_slice value)
{
	enum json_kind kind = json_kind(value);

	return kind == JSON_KIND_OBJECT || kind == JSON_KIND_ARRAY;
}

/* Lists of plain values stay on their line. */
static bool holds(struct kith_slice value)
{
	struct kith_slice item;
	size_t at = 0;

	if (json_kind(value) != JSON_KIND_ARRAY)
		return is_tree(value);
	while (json_next_element(value, &at, &item))
		if (is_tree(item))
			return true;
	return false;
}

static void put_name(struct kith_buf *out, struct kith_slice name,
		     size_t level)
{
	put_spaces(out, level * INDENT);
	kith_buf_put(out, name);
}

static void put_value(struct kith_buf *out, struct kith_slice name,
		      struct kith_slice value, size_t level);

static void put_members(struct kith_buf *out, struct kith_slice object,
			size_t level)
{
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(object, &at, &key, &value))
		put_value(out,
			  (struct kith_slice){ key.p + 1, key.n - 2 }, value,
			  level);
}

/* Depth is bounded: what is deeper stays as JSON on its line. */
static void put_value(struct kith_buf *out, struct kith_slice name,
		      struct kith_slice value, size_t level)
{
	struct kith_slice item;
	size_t at = 0;

	put_name(out, name, level);
	if (!holds(value) || level == LEVELS_MAX) {
		put_spaces(out, name.n < NAME_COLUMNS ? NAME_COLUMNS - name.n
						      : 1);
		put_scalar(out, value);
		return;
	}
	kith_buf_byte(out, '\n');
	if (json_kind(value) == JSON_KIND_OBJECT) {
		put_members(out, value, level + 1);
		return;
	}
	while (json_next_element(value, &at, &item))
		put_value(out, KITH_SLICE("-"), item, level + 1);
}

/* The kind, and what that is; then what is in it. */
static void put_reading(struct kith_buf *out, struct kith_slice reading)
{
	struct kith_slice key, value;
	struct kith_slice what = json_plain(json_get(reading, "is"));
	size_t at = 0;

	kith_buf_put(out, json_plain(json_get(reading, "kind")));
	kith_buf_text(out, ": ");
	kith_buf_put(out, what);
	kith_buf_byte(out, '\n');
	while (json_next_member(reading, &at, &key, &value))
		if (!json_is(key, "kind") && !json_is(key, "is"))
			put_value(out,
				  (struct kith_slice){ key.p + 1, key.n - 2 },
				  value, 1);
}

void decode_lines(struct kith_slice json, struct kith_buf *out)
{
	struct kith_slice readings = json_get(json, "readings"), reading;
	size_t at = 0, count = 0;

	while (json_next_element(readings, &at, &reading))
		count++;
	if (count > 1) {
		kith_buf_text(out, "it may be any of these ");
		kith_buf_uint(out, count);
		kith_buf_text(out, ":\n");
	}
	for (at = 0; json_next_element(readings, &at, &reading);)
		put_reading(out, reading);
}

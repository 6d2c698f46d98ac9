#include "feeds/json_form.h"

#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/number.h"

/* What an object's names have been so far. */
struct names {
	size_t first;	 /* of form->names */
	int64_t index;	 /* the greatest that is an array index, or -1 */
	bool other;	 /* one was no index; none may follow then */
};

void json_form_init(struct json_form *f, struct kith_slice text,
		    uint8_t *room, size_t n)
{
	static const uint8_t nothing[1];

	f->p = text.n ? text.p : nothing;
	f->end = f->p + text.n;
	f->out = room;
	f->out_end = room + n;
	f->extra = 0;
	f->full = false;
	f->name_count = 0;
}

static bool has_room(struct json_form *f, size_t n)
{
	if ((size_t)(f->out_end - f->out) < n)
		f->full = true;
	return !f->full;
}

static bool put(struct json_form *f, const void *p, size_t n)
{
	if (!has_room(f, n))
		return false;
	memcpy(f->out, p, n);
	f->out += n;
	return true;
}

/* Copies n bytes of the text to the output. */
static bool copy(struct json_form *f, size_t n)
{
	if (!put(f, f->p, n))
		return false;
	f->p += n;
	return true;
}

static bool at(const struct json_form *f, uint8_t byte)
{
	return f->p < f->end && *f->p == byte;
}

bool json_form_take(struct json_form *f, struct kith_slice expected,
		    struct kith_slice printed)
{
	if ((size_t)(f->end - f->p) < expected.n ||
	    memcmp(f->p, expected.p, expected.n) != 0 ||
	    !put(f, printed.p, printed.n))
		return false;
	f->p += expected.n;
	return true;
}

/* Canonical if V8 prints the unit by this very escape, and no surrogate that
 * completes it follows. */
static bool form_escape(struct json_form *f)
{
	uint8_t printed[JSON_ESCAPE_BYTES];
	uint16_t unit = 0, low = 0;
	size_t n = json_escape(f->p, f->end, &unit);

	if (n == 0 || json_put_escape(unit, printed) != n ||
	    memcmp(printed, f->p, n) != 0)
		return false;
	if (json_is_high(unit) && json_escape(f->p + n, f->end, &low) &&
	    json_is_low(low))
		return false;
	return copy(f, n);
}

static bool form_string(struct json_form *f)
{
	size_t n;

	if (!at(f, '"') || !copy(f, 1))
		return false;
	for (;;) {
		if (!copy(f, json_plain_run(f->p, f->end)) || f->p == f->end)
			return false;
		if (*f->p == '"')
			return copy(f, 1);
		if (*f->p == '\\') {
			if (!form_escape(f))
				return false;
			continue;
		}
		n = json_utf8_bytes(f->p, f->end);
		if (n == 0 || !copy(f, n))
			return false;
		f->extra += n == 2 ? 1 : 2;
	}
}

static bool form_scalar(struct json_form *f)
{
	size_t n = json_number_bytes(f->p, f->end);

	if (n == 0)
		n = json_word_bytes(f->p, f->end);
	else if (!number_is_canonical((struct kith_slice){ f->p, n }))
		n = 0;
	return n > 0 && copy(f, n);
}

static bool put_line(struct json_form *f, unsigned depth)
{
	size_t n = 1 + 2 * (size_t)depth;

	if (!has_room(f, n))
		return false;
	*f->out = '\n';
	memset(f->out + 1, ' ', n - 1);
	f->out += n;
	return true;
}

/* Cheap, and different for the names that people choose. */
static uint32_t name_hash(struct kith_slice name)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < name.n && i < 4; i++)
		hash = hash << 8 | (name.p[i] ^ name.p[name.n - 1 - i]);
	return hash ^ (uint32_t)name.n;
}

static bool is_new_name(struct json_form *f, const struct names *names,
			struct kith_slice name)
{
	uint32_t hash = name_hash(name);

	for (size_t i = names->first; i < f->name_count; i++)
		if (f->names[i].hash == hash && f->names[i].n == name.n &&
		    !memcmp(f->names[i].p, name.p, name.n))
			return false;
	if (f->name_count == JSON_FORM_NAMES_MAX) {
		f->full = true;
		return false;
	}
	f->names[f->name_count++] = (struct json_form_name){
		name.p, (uint32_t)name.n, hash
	};
	return true;
}

/* Indexes come first, in ascending order. */
static bool is_in_order(struct names *names, struct kith_slice name)
{
	int64_t index = -1;

	if (name.n && name.p[0] <= '9')
		index = json_index(name);
	if (index < 0) {
		names->other = true;
		return true;
	}
	if (names->other || index <= names->index)
		return false;
	names->index = index;
	return true;
}

static bool form_name(struct json_form *f, struct names *names)
{
	const uint8_t *start = f->p + 1;
	struct kith_slice name;

	if (!form_string(f))
		return false;
	name = (struct kith_slice){ start, (size_t)(f->p - start) - 1 };
	return is_in_order(names, name) && is_new_name(f, names, name) &&
	       json_form_take(f, KITH_SLICE(":"), KITH_SLICE(": "));
}

static bool form_nested(struct json_form *f, unsigned depth)
{
	struct names names = { .first = f->name_count, .index = -1 };
	bool object = *f->p == '{';
	uint8_t close = object ? '}' : ']';

	if (depth == JSON_DEPTH_MAX || !copy(f, 1))
		return false;
	if (at(f, close))
		return copy(f, 1);
	for (;;) {
		if (!put_line(f, depth + 1) ||
		    (object && !form_name(f, &names)) ||
		    !json_form_value(f, depth + 1))
			return false;
		if (!at(f, ','))
			break;
		if (!copy(f, 1))
			return false;
	}
	f->name_count = names.first;
	return at(f, close) && put_line(f, depth) && copy(f, 1);
}

bool json_form_value(struct json_form *f, unsigned depth)
{
	if (f->p == f->end)
		return false;
	switch (*f->p) {
	case '"': return form_string(f);
	case '{':
	case '[': return form_nested(f, depth);
	default: return form_scalar(f);
	}
}

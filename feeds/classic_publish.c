#include "feeds/base64.h"
#include "feeds/classic.h"
#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/quirks.h"

struct publish {
	const uint8_t *start; /* of content */
	struct kith_error *e;
};

static enum kith_err refuse(const struct publish *c, struct kith_slice where,
			    const char *why)
{
	return kith_fail(c->e, KITH_EFORMAT, (size_t)(where.p - c->start),
			 "not for publishing: %s", why);
}

/* The first that stands in the content of what we do not publish. */
static enum kith_err check_values(const struct publish *c,
				  struct kith_slice content)
{
	struct kith_slice where = { NULL, 0 };
	struct quirks q = { .max = 0 };
	enum quirk first = QUIRKS;

	quirks_find(content, &q);
	for (unsigned i = 0; i < QUIRKS; i++)
		if (q.first[i].n && quirk_is_refused((enum quirk)i) &&
		    (!where.n || q.first[i].p < where.p)) {
			where = q.first[i];
			first = (enum quirk)i;
		}
	if (!where.n)
		return KITH_OK;
	return kith_fail(c->e, KITH_EFORMAT, (size_t)(where.p - c->start),
			 "not for publishing: %s: %s", quirk_text(first),
			 quirk_why(first));
}

/* The name is "type" but for the case of its letters. */
static bool is_other_type(struct kith_slice name)
{
	static const char type[] = "type";
	const uint8_t *p = name.p + 1, *end = name.p + name.n - 1;
	bool same = true;
	struct json_char one;
	size_t n = 0;

	for (; p < end; p += one.bytes, n++) {
		if (!json_next_char(p, end, &one) || one.text_bytes != 1 ||
		    n == sizeof(type) - 1 ||
		    (one.text[0] | 0x20) != (uint8_t)type[n])
			return false;
		same = same && one.text[0] == (uint8_t)type[n];
	}
	return n == sizeof(type) - 1 && !same;
}

/* Go peers take the last of all that are spelled so for the type. */
static enum kith_err check_only_type(const struct publish *c,
				     struct kith_slice content)
{
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(content, &at, &key, &value))
		if (is_other_type(key))
			return refuse(c, key, "a second type to peers that do "
				      "not tell capital letters apart");
	return KITH_OK;
}

/* Go peers count the type's bytes, the others units: ASCII is both. */
static enum kith_err check_type(const struct publish *c,
				struct kith_slice content)
{
	struct kith_slice type = json_get(content, "type");

	if (json_kind(type) != JSON_KIND_STRING)
		return refuse(c, content, "no type that is a string");
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] >= 0x80 || type.p[i] == '\\')
			return refuse(c, type,
				      "a type that is not plain ASCII");
	if (type.n - 2 < CLASSIC_TYPE_UNITS_MIN ||
	    type.n - 2 > CLASSIC_TYPE_UNITS_MAX)
		return refuse(c, type, "a type not 3 to 52 characters long");
	return check_only_type(c, content);
}

/* Canonical base64 and .box or .box2: what every peer takes. */
static enum kith_err check_box(const struct publish *c,
			       struct kith_slice content)
{
	struct kith_slice text = json_plain(content), end = text;
	size_t n = base64_span(text);

	if (n) {
		end.p += n;
		end.n -= n;
	}
	if (n == 0 || (!kith_equal(end, KITH_SLICE(".box")) &&
		       !kith_equal(end, KITH_SLICE(".box2"))))
		return refuse(c, content,
			      "a string that is not base64 and .box or .box2");
	return KITH_OK;
}

enum kith_err classic_publish_shape(struct kith_slice content,
				    struct kith_error *e)
{
	struct publish c = { content.p, e };

	if (json_kind(content) == JSON_KIND_STRING)
		return check_box(&c, content);
	if (json_kind(content) != JSON_KIND_OBJECT)
		return refuse(&c, content, "neither an object nor a string");
	return check_type(&c, content);
}

enum kith_err classic_publish_check(struct kith_slice content,
				    struct kith_error *e)
{
	struct publish c = { content.p, e };
	enum kith_err err = classic_publish_shape(content, e);

	return err ? err : check_values(&c, content);
}

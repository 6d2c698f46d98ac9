#include "src/daemon/args.h"

#include "feeds/json.h"
#include "feeds/ref.h"

struct kith_slice args_get(struct kith_slice args, size_t index)
{
	struct kith_slice value = { 0 };
	size_t at = 0;

	for (size_t i = 0; i <= index; i++)
		if (!json_next_element(args, &at, &value))
			return (struct kith_slice){ 0 };
	return value;
}

struct kith_slice args_bare(struct kith_slice message)
{
	struct kith_slice value = json_get(message, "value");

	return json_get(message, "key").n && value.n ? value : message;
}

bool args_feed(struct kith_slice value, struct kith_feed_id *out)
{
	return !kith_feed_parse(json_plain(value), out);
}

void args_bool(struct kith_slice options, const char *name, bool *out)
{
	struct kith_slice value = json_get(options, name);

	if (json_kind(value) == JSON_KIND_BOOL)
		*out = json_says_true(value);
}

bool args_number(struct kith_slice options, const char *name, double *out)
{
	struct kith_slice value = json_get(options, name);
	enum json_kind type = json_kind(value);

	if (type == JSON_KIND_NONE || type == JSON_KIND_NULL)
		return true;
	return json_number(value, out);
}

bool args_text(struct kith_slice value, char *out, size_t n)
{
	struct kith_slice text = json_plain(value);

	if (!text.n || text.n >= n || memchr(text.p, 0, text.n))
		return false;
	memcpy(out, text.p, text.n);
	out[text.n] = 0;
	return true;
}

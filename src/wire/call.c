#include "src/wire/call.h"

#include "feeds/json.h"

void call_put_name(struct kith_buf *b, struct kith_slice dotted)
{
	for (size_t i = 0; i < dotted.n; i++)
		kith_buf_byte(b, dotted.p[i] == '.' ? ',' : dotted.p[i]);
}

static bool refuse(struct kith_buf *text)
{
	kith_buf_reset(text);
	kith_buf_text(text, "invalid request");
	return false;
}

/* An array of strings, or one bare string as JavaScript clients send to ask
 * for the manifest.  None may be empty. */
static bool read_name(struct kith_slice name, struct kith_buf *dotted)
{
	struct kith_slice part = name;
	size_t at = 0, before = 0;

	if (json_kind(name) == JSON_KIND_STRING)
		return json_unescape(name, dotted) && dotted->n;
	while (json_next_element(name, &at, &part)) {
		if (dotted->n)
			kith_buf_byte(dotted, '.');
		before = dotted->n;
		if (!json_unescape(part, dotted) || dotted->n == before)
			return false;
	}
	return dotted->n;
}

/* The whole request, as JavaScript peers say it. */
static bool bad_args(struct kith_slice body, struct kith_buf *text)
{
	kith_buf_reset(text);
	kith_buf_text(text, "invalid request, args should be array, was: ");
	json_compact(body, text);
	return text->err ? refuse(text) : false;
}

static bool bad_stream_type(struct kith_slice type, struct kith_buf *text)
{
	kith_buf_reset(text);
	kith_buf_text(text, "unsupported stream type: ");
	if (json_kind(type) == JSON_KIND_NONE)
		kith_buf_text(text, "undefined");
	else if (!json_unescape(type, text))
		json_compact(type, text);
	return text->err ? refuse(text) : false;
}

/* text holds the name of a stream that was called as if it were async. */
static bool not_async(struct kith_buf *text)
{
	struct kith_slice prefix = KITH_SLICE("no async:");
	size_t n = text->n;

	/* All room at once, so that the name stays where it is. */
	if (!kith_buf_reserve(text, prefix.n + n))
		return refuse(text);
	kith_buf_put(text, prefix);
	call_put_name(text, (struct kith_slice){ text->p, n });
	kith_buf_drop(text, n);
	return false;
}

/* RPC_ASYNC: it names no shape of stream. */
static enum rpc_shape read_shape(struct kith_slice type)
{
	enum rpc_shape shape = RPC_DUPLEX;

	while (shape != RPC_ASYNC && !json_is(type, rpc_shape_name(shape)))
		shape--;
	return shape;
}

bool call_read(struct kith_slice body, bool stream, struct kith_buf *text,
	       struct call *out)
{
	struct kith_slice type = json_get(body, "type");
	enum rpc_shape shape = read_shape(type);

	kith_buf_reset(text);
	if (!read_name(json_get(body, "name"), text) || text->err)
		return refuse(text);
	if (json_kind(json_get(body, "args")) != JSON_KIND_ARRAY)
		return bad_args(body, text);
	if (stream && shape == RPC_ASYNC)
		return bad_stream_type(type, text);
	if (!stream && shape != RPC_ASYNC)
		return not_async(text);
	*out = (struct call){
		.shape = shape,
		.name = kith_bytes(text),
		.args = json_get(body, "args"),
	};
	return true;
}

bool call_is_clean(struct kith_slice end)
{
	return kith_equal(end, KITH_SLICE("true")) ||
	       kith_equal(end, KITH_SLICE("false")) ||
	       kith_equal(end, KITH_SLICE("null"));
}

void call_put(struct kith_buf *b, enum rpc_shape shape, const char *name,
	      struct kith_slice args)
{
	const char *dot;

	kith_buf_text(b, "{\"name\":[");
	while ((dot = strchr(name, '.'))) {
		json_put_string(b, (struct kith_slice){ (const uint8_t *)name,
							(size_t)(dot - name) });
		kith_buf_byte(b, ',');
		name = dot + 1;
	}
	json_put_text(b, name);
	kith_buf_text(b, "],\"args\":");
	kith_buf_put(b, args);
	kith_buf_text(b, ",\"type\":");
	json_put_text(b, rpc_shape_name(shape));
	kith_buf_byte(b, '}');
}

void call_put_error(struct kith_buf *b, const char *name,
		    struct kith_slice message)
{
	kith_buf_text(b, "{\"message\":");
	json_put_string(b, message);
	kith_buf_text(b, ",\"name\":");
	json_put_text(b, name);
	kith_buf_text(b, ",\"stack\":\"\"}");
}

/*
 * refs: references and channel names as ssb-ref takes them.
 * ssb-uri: URIs as ssb-uri2 takes and makes them.
 */
#include <stdio.h>

#include "feeds/base64.h"
#include "feeds/channel.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "tests/vectors/trial.h"

/* What a text is found to be: a kind and format, or nothing. */
struct finding {
	bool found;
	enum kith_ref_kind kind;
	enum kith_format format;
};

static struct finding find(struct kith_slice text, struct kith_ref *ref)
{
	struct finding f = { 0 };

	if (kith_ref_parse(text, ref, NULL))
		return f;
	f.found = true;
	f.kind = ref->kind;
	f.format = ref->kind == KITH_REF_FEED  ? ref->feed.format
		   : ref->kind == KITH_REF_MSG ? ref->msg.format
					       : KITH_CLASSIC;
	return f;
}

static void expect_finding(struct trial *t, struct finding got,
			   struct finding expected)
{
	trial_expect_bool(t, "a reference", got.found, expected.found);
	if (got.found && expected.found &&
	    (got.kind != expected.kind || got.format != expected.format))
		trial_fail(t, "found kind %d format %d, not %d %d", got.kind,
			   got.format, expected.kind, expected.format);
}

static struct kith_slice print(const struct kith_ref *ref,
			       char out[static KITH_REF_TEXT_BYTES])
{
	switch (ref->kind) {
	case KITH_REF_FEED: kith_feed_print(&ref->feed, out); break;
	case KITH_REF_MSG: kith_msg_print(&ref->msg, out); break;
	case KITH_REF_BLOB: kith_blob_print(&ref->blob, out); break;
	}
	return kith_text(out);
}

static bool ends_with(struct kith_slice s, const char *end)
{
	size_t n = strlen(end);

	return s.n >= n && !memcmp(s.p + s.n - n, end, n);
}

static bool starts_with(struct kith_slice s, const char *start)
{
	size_t n = strlen(start);

	return s.n >= n && !memcmp(s.p, start, n);
}

/* Predicates of ssb-ref, and the ending that ours insists on. */
static const struct {
	const char *member, *ending;
	struct finding finding;
} predicates[] = {
	{ "isFeed", ".ed25519", { true, KITH_REF_FEED, KITH_CLASSIC } },
	{ "isMsg", ".sha256", { true, KITH_REF_MSG, KITH_CLASSIC } },
	{ "isBlob", ".sha256", { true, KITH_REF_BLOB, KITH_CLASSIC } },
	{ "isCloakedMsg", ".cloaked", { true, KITH_REF_MSG, KITH_CLOAKED } },
};

/* ssb-ref leaves the dot before the suffix open and takes .sha256 for feeds:
 * with the right ending it would be a reference, with its own it is none. */
static bool has_odd_ending(struct kith_slice text, const char *ending)
{
	enum { SIGIL_AND_DATA = 1 + BASE64_CHARS(KITH_ID_BYTES) };
	char mended[KITH_REF_TEXT_BYTES];
	struct kith_ref ref;

	if (text.n < SIGIL_AND_DATA || ends_with(text, ending))
		return false;
	snprintf(mended, sizeof(mended), "%.*s%s", SIGIL_AND_DATA,
		 (const char *)text.p, ending);
	return find(kith_text(mended), &ref).found;
}

static void ref_case(struct trial *t)
{
	struct kith_slice text = trial_text(t, trial_get(t, "s"));
	struct finding expected = { 0 }, got;
	char out[KITH_REF_TEXT_BYTES];
	struct kith_ref ref;

	if (starts_with(text, "ssb:")) {
		trial_rule(t, "URIs are judged in ssb-uri");
		return;
	}
	for (size_t i = 0; i < sizeof(predicates) / sizeof(*predicates); i++) {
		if (!json_says_true(trial_get(t, predicates[i].member)))
			continue;
		if (has_odd_ending(text, predicates[i].ending))
			trial_rule(t, "odd ending is refused");
		else
			expected = predicates[i].finding;
	}
	got = find(text, &ref);
	expect_finding(t, got, expected);
	if (got.found)
		trial_expect_bytes(t, "printed", print(&ref, out), text);
}

static void channel_case(struct trial *t)
{
	struct kith_slice text = trial_text(t, trial_get(t, "s"));
	struct kith_slice expected =
		trial_text(t, trial_get(t, "normalizeChannel"));
	char out[CHANNEL_TEXT_BYTES];
	size_t n = channel_normalize(text, out);

	trial_expect_bytes(t, "channel",
			   (struct kith_slice){ (uint8_t *)out, n }, expected);
}

/* Predicates of ssb-uri2 that name a reference. */
static const struct {
	const char *name;
	struct finding finding;
} uri_predicates[] = {
	{ "isClassicFeedSSBURI", { true, KITH_REF_FEED, KITH_CLASSIC } },
	{ "isBendyButtV1FeedSSBURI",
	  { true, KITH_REF_FEED, KITH_BENDYBUTT_V1 } },
	{ "isGabbyGroveV1FeedSSBURI",
	  { true, KITH_REF_FEED, KITH_GABBYGROVE_V1 } },
	{ "isButtwooV1FeedSSBURI", { true, KITH_REF_FEED, KITH_BUTTWOO_V1 } },
	{ "isIndexedV1FeedSSBURI", { true, KITH_REF_FEED, KITH_INDEXED_V1 } },
	{ "isClassicMessageSSBURI", { true, KITH_REF_MSG, KITH_CLASSIC } },
	{ "isBendyButtV1MessageSSBURI",
	  { true, KITH_REF_MSG, KITH_BENDYBUTT_V1 } },
	{ "isGabbyGroveV1MessageSSBURI",
	  { true, KITH_REF_MSG, KITH_GABBYGROVE_V1 } },
	{ "isButtwooV1MessageSSBURI", { true, KITH_REF_MSG, KITH_BUTTWOO_V1 } },
	{ "isIndexedV1MessageSSBURI", { true, KITH_REF_MSG, KITH_INDEXED_V1 } },
	{ "isCloakedV1MessageSSBURI", { true, KITH_REF_MSG, KITH_CLOAKED } },
	{ "isCloakedMessageSSBURI", { true, KITH_REF_MSG, KITH_CLOAKED } },
	{ "isClassicBlobSSBURI", { true, KITH_REF_BLOB, KITH_CLASSIC } },
};

static struct finding uri_finding(struct kith_slice names)
{
	struct kith_slice name;
	size_t at = 0;

	while (json_next_element(names, &at, &name))
		for (size_t i = 0; i < sizeof(uri_predicates) /
					       sizeof(uri_predicates[0]); i++)
			if (json_is(name, uri_predicates[i].name))
				return uri_predicates[i].finding;
	return (struct finding){ 0 };
}

/* What stands behind type and format, up to the query or fragment. */
static struct kith_slice uri_data(struct kith_slice uri)
{
	size_t start = 4, end, separators = 0;

	if (uri.n > 6 && !memcmp(uri.p + 4, "//", 2))
		start = 6;
	for (end = start; end < uri.n && separators < 2; end++)
		separators += uri.p[end] == '/' || uri.p[end] == ':';
	start = end;
	while (end < uri.n && uri.p[end] != '?' && uri.p[end] != '#')
		end++;
	return (struct kith_slice){ uri.p + start, end - start };
}

/* Data is URL-safe base64 of 32 bytes, its = perhaps as %3D. */
static bool is_uri_id(struct kith_slice data)
{
	uint8_t id[KITH_ID_BYTES], plain[BASE64_CHARS(KITH_ID_BYTES)];
	size_t n = data.n;

	if (n == sizeof(plain) + 2 && ends_with(data, "%3D"))
		n = sizeof(plain);
	if (n != sizeof(plain))
		return false;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = data.p[i];

		if (c == '+' || c == '/')
			return false;
		plain[i] = c == '-' ? '+' : c == '_' ? '/' : c == '%' ? '=' : c;
	}
	return base64_decode((struct kith_slice){ plain, n }, id, sizeof(id));
}

/* ssb-uri2 takes data of any kind, and none that is percent-encoded:
 * protocol/01 section 4 says what is right. */
static struct finding apply_data_rules(struct trial *t, struct kith_slice uri,
				       struct finding expected,
				       struct finding got)
{
	struct kith_slice data;

	if (!starts_with(uri, "ssb:"))
		return expected;
	data = uri_data(uri);
	if (expected.found && !is_uri_id(data)) {
		trial_rule(t, "data must be canonical base64 of 32 bytes");
		expected.found = false;
	} else if (!expected.found && ends_with(data, "%3D") &&
		   is_uri_id(data)) {
		trial_rule(t, "data may be percent-encoded");
		return got;
	}
	return expected;
}

/* The conversions to a sigil give what ours prints. */
static void expect_sigils(struct trial *t, const struct kith_ref *ref)
{
	static const char *const members[] = { "toFeedSigil", "toMessageSigil",
					       "toBlobSigil" };
	char out[KITH_REF_TEXT_BYTES];

	print(ref, out);
	for (size_t i = 0; i < 3; i++) {
		struct kith_slice sigil = trial_get(t, members[i]);

		if (json_kind(sigil) == JSON_KIND_STRING &&
		    !json_is(sigil, out))
			trial_fail(t, "%s is %s", members[i], out);
	}
}

/* The conversions from a sigil give the URI that ours prints. */
static void expect_uris(struct trial *t, const struct kith_ref *ref)
{
	static const char *const members[] = {
		"fromFeedSigil", "fromMessageSigil", "fromBlobSigil"
	};
	char out[KITH_REF_TEXT_BYTES];

	kith_ref_print_uri(ref, out);
	for (size_t i = 0; i < 3; i++) {
		struct kith_slice uri = trial_get(t, members[i]);

		if (json_kind(uri) == JSON_KIND_STRING && !json_is(uri, out))
			trial_fail(t, "%s is %s", members[i], out);
	}
}

static void uri_case(struct trial *t)
{
	struct kith_slice text = trial_text(t, trial_get(t, "s"));
	struct finding expected = uri_finding(trial_get(t, "yes")), got;
	struct kith_ref ref;

	got = find(text, &ref);
	if (starts_with(text, "@") || starts_with(text, "%") ||
	    starts_with(text, "&")) {
		if (got.found)
			expect_uris(t, &ref);
		return;
	}
	expected = apply_data_rules(t, text, expected, got);
	expect_finding(t, got, expected);
	if (got.found && !t->rule)
		expect_sigils(t, &ref);
}

static bool is_reference_type(struct kith_slice type)
{
	return json_is(type, "feed") || json_is(type, "message") ||
	       json_is(type, "blob");
}

/* The URI that the parts of a case make; data may come in either alphabet. */
static struct kith_slice put_together(struct trial *t, struct kith_slice parts)
{
	static const char *const names[] = { "type", "format", "data" };
	struct kith_buf *uri = trial_buf(t);

	kith_buf_text(uri, "ssb");
	for (size_t i = 0; i < 3; i++) {
		struct kith_slice part =
			trial_text(t, json_get(parts, names[i]));

		kith_buf_byte(uri, i ? '/' : ':');
		for (size_t k = 0; k < part.n; k++)
			kith_buf_byte(uri, part.p[k] == '+'   ? '-'
					   : part.p[k] == '/' ? '_'
							      : part.p[k]);
	}
	return kith_bytes(uri);
}

static void expect_composed(struct trial *t, const struct kith_ref *ref,
			    struct kith_slice format)
{
	char printed[KITH_REF_TEXT_BYTES];

	kith_ref_print_uri(ref, printed);
	if (json_is(format, "sha256") || json_is(format, "ed25519"))
		trial_rule(t, "old names of classic are read only");
	else if (!json_is(trial_get(t, "out"), printed))
		trial_fail(t, "printed as %s", printed);
}

/* Parts of a URI, and the URI made of them or {threw}. */
static void compose_case(struct trial *t)
{
	struct kith_slice in = trial_get(t, "in");
	struct kith_slice uri = put_together(t, in);
	bool expected = json_kind(trial_get(t, "out")) == JSON_KIND_STRING;
	struct kith_ref ref;

	if (expected && !is_reference_type(json_get(in, "type"))) {
		trial_rule(t, "types that are no references are unsupported");
		expected = false;
	} else if (expected && (json_kind(json_get(in, "extraData")) ||
				!is_uri_id(uri_data(uri)))) {
		trial_rule(t, "data must be canonical base64 of 32 bytes");
		expected = false;
	}
	if ((kith_ref_parse(uri, &ref, NULL) == KITH_OK) != expected)
		trial_fail(t, expected ? "is refused" : "is taken");
	else if (expected)
		expect_composed(t, &ref, json_get(in, "format"));
}

const struct vector_set sets_refs[] = {
	{ "refs", "refs.jsonl", false, ref_case },
	{ "refs", "channels.jsonl", false, channel_case },
	{ "ssb-uri", "uris.jsonl", false, uri_case },
	{ "ssb-uri", "compose.jsonl", false, compose_case },
	{ NULL, NULL, false, NULL },
};

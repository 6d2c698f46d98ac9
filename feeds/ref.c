#include "feeds/ref.h"

#include <assert.h>

#include "feeds/base64.h"
#include "feeds/digits.h"

enum { DATA_CHARS = BASE64_CHARS(KITH_ID_BYTES), NAMED_BYTES_MAX = 40 };

/* How an id of one kind and format is written.  The first row of a kind and
 * format is the one that is printed; later ones are old names, read only. */
struct form {
	enum kith_ref_kind kind;
	enum kith_format format;
	const char *type, *name; /* in a URI */
	uint8_t sigil;		 /* 0: this format has no sigil form */
	const char *suffix;
};

static const struct form forms[] = {
	{ KITH_REF_FEED, KITH_CLASSIC, "feed", "classic", '@', ".ed25519" },
	{ KITH_REF_MSG, KITH_CLASSIC, "message", "classic", '%', ".sha256" },
	{ KITH_REF_BLOB, KITH_CLASSIC, "blob", "classic", '&', ".sha256" },
	{ KITH_REF_MSG, KITH_CLOAKED, "message", "cloaked", '%', ".cloaked" },
	{ KITH_REF_FEED, KITH_BENDYBUTT_V1, "feed", "bendybutt-v1", 0, "" },
	{ KITH_REF_MSG, KITH_BENDYBUTT_V1, "message", "bendybutt-v1", 0, "" },
	{ KITH_REF_FEED, KITH_GABBYGROVE_V1, "feed", "gabbygrove-v1", 0, "" },
	{ KITH_REF_MSG, KITH_GABBYGROVE_V1, "message", "gabbygrove-v1", 0, "" },
	{ KITH_REF_FEED, KITH_BUTTWOO_V1, "feed", "buttwoo-v1", 0, "" },
	{ KITH_REF_MSG, KITH_BUTTWOO_V1, "message", "buttwoo-v1", 0, "" },
	{ KITH_REF_FEED, KITH_INDEXED_V1, "feed", "indexed-v1", 0, "" },
	{ KITH_REF_MSG, KITH_INDEXED_V1, "message", "indexed-v1", 0, "" },
	{ KITH_REF_FEED, KITH_CLASSIC, "feed", "ed25519", 0, "" },
	{ KITH_REF_MSG, KITH_CLASSIC, "message", "sha256", 0, "" },
	{ KITH_REF_BLOB, KITH_CLASSIC, "blob", "sha256", 0, "" },
};

enum { FORM_COUNT = sizeof(forms) / sizeof(forms[0]) };

static struct kith_slice skip(struct kith_slice s, size_t n)
{
	return (struct kith_slice){ s.p + n, s.n - n };
}

static bool starts_with(struct kith_slice s, struct kith_slice start)
{
	return s.n >= start.n && memcmp(s.p, start.p, start.n) == 0;
}

/* How much of a text of others stands in an error text. */
static int named_length(size_t n)
{
	return n < NAMED_BYTES_MAX ? (int)n : NAMED_BYTES_MAX;
}

static void set_ref(struct kith_ref *ref, const struct form *form,
		    const uint8_t id[static KITH_ID_BYTES])
{
	ref->kind = form->kind;
	switch (form->kind) {
	case KITH_REF_FEED:
		ref->feed.format = form->format;
		memcpy(ref->feed.b, id, KITH_ID_BYTES);
		break;
	case KITH_REF_MSG:
		ref->msg.format = form->format;
		memcpy(ref->msg.b, id, KITH_ID_BYTES);
		break;
	case KITH_REF_BLOB:
		memcpy(ref->blob.b, id, KITH_ID_BYTES);
		break;
	}
}

static enum kith_err parse_sigil(struct kith_slice text, struct kith_ref *out,
				 struct kith_error *e)
{
	uint8_t id[KITH_ID_BYTES];
	struct kith_slice data, suffix;

	if (text.n <= 1 + DATA_CHARS)
		return kith_fail(e, KITH_EFORMAT, text.n, "id is too short");
	data = (struct kith_slice){ text.p + 1, DATA_CHARS };
	suffix = skip(text, 1 + DATA_CHARS);
	if (!base64_decode(data, id, sizeof(id)))
		return kith_fail(e, KITH_EFORMAT, 1,
				 "id is not canonical base64 of 32 bytes");
	for (size_t i = 0; i < FORM_COUNT; i++) {
		if (forms[i].sigil != text.p[0] ||
		    !kith_equal(suffix, kith_text(forms[i].suffix)))
			continue;
		set_ref(out, &forms[i], id);
		return KITH_OK;
	}
	return kith_fail(e, KITH_EFORMAT, 1 + DATA_CHARS,
			 "unknown id suffix \"%.*s\"",
			 named_length(suffix.n), (const char *)suffix.p);
}

/* Takes one character off the front, percent-decoded; -1 if it is broken. */
static int take_char(struct kith_slice *s)
{
	int high, low, c = s->p[0];

	if (c != '%') {
		*s = skip(*s, 1);
		return c;
	}
	if (s->n < 3)
		return -1;
	high = hex_digit(s->p[1]);
	low = hex_digit(s->p[2]);
	*s = skip(*s, 3);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* URL-safe base64, percent-encoded or not, up to the end, '?' or '#'. */
static bool decode_uri_data(struct kith_slice s,
			    uint8_t id[static KITH_ID_BYTES])
{
	uint8_t plain[DATA_CHARS];
	size_t n = 0;

	while (s.n > 0 && s.p[0] != '?' && s.p[0] != '#') {
		int c = take_char(&s);

		if (c < 0 || c == '+' || c == '/' || n == sizeof(plain))
			return false;
		plain[n++] = (uint8_t)(c == '-' ? '+' : c == '_' ? '/' : c);
	}
	return base64_decode((struct kith_slice){ plain, n }, id,
			     KITH_ID_BYTES);
}

/* Takes what stands before the separator, and the separator. */
static bool take_segment(struct kith_slice *s, uint8_t separator,
			 struct kith_slice *segment)
{
	const uint8_t *at = s->n ? memchr(s->p, separator, s->n) : NULL;

	if (!at)
		return false;
	*segment = (struct kith_slice){ s->p, (size_t)(at - s->p) };
	*s = skip(*s, segment->n + 1);
	return true;
}

/* Takes "type/name/" or "type:name:". */
static bool take_names(struct kith_slice *s, struct kith_slice *type,
		       struct kith_slice *name)
{
	size_t n = 0;

	while (n < s->n && s->p[n] != '/' && s->p[n] != ':')
		n++;
	return n < s->n && take_segment(s, s->p[n], type) &&
	       take_segment(s, type->p[n], name);
}

static const struct form *find_form(struct kith_slice type,
				    struct kith_slice name)
{
	for (size_t i = 0; i < FORM_COUNT; i++)
		if (kith_equal(type, kith_text(forms[i].type)) &&
		    kith_equal(name, kith_text(forms[i].name)))
			return &forms[i];
	return NULL;
}

/* Takes "ssb:type/name/", or "ssb:type:name:" and "ssb://type/name/" as some
 * software writes it. */
static bool take_head(struct kith_slice *s, struct kith_slice *type,
		      struct kith_slice *name)
{
	bool slashes;

	*s = skip(*s, 4);
	slashes = starts_with(*s, KITH_SLICE("//"));
	if (slashes)
		*s = skip(*s, 2);
	return take_names(s, type, name) &&
	       !(slashes && type->p[type->n] == ':');
}

static enum kith_err parse_uri(struct kith_slice text, struct kith_ref *out,
			       struct kith_error *e)
{
	uint8_t id[KITH_ID_BYTES];
	struct kith_slice rest = text, type, name;
	const struct form *form;

	if (!starts_with(text, KITH_SLICE("ssb:")))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "neither an id with a sigil nor an SSB URI");
	if (!take_head(&rest, &type, &name))
		return kith_fail(e, KITH_EFORMAT, 4,
				 "URI lacks a type, a format or data");
	form = find_form(type, name);
	if (!form)
		return kith_fail(e, KITH_EFORMAT, (size_t)(type.p - text.p),
				 "unsupported URI type and format \"%.*s\"",
				 named_length(type.n + 1 + name.n),
				 (const char *)type.p);
	if (!decode_uri_data(rest, id))
		return kith_fail(e, KITH_EFORMAT, (size_t)(rest.p - text.p),
				 "URI data is not canonical base64 of 32 "
				 "bytes");
	set_ref(out, form, id);
	return KITH_OK;
}

enum kith_err kith_ref_parse(struct kith_slice text, struct kith_ref *out,
			     struct kith_error *e)
{
	if (text.n > 0 && memchr("@%&", text.p[0], 3))
		return parse_sigil(text, out, e);
	return parse_uri(text, out, e);
}

enum kith_err kith_feed_parse(struct kith_slice text, struct kith_feed_id *out)
{
	struct kith_ref ref = { 0 };

	if (kith_ref_parse(text, &ref, NULL) || ref.kind != KITH_REF_FEED)
		return KITH_EFORMAT;
	*out = ref.feed;
	return KITH_OK;
}

enum kith_err kith_msg_parse(struct kith_slice text, struct kith_msg_id *out)
{
	struct kith_ref ref = { 0 };

	if (kith_ref_parse(text, &ref, NULL) || ref.kind != KITH_REF_MSG)
		return KITH_EFORMAT;
	*out = ref.msg;
	return KITH_OK;
}

enum kith_err kith_blob_parse(struct kith_slice text, struct kith_blob_id *out)
{
	struct kith_ref ref = { 0 };

	if (kith_ref_parse(text, &ref, NULL) || ref.kind != KITH_REF_BLOB)
		return KITH_EFORMAT;
	*out = ref.blob;
	return KITH_OK;
}

/* The form that is printed for an id; ids of formats that no form has are a
 * bug of the caller. */
static const struct form *form_of(enum kith_ref_kind kind,
				  enum kith_format format)
{
	size_t i = 0;

	while (forms[i].kind != kind || forms[i].format != format) {
		i++;
		assert(i < FORM_COUNT);
	}
	return &forms[i];
}

static char *put_text(char *out, const char *text)
{
	size_t n = strlen(text);

	memcpy(out, text, n);
	return out + n;
}

static char *put_data(char *out, const uint8_t id[static KITH_ID_BYTES])
{
	base64_encode((struct kith_slice){ id, KITH_ID_BYTES }, out);
	return out + DATA_CHARS;
}

static void print_uri(const struct form *form,
		      const uint8_t id[static KITH_ID_BYTES],
		      char out[static KITH_REF_TEXT_BYTES])
{
	char *data, *end;

	out = put_text(out, "ssb:");
	out = put_text(out, form->type);
	out = put_text(out, "/");
	out = put_text(out, form->name);
	data = put_text(out, "/");
	end = put_data(data, id);
	for (char *c = data; c < end; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
	*end = '\0';
}

static void print(enum kith_ref_kind kind, enum kith_format format,
		  const uint8_t id[static KITH_ID_BYTES],
		  char out[static KITH_REF_TEXT_BYTES])
{
	const struct form *form = form_of(kind, format);

	if (!form->sigil) {
		print_uri(form, id, out);
		return;
	}
	*out = (char)form->sigil;
	out = put_text(put_data(out + 1, id), form->suffix);
	*out = '\0';
}

void kith_feed_print(const struct kith_feed_id *id,
		     char out[static KITH_REF_TEXT_BYTES])
{
	print(KITH_REF_FEED, id->format, id->b, out);
}

void kith_msg_print(const struct kith_msg_id *id,
		    char out[static KITH_REF_TEXT_BYTES])
{
	print(KITH_REF_MSG, id->format, id->b, out);
}

void kith_blob_print(const struct kith_blob_id *id,
		     char out[static KITH_REF_TEXT_BYTES])
{
	print(KITH_REF_BLOB, KITH_CLASSIC, id->b, out);
}

void kith_ref_print_uri(const struct kith_ref *ref,
			char out[static KITH_REF_TEXT_BYTES])
{
	switch (ref->kind) {
	case KITH_REF_FEED:
		print_uri(form_of(ref->kind, ref->feed.format), ref->feed.b,
			  out);
		break;
	case KITH_REF_MSG:
		print_uri(form_of(ref->kind, ref->msg.format), ref->msg.b,
			  out);
		break;
	case KITH_REF_BLOB:
		print_uri(form_of(ref->kind, KITH_CLASSIC), ref->blob.b, out);
		break;
	}
}

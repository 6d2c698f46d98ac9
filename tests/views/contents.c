#include "tests/views/contents.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "feeds/ref.h"

uint32_t draw(uint64_t *state, uint32_t n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)((*state >> 11) % n);
}

static const char *const odd[] = {
	"null", "true", "false", "0", "-1", "1.5", "\"\"", "\"no id\"", "[0]",
	"{\"a\":1}", "[[[[1]]]]", "{\"link\":7}", "{\"link\":{\"a\":0}}",
	"\"#\"", "\"%AAAA.sha256\"", "\"# , .\"", "[null,[\"#inner\"]]",
	"{\"remove\":true}", "\"a\\\\b\"", "\"\\u0007\"",
	"\"&47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=.sha256?unbox=x\"",
};

static const char *const names[] = { "\"ann\"", "\"Ann\"", "\"@bob\"",
				     "\"carol the third\"", "\" \"" };

static const char *const channels[] = { "\"#one\"", "\"two\"", "\"Two\"",
					"\"#t h r e e\"", "\"\"",
					"\"t\\nwo\"" };

#define PICK(state, list) \
	((list)[draw((state), sizeof(list) / sizeof(*(list)))])

static void id(uint64_t *state, const struct author *authors, size_t count,
	       struct kith_buf *out)
{
	const struct author *a = &authors[draw(state, (uint32_t)count)];
	char text[KITH_REF_TEXT_BYTES];
	struct kith_msg m;

	kith_feed_print(author_id(a), text);
	if (a->count && draw(state, 2)) {
		uint64_t s = 1 + draw(state, (uint32_t)a->count);

		kith_decoder_reset(a->decoder);
		assert_int_equal(kith_msg_decode(a->decoder, KITH_CLASSIC,
						 author_message(a, s), &m,
						 NULL), KITH_OK);
		kith_msg_print(&m.id, text);
	}
	kith_buf_byte(out, '"');
	kith_buf_text(out, text);
	kith_buf_byte(out, '"');
}

/* An id, an object around one, several, or something else. */
static void link(uint64_t *state, const struct author *authors, size_t count,
		 struct kith_buf *out)
{
	switch (draw(state, 6)) {
	case 0:
		kith_buf_text(out, PICK(state, odd));
		break;
	case 1:
		kith_buf_text(out, "{\"link\":");
		id(state, authors, count, out);
		kith_buf_text(out, ",\"name\":\"x\"}");
		break;
	case 2:
		kith_buf_byte(out, '[');
		id(state, authors, count, out);
		kith_buf_text(out, ",\"#tag\",");
		id(state, authors, count, out);
		kith_buf_byte(out, ']');
		break;
	default:
		id(state, authors, count, out);
	}
}

static void member(struct kith_buf *out, const char *name)
{
	kith_buf_text(out, ",\"");
	kith_buf_text(out, name);
	kith_buf_text(out, "\":");
}

static void post(uint64_t *state, const struct author *authors, size_t count,
		 struct kith_buf *out)
{
	static const char *const places[] = { "root", "branch", "fork",
					      "mentions", "reply", "tangles" };

	kith_buf_text(out, "\"post\"");
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (!draw(state, 3)) {
			member(out, places[i]);
			link(state, authors, count, out);
		}
	if (!draw(state, 3)) {
		member(out, "channel");
		kith_buf_text(out, draw(state, 4) ? PICK(state, channels)
						  : PICK(state, odd));
	}
}

static void about(uint64_t *state, const struct author *authors, size_t count,
		  struct kith_buf *out)
{
	static const char *const members[] = { "name", "image", "description",
					       "\\\\odd" };

	kith_buf_text(out, "\"about\"");
	member(out, "about");
	link(state, authors, count, out);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (draw(state, 2)) {
			member(out, members[i]);
			kith_buf_text(out, draw(state, 3) ? PICK(state, names)
							  : PICK(state, odd));
		}
	if (!draw(state, 8)) {
		member(out, "long");
		kith_buf_byte(out, '"');
		for (int i = 0; i < 300; i++)
			kith_buf_byte(out, 'x');
		kith_buf_byte(out, '"');
	}
}

static void vote(uint64_t *state, const struct author *authors, size_t count,
		 struct kith_buf *out)
{
	kith_buf_text(out, "\"vote\"");
	member(out, "vote");
	if (!draw(state, 4)) {
		kith_buf_text(out, PICK(state, odd));
		return;
	}
	kith_buf_text(out, "{\"link\":");
	link(state, authors, count, out);
	kith_buf_text(out, draw(state, 2) ? ",\"value\":1}" : ",\"value\":0}");
}

static void subscription(uint64_t *state, struct kith_buf *out)
{
	kith_buf_text(out, "\"channel\"");
	member(out, "channel");
	kith_buf_text(out, draw(state, 4) ? PICK(state, channels)
					  : PICK(state, odd));
	member(out, "subscribed");
	kith_buf_text(out, draw(state, 3) ? "true" : PICK(state, odd));
}

/* More links than count, or deeper than is looked. */
static void large(uint64_t *state, struct kith_buf *out)
{
	int deep = (int)draw(state, 40), n = 1;

	if (deep < 10)
		n += (int)draw(state, 400);
	kith_buf_text(out, "\"large\"");
	member(out, "list");
	kith_buf_byte(out, '[');
	for (int i = 0; i < n; i++) {
		kith_buf_text(out, i ? ",\"#n" : "\"#n");
		kith_buf_uint(out, (uint64_t)i);
		kith_buf_byte(out, '"');
	}
	kith_buf_byte(out, ']');
	member(out, "deep");
	for (int i = 0; i < deep; i++)
		kith_buf_text(out, i % 2 ? "[" : "{\"d\":");
	kith_buf_text(out, "\"#bottom\"");
	while (deep--)
		kith_buf_byte(out, deep % 2 ? ']' : '}');
}

void draw_content(uint64_t *state, const struct author *authors, size_t count,
		  struct kith_buf *out)
{
	static const char *const types[] = { "\"xyz\"", "\"a b\"",
					     "\"%id\"" };

	kith_buf_reset(out);
	kith_buf_text(out, "{\"type\":");
	switch (draw(state, 16)) {
	case 0: large(state, out); break;
	case 1: kith_buf_text(out, PICK(state, types)); break;
	case 2:
	case 3: subscription(state, out); break;
	case 4:
	case 5:
	case 6:
	case 7: about(state, authors, count, out); break;
	case 8:
	case 9:
	case 10: vote(state, authors, count, out); break;
	default: post(state, authors, count, out);
	}
	kith_buf_byte(out, '}');
	assert_int_equal(out->err, KITH_OK);
}

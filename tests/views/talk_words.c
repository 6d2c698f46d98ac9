#include "tests/views/talk_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* --- what is said --- */

/* As it stands in JSON, and as the words of a query find it. */
static const struct {
	const char *said, *words;
} pieces[] = {
	{ "garden", "garden" },		 { "Garden,", "garden" },
	{ "gardening!", "gardening" },	 { "tomato", "tomato" },
	{ "TOMATO.", "tomato" },	 { "tomatoes", "tomatoes" },
	{ "caf\u00e9", "cafe" },	 { "CAF\u00c9", "cafe" },
	{ "cafe\u0301", "cafe" },	 { "na\u00efve", "naive" },
	{ "\u00dcber", "uber" },	 { "\\u00fcber", "uber" },
	{ "\u0416\u0423\u041a", "\u0436\u0443\u043a" },
	{ "\u0436\u0443\u043a", "\u0436\u0443\u043a" },
	{ "\u65e5\u672c", "\u65e5\u672c" },
	{ "Stra\u00dfe", "stra\u00dfe" }, { "don't", "don t" },
	{ "snake_case", "snake case" },	 { "2026", "2026" },
	{ "#weeds", "weeds" },		 { "**bold**", "bold" },
	{ "`code`", "code" },		 { "\\n", "" },
	{ "\\u0000", "" },		 { "\U0001f33b", "" },
	{ "(brackets)", "brackets" },	 { "\\\"quoted\\\"", "quoted" },
	{ "[@Ada](@AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=.ed25519)",
	  "ada" },
	{ "![a picture](&AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=.sha256)",
	  "a picture" },
	{ "%AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=.sha256", "" },
	{ "https://example.org/hidden/words?in=it", "" },
	{ "[a link](https://example.org/more_(hidden))", "a link" },
	{ "tom-ato", "tom ato" },
};
enum { PIECES = sizeof(pieces) / sizeof(*pieces) };

static void put_pieces(struct talk *k, struct kith_buf *out)
{
	uint32_t n = talk_pick(k, 12);

	for (uint32_t i = 0; i < n; i++) {
		if (i)
			kith_buf_byte(out, ' ');
		kith_buf_text(out, pieces[talk_pick(k, PIECES)].said);
	}
}

/* Each %s is words; and whether they are found there. */
static const char *const forms[] = {
	"{\"type\":\"post\",\"text\":\"%s\"}",
	"{\"type\":\"post\",\"text\":\"%s\"}",
	"{\"type\":\"post\",\"text\":\"%s\",\"channel\":\"Weeds\"}",
	("{\"type\":\"post\",\"text\":\"%s\",\"mentions\":"
	 "[{\"link\":\"#flowers\"}]}"),
	"{\"type\":\"post\",\"contentWarning\":\"%s\",\"text\":7}",
	"{\"type\":\"about\",\"about\":\"x\",\"name\":\"%s\"}",
	"{\"type\":\"blog\",\"title\":\"%s\",\"summary\":null}",
	"{\"type\":\"gathering\",\"description\":\"%s\"}",
	/* Not found: */
	"{\"type\":\"vote\",\"text\":\"%s\"}",
	"{\"type\":[\"post\"],\"text\":\"%s\"}",
	"{\"type\":\"post\",\"text\":[\"%s\"]}",
	"{\"type\":\"post\",\"unknown\":\"%s\"}",
	"\"%s.box\"",
};
enum { FORMS = sizeof(forms) / sizeof(*forms), FORMS_FOUND = 8 };

enum { LATE = 10 };

static void say_something(struct talk *k)
{
	struct kith_buf content = { .limit = CONTENT_BYTES_MAX };
	const char *form = forms[talk_pick(k, FORMS)];
	const char *hole = strstr(form, "%s");
	/* Often the same moment, and now and then none that can be. */
	int64_t claimed = NOW_US / 1000 +
			  (int64_t)talk_pick(k, SPREAD_MS) / 40 * 40;

	if (!talk_pick(k, LATE))
		claimed = talk_pick(k, 2) ? -5 : INT64_C(9000000000000);
	kith_buf_put(&content, (struct kith_slice){ (const uint8_t *)form,
						    (size_t)(hole - form) });
	put_pieces(k, &content);
	kith_buf_text(&content, hole + 2);
	kith_buf_byte(&content, 0);
	assert_false(content.err);
	talk_say(k, talk_pick(k, TALK_AUTHORS), (const char *)content.p,
		 claimed);
	kith_buf_free(&content);
}

void talk_babble(struct talk *k, size_t n)
{
	struct txn *t = talk_begin(k);

	k->txn = t;
	for (size_t i = 0; i < n; i++)
		say_something(k);
	k->txn = NULL;
	talk_finish(k, t);
}

/* --- the plain loop --- */

static struct kith_slice from_text(struct kith_slice s, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i + n <= s.n; i++)
		if (!memcmp(s.p + i, text, n))
			return (struct kith_slice){ s.p + i, s.n - i };
	return (struct kith_slice){ 0 };
}

static const char *words_of_piece(struct kith_slice piece)
{
	for (size_t i = 0; i < PIECES; i++)
		if (kith_equal(piece, kith_text(pieces[i].said)))
			return pieces[i].words;
	return NULL;
}

/* The pieces between what the form has around them. */
static void read_words(struct kith_slice text, struct spoken *out)
{
	size_t from = 0, n = 1;

	strcpy(out->words, " ");
	for (size_t i = 0; i <= text.n; i++) {
		const char *words;

		if (i < text.n && text.p[i] != ' ')
			continue;
		words = words_of_piece((struct kith_slice){ text.p + from,
							    i - from });
		if (!words && i < text.n)
			continue; /* a piece with a space in it */
		from = i + 1;
		if (words && *words)
			n += (size_t)snprintf(out->words + n,
					      sizeof(out->words) - n, "%s ",
					      words);
	}
}

static void read_content(struct kith_slice content, struct spoken *out)
{
	for (size_t i = 0; i < FORMS; i++) {
		const char *hole = strstr(forms[i], "%s"), *end = hole + 2;
		size_t before = (size_t)(hole - forms[i]), after = strlen(end);

		if (content.n < before + after ||
		    memcmp(content.p, forms[i], before) != 0 ||
		    memcmp(content.p + content.n - after, end, after) != 0)
			continue;
		if (i < 2 && (from_text(content, ",\"channel\"").n ||
			      from_text(content, ",\"mentions\"").n))
			continue;
		read_words((struct kith_slice){ content.p + before,
						content.n - before - after },
			   out);
		out->weeds = i == 2;
		out->flowers = i == 3;
		/* A flower is no word, but something said. */
		out->found = i < FORMS_FOUND &&
			     (out->words[1] ||
			      from_text(content, "\U0001f33b").n);
		return;
	}
	fail_msg("a message that nobody said");
}

void spoken_read(struct txn *t, const struct message_row *row,
		 struct spoken *out)
{
	struct view_message m;
	struct feed_row feed;
	double ms;

	assert_true(feed_by_number(t, row->feed_number, &feed));
	views_message(row, &feed, &m);
	ms = m.claimed < (double)row->received_us / 1000
		     ? m.claimed : (double)row->received_us / 1000;
	*out = (struct spoken){ .rx = row->rx,
				.time_ms = ms > 0 ? (uint64_t)ms : 0,
				.feed_number = row->feed_number,
				.author = feed.id };
	read_content(m.content, out);
}

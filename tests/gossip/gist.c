#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/ref.h"
#include "src/gossip/gist.h"
#include "tests/support/alloc.h"

enum { ROOM = 1 << 16 };

#define FEED "@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"
#define BLOB "&47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=.sha256"

struct ear {
	struct dissect *d;
	struct gist *g;
	struct dissect_event e;
	struct kith_buf told;
};

static int setup(void **state)
{
	static const struct dissect_config config = { DISSECT_OUT, NULL };
	static struct ear ear;

	assert_int_equal(kith_init(), KITH_OK);
	ear = (struct ear){ .d = dissect_new(&config), .g = gist_new(NULL),
			    .told.limit = ROOM };
	assert_true(ear.d && ear.g);
	*state = &ear;
	return 0;
}

static int teardown(void **state)
{
	struct ear *ear = *state;

	dissect_free(ear->d);
	gist_free(ear->g);
	kith_buf_free(&ear->told);
	return 0;
}

static void tell(struct ear *ear, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void tell(struct ear *ear, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	kith_buf_text(&ear->told, text);
}

static void tell_row(struct ear *ear, const struct gist_row *r)
{
	char id[KITH_REF_TEXT_BYTES] = "-";

	if (r->has_feed)
		kith_feed_print(&r->feed, id);
	tell(ear, "%.4s ", id);
	switch (r->kind) {
	case GIST_NOTE:
		tell(ear, "note %d %d %lu", r->note.replicate,
		     r->note.receive, (unsigned long)r->note.sequence);
		break;
	case GIST_CLOCK:
		tell(ear, "clock %lu", (unsigned long)r->sequence);
		break;
	case GIST_MESSAGE:
		tell(ear, "message %lu %s", (unsigned long)r->sequence,
		     r->good ? "good" : r->problem->text);
		break;
	case GIST_ASK:
		tell(ear, "ask %lu %lld %d", (unsigned long)r->history.sequence,
		     (long long)r->history.limit, r->history.live);
		break;
	case GIST_BLOB: tell(ear, "blob"); break;
	case GIST_WANT:
		tell(ear, "want %lu", (unsigned long)r->distance);
		break;
	case GIST_HAVE: tell(ear, "have %lu", (unsigned long)r->bytes); break;
	case GIST_TIME: tell(ear, "time %.1f", r->time_ms); break;
	case GIST_IGNORED:
		tell(ear, "ignored %.*s", (int)r->text.n,
		     (const char *)r->text.p);
		break;
	}
	tell(ear, "\n");
}

static void hear(struct ear *ear, enum dissect_dir dir, int flags,
		 int32_t request, struct kith_slice body)
{
	const struct muxrpc_packet p = {
		.type = (enum muxrpc_type)(flags & 3),
		.stream = flags & 8,
		.end = flags & 4,
		.request = request,
		.length = (uint32_t)body.n,
		.body = body,
	};
	struct gist_row row;

	dissect_packet(ear->d, dir, 1, &p, &ear->e);
	kith_buf_reset(&ear->told);
	gist_start(ear->g, &ear->e);
	while (gist_next(ear->g, &row))
		tell_row(ear, &row);
	kith_buf_byte(&ear->told, 0);
	assert_int_equal(ear->told.err, KITH_OK);
}

static void assert_told(struct ear *ear, const char *text)
{
	assert_string_equal((const char *)ear->told.p, text);
}

/* Opens request 1 of ours, a method with these arguments. */
static void call(struct ear *ear, const char *name, const char *args)
{
	char body[512];

	snprintf(body, sizeof(body),
		 "{\"name\":%s,\"args\":%s,\"type\":\"duplex\"}", name, args);
	hear(ear, DISSECT_OUT, 0x0a, 1, kith_text(body));
	assert_int_equal(ear->e.what, DISSECT_CALL);
}

static void answer(struct ear *ear, const char *body)
{
	hear(ear, DISSECT_IN, 0x0a, -1, kith_text(body));
}

static void notes_are_told_feed_by_feed(void **state)
{
	struct ear *ear = *state;

	call(ear, "[\"ebt\",\"replicate\"]", "[{\"version\":3}]");
	assert_told(ear, "");
	answer(ear, "{\"" FEED "\":12,\"@x\":1,\"" FEED "\":3,\"" FEED
		    "\":-1,\"" FEED "\":1.5}");
	assert_told(ear, "@ioj note 1 1 6\n"
			 "- ignored \"@x\"\n"
			 "@ioj note 1 0 1\n"
			 "@ioj note 0 0 0\n"
			 "- ignored \"" FEED "\"\n");
	answer(ear, "[1,2]");
	assert_told(ear, "");
	answer(ear, "{}");
	assert_told(ear, "");
}

static struct kith_slice sign_message(struct kith_decoder *d)
{
	static const uint8_t seed[KITH_SEED_BYTES] = { 1 };
	struct kith_signer *s = kith_signer_from_seed(seed);
	const struct kith_tip tip = { 0 };
	const struct kith_draft draft = {
		.format = KITH_CLASSIC,
		.content = KITH_SLICE("{\"type\":\"post\",\"text\":\"hi\"}"),
		.now_ms = 1e12,
	};
	struct kith_msg m;

	assert_int_equal(kith_msg_build(d, s, &tip, &draft, &m, NULL),
			 KITH_OK);
	kith_signer_free(s);
	return m.canon;
}

static void messages_are_verified_however_they_come(void **state)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct kith_buf text = { .limit = ROOM };
	struct ear *ear = *state;
	struct kith_slice m;

	assert_non_null(d);
	m = sign_message(d);
	call(ear, "[\"ebt\",\"replicate\"]", "[{}]");
	hear(ear, DISSECT_IN, 0x0a, -1, m);
	assert_memory_equal(ear->told.p + 5, "message 1 good\n", 15);
	kith_buf_text(&text, "{\"key\":\"%AAAA\",\"value\":");
	kith_buf_put(&text, m);
	kith_buf_text(&text, ",\"timestamp\":1}");
	hear(ear, DISSECT_IN, 0x0a, -1, kith_bytes(&text));
	assert_memory_equal(ear->told.p + 5,
			    "message 1 it comes with the id of another", 41);
	kith_buf_reset(&text);
	kith_buf_put(&text, m);
	memcpy(memmem(text.p, text.n, "\"hi\"", 4), "\"ho\"", 4);
	hear(ear, DISSECT_IN, 0x0a, -1, kith_bytes(&text));
	assert_memory_equal(ear->told.p + 5,
			    "message 1 the signature does not verify", 39);
	answer(ear, "{\"author\":\"" FEED "\",\"sequence\":7}");
	assert_memory_equal(ear->told.p, "@ioj message 7 ", 15);
	kith_buf_free(&text);
	kith_decoder_free(d);
}

static void what_is_asked_of_a_feed_is_told(void **state)
{
	struct ear *ear = *state;

	call(ear, "[\"createHistoryStream\"]",
	     "[{\"id\":\"" FEED "\",\"seq\":5,\"live\":true,\"limit\":9}]");
	assert_told(ear, "@ioj ask 5 9 1\n");
	hear(ear, DISSECT_OUT, 0x0a, 2,
	     KITH_SLICE("{\"name\":[\"createHistoryStream\"],\"args\":[{}],"
			"\"type\":\"source\"}"));
	assert_told(ear, "");
}

static void wants_and_haves_are_told(void **state)
{
	struct ear *ear = *state;

	call(ear, "[\"blobs\",\"createWants\"]", "[]");
	answer(ear, "{\"" BLOB "\":-1,\"" BLOB "\":-2,\"" BLOB "\":77,\"" BLOB
		    "\":0,\"" BLOB "\":-0.5,\"&x\":1,\"" BLOB "\":-1e9}");
	assert_told(ear, "- want 1\n"
			 "- want 2\n"
			 "- have 77\n"
			 "- ignored \"" BLOB "\"\n"
			 "- ignored \"" BLOB "\"\n"
			 "- ignored \"&x\"\n"
			 "- ignored \"" BLOB "\"\n");
}

static void blobs_are_found_in_all_forms_of_arguments(void **state)
{
	static const char *const args[] = {
		"[\"" BLOB "\"]",
		"[{\"key\":\"" BLOB "\",\"max\":5}]",
		"[{\"hash\":\"" BLOB "\"}]",
		"[{\"id\":\"" BLOB "\"}]",
		"[[\"" BLOB "\"]]",
	};
	struct ear *ear = *state;
	char body[256];

	for (size_t i = 0; i < sizeof(args) / sizeof(*args); i++) {
		snprintf(body, sizeof(body), "{\"name\":[\"blobs\",\"has\"],"
			 "\"args\":%s}", args[i]);
		hear(ear, DISSECT_OUT, 0x02, (int32_t)i + 1, kith_text(body));
		assert_told(ear, "- blob\n");
	}
	hear(ear, DISSECT_OUT, 0x02, 99,
	     KITH_SLICE("{\"name\":[\"blobs\",\"has\"],\"args\":[[[[[[[\"" BLOB
			"\"]]]]]]]}"));
	assert_told(ear, "- blob\n");
	hear(ear, DISSECT_OUT, 0x02, 100,
	     KITH_SLICE("{\"name\":[\"blobs\",\"has\"],\"args\":[[\"" BLOB
			"\",[7,[],{\"id\":\"" BLOB "\"}],\"" BLOB "\"],\""
			BLOB "\"]}"));
	assert_told(ear, "- blob\n- blob\n- blob\n- blob\n");
	hear(ear, DISSECT_OUT, 0x02, 101,
	     KITH_SLICE("{\"name\":[\"blobs\",\"has\"],\"args\":[[[[[[[[[[[\""
			BLOB "\"]]]]]]]]],\"" BLOB "\"]]}"));
	assert_told(ear, "- blob\n");
}

static void clocks_and_times_are_told(void **state)
{
	struct ear *ear = *state;

	call(ear, "[\"gossip\",\"ping\"]", "[]");
	answer(ear, "1795244306236.5");
	assert_told(ear, "- time 1795244306236.5\n");
	answer(ear, "\"x\"");
	assert_told(ear, "");
	hear(ear, DISSECT_OUT, 0x0e, 1, KITH_SLICE("true"));
	hear(ear, DISSECT_IN, 0x0e, -1, KITH_SLICE("true"));
	call(ear, "[\"ebt\",\"clock\"]", "[]");
	answer(ear, "{\"" FEED "\":8}");
	assert_told(ear, "@ioj clock 8\n");
}

static void feeds_that_replicate_upto_names_are_told(void **state)
{
	struct ear *ear = *state;

	call(ear, "[\"replicate\",\"upto\"]", "[]");
	answer(ear, "{\"id\":\"" FEED "\",\"sequence\":8}");
	assert_told(ear, "@ioj clock 8\n");
	answer(ear, "{\"sync\":true}");
	assert_told(ear, "");
}

static void fetch(struct ear *ear, struct kith_slice bytes)
{
	call(ear, "[\"blobs\",\"get\"]", "[{\"key\":\"" BLOB "\"}]");
	hear(ear, DISSECT_IN, 0x08, -1, bytes);
	assert_int_equal(gist_fetched(&ear->e), GIST_NO_BLOB);
	hear(ear, DISSECT_IN, 0x0e, -1, KITH_SLICE("true"));
}

static void a_blob_is_the_one_that_was_asked_for_or_not(void **state)
{
	struct ear *ear = *state;

	fetch(ear, (struct kith_slice){ (const uint8_t *)"", 0 });
	assert_int_equal(gist_fetched(&ear->e), GIST_BLOB_GOOD);
	hear(ear, DISSECT_OUT, 0x0e, 1, KITH_SLICE("true"));
	assert_int_equal(gist_fetched(&ear->e), GIST_NO_BLOB);
}

static void a_blob_of_other_bytes_is_wrong(void **state)
{
	struct ear *ear = *state;

	fetch(ear, KITH_SLICE("x"));
	assert_int_equal(gist_fetched(&ear->e), GIST_BLOB_WRONG);
}

static void any_allocation_may_fail(void **state)
{
	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++)
		gist_free(gist_new(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(notes_are_told_feed_by_feed),
		TEST(messages_are_verified_however_they_come),
		TEST(what_is_asked_of_a_feed_is_told),
		TEST(wants_and_haves_are_told),
		TEST(blobs_are_found_in_all_forms_of_arguments),
		TEST(clocks_and_times_are_told),
		TEST(feeds_that_replicate_upto_names_are_told),
		TEST(a_blob_is_the_one_that_was_asked_for_or_not),
		TEST(a_blob_of_other_bytes_is_wrong),
		cmocka_unit_test(any_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tools/pass/tally.h"

#include <stdio.h>

#include "feeds/json.h"
#include "feeds/peek.h"
#include "feeds/ref.h"
#include "src/store/messages.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

static void tell(struct tally *t, const struct tally_origin *from,
		 const char *why)
{
	struct record r;

	if (t->json) {
		record_begin(&r);
		record_text(&r, "problem", why);
		record_text(&r, "source", from->name);
		record_uint(&r, "line", from->line);
		record_end(&r);
	} else if (t->told < TALLY_TOLD_MAX) {
		t->told++;
		tool_note("%s:%llu: refused: %s%s", from->name,
			  (unsigned long long)from->line, why,
			  t->told == TALLY_TOLD_MAX
				  ? " (more are only counted)" : "");
	}
}

void tally_refuse(struct tally *t, const struct tally_origin *from,
		  enum ingest_verdict verdict, const char *why)
{
	t->refused++;
	if (verdict == INGEST_FORK)
		t->forks++;
	else if (verdict == INGEST_OWN)
		t->own++;
	else
		t->invalid++;
	reasons_count(&t->reasons, why);
	tell(t, from, why);
}

void tally_gap(struct tally *t, struct kith_slice value)
{
	struct tally_gap *g = t->gaps;
	struct kith_feed_id feed;
	uint64_t sequence;

	t->gap++;
	if (!msg_peek(value, &feed, &sequence))
		return;
	if (!t->gap_feeds || !kith_feed_equal(&feed, &t->gap_feed))
		t->gap_feeds++;
	t->gap_feed = feed;
	while (g < t->gaps + TALLY_GAPS_MAX && g->count &&
	       !kith_feed_equal(&g->feed, &feed))
		g++;
	if (g == t->gaps + TALLY_GAPS_MAX)
		return;
	g->feed = feed;
	if (!g->count++ || sequence < g->first)
		g->first = sequence;
}

void tally_good(struct tally *t, enum ingest_verdict verdict)
{
	if (verdict == INGEST_ADDED)
		t->accepted++;
	else
		t->known++;
}

/* The first message that is missing in front of a gap. */
static uint64_t missing(struct store *store, const struct tally_gap *g)
{
	struct feed_row row = { 0 };
	struct txn *t;

	if (!store_read(store, &t)) {
		feed_get(t, &g->feed, &row);
		txn_end(t);
	}
	return row.last + 1;
}

static size_t count_gaps(const struct tally *t)
{
	size_t n = 0;

	while (n < TALLY_GAPS_MAX && t->gaps[n].count)
		n++;
	return n;
}

static void put_reasons(const struct tally *t, struct kith_buf *to)
{
	const struct reason *r;

	kith_buf_byte(to, '[');
	for (size_t i = 0; (r = reasons_at(&t->reasons, i)); i++) {
		kith_buf_text(to, i ? ",{\"problem\":" : "{\"problem\":");
		json_put_text(to, r->text);
		kith_buf_text(to, ",\"messages\":");
		kith_buf_uint(to, r->count);
		kith_buf_byte(to, '}');
	}
	kith_buf_byte(to, ']');
}

static void put_gaps(const struct tally *t, struct store *store,
		     struct kith_buf *to)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_buf_byte(to, '[');
	for (size_t i = 0; i < count_gaps(t); i++) {
		const struct tally_gap *g = &t->gaps[i];

		kith_feed_print(&g->feed, id);
		kith_buf_text(to, i ? ",{\"feed\":" : "{\"feed\":");
		json_put_text(to, id);
		kith_buf_text(to, ",\"first\":");
		kith_buf_uint(to, g->first);
		kith_buf_text(to, ",\"messages\":");
		kith_buf_uint(to, g->count);
		kith_buf_text(to, ",\"missing\":");
		kith_buf_uint(to, missing(store, g));
		kith_buf_byte(to, '}');
	}
	kith_buf_byte(to, ']');
}

static void print_record(const struct tally *t, struct store *store)
{
	struct kith_buf list = { .limit = 64 * 1024 };
	struct record r;

	record_begin(&r);
	record_uint(&r, "accepted", t->accepted);
	record_uint(&r, "duplicate", t->known);
	record_uint(&r, "gap", t->gap);
	record_uint(&r, "refused", t->refused);
	record_uint(&r, "forks", t->forks);
	record_uint(&r, "own", t->own);
	record_uint(&r, "invalid", t->invalid);
	record_uint(&r, "left", t->left);
	record_bool(&r, "dry", t->trial);
	put_reasons(t, &list);
	record_json(&r, "reasons", kith_bytes(&list));
	kith_buf_reset(&list);
	put_gaps(t, store, &list);
	record_json(&r, "gaps", kith_bytes(&list));
	record_end(&r);
	kith_buf_free(&list);
}

static void print_gaps(const struct tally *t, struct store *store)
{
	char id[KITH_REF_TEXT_BYTES];

	for (size_t i = 0; i < count_gaps(t); i++) {
		const struct tally_gap *g = &t->gaps[i];
		uint64_t from = missing(store, g);

		kith_feed_print(&g->feed, id);
		printf("%6llu  behind a gap: %s lacks message%s %llu",
		       (unsigned long long)g->count, id,
		       g->first > from + 1 ? "s" : "",
		       (unsigned long long)from);
		if (g->first > from + 1)
			printf(" to %llu", (unsigned long long)g->first - 1);
		putchar('\n');
	}
	if (t->gap_feeds > TALLY_GAPS_MAX)
		printf("        behind gaps of %llu feeds more\n",
		       (unsigned long long)t->gap_feeds - TALLY_GAPS_MAX);
}

void tally_print(const struct tally *t, struct store *store)
{
	const struct reason *r;

	if (t->json) {
		print_record(t, store);
		return;
	}
	printf("%llu accepted, %llu known already, %llu behind a gap, "
	       "%llu refused\n", (unsigned long long)t->accepted,
	       (unsigned long long)t->known, (unsigned long long)t->gap,
	       (unsigned long long)t->refused);
	for (size_t i = 0; (r = reasons_at(&t->reasons, i)); i++) {
		printf("%6llu  ", (unsigned long long)r->count);
		text_print(stdout, kith_text(r->text));
		putchar('\n');
	}
	print_gaps(t, store);
	fflush(stdout);
	if (t->gap && !t->left)
		tool_note("behind a gap: earlier messages of the same feeds "
			  "are neither here nor in the input");
	if (t->trial)
		tool_note("that is what would have come of it: nothing was "
			  "written");
}

int tally_code(const struct tally *t)
{
	return t->refused || t->gap || t->left ? EXIT_FAILED : EXIT_DONE;
}

/* kith stats --json: a record of all, or one for each group. */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "src/store/local.h"
#include "tools/count/stats.h"
#include "tools/print/record.h"

enum { MEMBER_BYTES_MAX = 1 << 20 };

/* {"messages":...,"bytes":...}: of what is boxed. */
static void record_private(struct record *r, const struct stats_sum *s)
{
	struct kith_buf out = { .limit = MEMBER_BYTES_MAX };

	kith_buf_text(&out, "{\"messages\":");
	kith_buf_uint(&out, s->boxed);
	kith_buf_text(&out, ",\"bytes\":");
	kith_buf_uint(&out, s->boxed_wire);
	kith_buf_byte(&out, '}');
	record_json(r, "private", kith_bytes(&out));
	kith_buf_free(&out);
}

static void record_sum(struct record *r, const struct stats_sum *s)
{
	record_uint(r, "messages", s->messages);
	record_uint(r, "bytes", s->wire);
	record_uint(r, "canonical", s->canonical);
	record_uint(r, "stored", s->stored);
	record_private(r, s);
	if (s->messages) {
		record_number(r, "oldest", s->first_ms);
		record_number(r, "newest", s->last_ms);
	}
}

/* {"half":...}: ms from written to received. */
static void record_late(struct record *r, const struct stats *s)
{
	static const struct {
		const char *name;
		double share;
	} all[] = { { "\"half\":", 0.5 }, { ",\"p90\":", 0.9 },
		    { ",\"p99\":", 0.99 }, { ",\"most\":", 1 } };
	struct kith_buf out = { .limit = MEMBER_BYTES_MAX };

	if (!s->late.count)
		return;
	kith_buf_byte(&out, '{');
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		kith_buf_text(&out, all[i].name);
		kith_buf_uint(&out, quantiles_get(&s->late, all[i].share));
	}
	kith_buf_text(&out, ",\"messages\":");
	kith_buf_uint(&out, s->late.count);
	kith_buf_text(&out, ",\"ahead\":");
	kith_buf_uint(&out, s->ahead);
	kith_buf_byte(&out, '}');
	record_json(r, "latency", kith_bytes(&out));
	kith_buf_free(&out);
}

static void record_rates(struct record *r, const struct stats *s)
{
	static const struct {
		const char *name;
		uint64_t days;
	} all[] = { { "{\"day\":", 1 }, { ",\"week\":", 7 },
		    { ",\"month\":", 30 }, { ",\"all\":", UINT64_MAX } };
	struct kith_buf out = { .limit = MEMBER_BYTES_MAX };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		kith_buf_text(&out, all[i].name);
		json_put_number(&out, stats_rate(s, all[i].days));
	}
	kith_buf_byte(&out, '}');
	record_json(r, "rate", kith_bytes(&out));
	kith_buf_free(&out);
}

static void record_all(struct stats_look *l)
{
	struct kith_slice said = kith_bytes(&l->refusals);
	struct record r;

	record_begin(&r);
	record_uint(&r, "feeds", l->s.by[STATS_AUTHOR].count);
	record_sum(&r, &l->s.all);
	record_rates(&r, &l->s);
	record_late(&r, &l->s);
	if (said.n) {
		record_json(&r, "refused", json_get(said, "count"));
		record_json(&r, "reasons", json_get(said, "reasons"));
	}
	record_end(&r);
}

/* --- groups --------------------------------------------------------------- */

static void record_type(struct record *r, const struct stats *s, uint64_t key)
{
	struct kith_buf out = { .limit = MEMBER_BYTES_MAX };

	if (key >= s->type_count)
		return;
	if (s->types[key].boxed) {
		record_text(r, "boxed", s->types[key].boxed);
		return;
	}
	/* As the message spells it. */
	kith_buf_byte(&out, '"');
	kith_buf_text(&out, s->types[key].text);
	kith_buf_byte(&out, '"');
	record_json(r, "type", kith_bytes(&out));
	kith_buf_free(&out);
}

static void record_author(struct stats_look *l, struct record *r,
			  uint64_t key)
{
	struct feed_row feed;

	if (!feed_by_number(l->r->txn, (uint32_t)key, &feed))
		return;
	record_feed(r, "feed", &feed.id);
	reading_record_name(l->r, r, &feed.id);
}

static void record_peer(struct stats_look *l, struct record *r, uint64_t key)
{
	struct kith_feed_id peer;

	if (key && key != PEER_UNKNOWN &&
	    peer_by_number(l->r->txn, (uint32_t)key, &peer))
		record_feed(r, "peer", &peer);
	else
		record_text(r, "state", key ? "unknown" : "here");
}

static void record_key(struct stats_look *l, struct record *r,
		       const struct stats_row *row)
{
	struct kith_buf label = { .limit = MEMBER_BYTES_MAX };

	switch (l->by) {
	case STATS_AUTHOR:
		record_author(l, r, row->key);
		return;
	case STATS_PEER:
		record_peer(l, r, row->key);
		return;
	case STATS_TYPE:
		record_type(r, &l->s, row->key);
		return;
	case STATS_SIZE:
		record_uint(r, "units", row->key * STATS_UNITS_STEP);
		return;
	default:
		stats_put_label(l, l->by, row, &label);
		record_string(r, l->by == STATS_DAY ? "day" : "format",
			      kith_bytes(&label));
		kith_buf_free(&label);
	}
}

int stats_records(struct stats_look *l)
{
	const struct stats_table *t;
	struct record r;
	size_t *order, n;

	if (l->by == STATS_BYS) {
		record_all(l);
		return EXIT_DONE;
	}
	t = &l->s.by[l->by];
	order = stats_order(&l->s, l->by);
	if (!order)
		return tool_fail(EXIT_FAILED, "out of memory");
	n = stats_top(&l->s, l->by, order, l->top);
	for (size_t i = 0; i < n; i++) {
		record_begin(&r);
		record_key(l, &r, &t->rows[order[i]]);
		record_sum(&r, &t->rows[order[i]].sum);
		record_end(&r);
	}
	free(order);
	return EXIT_DONE;
}

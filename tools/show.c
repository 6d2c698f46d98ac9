#include "tools/show.h"

#include <stdio.h>

#include "feeds/contact.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/store/local.h"
#include "src/store/proofs.h"
#include "tools/text.h"

enum { GIST_BYTES_MAX = 4096, TYPE_BYTES = 64, TYPE_COLUMNS = 10,
       DAY_MS = 86400000 };

/* Columns of a line beside the author and the text. */
enum { FIXED_COLUMNS = 50, AUTHOR_COLUMNS = 12, GIST_COLUMNS_MIN = 16 };

const char *show_format(enum kith_format format)
{
	switch (format) {
	case KITH_FORMAT_NONE: break;
	case KITH_CLASSIC: return "classic";
	case KITH_BENDYBUTT_V1: return "bendybutt-v1";
	case KITH_GABBYGROVE_V1: return "gabbygrove-v1";
	case KITH_BUTTWOO_V1: return "buttwoo-v1";
	case KITH_INDEXED_V1: return "indexed-v1";
	case KITH_CLOAKED: return "cloaked";
	}
	return "unknown";
}

double show_received_ms(const struct view_message *m)
{
	return (double)m->row->received_us / 1000;
}

/* What follows the last dot of a boxed content: box, box2, ... */
static struct kith_slice box_kind(struct kith_slice content)
{
	struct kith_slice text = json_plain(content);
	size_t at = text.n;

	while (at && text.p[at - 1] != '.')
		at--;
	return at ? (struct kith_slice){ text.p + at, text.n - at }
		  : KITH_SLICE("box");
}

static bool is_boxed(const struct view_message *m)
{
	return json_kind(m->content) == JSON_KIND_STRING;
}

/* The content's type, or "(box2)" and the like; cut to fit. */
static void put_type(const struct view_message *m,
		     char out[static TYPE_BYTES])
{
	struct kith_buf text = { .limit = GIST_BYTES_MAX };
	struct kith_slice kind;

	if (is_boxed(m)) {
		kind = box_kind(m->content);
		snprintf(out, TYPE_BYTES, "(%.*s)", (int)kind.n,
			 (const char *)kind.p);
		return;
	}
	if (!json_unescape(json_get(m->content, "type"), &text))
		kith_buf_reset(&text);
	snprintf(out, TYPE_BYTES, "%.*s", (int)text.n,
		 text.n ? (const char *)text.p : "");
	kith_buf_free(&text);
}

static void put_short_id(struct kith_buf *out, struct kith_slice id)
{
	struct kith_ref ref;
	char text[TEXT_SHORT_BYTES];

	if (kith_ref_parse(id, &ref, NULL))
		return;
	if (ref.kind == KITH_REF_FEED)
		text_short_feed(&ref.feed, text);
	else if (ref.kind == KITH_REF_MSG)
		text_short_msg(&ref.msg, text);
	else
		snprintf(text, sizeof(text), "%.9s…", (const char *)id.p);
	kith_buf_text(out, text);
}

static bool put_member(struct kith_buf *out, struct kith_slice content,
		       const char *name)
{
	return json_unescape(json_get(content, name), out);
}

static void gist_of_contact(const struct view_message *m, struct kith_buf *out)
{
	static const char *const words[] = { "says nothing of ", "follows ",
					     "unfollows ", "blocks " };
	struct kith_feed_id to;
	enum contact_edge edge;
	char text[TEXT_SHORT_BYTES];

	if (!contact_read(m->content, &to, &edge))
		return;
	text_short_feed(&to, text);
	kith_buf_text(out, words[edge]);
	kith_buf_text(out, text);
}

static void gist_of_vote(const struct view_message *m, struct kith_buf *out)
{
	struct kith_slice vote = json_get(m->content, "vote");
	double value;

	if (json_number(json_get(vote, "value"), &value))
		kith_buf_text(out, value > 0   ? "+1 "
				   : value < 0 ? "-1 "
					       : "0 ");
	put_short_id(out, json_plain(json_get(vote, "link")));
}

static void gist_of_about(const struct view_message *m, struct kith_buf *out)
{
	put_short_id(out, json_plain(json_get(m->content, "about")));
	kith_buf_byte(out, ' ');
	if (!put_member(out, m->content, "name") &&
	    !put_member(out, m->content, "title"))
		put_member(out, m->content, "description");
}

/* The members beside the type as they stand there. */
static void gist_of_other(const struct view_message *m, struct kith_buf *out)
{
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(m->content, &at, &key, &value) &&
	       out->n < GIST_BYTES_MAX / 2) {
		if (json_is(key, "type"))
			continue;
		if (out->n)
			kith_buf_byte(out, ' ');
		kith_buf_put(out, json_plain(key));
		kith_buf_byte(out, '=');
		if (value.n > GIST_BYTES_MAX / 4)
			value.n = GIST_BYTES_MAX / 4;
		kith_buf_put(out, value);
	}
}

/* Appends what the message says, in a few words. */
static void put_gist(const struct view_message *m, struct kith_buf *out)
{
	struct kith_slice type = json_get(m->content, "type");

	if (is_boxed(m)) {
		kith_buf_uint(out, m->content.n - 2);
		kith_buf_text(out, " bytes, private");
	} else if (json_is(type, "contact")) {
		gist_of_contact(m, out);
	} else if (json_is(type, "vote")) {
		gist_of_vote(m, out);
	} else if (json_is(type, "about")) {
		gist_of_about(m, out);
	} else if (!put_member(out, m->content, "text")) {
		gist_of_other(m, out);
	}
}

/* Its author signed another message with its number, or with a lower one. */
static bool is_forked(struct txn *t, const struct view_message *m)
{
	uint64_t pair = proof_places(t, &m->author).pair;

	return pair && m->row->sequence >= pair;
}

void show_line(struct txn *t, const struct view_message *m, bool by)
{
	struct kith_buf gist = { .limit = 1 << 20 };
	char type[TYPE_BYTES], when[TEXT_TIME_BYTES];
	char author[TEXT_SHORT_BYTES], id[TEXT_SHORT_BYTES];
	size_t columns = text_columns(), taken = FIXED_COLUMNS;

	text_time(view_time_ms(m), when);
	text_short_feed(&m->author, author);
	text_short_msg(&m->row->id, id);
	put_type(m, type);
	put_gist(m, &gist);
	if (by) {
		printf("%s  ", author);
		taken += AUTHOR_COLUMNS;
	}
	printf("%6llu%c %16s%c ", (unsigned long long)m->row->sequence,
	       is_forked(t, m) ? 'Y' : ' ', when,
	       m->claimed > show_received_ms(m) + DAY_MS ? '!' : ' ');
	text_print_cut(stdout, kith_text(type), TYPE_COLUMNS, true);
	printf("  ");
	text_print_cut(stdout, kith_bytes(&gist),
		       columns > taken + GIST_COLUMNS_MIN ? columns - taken
							  : GIST_COLUMNS_MIN,
		       true);
	printf("  %s\n", id);
	kith_buf_free(&gist);
}

static void record_boxed(struct record *r, const struct view_message *m)
{
	char kind[TYPE_BYTES];
	struct kith_slice k = box_kind(m->boxed.n ? m->boxed : m->content);

	snprintf(kind, sizeof(kind), "%.*s", (int)k.n, (const char *)k.p);
	record_text(r, "boxed", kind);
}

/* The key of a group, which an invitation has, is for programs that take it. */
static void record_content(struct record *r, const struct view_message *m)
{
	struct kith_buf shown = { .limit = KITH_MSG_WIRE_BYTES_MAX };
	struct kith_slice key, value;
	size_t at = 0;

	kith_buf_byte(&shown, '{');
	while (json_next_member(m->content, &at, &key, &value)) {
		if (json_is(key, "groupKey"))
			continue;
		kith_buf_text(&shown, shown.n > 1 ? "," : "");
		kith_buf_put(&shown, key);
		kith_buf_byte(&shown, ':');
		kith_buf_put(&shown, value);
	}
	kith_buf_byte(&shown, '}');
	record_json(r, "content", kith_bytes(&shown));
	kith_buf_free(&shown);
}

void show_record(struct record *r, struct txn *t, const struct view_message *m,
		 bool content)
{
	const struct message_row *row = m->row;
	double received = show_received_ms(m);
	struct kith_feed_id peer;
	char type[TYPE_BYTES];

	record_feed(r, "feed", &m->author);
	record_uint(r, "seq", row->sequence);
	record_msg(r, "id", &row->id);
	record_json(r, "prev", json_get(row->canon, "previous"));
	record_number(r, "ts", m->claimed);
	record_number(r, "rts", view_time_ms(m));
	record_uint(r, "rx", row->rx);
	record_number(r, "received", received);
	if (is_boxed(m) || m->boxed.n)
		record_boxed(r, m);
	if (!is_boxed(m)) {
		put_type(m, type);
		record_text(r, "type", type);
	}
	record_text(r, "format", show_format(row->format));
	if (is_forked(t, m))
		record_text(r, "state", "forked");
	record_uint(r, "bytes", row->canon.n);
	record_uint(r, "units", row->units);
	if (row->source && peer_by_number(t, row->source, &peer))
		record_feed(r, "source", &peer);
	if (content && m->boxed.n)
		record_content(r, m);
	else if (content && !is_boxed(m))
		record_json(r, "content", m->content);
}

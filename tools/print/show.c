#include "tools/print/show.h"

#include <stdio.h>

#include "feeds/contact.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/store/local.h"
#include "src/store/proofs.h"
#include "src/views/content.h"
#include "src/views/link_walk.h"
#include "tools/text/text.h"

enum { GIST_BYTES_MAX = 4096, TYPE_COLUMNS = 10, TYPE_COLUMNS_MOST = 64,
       DAY_MS = 86400000 };

/* Columns of a line beside the author, the text and the id. */
enum { FIXED_COLUMNS = 40, GIST_COLUMNS_MIN = 16 };

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

void show_type(const struct view_message *m, struct kith_buf *out)
{
	if (is_boxed(m)) {
		kith_buf_byte(out, '(');
		kith_buf_put(out, box_kind(m->content));
		kith_buf_byte(out, ')');
	} else if (!json_unescape(json_get(m->content, "type"), out)) {
		kith_buf_reset(out);
	}
}

struct kith_slice show_box(const struct view_message *m)
{
	if (m->boxed.n)
		return box_kind(m->boxed);
	return is_boxed(m) ? box_kind(m->content) : (struct kith_slice){ 0 };
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
	bool is_key = content_is_key(m->content);
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(m->content, &at, &key, &value) &&
	       out->n < GIST_BYTES_MAX / 2) {
		if (json_is(key, "type") || (is_key && content_names_key(key)))
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

void show_gist(const struct view_message *m, struct kith_buf *out)
{
	struct kith_slice type = json_get(m->content, "type");

	if (m->boxed.n)
		kith_buf_text(out, "[private] ");
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

/* Its author signed another message with its number, or with a lower one.
 * t NULL: nobody knows. */
static bool is_forked(struct txn *t, const struct view_message *m)
{
	uint64_t pair = t ? proof_places(t, &m->author).pair : 0;

	return pair && m->row->sequence >= pair;
}

static void print_rest(const struct view_message *m, const char *id,
		       size_t columns, size_t taken)
{
	struct kith_buf gist = { .limit = 1 << 20 };
	struct kith_buf type = { .limit = KITH_MSG_WIRE_BYTES_MAX };

	taken += text_width(kith_text(id));
	show_type(m, &type);
	show_gist(m, &gist);
	text_print_cut(stdout, kith_bytes(&type), TYPE_COLUMNS, true);
	printf("  ");
	text_print_cut(stdout, kith_bytes(&gist),
		       columns > taken + GIST_COLUMNS_MIN ? columns - taken
							  : GIST_COLUMNS_MIN,
		       true);
	printf("  %s\n", id);
	kith_buf_free(&gist);
	kith_buf_free(&type);
}

static void print_brief(const struct view_message *m, const char *id,
			size_t columns)
{
	struct kith_buf gist = { .limit = 1 << 20 };
	struct kith_buf type = { .limit = KITH_MSG_WIRE_BYTES_MAX };
	struct kith_buf safe = { .limit = SIZE_MAX };
	size_t taken;

	show_type(m, &type);
	text_put_cut(&safe, kith_bytes(&type), TYPE_COLUMNS_MOST, false);
	show_gist(m, &gist);
	taken = text_width(kith_text(id)) + text_width(kith_bytes(&safe)) + 2;
	printf("%s ", id);
	text_print(stdout, kith_bytes(&safe));
	putchar(' ');
	text_print_cut(stdout, kith_bytes(&gist),
		       columns > taken + GIST_COLUMNS_MIN ? columns - taken
							  : GIST_COLUMNS_MIN,
		       false);
	putchar('\n');
	kith_buf_free(&gist);
	kith_buf_free(&type);
	kith_buf_free(&safe);
}

void show_line(struct txn *t, const struct view_message *m,
	       const struct show *how)
{
	size_t columns = how->columns ? how->columns : text_columns();
	char author[KITH_REF_TEXT_BYTES], id[KITH_REF_TEXT_BYTES];
	char when[TEXT_TIME_BYTES];
	size_t taken = FIXED_COLUMNS;

	ids_msg(how->ids, &m->row->id, id);
	if (how->brief) {
		print_brief(m, id, columns);
		return;
	}
	text_time(view_time_ms(m), when);
	ids_feed(how->ids, &m->author, author);
	if (how->by) {
		printf("%s  ", author);
		taken += text_width(kith_text(author)) + 2;
	}
	printf("%6llu%c %16s%c ", (unsigned long long)m->row->sequence,
	       is_forked(t, m) ? 'Y' : ' ', when,
	       m->claimed > show_received_ms(m) + DAY_MS ? '!' : ' ');
	print_rest(m, id, columns, taken);
}

void show_json(struct kith_slice compact, const char *margin)
{
	struct kith_buf text = { .limit = 1 << 20 };
	struct kith_slice s;

	json_pretty(compact, &text);
	s = kith_bytes(&text);
	while (s.n) {
		const uint8_t *end = memchr(s.p, '\n', s.n);
		size_t n = end ? (size_t)(end - s.p) : s.n;

		fputs(margin, stdout);
		text_print(stdout, (struct kith_slice){ s.p, n });
		putchar('\n');
		n += end != NULL;
		s = (struct kith_slice){ s.p + n, s.n - n };
	}
	kith_buf_free(&text);
}

static void put_boxed(struct kith_buf *out, const struct view_message *m)
{
	kith_buf_text(out, "{\"boxed\":");
	json_put_string(out, show_box(m));
	kith_buf_text(out, ",\"bytes\":");
	kith_buf_uint(out, m->content.n - 2);
	kith_buf_byte(out, '}');
}

void show_put_content(struct kith_buf *out, const struct view_message *m)
{
	if (m->boxed.n)
		content_put_shown(m->content, out);
	else if (is_boxed(m))
		put_boxed(out, m);
	else
		kith_buf_put(out, m->content);
}

static void print_content(const struct view_message *m)
{
	struct kith_buf content = { .limit = KITH_MSG_WIRE_BYTES_MAX };

	if (is_boxed(m)) {
		printf("    %zu bytes, private\n", m->content.n - 2);
		return;
	}
	show_put_content(&content, m);
	show_json(kith_bytes(&content), "    ");
	kith_buf_free(&content);
}

static const char *claim(const struct view_message *m)
{
	return m->claimed > show_received_ms(m) + DAY_MS
		       ? "  (more than a day after its receipt)"
		       : "";
}

void show_full(struct txn *t, const struct view_message *m,
	       const struct show *how)
{
	char author[KITH_REF_TEXT_BYTES], id[KITH_REF_TEXT_BYTES];
	char when[TEXT_TIME_BYTES], received[TEXT_TIME_BYTES];

	ids_msg(how->ids, &m->row->id, id);
	ids_feed(how->ids, &m->author, author);
	text_time(m->claimed, when);
	text_time(show_received_ms(m), received);
	printf("message   %s\n", id);
	printf("feed      %s:%llu%s\n", author,
	       (unsigned long long)m->row->sequence,
	       is_forked(t, m) ? "  (forked)" : "");
	printf("claimed   %s%s\nreceived  %s  rx:%llu\n\n", when, claim(m),
	       received, (unsigned long long)m->row->rx);
	print_content(m);
	putchar('\n');
}

void show_put_path(struct kith_slice content, const struct link *l,
		   struct kith_buf *out)
{
	kith_buf_text(out, "content");
	json_path(content, l->text.p, out);
}

void show_links(const struct view_message *m, const struct show *how)
{
	struct link_walk w;
	struct link l;

	link_walk_start(&w, m->content);
	while (link_walk_next(&w, &l)) {
		struct kith_buf path = { .limit = GIST_BYTES_MAX };
		char id[KITH_REF_TEXT_BYTES];

		show_put_path(m->content, &l, &path);
		printf("        ");
		text_print(stdout, kith_bytes(&path));
		if (l.channel) {
			printf("  #");
			text_print(stdout, (struct kith_slice){
				(const uint8_t *)l.name, l.name_bytes });
			putchar('\n');
		} else {
			ids_ref(how->ids, &l.ref, id);
			printf("  %s\n", id);
		}
		kith_buf_free(&path);
	}
}

static void record_boxed(struct record *r, const struct view_message *m)
{
	record_string(r, "boxed", show_box(m));
}

static void record_type(struct record *r, const struct view_message *m)
{
	struct kith_buf type = { .limit = KITH_MSG_WIRE_BYTES_MAX };

	show_type(m, &type);
	record_string(r, "type", kith_bytes(&type));
	kith_buf_free(&type);
}

static void record_content(struct record *r, const struct view_message *m)
{
	struct kith_buf shown = { .limit = KITH_MSG_WIRE_BYTES_MAX };

	show_put_content(&shown, m);
	record_json(r, "content", kith_bytes(&shown));
	kith_buf_free(&shown);
}

static void record_previous(struct record *r, struct kith_slice canon)
{
	struct kith_slice previous = json_get(canon, "previous");
	struct kith_msg_id id;

	if (kith_msg_parse(json_plain(previous), &id))
		record_json(r, "prev", previous);
	else
		record_msg(r, "prev", &id);
}

void show_record(struct record *r, struct txn *t, const struct view_message *m,
		 bool content)
{
	const struct message_row *row = m->row;
	double received = show_received_ms(m);
	struct kith_feed_id peer;

	record_feed(r, "feed", &m->author);
	record_uint(r, "seq", row->sequence);
	record_msg(r, "id", &row->id);
	record_previous(r, row->canon);
	record_number(r, "ts", m->claimed);
	if (row->rx) {
		record_number(r, "rts", view_time_ms(m));
		record_uint(r, "rx", row->rx);
		record_number(r, "received", received);
	}
	if (is_boxed(m) || m->boxed.n)
		record_boxed(r, m);
	if (!is_boxed(m))
		record_type(r, m);
	record_text(r, "format", show_format(row->format));
	if (is_forked(t, m))
		record_text(r, "state", "forked");
	record_uint(r, "bytes", row->canon.n);
	record_uint(r, "units", row->units);
	if (row->source && peer_by_number(t, row->source, &peer))
		record_feed(r, "source", &peer);
	if (content)
		record_content(r, m);
}

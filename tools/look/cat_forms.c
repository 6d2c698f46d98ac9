/* The forms of kith cat. */
#include <stdio.h>

#include "feeds/json.h"
#include "feeds/message.h"
#include "feeds/ref.h"
#include "src/store/local.h"
#include "tools/look/cat.h"
#include "tools/print/show.h"
#include "tools/text/text.h"

enum { FORM_BYTES_MAX = 1 << 20, DUMP_BYTES = 16 };

/* Prints bytes that must stay exact; a terminal gets them escaped. */
static void print_exact(const struct cat *c, struct kith_slice s)
{
	if (c->terminal)
		text_print(stdout, s);
	else
		fwrite(s.p, 1, s.n, stdout);
	if (c->null)
		putchar('\0');
}

static void print_line(const struct cat *c, struct kith_slice s)
{
	text_print(stdout, s);
	putchar(c->null ? '\0' : '\n');
}

static void pretty(struct kith_slice compact, struct kith_buf *out)
{
	*out = (struct kith_buf){ .limit = FORM_BYTES_MAX };
	json_pretty(compact, out);
}

static void print_signing(const struct cat *c)
{
	struct kith_decoder *d = kith_decoder_new(c->hmac);
	const struct message_row *row = c->m->row;
	struct kith_msg m;

	if (d && !kith_msg_decode(d, row->format, row->canon, &m, NULL))
		print_exact(c, m.signing);
	kith_decoder_free(d);
}

/* The low byte of each UTF-16 unit of the canonical text: protocol/10 s. 3. */
static void print_hash_input(const struct cat *c)
{
	struct kith_buf text, low = { .limit = FORM_BYTES_MAX };
	uint32_t u;

	pretty(c->m->row->canon, &text);
	for (size_t i = 0; i < text.n; i++) {
		u = text.p[i];
		if (u >= 0xf0)
			u = (u & 7) << 18 | (text.p[i + 1] & 63u) << 12 |
			    (text.p[i + 2] & 63u) << 6 | (text.p[i + 3] & 63u);
		else if (u >= 0xe0)
			u = (text.p[i + 1] & 63u) << 6 | (text.p[i + 2] & 63u);
		else if (u >= 0xc0)
			u = (u & 31) << 6 | (text.p[i + 1] & 63u);
		if (u >= 0x10000)
			kith_buf_byte(&low, (uint8_t)((u - 0x10000) >> 10));
		kith_buf_byte(&low, (uint8_t)u);
		i += text.p[i] >= 0xf0 ? 3 : text.p[i] >= 0xe0 ? 2
		   : text.p[i] >= 0xc0;
	}
	print_exact(c, kith_bytes(&low));
	kith_buf_free(&text);
	kith_buf_free(&low);
}

/* --- bytes ---------------------------------------------------------------- */

static void dump_line(size_t at, const uint8_t *p, size_t n)
{
	printf("%08zx ", at);
	for (size_t i = 0; i < DUMP_BYTES; i++)
		if (i < n)
			printf("%s%02x", i == DUMP_BYTES / 2 ? "  " : " ",
			       p[i]);
		else
			printf(i == DUMP_BYTES / 2 ? "    " : "   ");
	printf("  |");
	for (size_t i = 0; i < n; i++)
		putchar(p[i] >= ' ' && p[i] < 0x7f ? p[i] : '.');
	printf("|\n");
}

static void print_dump(struct kith_slice s)
{
	for (size_t at = 0; at < s.n; at += DUMP_BYTES)
		dump_line(at, s.p + at,
			  s.n - at < DUMP_BYTES ? s.n - at : DUMP_BYTES);
	printf("%08zx\n", s.n);
}

static void print_bfe(struct kith_slice canon)
{
	struct kith_buf out = { .limit = FORM_BYTES_MAX };

	cat_put_bfe(canon, &out);
	show_json(kith_bytes(&out), "");
	kith_buf_free(&out);
}

/* --- what is known of it -------------------------------------------------- */

static void print_source(struct txn *t, const struct message_row *row)
{
	struct kith_feed_id peer;
	char text[KITH_REF_TEXT_BYTES];

	if (!row->source) {
		puts("source    this node");
	} else if (peer_by_number(t, row->source, &peer)) {
		kith_feed_print(&peer, text);
		printf("source    %s\n", text);
	}
}

static void print_box(const struct view_message *m)
{
	struct kith_slice box = show_box(m);

	if (!box.n)
		return;
	printf("boxed     ");
	text_print(stdout, box);
	printf(", %s\n", m->boxed.n ? "opened" : "not opened");
}

static void print_meta(const struct cat *c)
{
	const struct message_row *row = c->m->row;
	struct kith_slice previous = json_plain(json_get(row->canon,
							 "previous"));
	char id[KITH_REF_TEXT_BYTES], feed[KITH_REF_TEXT_BYTES];
	char claimed[TEXT_TIME_BYTES], received[TEXT_TIME_BYTES];

	kith_msg_print(&row->id, id);
	kith_feed_print(&c->m->author, feed);
	text_time(c->m->claimed, claimed);
	text_time(show_received_ms(c->m), received);
	printf("id        %s\nfeed      %s\nsequence  %llu\n", id, feed,
	       (unsigned long long)row->sequence);
	printf("previous  %.*s\n", previous.n ? (int)previous.n : 4,
	       previous.n ? (const char *)previous.p : "none");
	printf("format    %s\nclaimed   %s\n", show_format(row->format),
	       claimed);
	if (row->rx) {
		printf("received  %s  rx:%llu\n", received,
		       (unsigned long long)row->rx);
		print_source(c->txn, row);
	}
	print_box(c->m);
	printf("size      %zu bytes, %u of %d units\n", row->canon.n,
	       (unsigned)row->units, KITH_MSG_UNITS_MAX);
}

/* --- all ------------------------------------------------------------------ */

/* The message with the content as it may be shown. */
static void put_shown(const struct view_message *m, struct kith_buf *out)
{
	struct kith_slice canon = m->row->canon;
	struct kith_slice box = m->boxed.n ? m->boxed : m->content;
	size_t before = (size_t)(box.p - canon.p);

	kith_buf_put(out, (struct kith_slice){ canon.p, before });
	show_put_content(out, m);
	kith_buf_put(out, (struct kith_slice){ box.p + box.n,
					       canon.n - before - box.n });
}

static void print_shown(const struct cat *c, bool line)
{
	struct kith_buf shown = { .limit = FORM_BYTES_MAX };

	if (c->m->boxed.n)
		put_shown(c->m, &shown);
	else
		kith_buf_put(&shown, c->m->row->canon);
	if (line)
		print_line(c, kith_bytes(&shown));
	else
		show_json(kith_bytes(&shown), "");
	kith_buf_free(&shown);
}

static void print_content(const struct view_message *m)
{
	struct kith_buf shown = { .limit = FORM_BYTES_MAX };

	if (m->boxed.n)
		show_put_content(&shown, m);
	else
		kith_buf_put(&shown, m->content);
	show_json(kith_bytes(&shown), "");
	kith_buf_free(&shown);
}

void cat_print(const struct cat *c, int letter)
{
	struct kith_slice canon = c->m->row->canon;

	switch (letter) {
	case 'w': print_exact(c, canon); break;
	case 'v': print_shown(c, true); break;
	case 'c': print_content(c->m); break;
	case 'b': print_dump(canon); break;
	case 's': print_signing(c); break;
	case 'i': print_hash_input(c); break;
	case 'B': print_bfe(canon); break;
	case 'm': print_meta(c); break;
	default: print_shown(c, false);
	}
}

void cat_record(const struct cat *c)
{
	struct kith_buf shown = { .limit = FORM_BYTES_MAX };
	struct record r;

	put_shown(c->m, &shown);
	record_begin(&r);
	r.null = c->null;
	show_record(&r, c->txn, c->m, false);
	record_json(&r, "value", kith_bytes(&shown));
	record_end(&r);
	kith_buf_free(&shown);
}

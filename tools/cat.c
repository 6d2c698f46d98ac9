#include "tools/commands.h"

#include <stdio.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/message.h"
#include "feeds/ref.h"
#include "src/store/local.h"
#include "tools/select.h"
#include "tools/show.h"
#include "tools/text.h"

enum { FORM_BYTES_MAX = 1 << 20 };

/* Prints bytes that must stay exact; a terminal gets them escaped. */
static void print_exact(struct kith_slice s)
{
	if (isatty(STDOUT_FILENO))
		text_print(stdout, s);
	else
		fwrite(s.p, 1, s.n, stdout);
}

/* Prints lines, each escaped, so that only our own line ends are left. */
static void print_lines(struct kith_slice s)
{
	const uint8_t *end;
	size_t n;

	while (s.n) {
		end = memchr(s.p, '\n', s.n);
		n = end ? (size_t)(end - s.p) : s.n;
		text_print(stdout, (struct kith_slice){ s.p, n });
		putchar('\n');
		n += end != NULL;
		s.p += n;
		s.n -= n;
	}
}

static void pretty(struct kith_slice compact, struct kith_buf *out)
{
	*out = (struct kith_buf){ .limit = FORM_BYTES_MAX };
	json_pretty(compact, out);
}

static void print_pretty(struct kith_slice compact)
{
	struct kith_buf text;

	pretty(compact, &text);
	print_lines(kith_bytes(&text));
	kith_buf_free(&text);
}

static void print_signing(const struct message_row *row)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct kith_msg m;

	if (d && !kith_msg_decode(d, row->format, row->canon, &m, NULL))
		print_exact(m.signing);
	kith_decoder_free(d);
}

/* The low byte of each UTF-16 unit of the canonical text: protocol/10 s. 3. */
static void print_hash_input(struct kith_slice canon)
{
	struct kith_buf text, low = { .limit = FORM_BYTES_MAX };
	uint32_t c;

	pretty(canon, &text);
	for (size_t i = 0; i < text.n; i++) {
		c = text.p[i];
		if (c >= 0xf0)
			c = (c & 7) << 18 | (text.p[i + 1] & 63u) << 12 |
			    (text.p[i + 2] & 63u) << 6 | (text.p[i + 3] & 63u);
		else if (c >= 0xe0)
			c = (text.p[i + 1] & 63u) << 6 | (text.p[i + 2] & 63u);
		else if (c >= 0xc0)
			c = (c & 31) << 6 | (text.p[i + 1] & 63u);
		if (c >= 0x10000)
			kith_buf_byte(&low, (uint8_t)((c - 0x10000) >> 10));
		kith_buf_byte(&low, (uint8_t)c);
		i += text.p[i] >= 0xf0 ? 3 : text.p[i] >= 0xe0 ? 2
		   : text.p[i] >= 0xc0;
	}
	print_exact(kith_bytes(&low));
	kith_buf_free(&text);
	kith_buf_free(&low);
}

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

static void print_meta(struct txn *t, const struct view_message *m)
{
	const struct message_row *row = m->row;
	struct kith_slice previous = json_plain(json_get(row->canon,
							 "previous"));
	char id[KITH_REF_TEXT_BYTES], feed[KITH_REF_TEXT_BYTES];
	char claimed[TEXT_TIME_BYTES], received[TEXT_TIME_BYTES];

	kith_msg_print(&row->id, id);
	kith_feed_print(&m->author, feed);
	text_time(m->claimed, claimed);
	text_time(show_received_ms(m), received);
	printf("id        %s\nfeed      %s\nsequence  %llu\n", id, feed,
	       (unsigned long long)row->sequence);
	printf("previous  %.*s\n", previous.n ? (int)previous.n : 4,
	       previous.n ? (const char *)previous.p : "none");
	printf("format    %s\nclaimed   %s\nreceived  %s  rx:%llu\n",
	       show_format(row->format), claimed, received,
	       (unsigned long long)row->rx);
	print_source(t, row);
	printf("size      %zu bytes, %u of %d units\n", row->canon.n,
	       (unsigned)row->units, KITH_MSG_UNITS_MAX);
}

static void print_record(struct txn *t, const struct view_message *m)
{
	struct record r;

	record_begin(&r);
	show_record(&r, t, m, false);
	record_json(&r, "value", m->row->canon);
	record_end(&r);
}

/* mode: the letter of the option, 0 for none. */
static void print(struct tool *t, int mode, struct txn *txn,
		  const struct view_message *m)
{
	struct kith_slice canon = m->row->canon;

	if (t->json) {
		print_record(txn, m);
		return;
	}
	switch (mode) {
	case 'w': print_exact(canon); break;
	case 'v': print_lines(canon); break;
	case 'c': print_pretty(m->content); break;
	case 's': print_signing(m->row); break;
	case 'i': print_hash_input(canon); break;
	case 'm': print_meta(txn, m); break;
	default: print_pretty(canon);
	}
}

static int cat_one(struct tool *t, int mode, const char *text)
{
	struct message_row row;
	struct view_message m;
	struct selection of;
	int code = select_in(t->store, text, &of);
	struct walk w;

	if (code)
		return code;
	walk_start(&w, t->store, &of, false);
	while (walk_next(&w, &m, &row))
		print(t, mode, w.txn, &m);
	walk_end(&w);
	return w.err ? tool_fail(EXIT_FAILED, "the store cannot be read "
				 "further: %s", kith_strerror(w.err))
		     : EXIT_DONE;
}

int command_cat(struct tool *t, int argc, char **argv)
{
	int code = EXIT_DONE, mode = 0;

	for (const struct option_row *o = t->command->options; o->letter; o++) {
		if (!tool_option(t, o->letter))
			continue;
		if (mode)
			return tool_fail(EXIT_MISUSED, "cat prints one form at "
					 "a time: --%s or the other", o->name);
		mode = o->letter;
	}
	for (int i = 0; i < argc && !code; i++)
		code = cat_one(t, mode, argv[i]);
	return code;
}

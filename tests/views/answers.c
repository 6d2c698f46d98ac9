/*
 * What views say of a whole store, as JSON lines, for npm peers to compare
 * with: answers HOME hops | oracle FEED | names FEED | votes FEED | threads
 * FEED, where FEED looks.  oracle compares with plain loops itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/signer.h"
#include "src/views/names.h"
#include "src/views/social.h"
#include "src/views/thread.h"
#include "src/views/votes.h"
#include "tests/views/agree.h"

enum { LINE_BYTES_MAX = 16 << 20, HOPS_MAX = 3 };

struct asked {
	struct txn *txn;
	struct viewer viewer;
	struct kith_buf line;
};

static void put_feed(struct kith_buf *b, const struct kith_feed_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	json_put_text(b, text);
}

static void put_msg(struct kith_buf *b, const struct kith_msg_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	json_put_text(b, text);
}

static void end_line(struct asked *a)
{
	kith_buf_text(&a->line, "}\n");
	if (a->line.err || fwrite(a->line.p, a->line.n, 1, stdout) != 1)
		exit(3);
	kith_buf_reset(&a->line);
}

/* --- the distances from each feed --- */

static void say_hops_from(struct asked *a, const struct kith_feed_id *centre)
{
	struct kith_feed_id feed;
	struct feed_row row;
	uint32_t number = 0;
	struct social *s;
	size_t at = 0;
	int hops;

	if (social_open(&s, a->txn, centre, HOPS_MAX))
		exit(3);
	kith_buf_text(&a->line, "{\"start\":");
	put_feed(&a->line, centre);
	kith_buf_text(&a->line, ",\"hops\":{");
	while (social_next(s, HOPS_MAX, &at, &feed, &hops)) {
		if (at > 1)
			kith_buf_byte(&a->line, ',');
		put_feed(&a->line, &feed);
		kith_buf_byte(&a->line, ':');
		kith_buf_int(&a->line, hops);
	}
	while (feed_next(a->txn, &number, &row)) {
		if (social_hops(s, &row.id) != GRAPH_HOPS_BLOCKED)
			continue;
		kith_buf_byte(&a->line, ',');
		put_feed(&a->line, &row.id);
		kith_buf_text(&a->line, ":-1");
	}
	kith_buf_byte(&a->line, '}');
	social_close(s);
	end_line(a);
}

static void say_hops(struct asked *a)
{
	struct feed_row row;
	uint32_t number = 0;

	while (feed_next(a->txn, &number, &row))
		say_hops_from(a, &row.id);
}

/* --- names --- */

static void put_name(struct asked *a, const struct kith_feed_id *feed)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };

	kith_buf_text(&a->line, ",\"name\":");
	if (name_of_feed(a->txn, &a->viewer, feed, &name))
		json_put_string(&a->line, kith_bytes(&name));
	else
		kith_buf_text(&a->line, "null");
	kith_buf_free(&name);
}

static void put_words(struct asked *a, struct abouts *words)
{
	struct about_word word;
	bool first = true;

	kith_buf_text(&a->line, ",\"words\":{");
	while (abouts_next(words, &word)) {
		if (!first)
			kith_buf_byte(&a->line, ',');
		first = false;
		put_feed(&a->line, &word.author);
		kith_buf_byte(&a->line, ':');
		kith_buf_put(&a->line, word.value);
	}
	kith_buf_byte(&a->line, '}');
}

static void say_names(struct asked *a)
{
	static const char *const members[] = { "name", "image", "description" };
	struct feed_row row;
	uint32_t number = 0;

	while (feed_next(a->txn, &number, &row))
		for (size_t i = 0; i < 3; i++) {
			const struct kith_ref of = { .kind = KITH_REF_FEED,
						     .feed = row.id };
			struct about_word word;
			struct abouts words;

			abouts_start(&words, a->txn, &a->viewer, &of,
				     kith_text(members[i]));
			kith_buf_text(&a->line, "{\"of\":");
			put_feed(&a->line, &row.id);
			kith_buf_text(&a->line, ",\"member\":");
			json_put_text(&a->line, members[i]);
			put_name(a, &row.id);
			put_words(a, &words);
			kith_buf_text(&a->line, ",\"social\":");
			if (about_resolve(&words, ABOUT_ALL, NULL, &word))
				kith_buf_put(&a->line, word.value);
			else
				kith_buf_text(&a->line, "null");
			end_line(a);
		}
}

/* --- votes --- */

static void say_votes(struct asked *a)
{
	struct message_row row = { 0 };

	while (message_from(a->txn, row.rx + 1, &row)) {
		struct kith_ref of = { .kind = KITH_REF_MSG, .msg = row.id };
		struct votes_total total;

		votes_count(a->txn, &a->viewer, &of, &total);
		if (!total.up && !total.down)
			continue;
		kith_buf_text(&a->line, "{\"on\":");
		put_msg(&a->line, &row.id);
		kith_buf_text(&a->line, ",\"up\":");
		kith_buf_uint(&a->line, total.up);
		kith_buf_text(&a->line, ",\"down\":");
		kith_buf_uint(&a->line, total.down);
		end_line(a);
	}
}

/* --- threads --- */

static void put_thread(struct asked *a, const struct thread *th)
{
	for (int tips = 0; tips < 2; tips++) {
		bool first = true;

		kith_buf_text(&a->line, tips ? "],\"tips\":[" :
					       ",\"messages\":[");
		for (size_t i = 0; i < th->count; i++) {
			if (tips && !th->messages[i].tip)
				continue;
			if (!first)
				kith_buf_byte(&a->line, ',');
			first = false;
			put_msg(&a->line, &th->messages[i].id);
		}
	}
	kith_buf_byte(&a->line, ']');
}

/* Of each message that begins one. */
static void say_threads(struct asked *a)
{
	struct message_row row = { 0 };
	struct kith_msg_id root;
	struct thread th;

	while (message_from(a->txn, row.rx + 1, &row)) {
		struct kith_slice content = json_get(row.canon, "content");

		if (!json_is(json_get(content, "type"), "post") ||
		    thread_root_of(content, &root))
			continue;
		if (thread_read(a->txn, &a->viewer, &row.id, false, &th))
			exit(3);
		kith_buf_text(&a->line, "{\"root\":");
		put_msg(&a->line, &row.id);
		put_thread(a, &th);
		thread_free(&th);
		end_line(a);
	}
}

/* --- the loops --- */

static void say_oracle(struct asked *a)
{
	static const struct {
		const char *what;
		bool (*agree)(struct agree *a);
	} parts[] = {
		{ "names", agree_on_names },	 { "votes", agree_on_votes },
		{ "channels", agree_on_channels }, { "inbox", agree_on_inbox },
		{ "threads", agree_on_threads }, { "hops", agree_on_hops },
		{ "followers", agree_on_followers },
	};
	struct agree with = { .txn = a->txn, .viewer = &a->viewer };
	struct past past;

	past_read(&past, a->txn);
	with.past = &past;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		printf("{\"%s\":%s}\n", parts[i].what,
		       parts[i].agree(&with) ? "true" : "false");
	past_clear(&past);
}

static const struct {
	const char *name;
	void (*say)(struct asked *a);
} questions[] = {
	{ "hops", say_hops },	{ "names", say_names },
	{ "votes", say_votes }, { "threads", say_threads },
	{ "oracle", say_oracle },
};

static int answer(struct txn *t, const char *question, const char *feed)
{
	struct asked a = { .txn = t, .line = { .limit = LINE_BYTES_MAX } };
	struct kith_feed_id self;
	int code = 2;

	if (feed && kith_feed_parse(kith_text(feed), &self))
		return code;
	if (viewer_start(&a.viewer, t, feed ? &self : NULL))
		return 3;
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++)
		if (!strcmp(questions[i].name, question)) {
			questions[i].say(&a);
			code = txn_error(t) ? 3 : 0;
		}
	viewer_end(&a.viewer);
	kith_buf_free(&a.line);
	return code;
}

int main(int argc, char **argv)
{
	const struct store_options o = { .write = false };
	struct kith_error e = { 0 };
	struct home *home;
	struct store *store;
	struct txn *t;
	int code;

	if (argc < 3 || kith_init())
		return 2;
	if (home_open(argv[1], false, &home, &e) ||
	    store_open(home, &o, &store, &e) || store_read(store, &t)) {
		fprintf(stderr, "answers: %s\n", e.text);
		return 3;
	}
	code = answer(t, argv[2], argc > 3 ? argv[3] : NULL);
	txn_end(t);
	store_close(store);
	home_close(home);
	return code;
}

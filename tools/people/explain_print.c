/* What kith explain says. */
#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/ingest/guard.h"
#include "tools/people/explain.h"
#include "tools/print/record.h"
#include "tools/print/when.h"
#include "tools/text/text.h"

enum { LINE_BYTES_MAX = 16384, NAME_COLUMNS = 28,
       ADVICE_BYTES = 600, PEERS_BYTES_MAX = 8 << 20 };

/* --- advice --------------------------------------------------------------- */

/* What is the matter, and what to do; FEED stands for its id. */
static const struct {
	const char *what, *next;
} words[EXPLAIN_STATES] = {
	[EXPLAIN_HELD] = { "it is your own feed, and nothing can be published "
			   "to it now",
			   "" },
	[EXPLAIN_OWN] = { "it is your own feed", "" },
	[EXPLAIN_BLOCKED] = { "you block it, so nothing of it is fetched or "
			      "given to others",
			      "`kith unblock FEED`" },
	[EXPLAIN_FORGOTTEN] = { "it was forgotten by hand, and is not fetched "
				"again",
				"`kith forget --undo FEED`" },
	[EXPLAIN_UNREACHED] = { "no follows that count lead to it, so it is "
				"not fetched",
				"`kith follow FEED`" },
	[EXPLAIN_BEYOND] = { "it is farther than feeds are replicated here",
			     "`kith follow FEED`, or a higher friends.hops in "
			     "the configuration" },
	[EXPLAIN_FORKED] = { "it is forked: no more of it is taken, since "
			     "nobody can know which branch is meant",
			     "`kith forks FEED`" },
	[EXPLAIN_OFFLINE] = { "kithd is not running: nobody fetches it now",
			      "start `kithd`" },
	[EXPLAIN_FULL] = { "the store has no room: nothing is fetched until "
			   "it has",
			   "`kith space` says what could go" },
	[EXPLAIN_ALONE] = { "no peer is connected that could have it",
			    "`kith connect ADDRESS`; `kith peers` lists "
			    "those known" },
	[EXPLAIN_REFUSED] = { "what came of it was refused",
			      "`kith verify --as all` of the message, where "
			      "its author has it" },
	[EXPLAIN_BEHIND] = { "more of it is to come",
			     "wait: `kith tail` shows it as it comes" },
	[EXPLAIN_UNWANTED] = { "no connected peer wants it",
			       "connect to somebody who follows it" },
	[EXPLAIN_UNKNOWN] = { "no connected peer says that it has it",
			      "connect to somebody who follows it" },
	[EXPLAIN_WHOLE] = { "it is here as far as any connected peer has it",
			    "" },
};

/* Empty where there is nothing that could be done.  The whole id: the start of
 * one that nobody here knows stands for nothing. */
static void put_next(const struct explain *x, char out[static ADVICE_BYTES])
{
	char id[KITH_REF_TEXT_BYTES];
	const char *held = guard_advice(&x->publish, x->feed.last);
	const char *next = held ? held : words[x->state].next;
	const char *mark = strstr(next, "FEED");

	if (!mark) {
		snprintf(out, ADVICE_BYTES, "%s", next);
		return;
	}
	kith_feed_print(&x->id, id);
	snprintf(out, ADVICE_BYTES, "%.*s%s%s", (int)(mark - next), next, id,
		 mark + sizeof("FEED") - 1);
}

/* --- lines ---------------------------------------------------------------- */

static void print_text(const struct explain *x, const char *label,
		       const char *text)
{
	struct kith_buf what = { .limit = LINE_BYTES_MAX };

	text_put(&what, kith_text(text));
	page_fact(&x->r->page, label, &what);
	kith_buf_free(&what);
}

/* --- what is here --------------------------------------------------------- */

static void print_here(const struct explain *x)
{
	const struct feed_row *f = &x->feed;
	char size[TEXT_SIZE_BYTES], when[WHEN_BYTES], text[256];

	if (!f->last) {
		print_text(x, "here", "nothing");
		return;
	}
	text_size(f->bytes, size);
	when_put(x->r->page.now_ms, f->last_claimed, when);
	snprintf(text, sizeof(text), "messages %llu to %llu, %s, the last %s",
		 (unsigned long long)f->first, (unsigned long long)f->last,
		 size, when);
	print_text(x, "here", text);
	if (f->first > 1) {
		snprintf(text, sizeof(text), "what stands before %llu was "
			 "forgotten, or never came",
			 (unsigned long long)f->first);
		print_text(x, "partial", text);
	}
}

static void print_next(const struct explain *x)
{
	char next[ADVICE_BYTES], text[ADVICE_BYTES + 32];

	put_next(x, next);
	snprintf(text, sizeof(text), "%s%s",
		 !x->well ? "" : *next ? "nothing; for more of it: " : "nothing",
		 next);
	print_text(x, "what to do", text);
}

static void print_publishing(const struct explain *x)
{
	char text[sizeof(x->publish.reason) + 32];

	if (x->state != EXPLAIN_HELD)
		return;
	snprintf(text, sizeof(text), "%s%s%s",
		 guard_state_name(x->publish.state),
		 *x->publish.reason ? ": " : "", x->publish.reason);
	print_text(x, "publishing", text);
}

static void print_retention(const struct explain *x)
{
	const struct network *n = &x->network;
	char text[160];

	if (!n->retention_days || x->hops < 0 ||
	    (uint64_t)x->hops < n->retention_hops)
		return;
	snprintf(text, sizeof(text), "messages older than %llu days are "
		 "removed, since it is at %llu hops or more",
		 (unsigned long long)n->retention_days,
		 (unsigned long long)n->retention_hops);
	print_text(x, "retention", text);
}

static void print_fork(const struct explain *x)
{
	char text[160];

	if (x->fork.pair) {
		snprintf(text, sizeof(text), "two messages %llu are proven: "
			 "only what stands before is given to others",
			 (unsigned long long)x->fork.pair);
		print_text(x, "fork", text);
	} else if (x->fork.branch) {
		snprintf(text, sizeof(text), "a message %llu names another "
			 "one before it: a fork, not proven yet",
			 (unsigned long long)x->fork.branch);
		print_text(x, "fork", text);
	}
}

/* --- who follows and blocks it -------------------------------------------- */

static void print_relation(const struct explain *x)
{
	struct kith_buf what = { .limit = LINE_BYTES_MAX };
	char text[96];

	reading_put_way(x->r, x->steps, x->step_count, "it", &what);
	if (x->hops > 0) {
		snprintf(text, sizeof(text), ": %d hop%s, of %llu that are "
			 "replicated", x->hops, x->hops == 1 ? "" : "s",
			 (unsigned long long)x->network.hops);
		kith_buf_text(&what, text);
	}
	if (what.n)
		page_fact(&x->r->page, "way", &what);
	kith_buf_free(&what);
	print_text(x, "followers",
		   text_count(x->followers, "feed", text));
}

static void print_blocks(const struct explain *x)
{
	struct kith_buf what = { .limit = LINE_BYTES_MAX };
	size_t shown = x->blockers < EXPLAIN_BLOCKERS_MAX
			       ? (size_t)x->blockers
			       : EXPLAIN_BLOCKERS_MAX;
	char more[TEXT_COUNT_BYTES];

	for (size_t i = 0; i < shown; i++) {
		kith_buf_text(&what, i ? ", " : "");
		person_put(&x->r->people, &x->blocker[i], &what);
	}
	if (x->blockers > shown) {
		kith_buf_text(&what, " and ");
		kith_buf_text(&what, text_count(x->blockers - shown, "other",
						more));
	}
	if (what.n)
		page_fact(&x->r->page, "blocked by", &what);
	kith_buf_free(&what);
	if (x->blocks_us)
		print_text(x, "blocks you", "peers that heard of it do not "
			   "give you the feed");
}

/* --- peers and refusals --------------------------------------------------- */

static void put_peer_words(const struct explain *x,
			   const struct explain_peer *p,
			   struct kith_buf *out)
{
	char text[96];
	int64_t ahead = (int64_t)p->sequence - (int64_t)x->feed.last;

	if (p->refuses)
		kith_buf_text(out, "does not want it");
	else if (!p->told)
		kith_buf_text(out, "does not say");
	else if (!p->sequence)
		kith_buf_text(out, "has nothing of it");
	else {
		snprintf(text, sizeof(text), "%8llu  ",
			 (unsigned long long)p->sequence);
		kith_buf_text(out, text);
		snprintf(text, sizeof(text), ahead ? "%lld %s than here"
						   : "as here",
			 (long long)(ahead < 0 ? -ahead : ahead),
			 ahead < 0 ? "less" : "more");
		kith_buf_text(out, text);
	}
	if (p->hidden)
		kith_buf_text(out, ", the author blocks this peer");
	if (!p->connected)
		style_text(out, STYLE_FAINT, ", when it was here last");
}

static size_t shown_peers(const struct explain *x)
{
	return x->peer_count < EXPLAIN_PEERS_SHOWN ? x->peer_count
						   : EXPLAIN_PEERS_SHOWN;
}

static void print_peers(const struct explain *x)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	char more[TEXT_COUNT_BYTES];

	for (size_t i = 0; i < shown_peers(x); i++) {
		size_t used;

		kith_buf_text(&line, i ? "            " : "peers       ");
		used = wrap_width(kith_bytes(&line));
		person_put(&x->r->people, &x->peers[i].id, &line);
		used = wrap_width(kith_bytes(&line)) - used;
		for (; used < NAME_COLUMNS; used++)
			kith_buf_byte(&line, ' ');
		kith_buf_byte(&line, ' ');
		put_peer_words(x, &x->peers[i], &line);
		page_print_line(&x->r->page, kith_bytes(&line),
				x->r->page.columns);
		kith_buf_reset(&line);
	}
	kith_buf_free(&line);
	if (x->peer_count > shown_peers(x))
		printf("            and %s\n",
		       text_count(x->peer_count - shown_peers(x), "other",
				  more));
	if (!x->peer_count)
		print_text(x, "peers", "none has said anything of it");
}

static void print_refusal(const struct explain *x)
{
	struct kith_slice last = explain_refusal(x);
	struct kith_buf what = { .limit = LINE_BYTES_MAX };
	char when[WHEN_BYTES], text[96];
	struct kith_feed_id peer;
	uint64_t sequence;
	double at;

	if (!json_uint(json_get(last, "seq"), &sequence) ||
	    !json_number(json_get(last, "at"), &at))
		return;
	when_put(x->r->page.now_ms, at, when);
	snprintf(text, sizeof(text), "message %llu, %s",
		 (unsigned long long)sequence, when);
	kith_buf_text(&what, text);
	if (!kith_feed_parse(json_plain(json_get(last, "peer")), &peer)) {
		kith_buf_text(&what, ", from ");
		person_put(&x->r->people, &peer, &what);
	}
	kith_buf_text(&what, ": ");
	if (!json_unescape(json_get(last, "problem"), &what))
		kith_buf_text(&what, "?");
	page_fact(&x->r->page, "refused", &what);
	kith_buf_free(&what);
}

/* --- the page ------------------------------------------------------------- */

void explain_print(struct explain *x)
{
	struct kith_buf head = { .limit = LINE_BYTES_MAX };
	char id[KITH_REF_TEXT_BYTES], text[96];

	person_put(&x->r->people, &x->id, &head);
	kith_buf_text(&head, ": ");
	kith_buf_text(&head, words[x->state].what);
	if (x->state == EXPLAIN_BEHIND) {
		snprintf(text, sizeof(text), ", %llu messages",
			 (unsigned long long)x->behind);
		kith_buf_text(&head, text);
	}
	page_print(&x->r->page, kith_bytes(&head), "");
	kith_buf_free(&head);
	print_next(x);
	kith_feed_print(&x->id, id);
	print_text(x, "id", id);
	print_publishing(x);
	print_here(x);
	print_retention(x);
	print_fork(x);
	print_relation(x);
	print_blocks(x);
	print_peers(x);
	print_refusal(x);
}

/* --- as a record ---------------------------------------------------------- */

static void put_id(struct kith_buf *out, const struct kith_feed_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, text);
	json_put_text(out, text);
}

static void record_way(const struct explain *x, struct record *r)
{
	struct kith_buf out = { .limit = LINE_BYTES_MAX };

	kith_buf_byte(&out, '[');
	for (size_t i = 0; i < x->step_count; i++) {
		const struct social_step *s = &x->steps[i];

		kith_buf_text(&out, i ? ",{\"from\":" : "{\"from\":");
		put_id(&out, &s->from);
		kith_buf_text(&out, ",\"to\":");
		put_id(&out, &s->to);
		kith_buf_text(&out, ",\"edge\":");
		json_put_text(&out, s->edge == CONTACT_BLOCK    ? "block"
				    : s->edge == CONTACT_FOLLOW ? "follow"
								: "unfollow");
		kith_buf_text(&out, ",\"seq\":");
		kith_buf_uint(&out, s->sequence);
		kith_buf_byte(&out, '}');
	}
	kith_buf_byte(&out, ']');
	record_json(r, "way", kith_bytes(&out));
	kith_buf_free(&out);
}

static void record_blockers(const struct explain *x, struct record *r)
{
	struct kith_buf out = { .limit = LINE_BYTES_MAX };

	kith_buf_byte(&out, '[');
	for (size_t i = 0; i < x->blockers && i < EXPLAIN_BLOCKERS_MAX; i++) {
		kith_buf_text(&out, i ? "," : "");
		put_id(&out, &x->blocker[i]);
	}
	kith_buf_byte(&out, ']');
	record_json(r, "blockers", kith_bytes(&out));
	kith_buf_free(&out);
}

static void record_peers(const struct explain *x, struct record *r)
{
	struct kith_buf out = { .limit = PEERS_BYTES_MAX };

	kith_buf_byte(&out, '[');
	for (size_t i = 0; i < x->peer_count; i++) {
		const struct explain_peer *p = &x->peers[i];

		kith_buf_text(&out, i ? ",{\"peer\":" : "{\"peer\":");
		put_id(&out, &p->id);
		kith_buf_text(&out, ",\"state\":");
		json_put_text(&out, p->connected ? "connected" : "known");
		if (p->told && !p->refuses) {
			kith_buf_text(&out, ",\"seq\":");
			kith_buf_uint(&out, p->sequence);
		}
		kith_buf_text(&out, p->refuses ? ",\"refuses\":true"
					       : ",\"refuses\":false");
		kith_buf_text(&out, p->hidden ? ",\"hidden\":true}"
					      : ",\"hidden\":false}");
	}
	kith_buf_byte(&out, ']');
	record_json(r, "peers", kith_bytes(&out));
	kith_buf_free(&out);
}

void explain_record(struct explain *x)
{
	char next[ADVICE_BYTES];
	struct record r;

	put_next(x, next);
	record_begin(&r);
	record_feed(&r, "feed", &x->id);
	reading_record_name(x->r, &r, &x->id);
	record_text(&r, "state", explain_states[x->state]);
	record_text(&r, "problem", words[x->state].what);
	record_text(&r, "advice", next);
	if (x->state == EXPLAIN_HELD) {
		record_text(&r, "publishing",
			    guard_state_name(x->publish.state));
		if (*x->publish.reason)
			record_text(&r, "reason", x->publish.reason);
	}
	record_uint(&r, "first", x->feed.first);
	record_uint(&r, "seq", x->feed.last);
	record_uint(&r, "bytes", x->feed.bytes);
	if (x->hops != GRAPH_HOPS_FAR)
		record_int(&r, "hops", x->hops);
	record_uint(&r, "followers", x->followers);
	record_way(x, &r);
	record_blockers(x, &r);
	record_bool(&r, "forgotten", x->feed.forgotten);
	if (x->fork.pair)
		record_uint(&r, "fork", x->fork.pair);
	record_bool(&r, "running", x->running);
	record_peers(x, &r);
	if (x->live.n)
		record_json(&r, "refused",
			    json_get(kith_bytes(&x->live), "refused"));
	record_end(&r);
}

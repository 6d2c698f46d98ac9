#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "feeds/base64.h"
#include "feeds/classic.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "feeds/rules.h"
#include "src/source/texts.h"
#include "tools/network.h"
#include "tools/pick/select.h"
#include "tools/print/record.h"
#include "tools/say/commands.h"
#include "tools/say/lint.h"
#include "tools/say/lint_private.h"
#include "tools/stream/interrupt.h"
#include "tools/text/text.h"

enum {
	LIST_MAX = 64,		   /* findings told of one text */
	FUTURE_MS = 10 * 60 * 1000, /* clocks differ by less */
	TEXT_BYTES_MAX = 1 << 20
};

/* Why it matters, and what to do. */
static const struct {
	const char *name, *why, *advice;
} kinds[LINT_KINDS] = {
	[LINT_QUIRK + QUIRK_EMPTY_OBJECT] = {
		"empty-object", "go-ssb prints it otherwise, so that it "
		"refuses the message and all that follow",
		"leave it out, or use null" },
	[LINT_QUIRK + QUIRK_LONE_SURROGATE] = {
		"lone-surrogate", "Rust and go-ssb refuse it, and ssb-db2 "
		"keeps another text", "write the whole character" },
	[LINT_QUIRK + QUIRK_INDEX_ORDER] = {
		"index-order", "JavaScript puts such names first, go-ssb does "
		"not and refuses the message",
		"put it first, in ascending order, or use another name" },
	[LINT_QUIRK + QUIRK_DUPLICATE] = {
		"duplicate", "JavaScript keeps the last, Rust and go-ssb "
		"refuse the message", "keep one" },
	[LINT_QUIRK + QUIRK_PROTO] = {
		"proto", "ssb-db2 loses it, and whoever gets the message from "
		"there refuses it", "use another name" },
	[LINT_QUIRK + QUIRK_MINUS_ZERO] = {
		"minus-zero", "JavaScript makes it 0, Rust and go-ssb refuse "
		"the message", "write 0" },
	[LINT_QUIRK + QUIRK_OVERFLOW] = {
		"overflow", "JavaScript makes it null, Rust and go-ssb refuse "
		"the message", "use a smaller number, or text" },
	[LINT_QUIRK + QUIRK_INTEGER] = {
		"big-integer", "every peer rounds it, and some print it "
		"otherwise", "use text" },
	[LINT_QUIRK + QUIRK_SPELLING] = {
		"spelling", "go-ssb keeps it as it is written and refuses the "
		"message", "write it as JavaScript prints it" },
	[LINT_QUIRK + QUIRK_NAMES] = {
		"names", "it fits into no message", "use a list, or a blob" },
	[LINT_JSON] = { "json", "nobody can read it", "mend it" },
	[LINT_RULE] = { "rule", "it is no message: kith and nearly every peer "
			"refuse it",
			"make the message anew" },
	[LINT_SHAPE] = { "shape", "peers refuse it, or some of them: units, "
			 "bytes and endings are counted differently",
			 "give it a type of 3 to 52 plain letters, or encrypt "
			 "it" },
	[LINT_SIZE] = { "size", "every peer refuses it, and your feed would "
			"end there", "make it shorter, or put it in a blob" },
	[LINT_LINK] = { "mention", "who is meant is not told, and no client "
			"finds the message from there",
			"add {\"link\":...} to mentions" },
	[LINT_NAME] = { "name", "nobody is told",
			"write [@name](@ID...), and add the id to mentions" },
	[LINT_RECPS] = { "recps", "naming recipients hides nothing: all can "
			 "read this", "encrypt it, or leave recps out" },
	[LINT_FUTURE] = { "future", "clients show it on top until then, and "
			  "what follows must claim a later time still",
			  "set the clock" },
};

static void print_text(const struct lint_subject *s, enum lint_kind kind,
		       const char *path, const char *problem)
{
	char id[KITH_REF_TEXT_BYTES];

	if (s->name) {
		text_print(stdout, kith_text(s->name));
		printf(":%llu: ", (unsigned long long)s->line);
	} else {
		kith_msg_print(s->id, id);
		printf("%s: ", id);
	}
	if (*path) {
		text_print(stdout, kith_text(path));
		printf(": ");
	}
	text_print(stdout, kith_text(problem));
	printf("; %s; %s\n", kinds[kind].why, kinds[kind].advice);
}

static void print_record(const struct lint_subject *s, enum lint_kind kind,
			 const char *path, struct kith_slice where,
			 const char *problem)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "rule", kinds[kind].name);
	if (*path)
		record_text(&r, "path", path);
	if (where.n)
		record_uint(&r, "at", (uint64_t)(where.p - s->json.p));
	record_text(&r, "problem", problem);
	record_text(&r, "why", kinds[kind].why);
	record_text(&r, "advice", kinds[kind].advice);
	if (s->name) {
		record_text(&r, "source", s->name);
		record_uint(&r, "line", s->line);
	} else {
		record_msg(&r, "id", s->id);
	}
	record_end(&r);
}

/* Set the clock: that changes nothing about the content. */
static void refuse(struct lint *l, enum lint_kind kind, const char *path,
		   const char *problem)
{
	bool warns = kind == LINT_FUTURE;

	l->findings -= warns;
	tool_note("%s (%s): %s%s%s; %s; %s", warns ? "careful" : "not signed",
		  kinds[kind].name, path, *path ? ": " : "", problem,
		  kinds[kind].why, kinds[kind].advice);
}

void lint_found(struct lint *l, const struct lint_subject *s,
		enum lint_kind kind, struct kith_slice where,
		const char *format, ...)
{
	struct kith_buf path = { .limit = TEXT_BYTES_MAX };
	char problem[2 * KITH_ERROR_TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(problem, sizeof(problem), format, args);
	va_end(args);
	if (where.n)
		json_path(s->json, where.p, &path);
	kith_buf_byte(&path, '\0');
	l->findings++;
	if (l->refusing)
		refuse(l, kind, (const char *)path.p, problem);
	else if (l->tool->json)
		print_record(s, kind, (const char *)path.p, where, problem);
	else
		print_text(s, kind, (const char *)path.p, problem);
	kith_buf_free(&path);
}

static void look_at_quirks(struct lint *l, const struct lint_subject *s)
{
	struct quirk_place list[LIST_MAX];
	struct quirks q = { .list = list, .max = LIST_MAX };
	size_t shown = 0;

	quirks_find(s->json, &q);
	for (size_t i = 0; i < q.n && i < LIST_MAX; i++) {
		/* Publishing prints numbers anew. */
		if (list[i].quirk == QUIRK_SPELLING && !s->is_message)
			continue;
		lint_found(l, s, (enum lint_kind)(LINT_QUIRK + list[i].quirk),
			   list[i].where, "%s", quirk_text(list[i].quirk));
		shown++;
	}
	if (shown && q.n > LIST_MAX)
		tool_note("%zu more of such", q.n - LIST_MAX);
}

static void look_at_shape(struct lint *l, const struct lint_subject *s)
{
	static const char lead[] = "not for publishing: ";
	struct kith_error e = { 0 };
	const char *what = e.text;

	if (!classic_publish_shape(s->content, &e))
		return;
	if (!strncmp(what, lead, sizeof(lead) - 1))
		what += sizeof(lead) - 1;
	lint_found(l, s, LINT_SHAPE,
		   (struct kith_slice){ s->content.p + e.offset, 1 }, "%s",
		   what);
}

/* Units of the message that would carry the content: the next of our feed, or
 * a first one. */
static size_t next_units(const struct lint *l, struct kith_slice content)
{
	static const uint8_t zeros[KITH_SIGNATURE_BYTES];
	struct kith_buf b = { .limit = 2 * TEXT_BYTES_MAX };
	struct kith_buf canon = { .limit = 8 * TEXT_BYTES_MAX };
	struct kith_feed_id self = { .format = KITH_CLASSIC };
	char text[KITH_REF_TEXT_BYTES], chars[CLASSIC_SIGNATURE_CHARS + 1];
	size_t units;

	kith_buf_text(&b, "{\"previous\":");
	kith_msg_print(&l->tip.id, text);
	if (l->tip.sequence)
		json_put_text(&b, text);
	else
		kith_buf_text(&b, "null");
	kith_buf_text(&b, ",\"sequence\":");
	kith_buf_uint(&b, l->tip.sequence + 1);
	kith_feed_print(&self, text);
	kith_buf_text(&b, ",\"author\":");
	json_put_text(&b, text);
	kith_buf_text(&b, ",\"timestamp\":");
	json_put_number(&b, l->tip.claimed + 1 > l->now_ms ?
				    l->tip.claimed + 1 : l->now_ms);
	kith_buf_text(&b, ",\"hash\":\"sha256\",\"content\":");
	kith_buf_put(&b, content);
	base64_encode((struct kith_slice){ zeros, sizeof(zeros) }, chars);
	chars[CLASSIC_SIGNATURE_CHARS] = '\0';
	kith_buf_text(&b, ",\"signature\":\"");
	kith_buf_text(&b, chars);
	kith_buf_text(&b, ".sig.ed25519\"}");
	json_compact(kith_bytes(&b), &canon);
	units = b.err || canon.err ? SIZE_MAX :
				     json_pretty_units(kith_bytes(&canon));
	kith_buf_free(&b);
	kith_buf_free(&canon);
	return units;
}

static void look_at_size(struct lint *l, const struct lint_subject *s)
{
	size_t units = next_units(l, s->content);

	if (units > KITH_MSG_UNITS_MAX)
		lint_found(l, s, LINT_SIZE, s->content,
			   "%zu/%d units as %s", units, KITH_MSG_UNITS_MAX,
			   l->has_tip ? "your next message" :
					"the first message of a feed");
}

static void look_at_time(struct lint *l, const struct lint_subject *s,
			 double claimed, struct kith_slice where)
{
	char text[TEXT_TIME_BYTES];

	if (claimed <= l->now_ms + FUTURE_MS)
		return;
	text_time(claimed, text);
	lint_found(l, s, LINT_FUTURE, where, "%s claims %s, which is to come",
		   s->is_message ? "it" : "your last message", text);
}

/* What only a message has: its rules, and its time.  Gives the first rule
 * that it breaks, or KITH_RULES. */
static enum kith_rule look_at_message(struct lint *l,
				      const struct lint_subject *s,
				      struct kith_decoder *d)
{
	struct kith_slice time = json_get(s->json, "timestamp");
	const struct kith_rule_result *why;
	struct kith_ruling ruling;
	double claimed = 0;

	if (json_number(time, &claimed))
		look_at_time(l, s, claimed, time);
	kith_decoder_reset(d);
	if (kith_rules_judge(d, s->json, NULL, &ruling) ||
	    ruling.first == KITH_RULES)
		return KITH_RULES;
	why = &ruling.rules[ruling.first];
	lint_found(l, s, LINT_RULE,
		   (struct kith_slice){ s->json.p + why->offset,
					why->path[0] != '\0' },
		   "%s%s%s", why->path[0] ? "" : kith_rule_name(ruling.first),
		   why->path[0] ? "" : ": ", why->detail);
	return ruling.first;
}

static void look_at(struct lint *l, struct lint_subject *s,
		    struct kith_decoder *d)
{
	enum kith_rule broken = KITH_RULES;
	struct kith_slice recps;

	l->texts++;
	if (s->is_message)
		broken = look_at_message(l, s, d);
	else if (l->has_tip)
		look_at_time(l, s, l->tip.claimed,
			     (struct kith_slice){ NULL, 0 });
	look_at_quirks(l, s);
	if (broken != KITH_RULE_CONTENT)
		look_at_shape(l, s);
	if (!s->is_message && !l->private)
		look_at_size(l, s);
	recps = json_get(s->content, "recps");
	if (recps.n && !l->private)
		lint_found(l, s, LINT_RECPS, recps, "recps in the open");
	lint_links(l, s);
}

/* A message, bare or in {key,value,...}, or content. */
static void take_apart(struct lint_subject *s)
{
	struct kith_slice value = json_get(s->json, "value");

	if (json_get(value, "author").n && json_get(value, "content").n)
		s->json = value;
	s->is_message = json_get(s->json, "author").n &&
			json_get(s->json, "content").n &&
			json_get(s->json, "signature").n;
	s->content = s->is_message ? json_get(s->json, "content") : s->json;
}

static void lint_text(struct lint *l, struct kith_decoder *d,
		      const char *name, const struct text *text)
{
	struct lint_subject s = { .name = name, .line = text->line,
				  .json = text->json };
	struct kith_error e = { 0 };

	if (text->too_long) {
		lint_found(l, &s, LINT_SIZE, (struct kith_slice){ NULL, 0 },
			   "longer than any message");
	} else if (json_check(text->json, &s.json, &e)) {
		lint_found(l, &s, LINT_JSON, (struct kith_slice){ NULL, 0 },
			   "%s (byte %zu)", e.text, e.offset);
	} else {
		take_apart(&s);
		look_at(l, &s, d);
	}
}

static int lint_file(struct lint *l, struct kith_decoder *d, const char *name)
{
	const char *shown = strcmp(name, "-") ? name : "standard input";
	struct texts t;
	struct text text;
	int code = EXIT_DONE;

	if (!texts_open(&t, name, interrupt_stops, NULL))
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	while (texts_next(&t, &text))
		lint_text(l, d, shown, &text);
	if (texts_failed(&t))
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", shown,
				 texts_failed(&t));
	texts_close(&t);
	return code;
}

static int lint_selection(struct lint *l, struct kith_decoder *d,
			  const char *which)
{
	struct view_message m;
	struct message_row row;
	struct selection of;
	struct walk w;
	int code = select_for(l->tool, which, &of);

	if (code)
		return code;
	walk_start(&w, l->tool->store, &of, false);
	while (walk_next(&w, &m, &row)) {
		struct lint_subject s = { .json = row.canon, .id = &row.id };

		take_apart(&s);
		look_at(l, &s, d);
	}
	walk_end(&w);
	return w.err ? tool_fail(EXIT_UNREADABLE, "the store cannot be read: "
				 "%s", kith_strerror(w.err)) : EXIT_DONE;
}

/* How far our own feed has come, where there is a home that knows. */
static void find_tip(struct lint *l, struct tool *t)
{
	struct store_options o = { .write = false };
	struct kith_feed_id self;
	struct message_row last;
	struct feed_row feed;
	struct txn *txn;

	if (!t->home && home_open(t->home_path, false, &t->home, NULL))
		return;
	if (!t->store && store_open(t->home, &o, &t->store, NULL))
		return;
	if (home_identity(t->home, &self, NULL) || store_read(t->store, &txn))
		return;
	l->has_tip = true;
	if (feed_get(txn, &self, &feed) && feed.last &&
	    message_by_sequence(txn, feed.number, feed.last, &last)) {
		l->tip.sequence = last.sequence;
		l->tip.id = last.id;
		if (!json_number(json_get(last.canon, "timestamp"),
				 &l->tip.claimed))
			l->tip.claimed = 0;
	}
	txn_end(txn);
}

static bool is_selection(const char *text)
{
	return *text == '@' || *text == '%' || !strncmp(text, "rx:", 3) ||
	       !strncmp(text, "name:", 5) ||
	       !strncmp(text, "ssb:", 4);
}

static double now_ms(void)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	return (double)ms;
}

int lint_refuses(struct tool *t, struct kith_slice content, bool private)
{
	struct lint_subject s = { .json = content, .content = content };
	struct lint l = { .tool = t, .refusing = true,
			  .private = private, .now_ms = now_ms(),
			  .tip.id.format = KITH_CLASSIC };

	find_tip(&l, t);
	look_at(&l, &s, NULL);
	return l.findings ? EXIT_FAILED : EXIT_DONE;
}

int command_lint(struct tool *t, int argc, char **argv)
{
	const char *source = argc ? argv[0] : "-";
	bool here = is_selection(source);
	struct lint l = { .tool = t, .now_ms = now_ms(),
			  .tip.id.format = KITH_CLASSIC };
	struct network network = { .has_key = false };
	struct kith_decoder *d;
	int code = tool_open(t, here ? NEEDS_HOME | NEEDS_STORE : 0);

	if (!code && here)
		code = network_read(t->home, &network);
	if (code)
		return code;
	find_tip(&l, t);
	d = kith_decoder_new(network.has_key ? network.key : NULL);
	if (!d)
		return tool_fail(EXIT_FAILED, "out of memory");
	code = here ? lint_selection(&l, d, source) : lint_file(&l, d, source);
	kith_decoder_free(d);
	if (!code && !l.texts && !l.findings)
		return tool_fail(EXIT_MISUSED, "there is nothing to look at "
				 "in %s", strcmp(source, "-") ? source :
				 "standard input");
	return code ? code : l.findings ? EXIT_FAILED : EXIT_DONE;
}

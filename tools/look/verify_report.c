#include "tools/look/verify_report.h"

#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

/* What can be asked for with --as, apart from the names of single peers. */
static const struct {
	const char *name;
	enum kith_peer peers[5];
	size_t count;
} groups[] = {
	{ "js", { KITH_PEER_VALIDATE, KITH_PEER_CLASSIC }, 2 },
	{ "all", { KITH_PEER_VALIDATE, KITH_PEER_CLASSIC, KITH_PEER_RUST,
		   KITH_PEER_GO, KITH_PEER_STRICT }, 5 },
};

static bool ask_group(struct verify_report *r, struct kith_slice name)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (!kith_equal(name, kith_text(groups[i].name)))
			continue;
		for (size_t k = 0; k < groups[i].count; k++)
			r->asked[groups[i].peers[k]] = true;
		r->both_js = true;
		return true;
	}
	for (unsigned i = 0; i < KITH_PEERS; i++)
		if (kith_equal(name, kith_text(kith_peer_name(
					     (enum kith_peer)i)))) {
			r->asked[i] = true;
			return true;
		}
	return false;
}

/* Reads --as LIST. */
static int read_list(struct verify_report *r, const char *list)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		if (n && !ask_group(r, (struct kith_slice){
					       (const uint8_t *)list, n }))
			return tool_fail(EXIT_MISUSED, "--as knows js, db2, "
					 "rust, go, strict and all, not "
					 "\"%.*s\"", (int)n, list);
		list += n + (list[n] == ',');
	}
	return EXIT_DONE;
}

static bool asks(const struct verify_report *r)
{
	for (unsigned i = 0; i < KITH_PEERS; i++)
		if (r->asked[i])
			return true;
	return false;
}

int report_start(struct verify_report *r, const struct tool *t,
		 const uint8_t *hmac, const char *list)
{
	int code;

	*r = (struct verify_report){ .json = t->json };
	r->quiet = tool_option(t, 'q');
	r->every_rule = tool_option(t, 'r');
	code = list ? read_list(r, list) : EXIT_DONE;
	if (code)
		return code;
	r->decoder = kith_decoder_new(hmac);
	if (asks(r))
		r->trial = kith_trial_new(hmac);
	if (!r->decoder || (asks(r) && !r->trial)) {
		report_end(r);
		return tool_fail(EXIT_FAILED, "out of memory");
	}
	return EXIT_DONE;
}

void report_end(struct verify_report *r)
{
	kith_trial_free(r->trial);
	kith_decoder_free(r->decoder);
}

/* What was asked for cannot be told from decoding alone. */
static bool looks_closer(const struct verify_report *r)
{
	return r->every_rule || r->trial || (r->json && !r->quiet);
}

/* A message, all that is found out about it. */
struct account {
	const struct verify_subject *subject;
	struct kith_ruling ruling;
	struct kith_verdict verdicts[KITH_PEERS]; /* of those asked */
	const char *odd; /* what no rule is about; NULL: nothing */
	bool refused;	 /* by one that was asked */
};

static const char *rule_of(const struct account *a)
{
	if (a->subject->too_long)
		return "size";
	return a->ruling.first < KITH_RULES ?
		       kith_rule_name(a->ruling.first) : "id";
}

static const char *detail_of(const struct account *a)
{
	if (a->subject->too_long)
		return "the line is longer than any message";
	return a->ruling.first < KITH_RULES ?
		       a->ruling.rules[a->ruling.first].detail : a->odd;
}

/* Bytes of the line before and up to what is wrong; 0: it is not known. */
static size_t offset_of(const struct account *a,
			const struct kith_rule_result *why)
{
	return why->offset || why->path[0] ?
		       a->subject->offset + why->offset : 0;
}

static bool is_bad(const struct account *a)
{
	return a->subject->too_long || a->ruling.first < KITH_RULES || a->odd;
}

static void judge(struct verify_report *r, struct account *a)
{
	const struct verify_subject *s = a->subject;

	a->ruling.first = KITH_RULES;
	a->odd = s->misfiled ? "it is stored under another" : NULL;
	if (s->too_long)
		return;
	kith_decoder_reset(r->decoder);
	if (r->trial ? kith_trial_open(r->trial, s->value, s->tip) :
		       kith_rules_judge(r->decoder, s->value, s->tip,
					&a->ruling)) {
		a->odd = "out of memory";
		return;
	}
	if (r->trial)
		a->ruling = *kith_trial_ruling(r->trial);
	for (unsigned i = 0; i < KITH_PEERS; i++) {
		if (!r->asked[i])
			continue;
		if (kith_trial_ask(r->trial, (enum kith_peer)i,
				   &a->verdicts[i]))
			a->odd = "out of memory";
		r->refused[i] += !a->verdicts[i].accepted;
		a->refused = a->refused || !a->verdicts[i].accepted;
	}
}

/* ---- text */

static void put_safe(const char *text)
{
	text_print(stdout, kith_text(text));
}

/* "FILE:12: %id: ", with what is known of it. */
static void print_subject(const struct account *a)
{
	const struct verify_subject *s = a->subject;
	char id[KITH_REF_TEXT_BYTES] = "";

	if (s->name) {
		put_safe(s->name);
		printf(":%llu: ", (unsigned long long)s->line);
	}
	if (a->ruling.decoded)
		kith_msg_print(&a->ruling.message.id, id);
	else if (!s->name)
		kith_msg_print(&s->stored, id);
	if (*id)
		printf("%s: ", id);
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static void print_place(const struct account *a,
			const struct kith_rule_result *why)
{
	if (why->path[0]) {
		printf(" at ");
		put_safe(why->path);
	}
	if (offset_of(a, why))
		printf(" (byte %zu)", offset_of(a, why));
}

static void print_verdict(const struct account *a, const char *name,
			  const struct kith_verdict *v)
{
	printf("%s: %s", name, v->accepted ? "accept" : "REJECT ");
	if (!v->accepted) {
		put_safe(v->why.detail);
		print_place(a, &v->why);
	}
}

/* Both JavaScript validators as one, as long as they agree. */
static bool print_js(const struct account *a)
{
	const struct kith_verdict *one = &a->verdicts[KITH_PEER_VALIDATE];
	const struct kith_verdict *two = &a->verdicts[KITH_PEER_CLASSIC];

	if (one->accepted == two->accepted) {
		print_verdict(a, "js", one);
		return !one->accepted;
	}
	printf("js: they differ: ");
	print_verdict(a, kith_peer_name(KITH_PEER_VALIDATE), one);
	printf("; ");
	print_verdict(a, kith_peer_name(KITH_PEER_CLASSIC), two);
	return true;
}

/* Those who refuse, each on a line of its own; all: those who accept too. */
static void print_verdicts(const struct verify_report *r,
			   const struct account *a, bool all)
{
	for (unsigned i = 0; i < KITH_PEERS; i++) {
		const struct kith_verdict *v = &a->verdicts[i];
		bool js = r->both_js && (i == KITH_PEER_VALIDATE ||
					 i == KITH_PEER_CLASSIC);
		bool accepted = v->accepted;

		if (!r->asked[i] || (js && i == KITH_PEER_CLASSIC))
			continue;
		if (js)
			accepted = accepted &&
				   a->verdicts[KITH_PEER_CLASSIC].accepted;
		if (accepted && !all)
			continue;
		if (all)
			printf("  ");
		else
			print_subject(a);
		if (js)
			print_js(a);
		else
			print_verdict(a, kith_peer_name((enum kith_peer)i), v);
		putchar('\n');
	}
}

static void print_rules(const struct account *a)
{
	static const char *const states[] = { "-", "ok", "FAIL" };

	for (unsigned i = 0; i < KITH_RULES; i++) {
		const struct kith_rule_result *why = &a->ruling.rules[i];

		printf("  %-4s  %s", states[why->state],
		       kith_rule_name((enum kith_rule)i));
		if (why->state == KITH_RULE_NOT_REACHED)
			printf(": not reached");
		else if (why->detail[0])
			printf(": ");
		put_safe(why->detail);
		if (why->state == KITH_RULE_FAIL)
			print_place(a, why);
		putchar('\n');
	}
}

static void print_text(const struct verify_report *r, const struct account *a,
		       bool whole)
{
	if (is_bad(a) || whole) {
		print_subject(a);
		if (is_bad(a)) {
			if (!begins(detail_of(a), rule_of(a)))
				printf("%s: ", rule_of(a));
			put_safe(detail_of(a));
			if (a->ruling.first < KITH_RULES)
				print_place(a,
					    &a->ruling.rules[a->ruling.first]);
		} else {
			printf("ok");
		}
		putchar('\n');
	}
	if (whole && !a->subject->too_long)
		print_rules(a);
	if (!a->subject->too_long)
		print_verdicts(r, a, whole);
}

/* ---- records */

static void put_member(struct kith_buf *b, const char *name, const char *text)
{
	kith_buf_byte(b, b->p[b->n - 1] == '{' ? ' ' : ',');
	if (b->p[b->n - 1] == ' ')
		b->n--;
	json_put_text(b, name);
	kith_buf_byte(b, ':');
	json_put_text(b, text);
}

static void put_number(struct kith_buf *b, const char *name, uint64_t n)
{
	kith_buf_byte(b, ',');
	json_put_text(b, name);
	kith_buf_byte(b, ':');
	kith_buf_uint(b, n);
}

static void put_why(struct kith_buf *b, const struct account *a,
		    const struct kith_rule_result *why)
{
	if (why->path[0])
		put_member(b, "path", why->path);
	if (offset_of(a, why))
		put_number(b, "at", offset_of(a, why));
}

static void record_rules(struct record *r, const struct account *a)
{
	static const char *const states[] = { "not reached", "pass", "fail" };
	struct kith_buf b = { .limit = SIZE_MAX };

	kith_buf_byte(&b, '[');
	for (unsigned i = 0; i < KITH_RULES; i++) {
		const struct kith_rule_result *why = &a->ruling.rules[i];

		kith_buf_text(&b, i ? ",{" : "{");
		put_member(&b, "rule", kith_rule_name((enum kith_rule)i));
		put_member(&b, "state", states[why->state]);
		if (why->detail[0])
			put_member(&b, "detail", why->detail);
		put_why(&b, a, why);
		kith_buf_byte(&b, '}');
	}
	kith_buf_byte(&b, ']');
	record_json(r, "rules", kith_bytes(&b));
	kith_buf_free(&b);
}

static void record_verdicts(struct record *r,
			    const struct verify_report *of,
			    const struct account *a)
{
	struct kith_buf b = { .limit = SIZE_MAX };

	kith_buf_byte(&b, '[');
	for (unsigned i = 0; i < KITH_PEERS; i++) {
		const struct kith_verdict *v = &a->verdicts[i];

		if (!of->asked[i])
			continue;
		kith_buf_text(&b, b.n > 1 ? ",{" : "{");
		put_member(&b, "peer", kith_peer_name((enum kith_peer)i));
		put_member(&b, "state", v->accepted ? "accept" : "reject");
		if (!v->accepted) {
			put_member(&b, "rule", kith_rule_name(v->rule));
			put_member(&b, "problem", v->why.detail);
			put_why(&b, a, &v->why);
		}
		kith_buf_byte(&b, '}');
	}
	kith_buf_byte(&b, ']');
	record_json(r, "verdicts", kith_bytes(&b));
	kith_buf_free(&b);
}

static void record_problem(struct record *r, const struct account *a)
{
	char problem[2 * KITH_ERROR_TEXT_BYTES];
	const struct kith_rule_result *why =
		&a->ruling.rules[a->ruling.first % KITH_RULES];

	snprintf(problem, sizeof(problem), "%s%s%s",
		 begins(detail_of(a), rule_of(a)) ? "" : rule_of(a),
		 begins(detail_of(a), rule_of(a)) ? "" : ": ", detail_of(a));
	record_text(r, "rule", rule_of(a));
	record_text(r, "problem", problem);
	if (a->ruling.first == KITH_RULES)
		return;
	if (why->path[0])
		record_text(r, "path", why->path);
	record_uint(r, "at", offset_of(a, why));
}

static void print_record(const struct verify_report *of,
			 const struct account *a, bool whole)
{
	const struct kith_msg *m = &a->ruling.message;
	struct record r;

	record_begin(&r);
	if (a->ruling.decoded) {
		record_feed(&r, "feed", &m->author);
		record_uint(&r, "seq", m->sequence);
		record_msg(&r, "id", &m->id);
		record_uint(&r, "units", m->units);
	} else if (!a->subject->name) {
		record_msg(&r, "id", &a->subject->stored);
	}
	record_text(&r, "state", is_bad(a) ? "bad" : "ok");
	if (is_bad(a))
		record_problem(&r, a);
	if (a->subject->name) {
		record_text(&r, "source", a->subject->name);
		record_uint(&r, "line", a->subject->line);
	}
	if (whole && !a->subject->too_long)
		record_rules(&r, a);
	if (of->trial && !a->subject->too_long)
		record_verdicts(&r, of, a);
	record_end(&r);
}

bool report_message(struct verify_report *r, const struct verify_subject *s,
		    bool whole)
{
	struct account a = { .subject = s };

	if (s->good && !looks_closer(r) && (!whole || r->quiet)) {
		r->good++;
		return true;
	}
	judge(r, &a);
	if (is_bad(&a))
		r->bad++;
	else
		r->good++;
	if (!r->quiet && r->json)
		print_record(r, &a, whole || r->every_rule);
	else if (!r->quiet)
		print_text(r, &a, whole || r->every_rule);
	return !is_bad(&a) && !a.refused;
}

void report_sums(const struct verify_report *r)
{
	if (r->quiet || r->json)
		return;
	printf("%llu ok, %llu bad\n", (unsigned long long)r->good,
	       (unsigned long long)r->bad);
	for (unsigned i = 0; i < KITH_PEERS; i++)
		if (r->asked[i])
			printf("%s: %llu accepted, %llu refused\n",
			       kith_peer_name((enum kith_peer)i),
			       (unsigned long long)(r->good + r->bad -
						    r->refused[i]),
			       (unsigned long long)r->refused[i]);
}

/* What came of a session, for a person or a script. */
#include <stdio.h>

#include "feeds/ref.h"
#include "tools/carry/sync.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

static void record_counts(struct record *r, const char *const *names,
			  const struct depot_counts *c)
{
	record_uint(r, names[0], c->messages);
	record_uint(r, names[1], c->bytes);
	record_uint(r, names[2], c->feeds);
	record_uint(r, names[3], c->blobs);
	record_uint(r, names[4], c->proofs);
}

static void print_record(const struct depot_report *p, const char *where,
			 bool trial)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "depot", where);
	record_counts(&r, (const char *const[]){ "in", "in_bytes", "in_feeds",
					    "in_blobs", "in_proofs" }, &p->in);
	record_counts(&r, (const char *const[]){ "out", "out_bytes", "out_feeds",
					    "out_blobs", "out_proofs" },
		      &p->out);
	record_uint(&r, "known", p->known);
	record_uint(&r, "refused", p->refused);
	record_uint(&r, "gaps", p->gaps);
	record_uint(&r, "far", p->far);
	record_uint(&r, "far_feeds", p->far_feeds);
	record_uint(&r, "damaged", p->damaged);
	record_uint(&r, "lacking", p->lacking);
	record_uint(&r, "read", p->bytes_read);
	record_uint(&r, "written", p->bytes_written);
	record_uint(&r, "left", p->left_bytes);
	record_uint(&r, "writers", p->writers);
	record_bool(&r, "made", p->made);
	record_bool(&r, "read_only", p->read_only);
	record_bool(&r, "nothing_new", p->nothing_new);
	record_bool(&r, "dry_run", trial);
	record_end(&r);
}

static void print_counts(const char *done, const struct depot_counts *c)
{
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES],
		blobs[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];

	text_size(c->bytes + c->blob_bytes, size);
	printf("%s %s of %s", done, text_count(c->messages, "message", messages),
	       text_count(c->feeds, "feed", feeds));
	if (c->blobs)
		printf(" and %s", text_count(c->blobs, "blob", blobs));
	printf(", %s\n", size);
}

static void print_far(const struct depot_report *p)
{
	char n[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES];
	char id[KITH_REF_TEXT_BYTES];

	printf("not taken, for their feeds are out of reach: %s",
	       text_count(p->far, "message", n));
	if (p->far_feeds)
		printf(" of %s", text_count(p->far_feeds, "feed", feeds));
	if (p->far_named_count)
		printf("; to have them, `kith follow` who it is:");
	putchar('\n');
	for (size_t i = 0; i < p->far_named_count; i++) {
		kith_feed_print(&p->far_named[i], id);
		printf("    %s\n", id);
	}
	if (p->far_named_count && p->far_feeds > p->far_named_count)
		puts("    ...");
}

static void print_rest(const struct depot_report *p)
{
	char n[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];

	if (p->gaps)
		printf("not taken, for earlier ones are missing: %s\n",
		       text_count(p->gaps, "message", n));
	if (p->far)
		print_far(p);
	if (p->refused)
		printf("refused: %s\n", text_count(p->refused, "message", n));
	if (p->lacking)
		printf("lost there: %s; whoever has them leaves them again\n",
		       text_count(p->lacking, "message", n));
	if (p->left_bytes) {
		text_size(p->left_bytes, size);
		printf("%s found no room\n", size);
	}
}

static void print_lines(const struct depot_report *p, bool trial)
{
	if (p->made && trial)
		puts("there is no depot yet: it would be made");
	if (p->nothing_new)
		puts("nothing new");
	if (p->in.messages || p->in.blobs)
		print_counts(trial ? "would take in" : "took in", &p->in);
	if (p->out.messages || p->out.blobs)
		print_counts(trial ? "would leave" : "left", &p->out);
	print_rest(p);
	if (p->read_only)
		puts("it cannot be written to: nothing was left there");
}

void sync_print(const struct sync_outcome *o)
{
	if (o->json)
		print_record(o->report, o->where, o->trial);
	else
		print_lines(o->report, o->trial);
}

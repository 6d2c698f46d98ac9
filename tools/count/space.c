/* kith space: what takes how much room, and what could go. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "src/depot/keep_row.h"
#include "src/gossip/graph.h"
#include "tools/count/commands.h"
#include "tools/count/follow_map.h"
#include "tools/pass/retaining.h"
#include "tools/print/chart.h"
#include "tools/print/reading.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

enum { PARTS = 6, RIGHT_BYTES = 96, FEEDS_SHOWN = 10, WASTES = 5,
       PATH_BYTES_MAX = 4096, TABLES_MAX = 8, LINE_BYTES_MAX = 1024 };

/* What the store's file holds; each of its tables is in one of these. */
static const struct part {
	const char *name, *text;
	enum store_table tables[TABLES_MAX]; /* TABLE_COUNT ends them */
} parts[PARTS] = {
	{ "log", "messages", { TABLE_LOG, TABLE_COUNT } },
	{ "indexes", "indexes of the log",
	  { TABLE_FEEDS, TABLE_FEED_NUMBERS, TABLE_BY_FEED, TABLE_BY_ID,
	    TABLE_COUNT } },
	{ "views", "views",
	  { TABLE_VIEWS, TABLE_CONTACTS, TABLE_POSTINGS, TABLE_OPINIONS,
	    TABLE_COUNT } },
	{ "private", "what was opened",
	  { TABLE_KEYRING, TABLE_OPENED, TABLE_OPENINGS,
	    TABLE_PRIVATE_POSTINGS, TABLE_PRIVATE_OPINIONS, TABLE_COUNT } },
	{ "facts", "facts of this node",
	  { TABLE_LOCAL, TABLE_CLOCKS, TABLE_ADDRESSES, TABLE_BLOBS,
	    TABLE_COUNT } },
	{ "evidence", "forks, and what was set aside",
	  { TABLE_PROOFS, TABLE_QUARANTINE, TABLE_COUNT } },
};

struct pile {
	uint64_t count, bytes;
};

/* What could go, and how. */
enum waste { WASTE_FREE, WASTE_RETENTION, WASTE_QUOTA, WASTE_BLOCKED,
	     WASTE_FAR };

static const struct {
	const char *name, *text, *how;
} wastes[WASTES] = {
	[WASTE_FREE] = { "free", "free pages", "kith compact" },
	[WASTE_RETENTION] = { "retention", "older than the rule",
			      "kith retention" },
	[WASTE_QUOTA] = { "quota", "blobs over the limits", "kith blob gc" },
	[WASTE_BLOCKED] = { "blocked", "feeds that you block", "kith forget" },
	[WASTE_FAR] = { "unreached", "feeds out of reach", "kith forget" },
};

struct space {
	struct reading *r;
	struct network network;
	bool has_rules; /* network was read of a home */
	struct follow_map map;
	uint64_t file, search;
	struct pile parts[PARTS];
	struct pile blobs;
	struct pile waste[WASTES];
};

/* --- counting ------------------------------------------------------------- */

static void count_tables(struct space *s)
{
	struct txn *t = s->r->txn;

	for (size_t i = 0; i < PARTS; i++)
		for (const enum store_table *k = parts[i].tables;
		     *k != TABLE_COUNT; k++) {
			s->parts[i].count += txn_count(t, *k);
			s->parts[i].bytes += txn_table_bytes(t, *k);
		}
	s->file = store_bytes(s->r->tool->store);
	s->waste[WASTE_FREE].bytes = txn_free_bytes(t);
}

/* The index of search is files beside the store. */
static void count_search(struct space *s)
{
	static const char *const names[] = { "store/search", "store/search-wal",
					     "store/private-words" };
	char path[PATH_BYTES_MAX];
	struct stat st;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (s->r->tool->home &&
		    !home_file(s->r->tool->home, names[i], path,
			       sizeof(path)) &&
		    !stat(path, &st))
			s->search += (uint64_t)st.st_size;
}

static void count_blobs(struct space *s)
{
	struct blob_rows rows;
	struct blob_row row;
	struct keep k;

	keep_init(&k, &s->network.blob_quotas);
	blob_rows_open(&rows, s->r->txn, NULL);
	while (blob_rows_next(&rows, &row)) {
		const struct keep_row kept = keep_row_of(&row);

		if (row.state != BLOB_HERE)
			continue;
		s->blobs.count++;
		s->blobs.bytes += row.size;
		keep_add(&k, &kept);
	}
	blob_rows_close(&rows);
	if (s->has_rules)
		s->waste[WASTE_QUOTA].bytes = keep_over(&k);
}

static void count_unwanted(struct space *s)
{
	for (size_t i = 0; i < s->map.feed_count; i++) {
		const struct map_feed *f = &s->map.feeds[i];
		struct pile *p = NULL;

		if (f->hops == GRAPH_HOPS_BLOCKED)
			p = &s->waste[WASTE_BLOCKED];
		else if (f->hops == GRAPH_HOPS_FAR)
			p = &s->waste[WASTE_FAR];
		if (!p || !f->messages)
			continue;
		p->count++;
		p->bytes += f->bytes;
	}
}

static int count_feeds(struct space *s)
{
	enum kith_err err = map_read(&s->map, s->r->txn);
	uint32_t self = MAP_NONE;

	if (!err && s->r->viewer.known)
		self = map_find(&s->map, &s->r->viewer.self);
	if (!err && self != MAP_NONE)
		err = map_centre(&s->map, s->r->txn, self);
	if (err)
		return tool_fail(err == KITH_ENOMEM ? EXIT_FAILED
						    : EXIT_UNREADABLE,
				 "the feeds cannot be read: %s",
				 kith_strerror(err));
	if (self != MAP_NONE)
		count_unwanted(s);
	return EXIT_DONE;
}

static int count_retention(struct space *s)
{
	struct tool *t = s->r->tool;
	struct retaining r;
	int code;

	if (!s->has_rules || !s->network.retention_days ||
	    !s->r->viewer.known)
		return EXIT_DONE;
	t->self = s->r->viewer.self;
	code = retaining_count(t, &s->network, &r);
	if (!code) {
		s->waste[WASTE_RETENTION].count = atomic_load(&r.messages);
		s->waste[WASTE_RETENTION].bytes = atomic_load(&r.bytes);
	}
	return code;
}

/* --- for a person --------------------------------------------------------- */

static void print_pile(const struct chart *c, const char *name,
		       const struct pile *p, const char *more)
{
	char right[RIGHT_BYTES], size[TEXT_SIZE_BYTES];

	text_size(p->bytes, size);
	snprintf(right, sizeof(right), "%9s  %-16s", size, more);
	chart_row(c, kith_text(name), p->bytes, right);
}

static void print_file(struct space *s)
{
	struct chart c;
	char count[TEXT_COUNT_BYTES];
	const struct pile search = { 0, s->search };

	chart_start(&c, &s->r->page, s->file);
	chart_head(&c, "room", "     size  rows            ");
	for (size_t i = 0; i < PARTS; i++) {
		snprintf(count, sizeof(count), "%llu",
			 (unsigned long long)s->parts[i].count);
		if (s->parts[i].count)
			print_pile(&c, parts[i].text, &s->parts[i], count);
	}
	print_pile(&c, "free in the file", &s->waste[WASTE_FREE], "");
	if (search.bytes)
		print_pile(&c, "words for search", &search, "");
	print_pile(&c, "blobs", &s->blobs,
		   text_count(s->blobs.count, "blob", count));
}

struct heavy {
	uint64_t bytes;
	uint32_t feed; /* of the map */
};

/* The largest first; of as many, in the order of the map. */
static int compare_heavy(const void *a, const void *b)
{
	const struct heavy *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return (x->feed > y->feed) - (x->feed < y->feed);
}

/* The feeds that take room, *n of them.  Gives; NULL: out of memory. */
static struct heavy *sort_feeds(const struct follow_map *m, size_t *n)
{
	struct heavy *all = calloc(m->feed_count + 1, sizeof(*all));

	*n = 0;
	for (uint32_t i = 0; all && i < m->feed_count; i++)
		if (m->feeds[i].bytes)
			all[(*n)++] = (struct heavy){ m->feeds[i].bytes, i };
	if (all)
		qsort(all, *n, sizeof(*all), compare_heavy);
	return all;
}

static void print_feed(struct space *s, const struct chart *c,
		       const struct map_feed *f)
{
	struct kith_buf name = { .limit = LINE_BYTES_MAX };
	const struct pile p = { f->messages, f->bytes };
	char count[TEXT_COUNT_BYTES];

	if (*person_name(&s->r->people, &f->id))
		kith_buf_text(&name, person_name(&s->r->people, &f->id));
	else
		person_put_short(&name, &f->id);
	kith_buf_byte(&name, '\0');
	print_pile(c, (const char *)name.p, &p,
		   text_count(f->messages, "message", count));
	kith_buf_free(&name);
}

static void record_feed_of(struct space *s, const struct map_feed *f)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "part", "feed");
	record_feed(&r, "feed", &f->id);
	reading_record_name(s->r, &r, &f->id);
	if (f->hops != GRAPH_HOPS_FAR)
		record_int(&r, "hops", f->hops);
	record_uint(&r, "messages", f->messages);
	record_uint(&r, "bytes", f->bytes);
	record_end(&r);
}

static int list_feeds(struct space *s, uint64_t most)
{
	size_t n;
	struct heavy *all = sort_feeds(&s->map, &n);
	struct chart c = { .most = 0 };

	if (!all)
		return tool_fail(EXIT_FAILED, "out of memory");
	for (size_t i = 0; i < n && i < most; i++) {
		const struct map_feed *f = &s->map.feeds[all[i].feed];

		if (s->r->page.json) {
			record_feed_of(s, f);
			continue;
		}
		if (!i) {
			chart_start(&c, &s->r->page, f->bytes);
			putchar('\n');
			chart_head(&c, "largest feeds",
				   "     size  messages        ");
		}
		print_feed(s, &c, f);
	}
	free(all);
	return EXIT_DONE;
}

static void print_wastes(struct space *s)
{
	struct chart c;
	bool any = false;

	chart_start(&c, &s->r->page, s->file);
	for (size_t i = 0; i < WASTES; i++) {
		if (!s->waste[i].bytes)
			continue;
		if (!any) {
			putchar('\n');
			chart_head(&c, "what could go",
				   "     size  by              ");
		}
		any = true;
		print_pile(&c, wastes[i].text, &s->waste[i], wastes[i].how);
	}
}

/* --- for a script --------------------------------------------------------- */

static void record_pile(const char *part, const struct pile *p,
			const char *things)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "part", part);
	record_uint(&r, "bytes", p->bytes);
	if (things)
		record_uint(&r, things, p->count);
	record_end(&r);
}

static void record_wastes(const struct space *s)
{
	struct record r;

	for (size_t i = 0; i < WASTES; i++) {
		if (!s->waste[i].bytes)
			continue;
		record_begin(&r);
		record_text(&r, "part", wastes[i].name);
		record_uint(&r, "freed", s->waste[i].bytes);
		record_text(&r, "advice", wastes[i].how);
		record_end(&r);
	}
}

static void record_parts(const struct space *s)
{
	const struct pile file = { 0, s->file }, search = { 0, s->search };

	record_pile("file", &file, NULL);
	for (size_t i = 0; i < PARTS; i++)
		record_pile(parts[i].name, &s->parts[i], "rows");
	record_pile("search", &search, NULL);
	record_pile("blobs", &s->blobs, "blobs");
}

/* --- the command ---------------------------------------------------------- */

static int gather(struct space *s)
{
	struct tool *t = s->r->tool;
	int code = t->home ? network_read(t->home, &s->network) : EXIT_DONE;

	s->has_rules = t->home;
	if (code)
		return code;
	/* It reads in transactions of its own. */
	reading_pause(s->r);
	code = count_retention(s);
	if (!code)
		code = reading_resume(s->r);
	if (code)
		return code;
	count_tables(s);
	count_search(s);
	count_blobs(s);
	return count_feeds(s);
}

static int run(struct space *s)
{
	uint64_t most;
	int code = EXIT_DONE;

	if (!tool_number(s->r->tool, 'n',
			 s->r->page.json ? UINT64_MAX : FEEDS_SHOWN, &most))
		return EXIT_MISUSED;
	code = gather(s);
	if (code)
		return code;
	if (s->r->page.json)
		record_parts(s);
	else
		print_file(s);
	code = list_feeds(s, most);
	if (s->r->page.json)
		record_wastes(s);
	else
		print_wastes(s);
	return code;
}

int command_space(struct tool *t, int argc, char **argv)
{
	struct space *s = calloc(1, sizeof(*s));
	struct reading r;
	int code;

	(void)argc;
	(void)argv;
	if (!s)
		return tool_fail(EXIT_FAILED, "out of memory");
	s->r = &r;
	code = reading_begin(&r, t, false);
	if (!code)
		code = run(s);
	map_clear(&s->map);
	free(s);
	return reading_end(&r, code);
}

#include <stdlib.h>
#include <sys/stat.h>

#include "src/depot/folder_url.h"
#include "src/store/local.h"
#include "src/store/messages.h"
#include "tools/carry/bundle.h"
#include "tools/pick/named.h"

static int out_of_memory(void)
{
	return tool_fail(EXIT_FAILED, "out of memory");
}

/* --- reading -------------------------------------------------------------- */

/* All up to last. */
static int add(struct depot_ranges *has, const struct kith_feed_id *feed,
	       uint64_t last)
{
	struct depot_range all = { *feed, 1, last };

	return last && depot_ranges_add(has, &all)
		       ? tool_fail(EXIT_FAILED, "too many feeds for a clock")
		       : EXIT_DONE;
}

/* Whoever made a clock has what it says; whoever took a bundle has what that
 * held, and what it asked for. */
static int add_items(struct bundle_file *f, struct depot_ranges *has)
{
	enum bundle_step step = BUNDLE_ITEM;
	struct bundle_item item;
	int code = EXIT_DONE;

	while (!code && step != BUNDLE_MORE) {
		code = bundle_file_next(f, &step, &item);
		if (!code && step == BUNDLE_ITEM &&
		    (item.kind == BUNDLE_HAVE || item.kind == BUNDLE_RANGE))
			code = add(has, &item.range.feed, item.range.last);
	}
	if (!code && !bundle_file_ended(f))
		tool_note("%s is torn: what it does not show any more is "
			  "taken to be unknown to the reader", f->name);
	return code;
}

static int add_file(struct depot_ranges *has, const char *name)
{
	struct bundle_file f;
	int code = bundle_file_open(&f, name);

	if (!code)
		code = add_items(&f, has);
	bundle_file_close(&f);
	return code;
}

static int add_clock(struct tool *t, struct look *l, const char *name,
		     struct depot_ranges *has, struct kith_feed_id *peer)
{
	struct kith_clock_entry *entries = NULL;
	size_t n = 0;
	int code = named_feed(l, kith_text(name), ", there is no such file, "
			      "and no id begins so", peer);

	if (code)
		return code;
	if (clock_get(l->txn, peer, &entries, &n))
		return out_of_memory();
	for (size_t i = 0; !code && i < n; i++)
		if (entries[i].sequence > 0)
			code = add(has, &entries[i].feed,
				   (uint64_t)entries[i].sequence);
	free(entries);
	if (!code && !n && !t->json)
		tool_note("%s has never said what it has: all that is in reach "
			  "goes in; `kith bundle clock` over there makes a "
			  "file that says it", name);
	return code;
}

static int add_peer(struct tool *t, const char *name,
		    struct depot_ranges *has, struct kith_feed_id *peer)
{
	struct look l;
	int code = look_begin(&l, t);

	if (!code)
		code = add_clock(t, &l, name, has, peer);
	look_end(&l);
	return code;
}

static int add_one(struct tool *t, const char *name, struct depot_ranges *has,
		   struct kith_feed_id *peer)
{
	bool is_file = !strcmp(name, "-");
	struct stat st = { 0 };

	if (folder_url_is(name))
		return bundle_depot_read(t, name, has);
	if (!is_file && (*name == '@' || stat(name, &st)))
		return add_peer(t, name, has, peer);
	return S_ISDIR(st.st_mode) ? bundle_depot_read(t, name, has)
				   : add_file(has, name);
}

int bundle_clock_read(struct tool *t, struct depot_ranges *has,
		      struct kith_feed_id *peer)
{
	int code = EXIT_DONE;

	*peer = (struct kith_feed_id){ 0 };
	for (size_t i = 0; !code && i < t->chosen_count; i++)
		if (t->chosen[i].letter == 'F')
			code = add_one(t, t->chosen[i].value, has, peer);
	return code;
}

/* --- writing -------------------------------------------------------------- */

static int gather(struct tool *t, struct bundle_reach *reach,
		  struct depot_ranges *own)
{
	struct depot_range range;
	struct feed_row row;
	uint32_t number = 0;
	struct txn *txn;
	int code = EXIT_DONE;

	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	while (!code && feed_next(txn, &number, &row)) {
		range = (struct depot_range){ row.id, row.first, row.last };
		if (row.last && bundle_reach_has(reach, &row.id) &&
		    depot_ranges_add(own, &range))
			code = out_of_memory();
	}
	txn_end(txn);
	return code;
}

static int write_clock(const struct depot_ranges *own, const char *name)
{
	struct depot_range range;
	struct bundle_out out;
	size_t at = 0;
	int code = bundle_out_open(&out, name, false);

	while (!code && depot_ranges_next(own, &at, &range)) {
		bundle_put_have(out.writer, &range);
		if (!bundle_out_flush(&out))
			break;
	}
	if (!code)
		code = bundle_out_finish(&out);
	bundle_out_close(&out);
	return code;
}

int bundle_clock(struct tool *t, int argc, char **argv)
{
	struct depot_ranges *own = depot_ranges_new();
	struct bundle_reach reach;
	int code = bundle_reach_begin(&reach, t);

	if (!code && !own)
		code = out_of_memory();
	if (!code)
		code = gather(t, &reach, own);
	if (!code)
		code = write_clock(own, argc ? argv[0] : NULL);
	depot_ranges_free(own);
	bundle_reach_end(&reach);
	return code;
}

#include "tests/fsck/victim.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "src/ingest/ingest.h"

static void find(void *arg, const struct fsck_finding *f)
{
	struct victim *v = arg;

	if (v->finding_count < VICTIM_FINDINGS_MAX)
		v->findings[v->finding_count++] = *f;
}

static enum kith_err in_child(const struct fsck_config *config,
			      struct fsck_summary *out, struct kith_error *e)
{
	return child_run(fsck_run, config, out, e);
}

static void check_by(struct victim *v, const struct fsck_config *given,
		     fsck_run_fn *run)
{
	struct fsck_config config = *given;
	struct kith_error e = { 0 };

	config.home = v->h.home;
	config.finding = find;
	config.arg = v;
	v->finding_count = 0;
	if (run(&config, &v->summary, &e))
		fail_msg("%s", e.text);
}

void victim_check_with(struct victim *v, const struct fsck_config *config)
{
	check_by(v, config, fsck_run);
}

void victim_run_with(struct victim *v, const struct fsck_config *config,
		     fsck_run_fn *run)
{
	struct fsck_config child = *config;
	struct kith_error e = { 0 };

	child.home = v->h.home;
	child.finding = find;
	child.arg = v;
	if (child_run(run, &child, &v->summary, &e))
		fail_msg("%s", e.text);
}

void victim_check(struct victim *v, enum fsck_depth depth)
{
	check_by(v, &(struct fsck_config){ .depth = depth, .threads = 2,
						   .window = v->window },
		 v->in_child ? in_child : fsck_run);
	assert_in_range(v->summary.findings, v->finding_count,
			v->finding_count == VICTIM_FINDINGS_MAX
				? UINT32_MAX
				: v->finding_count);
}

bool victim_names(const struct victim *v, const struct place *p)
{
	bool facts = p->table == TABLE_LOCAL || p->table == TABLE_CLOCKS ||
		     p->table == TABLE_ADDRESSES || p->table == TABLE_PROOFS ||
		     p->table == TABLE_BLOBS || p->table == TABLE_VIEWS;

	for (size_t i = 0; i < v->finding_count; i++) {
		const struct fsck_finding *f = &v->findings[i];

		if (p->feed.format != KITH_FORMAT_NONE &&
		    kith_feed_equal(&f->feed, &p->feed) &&
		    (!p->sequence || (f->sequence <= p->sequence &&
				      p->sequence <= f->last)))
			return true;
		/* What concerns no message has no other name. */
		if (facts && f->table == p->table)
			return true;
	}
	return false;
}

const struct fsck_finding *victim_found(const struct victim *v,
					enum fsck_class class, size_t author,
					uint64_t sequence)
{
	const struct kith_feed_id *feed = author_id(&v->authors[author]);

	for (size_t i = 0; i < v->finding_count; i++) {
		const struct fsck_finding *f = &v->findings[i];

		if (f->class == class && kith_feed_equal(&f->feed, feed) &&
		    f->sequence <= sequence && sequence <= f->last)
			return f;
	}
	for (size_t i = 0; i < v->finding_count; i++)
		print_message("%s: %s\n",
			      fsck_classes[v->findings[i].class].name,
			      v->findings[i].text);
	fail_msg("no %s", fsck_classes[class].name);
	return NULL;
}

/* --- repairs -------------------------------------------------------------- */

static void told(void *arg, const struct repair_feed *f)
{
	(void)arg;
	assert_true(f->dropped || f->aside);
}

static size_t find_cuts(const struct victim *v, struct repair_cut *cuts)
{
	size_t n = 0;

	for (size_t i = 0; i < v->finding_count; i++) {
		const struct fsck_finding *f = &v->findings[i];

		if (fsck_classes[f->class].repair == FSCK_REFETCH &&
		    f->sequence && f->feed.format != KITH_FORMAT_NONE)
			cuts[n++] = (struct repair_cut){
				f->sequence, f->feed, f->class };
	}
	return n;
}

static enum fsck_repair find_repair(const struct victim *v)
{
	bool needs[4] = { false };

	for (size_t i = 0; i < v->finding_count; i++)
		needs[fsck_classes[v->findings[i].class].repair] = true;
	if (needs[FSCK_SALVAGE])
		return FSCK_SALVAGE;
	if (needs[FSCK_QUARANTINE])
		return FSCK_QUARANTINE;
	return needs[FSCK_REFETCH] ? FSCK_REFETCH : FSCK_REBUILD;
}

struct repair_outcome victim_mend(struct victim *v)
{
	static struct repair_cut cuts[VICTIM_FINDINGS_MAX];
	struct repair_config config = {
		.home = v->h.home,
		.repair = find_repair(v),
		.self = author_id(&v->authors[0]),
		.cuts = cuts,
		.cut_count = find_cuts(v, cuts),
		.now_us = 1,
		.told = told,
	};
	struct repair_outcome outcome;
	struct kith_error e = { 0 };

	assert_int_equal(home_lock_writer(v->h.home, &e), KITH_OK);
	if (repair_run(&config, &outcome, &e))
		fail_msg("%s", e.text);
	return outcome;
}

void victim_heal(struct victim *v)
{
	struct ingest_config config = { .signer = v->authors[0].signer };
	struct ingest_done done;
	struct ingest *in;

	victim_change(v);
	config.store = v->h.store;
	assert_int_equal(ingest_start(&config, &in, NULL), KITH_OK);
	for (size_t k = 0; k < VICTIM_AUTHORS; k++)
		for (size_t i = 1; i <= v->authors[k].count; i++)
			assert_int_equal(ingest_add(in,
				author_message(&v->authors[k], i), 0, 1),
				KITH_OK);
	ingest_wait(in);
	while (ingest_done(in, &done))
		for (size_t i = 0; i < done.count; i++)
			if (done.results[i].verdict > INGEST_KNOWN)
				fail_msg("%s", done.results[i].why);
	ingest_stop(in);
	for (size_t k = 0; k < VICTIM_AUTHORS; k++)
		assert_chain(v->h.store, author_id(&v->authors[k]),
			     v->authors[k].count);
	store_close(v->h.store);
	v->h.store = NULL;
}

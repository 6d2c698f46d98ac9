/*
 * Random damages to live rows of every table: damages COUNT SEED [FIRST]
 *
 * Each is one of a flipped bit, overwritten bytes, a zeroed sector of 512
 * bytes.  All must be found and name the row by feed and sequence, or be shown
 * harmless: every row of the file is what it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/fsck/victim.h"

enum { POSTS = 60 };

struct outcome {
	unsigned tried, named, found, harmless, missed, healed;
};

struct trial {
	struct victim v;
	uint64_t random;
	unsigned first, count;
	struct outcome by_kind[VICTIM_KINDS], by_table[TABLE_COUNT];
};

static void judge(struct trial *t, const struct place *p, unsigned i,
		  unsigned kind)
{
	struct outcome *of_kind = &t->by_kind[kind];
	struct outcome *of_table = &t->by_table[p->table];
	bool found = t->v.finding_count, named = victim_names(&t->v, p);
	bool harmless = !named && victim_same_rows(&t->v);
	bool missed = !named && !harmless;

	of_kind->tried++;
	of_table->tried++;
	of_kind->found += found;
	of_table->found += found;
	of_kind->named += named;
	of_table->named += named;
	of_kind->harmless += harmless;
	of_table->harmless += harmless;
	of_kind->missed += missed;
	of_table->missed += missed;
	if (missed)
		printf("MISSED %u: a %s in a row of %s at %zu, %zu findings\n",
		       i, victim_kinds[kind],
		       store_table_name((enum store_table)p->table), p->node,
		       t->v.finding_count);
	for (size_t k = 0; missed && k < t->v.finding_count; k++)
		printf("  %s: %s\n", fsck_classes[t->v.findings[k].class].name,
		       t->v.findings[k].text);
}

/* Whatever it was: after the repair nothing is wrong, and after the next
 * meeting with a whole copy nothing is missing. */
static void heal(struct trial *t, const struct place *p, unsigned i,
		 unsigned kind)
{
	if (!t->v.finding_count)
		return;
	victim_mend(&t->v);
	victim_check(&t->v, FSCK_FULL);
	for (size_t k = 0; k < t->v.finding_count; k++)
		printf("%u, a %s in %s at %zu; after the repair: %s: %s\n", i,
		       victim_kinds[kind],
		       store_table_name((enum store_table)p->table), p->node,
		       fsck_classes[t->v.findings[k].class].name,
		       t->v.findings[k].text);
	assert_int_equal(t->v.finding_count, 0);
	victim_heal(&t->v);
	victim_check(&t->v, FSCK_FULL);
	assert_int_equal(t->v.finding_count, 0);
	t->by_kind[kind].healed++;
	t->by_table[p->table].healed++;
}

static void print(const char *name, const struct outcome *o)
{
	if (o->tried)
		printf("| %s | %u | %u | %u | %u | %u | %u |\n", name,
		       o->tried, o->found, o->named, o->harmless, o->missed,
		       o->healed);
}

static unsigned report(const struct trial *t)
{
	struct outcome all = { 0 };

	puts("| what | damages | found | named | harmless | missed | healed |");
	puts("|---|---|---|---|---|---|---|");
	for (int i = 0; i < VICTIM_KINDS; i++)
		print(victim_kinds[i], &t->by_kind[i]);
	for (int i = 0; i < TABLE_COUNT; i++) {
		print(store_table_name((enum store_table)i), &t->by_table[i]);
		all.tried += t->by_table[i].tried;
		all.found += t->by_table[i].found;
		all.named += t->by_table[i].named;
		all.harmless += t->by_table[i].harmless;
		all.healed += t->by_table[i].healed;
		all.missed += t->by_table[i].missed;
	}
	print("all", &all);
	return all.missed;
}

static struct trial trial;

static void damages_are_found_and_named(void **state)
{
	(void)state;
	victim_open(&trial.v, POSTS);
	/* As kith fsck does it; without, a debugger is of more use. */
	trial.v.in_child = getenv("KITH_FSCK_CHILD");
	victim_map(&trial.v);
	victim_check(&trial.v, FSCK_FULL);
	assert_int_equal(trial.v.finding_count, 0);
	for (unsigned i = 0; i < trial.first + trial.count; i++) {
		unsigned kind = victim_below(&trial.random, VICTIM_KINDS);
		const struct place *p = victim_choose(&trial.v, &trial.random);

		victim_damage(&trial.v, p, kind, &trial.random);
		if (i >= trial.first && memcmp(trial.v.bytes, trial.v.whole,
					       trial.v.n) != 0) {
			victim_write(&trial.v);
			victim_check(&trial.v, FSCK_FULL);
			judge(&trial, p, i, kind);
			heal(&trial, p, i, kind);
		}
		memcpy(trial.v.bytes, trial.v.whole, trial.v.n);
	}
	assert_int_equal(report(&trial), 0);
	victim_close(&trial.v);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damages_are_found_and_named),
	};

	trial.count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 30;
	trial.random = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	trial.first = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	trial.random *= UINT64_C(0x9e3779b97f4a7c15);
	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

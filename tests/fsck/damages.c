/*
 * Random damages to a store: damages COUNT SEED [FIRST]
 *
 * Each hits a live row of a table (a flipped bit, overwritten bytes, a zeroed
 * sector of 512 bytes), and every fourth a sector anywhere in the file.  Every
 * row that is hit must be found and named by feed and sequence, or the damage
 * be shown harmless: every row of the file is what it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/fsck/victim.h"

enum { POSTS = 60, WINDOW = 50, ANYWHERE = VICTIM_KINDS, KINDS };

struct outcome {
	unsigned tried, found, named, harmless, missed, healed;
};

struct trial {
	struct victim v;
	uint64_t random;
	unsigned first, count, number, kind;
	unsigned long rows, rows_named; /* that were hit */
	struct outcome by_kind[KINDS], by_table[TABLE_COUNT];
};

static const char *kind_name(unsigned kind)
{
	return kind == ANYWHERE ? "zeroed sector anywhere"
				: victim_kinds[kind];
}

static void tell(const struct trial *t, const char *what, const char *table)
{
	printf("%s %u: a %s of %s, %zu findings\n", what, t->number,
	       kind_name(t->kind), table, t->v.finding_count);
	for (size_t i = 0; i < t->v.finding_count; i++)
		printf("  %s: %s\n", fsck_classes[t->v.findings[i].class].name,
		       t->v.findings[i].text);
}

/* Every row that is hit, not only the one that was aimed at. */
static bool all_named(struct trial *t)
{
	bool all = true;

	for (size_t i = 0; i < t->v.place_count; i++) {
		const struct place *p = &t->v.places[i];

		if (!victim_is_hit(&t->v, p))
			continue;
		t->rows++;
		if (victim_names(&t->v, p)) {
			t->rows_named++;
			continue;
		}
		all = false;
		tell(t, "UNNAMED",
		     store_table_name((enum store_table)p->table));
	}
	return all;
}

static void count(struct outcome *o, const struct outcome *one)
{
	o->tried += one->tried;
	o->found += one->found;
	o->named += one->named;
	o->harmless += one->harmless;
	o->missed += one->missed;
	o->healed += one->healed;
}

/* Whatever it was: after the repair nothing is wrong, and after the next
 * meeting with a whole copy nothing is missing. */
static bool heal(struct trial *t)
{
	bool clean;

	if (!t->v.finding_count)
		return false;
	victim_mend(&t->v);
	victim_check(&t->v, FSCK_FULL);
	clean = !t->v.finding_count;
	if (!clean)
		tell(t, "UNMENDED", "it");
	victim_heal(&t->v);
	victim_check(&t->v, FSCK_FULL);
	if (t->v.finding_count)
		tell(t, "UNHEALED", "it");
	return clean && !t->v.finding_count;
}

/* aim: the row, or NULL. */
static void judge(struct trial *t, const struct place *aim)
{
	const char *table =
		aim ? store_table_name((enum store_table)aim->table) : "a page";
	struct outcome one = { .tried = 1 };

	victim_write(&t->v);
	victim_check(&t->v, FSCK_FULL);
	one.found = t->v.finding_count > 0;
	one.named = one.found && all_named(t);
	one.harmless = !one.named && victim_same_rows(&t->v);
	one.missed = !one.named && !one.harmless;
	if (one.missed)
		tell(t, "MISSED", table);
	one.healed = heal(t);
	count(&t->by_kind[t->kind], &one);
	if (aim)
		count(&t->by_table[aim->table], &one);
}

static void print(const char *name, const struct outcome *o)
{
	if (o->tried)
		printf("| %s | %u | %u | %u | %u | %u | %u |\n", name,
		       o->tried, o->found, o->named, o->harmless, o->missed,
		       o->healed);
}

/* How many were missed, or found and not healed. */
static unsigned report(const struct trial *t)
{
	struct outcome all = { 0 };

	puts("| what | damages | found | named | harmless | missed | healed |");
	puts("|---|---|---|---|---|---|---|");
	for (unsigned i = 0; i < KINDS; i++) {
		print(kind_name(i), &t->by_kind[i]);
		count(&all, &t->by_kind[i]);
	}
	print("all", &all);
	puts("| of these, aimed at a row of | | | | | | |");
	for (int i = 0; i < TABLE_COUNT; i++)
		print(store_table_name((enum store_table)i), &t->by_table[i]);
	printf("\nROWS hit: %lu, named: %lu\n", t->rows, t->rows_named);
	return all.missed + (all.found - all.healed);
}

static struct trial trial;

/* Gives the row that was aimed at, or NULL. */
static const struct place *damage(struct trial *t)
{
	const struct place *aim;

	t->kind = victim_below(&t->random, KINDS);
	if (t->kind == ANYWHERE) {
		victim_zero(&t->v, victim_below(&t->random, t->v.n));
		return NULL;
	}
	aim = victim_choose(&t->v, &t->random);
	victim_damage(&t->v, aim, t->kind, &t->random);
	return aim;
}

static void one_damage(struct trial *t)
{
	const struct place *aim;

	do
		aim = damage(t);
	while (!memcmp(t->v.bytes, t->v.whole, t->v.n));
	t->v.window = t->number % 2 ? WINDOW : 0;
	if (t->number >= t->first)
		judge(t, aim);
	memcpy(t->v.bytes, t->v.whole, t->v.n);
}

static void damages_are_found_and_named(void **state)
{
	struct trial *t = &trial;
	(void)state;

	victim_open(&t->v, POSTS);
	/* As kith fsck does it; without, a debugger is of more use. */
	t->v.in_child = getenv("KITH_FSCK_CHILD");
	victim_map(&t->v);
	victim_check(&t->v, FSCK_FULL);
	assert_int_equal(t->v.finding_count, 0);
	for (; t->number < t->first + t->count; t->number++)
		one_damage(t);
	assert_int_equal(report(t), 0);
	victim_close(&t->v);
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

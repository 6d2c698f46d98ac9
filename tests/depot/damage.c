/*
 * Damage to a stick at rest: damage [-n COUNT] [-s SEED] [-o ONE]
 *
 * Two hosts have exchanged all.  Then a bit flips, a block of flash is zeroed
 * or holds noise, a file is cut or gone.  A third host comes to the stick, then
 * the first, then the third again: what was lost is found, its messages are
 * named, and the next host that has them writes them again, so that the third
 * has everything in the end, and nobody lost anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/depot/script.h"

enum { COUNT = 60, WHY_BYTES = 320, NEW_HOST = 9, KINDS = 5 };

static const char *const kinds[KINDS] = {
	[HARM_BIT] = "a bit flipped",
	[HARM_ZERO] = "a block zeroed",
	[HARM_NOISE] = "a block of noise",
	[HARM_CUT] = "a file cut short",
	[HARM_GONE] = "a file gone",
};

/* Of one kind: damages; those that cost messages, by number; of these, damages
 * that were found, messages that were named, and damages that were healed. */
struct outcome {
	unsigned tried, harmful, found, healed;
	unsigned long lost, named;
};

struct trial {
	struct script script;
	struct host third;
	uint64_t seed, number;
	struct outcome kinds[KINDS];
	bool loud;
};

static size_t readable(const struct medium *m)
{
	struct script_lines lines = script_count(m);

	return lines.messages - lines.twice;
}

static void open_third(struct trial *t)
{
	host_open(&t->third, NEW_HOST);
	for (unsigned i = 0; i < SCRIPT_AUTHORS; i++)
		host_follow(&t->third, author_id(&t->script.authors[i]));
}

static bool visit(struct trial *t, struct host *h, struct depot_report *report)
{
	struct kith_error e = { 0 };

	if (!host_sync_at(h, t->script.stick, report, &e)) {
		if (t->loud)
			printf("%s", h->findings);
		return true;
	}
	printf("damage %llu: a session fails: %s\n",
	       (unsigned long long)t->number, e.text);
	return false;
}

/* Blocks of 512 bytes to 8 KiB: of files that are as large. */
static struct medium_harm hurt(struct trial *t, struct outcome **o)
{
	uint64_t seed = t->seed ^ t->number * 0x9e3779b97f4a7c15;
	struct medium_harm harm = medium_damage(
		t->script.stick, seed, (size_t)MEDIUM_SECTOR << t->number % 5);

	*o = &t->kinds[harm.kind];
	(*o)->tried++;
	if (t->loud)
		printf("damage %llu: %s: %s, %llu bytes from %llu\n",
		       (unsigned long long)t->number, harm.name,
		       kinds[harm.kind], (unsigned long long)harm.bytes,
		       (unsigned long long)harm.offset);
	return harm;
}

static bool equal_in_the_end(struct trial *t)
{
	struct depot_report report;

	for (unsigned i = 0; i < 3; i++) {
		if (!visit(t, &t->script.hosts[i % SCRIPT_HOSTS], &report) ||
		    !visit(t, &t->third, &report))
			return false;
		if (host_equal(&t->third, &t->script.hosts[0]))
			return true;
	}
	printf("damage %llu: it is not healed\n",
	       (unsigned long long)t->number);
	return false;
}

/* False: something that may never be. */
static bool judge(struct trial *t)
{
	struct depot_report report;
	struct outcome *o;
	size_t lost, before = readable(t->script.stick);
	bool found;

	hurt(t, &o);
	lost = before - readable(t->script.stick);
	if (!visit(t, &t->third, &report))
		return false;
	found = report.damaged || report.lacking;
	o->harmful += lost > 0;
	o->found += lost > 0 && found;
	o->lost += lost;
	o->named += lost < report.lacking ? lost : report.lacking;
	if (lost && !found)
		printf("damage %llu: it is not found\n",
		       (unsigned long long)t->number);
	if (!equal_in_the_end(t))
		return false;
	o->healed += lost > 0;
	return !lost || found;
}

static bool try_one(struct trial *t)
{
	char why[WHY_BYTES];
	bool good;

	script_begin(&t->script,
		     t->number % 2 ? SCRIPT_ROLLING : SCRIPT_PLAIN);
	script_to(&t->script, SCRIPT_SYNCS);
	good = script_settle(&t->script, why, sizeof(why));
	if (!good)
		printf("damage %llu: %s\n", (unsigned long long)t->number,
		       why);
	open_third(t);
	good = good && judge(t);
	host_close(&t->third);
	script_end(&t->script);
	return good;
}

static void report(const struct trial *t, uint64_t failed)
{
	puts("| damage | times | costs messages | is found | messages lost "
	     "| named | is healed |\n|---|---|---|---|---|---|---|");
	for (int i = 0; i < KINDS; i++) {
		const struct outcome *o = &t->kinds[i];

		if (o->tried)
			printf("| %s | %u | %u | %u | %lu | %lu | %u |\n",
			       kinds[i], o->tried, o->harmful, o->found,
			       o->lost, o->named, o->healed);
	}
	printf("\n%llu failed\n", (unsigned long long)failed);
}

int main(int argc, char **argv)
{
	static struct trial t = { .seed = 1 };
	uint64_t count = COUNT, first = 0, failed = 0;
	int option;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt(argc, argv, "n:s:o:")) != -1) {
		uint64_t n = optarg ? strtoull(optarg, NULL, 10) : 0;

		switch (option) {
		case 'n': count = n; break;
		case 's': t.seed = n; break;
		case 'o': first = n; count = 1; t.loud = true; break;
		default: return 2;
		}
	}
	if (kith_init())
		return 3;
	host_in_memory();
	script_init(&t.script);
	for (t.number = first; t.number < first + count; t.number++)
		failed += !try_one(&t);
	report(&t, failed);
	script_clear(&t.script);
	return failed > 0;
}

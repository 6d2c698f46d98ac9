/*
 * Damages one row of a store: harm DATA.MDB SEED
 *
 * Prints what: the kind of damage, the table, the feed and the sequence that it
 * concerns ("-" and 0 where it concerns none).
 */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/ref.h"
#include "tests/fsck/victim.h"

int main(int argc, char **argv)
{
	char feed[KITH_REF_TEXT_BYTES] = "-";
	static struct victim v;
	const struct place *p;
	uint64_t random;
	unsigned kind;

	if (argc != 3)
		return 2;
	random = (strtoull(argv[2], NULL, 10) + 1) *
		 UINT64_C(0x9e3779b97f4a7c15);
	victim_load(&v, argv[1]);
	do {
		kind = victim_below(&random, VICTIM_KINDS);
		p = victim_choose(&v, &random);
		victim_damage(&v, p, kind, &random);
	} while (!memcmp(v.bytes, v.whole, v.n));
	victim_rewrite(&v);
	if (p->feed.format != KITH_FORMAT_NONE)
		kith_feed_print(&p->feed, feed);
	printf("%s %s %s %llu\n", victim_kinds[kind],
	       store_table_name((enum store_table)p->table), feed,
	       (unsigned long long)p->sequence);
	return 0;
}

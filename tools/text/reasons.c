#include "tools/text/reasons.h"

#include <stdio.h>
#include <string.h>

void reasons_count(struct reasons *all, const char *why)
{
	struct reason *r = all->all, *last = r + REASONS_MAX - 1;

	while (r < last && r->count && strcmp(r->text, why) != 0)
		r++;
	if (!r->count)
		snprintf(r->text, sizeof(r->text), "%s",
			 r < last ? why : "other reasons");
	r->count++;
}

const struct reason *reasons_at(const struct reasons *r, size_t i)
{
	return i < REASONS_MAX && r->all[i].count ? &r->all[i] : NULL;
}

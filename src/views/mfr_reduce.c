/* $reduce: groups, in order, and what is counted and gathered in each. */
#include <stdlib.h>

#include "feeds/list.h"
#include "src/views/mfr_private.h"

enum aggregate { GROUP, COUNT, SUM, PRODUCT, MAX, MIN, COLLECT, AGGREGATES };

static const char *const names[AGGREGATES] = { "", "$count", "$sum", "$product",
					       "$max", "$min", "$collect" };

struct leaf {
	enum aggregate kind;
	struct kith_slice rule;
};

/* What a leaf has come to in one group. */
struct cell {
	struct kith_buf text; /* GROUP, COLLECT */
	double number;
	bool set;
};

struct reduction {
	struct kith_slice rule;
	struct leaf leaves[MFR_LEAVES_MAX];
	size_t leaf_count, group_leaves;
	struct cell **groups; /* in the order of their keys */
	size_t count, capacity, kept;
};

/* --- the rule --- */

static enum kith_err add_leaf(struct reduction *r, enum aggregate kind,
			      struct kith_slice rule, struct kith_error *e)
{
	if (r->leaf_count == MFR_LEAVES_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "more than %d members in one $reduce",
				 MFR_LEAVES_MAX);
	r->leaves[r->leaf_count++] = (struct leaf){ kind, rule };
	r->group_leaves += kind == GROUP;
	return kind == COUNT ? KITH_OK : rule_check_map(rule, 0, e);
}

static enum kith_err read_rule(struct reduction *r, struct kith_slice rule,
			       unsigned depth, struct kith_error *e)
{
	struct kith_slice key, inside, how = rule_operator(rule);
	enum kith_err err = KITH_OK;
	size_t at = 0;

	if (depth > MFR_DEPTH_MAX)
		return kith_fail(e, KITH_ETOOBIG, 0, "$reduce nests more than "
				 "%d deep", MFR_DEPTH_MAX);
	if (json_kind(rule) != JSON_KIND_OBJECT)
		return add_leaf(r, GROUP, rule, e);
	for (int i = COUNT; how.n && i < AGGREGATES; i++)
		if (json_is(how, names[i]))
			return add_leaf(r, (enum aggregate)i,
					json_get(rule, names[i]), e);
	if (how.n)
		return add_leaf(r, GROUP, rule, e);
	while (!err && json_next_member(rule, &at, &key, &inside))
		err = read_rule(r, inside, depth + 1, e);
	return err;
}

enum kith_err reduction_new(struct kith_slice rule, struct reduction **out,
			    struct kith_error *e)
{
	struct reduction *r = calloc(1, sizeof(*r));
	enum kith_err err;

	if (!r)
		return kith_fail(e, KITH_ENOMEM, 0, "no memory for the query");
	r->rule = rule;
	err = read_rule(r, rule, 0, e);
	if (err)
		reduction_free(r);
	else
		*out = r;
	return err;
}

void reduction_free(struct reduction *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->count; i++) {
		for (size_t k = 0; k < r->leaf_count; k++)
			kith_buf_free(&r->groups[i][k].text);
		free(r->groups[i]);
	}
	free(r->groups);
	free(r);
}

/* --- groups --- */

static int compare(const struct reduction *r, const struct cell *group,
		   struct kith_slice value)
{
	int order = 0;

	for (size_t i = 0; i < r->leaf_count && !order; i++)
		if (r->leaves[i].kind == GROUP)
			order = value_compare(kith_bytes(&group[i].text),
					      rule_get(r->leaves[i].rule,
						       value));
	return order;
}

/* Where value's group is or belongs. */
static size_t find(const struct reduction *r, struct kith_slice value,
		   bool *found)
{
	size_t low = 0, high = r->count;

	*found = false;
	while (low < high && !*found) {
		size_t middle = low + (high - low) / 2;
		int order = compare(r, r->groups[middle], value);

		*found = !order;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

static enum kith_err keep(struct reduction *r, struct cell *cell,
			  struct kith_slice text)
{
	if (text.n > MFR_KEPT_BYTES_MAX - r->kept)
		return KITH_ETOOBIG;
	cell->text.limit = MFR_KEPT_BYTES_MAX;
	kith_buf_put(&cell->text, text);
	r->kept += text.n;
	return cell->text.err;
}

static enum kith_err insert(struct reduction *r, size_t at,
			    struct kith_slice value)
{
	enum kith_err err = KITH_OK;
	struct cell **groups, *group;

	if (r->count == MFR_GROUPS_MAX)
		return KITH_ETOOBIG;
	groups = list_room(r->groups, r->count, &r->capacity,
			   sizeof(struct cell *));
	if (!groups)
		return KITH_ENOMEM;
	r->groups = groups;
	group = calloc(r->leaf_count + 1, sizeof(*group));
	if (!group)
		return KITH_ENOMEM;
	memmove(r->groups + at + 1, r->groups + at,
		(r->count - at) * sizeof(struct cell *));
	r->groups[at] = group;
	r->count++;
	for (size_t i = 0; i < r->leaf_count && !err; i++)
		if (r->leaves[i].kind == GROUP)
			err = keep(r, &group[i],
				   rule_get(r->leaves[i].rule, value));
	return err;
}

/* --- values --- */

static enum kith_err collect(struct reduction *r, struct cell *cell,
			     struct kith_slice value)
{
	enum kith_err err = keep(r, cell, cell->set ? KITH_SLICE(",")
						    : KITH_SLICE(""));

	cell->set = true;
	return err ? err : keep(r, cell, value.n ? value : KITH_SLICE("null"));
}

static void aggregate(enum aggregate kind, struct cell *cell, double d)
{
	double had = cell->number;

	switch (kind) {
	case COUNT:
		cell->number = had + 1;
		break;
	case SUM:
		cell->number = had + (d == d ? d : 0);
		break;
	case PRODUCT:
		cell->number = (cell->set && had != 0 ? had : 1) *
			       (d == d && d != 0 ? d : 1);
		break;
	case MAX:
		cell->number = !cell->set || d > had || d != d ? d : had;
		break;
	default:
		cell->number = !cell->set || d < had || d != d ? d : had;
		break;
	}
	cell->set = true;
}

enum kith_err reduction_take(struct reduction *r, struct kith_slice value)
{
	enum kith_err err = KITH_OK;
	bool found;
	size_t at = find(r, value, &found);

	if (!found)
		err = insert(r, at, value);
	for (size_t i = 0; i < r->leaf_count && !err; i++) {
		const struct leaf *leaf = &r->leaves[i];
		struct cell *cell = &r->groups[at][i];
		struct kith_slice got = leaf->kind <= COUNT
			? (struct kith_slice){ 0 } : rule_get(leaf->rule, value);

		if (leaf->kind == COLLECT)
			err = collect(r, cell, got);
		else if (leaf->kind != GROUP)
			aggregate(leaf->kind, cell, value_number(got));
	}
	return err;
}

/* --- results --- */

static bool put_cell(const struct leaf *leaf, const struct cell *cell,
		     struct kith_buf *out)
{
	if (leaf->kind == GROUP) {
		kith_buf_put(out, kith_bytes(&cell->text));
		return cell->text.n;
	}
	if (leaf->kind != COLLECT) {
		json_put_number(out, cell->number);
		return true;
	}
	kith_buf_byte(out, '[');
	kith_buf_put(out, kith_bytes(&cell->text));
	kith_buf_byte(out, ']');
	return true;
}

static bool is_leaf(struct kith_slice rule)
{
	return json_kind(rule) != JSON_KIND_OBJECT || rule_operator(rule).n;
}

/* As the rule is nested; *leaf counts along. */
static bool put(const struct reduction *r, const struct cell *group,
		struct kith_slice rule, size_t *leaf, struct kith_buf *out)
{
	struct kith_slice key, inside;
	size_t at = 0, before, i;
	bool any = false;

	if (is_leaf(rule)) {
		i = (*leaf)++;
		return put_cell(&r->leaves[i], &group[i], out);
	}
	kith_buf_byte(out, '{');
	while (json_next_member(rule, &at, &key, &inside)) {
		before = out->n;
		if (any)
			kith_buf_byte(out, ',');
		kith_buf_put(out, key);
		kith_buf_byte(out, ':');
		if (put(r, group, inside, leaf, out))
			any = true;
		else
			out->n = before;
	}
	kith_buf_byte(out, '}');
	return true;
}

/* Without a group the original gives the members of the one result, one by
 * one. */
static bool put_member(const struct reduction *r, size_t i,
		       struct kith_buf *out)
{
	struct kith_slice key, inside = r->rule;
	size_t at = 0, leaf = 0, before = out->n;

	if (!r->count || (is_leaf(r->rule) && i))
		return false;
	if (is_leaf(r->rule))
		return put(r, r->groups[0], r->rule, &leaf, out);
	for (size_t k = 0; json_next_member(r->rule, &at, &key, &inside);
	     k++) {
		out->n = before;
		if (put(r, r->groups[0], inside, &leaf, out) && k == i)
			return true;
	}
	out->n = before;
	return false;
}

bool reduction_result(struct reduction *r, size_t i, struct kith_buf *out)
{
	size_t leaf = 0;

	if (!r->group_leaves)
		return put_member(r, i, out);
	return i < r->count && put(r, r->groups[i], r->rule, &leaf, out);
}

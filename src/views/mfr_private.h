/* Between the files of mfr. */
#ifndef VIEWS_MFR_PRIVATE_H
#define VIEWS_MFR_PRIVATE_H

#include "feeds/json.h"
#include "src/views/mfr.h"

/* mfr_value.c: values as JavaScript sees them; an empty slice is undefined. */
/* A member of an object, an element of an array; or undefined. */
struct kith_slice value_member(struct kith_slice value, struct kith_slice name);
struct kith_slice value_element(struct kith_slice value, double index);
bool value_truthy(struct kith_slice value);
bool value_equal(struct kith_slice a, struct kith_slice b); /* === */
double value_number(struct kith_slice value);		    /* +value */
const char *value_type(struct kith_slice value);	    /* typeof */
/* The order of sorts and groups: null, booleans, numbers, texts, the rest. */
int value_compare(struct kith_slice a, struct kith_slice b);
/* a < b; or_equal: a <= b. */
bool value_less(struct kith_slice a, struct kith_slice b, bool or_equal);

/* The name of a member that begins with $; empty: it has none. */
struct kith_slice rule_operator(struct kith_slice rule);

/* mfr_rules.c.  EFORMAT: what it is not. */
enum kith_err rule_check_filter(struct kith_slice pattern, unsigned depth,
				struct kith_error *e);
enum kith_err rule_check_map(struct kith_slice rule, unsigned depth,
			     struct kith_error *e);
bool rule_matches(struct kith_slice pattern, struct kith_slice value);
/* What a rule that only picks finds: true, a name, a number, or a path. */
struct kith_slice rule_get(struct kith_slice rule, struct kith_slice value);
/* Appends what the rule makes of value; false: undefined. */
bool rule_map(struct kith_slice rule, struct kith_slice value,
	      struct kith_buf *out);

/* mfr_reduce.c */
struct reduction;
enum kith_err reduction_new(struct kith_slice rule, struct reduction **out,
			    struct kith_error *e);
void reduction_free(struct reduction *r);
enum kith_err reduction_take(struct reduction *r, struct kith_slice value);
/* Appends the i-th result; false: no more. */
bool reduction_result(struct reduction *r, size_t i, struct kith_buf *out);

#endif

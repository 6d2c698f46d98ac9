#include "feeds/verify_comb.h"

#include <assert.h>

/* How many points are flattened at a time. */
enum { CHUNK = RESIDUES_INVERTED };

static void double_times(struct point *p, int times)
{
	struct point_sum s;

	for (int i = 0; i < times; i++) {
		point_double(&s, p);
		if (i + 1 < times)
			point_from_last_sum(p, &s);
		else
			point_from_sum(p, &s);
	}
}

/* out: p, 3 p, 5 p... */
static void odd_multiples(struct point *out, size_t n, const struct point *p)
{
	struct point twice = *p;
	struct point_sum s;
	struct addend step;

	double_times(&twice, 1);
	addend_from_point(&step, &twice);
	out[0] = *p;
	for (size_t i = 1; i < n; i++) {
		point_add(&s, &out[i - 1], &step, false);
		point_from_sum(&out[i], &s);
	}
}

void comb_base_make(struct comb_base *out)
{
	enum { TEETH = CHUNK / BASE_ODDS };
	struct point chunk[TEETH][BASE_ODDS], p;
	uint8_t base[POINT_BYTES];
	bool is_point;

	/* y is 4/5, and x even. */
	memset(base, 0x66, sizeof(base));
	base[0] = 0x58;
	is_point = point_decode(&p, base);
	assert(is_point);
	(void)is_point;
	for (int tooth = 0; tooth < BASE_TEETH; tooth++) {
		int i = tooth % TEETH;

		odd_multiples(chunk[i], BASE_ODDS, &p);
		double_times(&p, BASE_PIECE);
		if (i + 1 == TEETH)
			flat_addends_from_points(out->teeth[tooth - i],
						 chunk[0], CHUNK);
	}
}

void comb_make(struct comb *out, const struct rake *r)
{
	struct point odds[COMB_TEETH][COMB_ODDS], p;
	int between = COMB_TEETH / RAKE_TEETH;

	for (int tooth = 0; tooth < COMB_TEETH; tooth++) {
		if (tooth % between)
			double_times(&p, COMB_PIECE);
		else
			point_from_flat(&p, &r->teeth[tooth / between]);
		odd_multiples(odds[tooth], COMB_ODDS, &p);
	}
	flat_addends_from_points(out->teeth[0], odds[0],
				 COMB_TEETH * COMB_ODDS);
}

void rake_make(struct rake *out, const struct point *p)
{
	struct point teeth[RAKE_TEETH];

	teeth[0] = *p;
	for (int tooth = 1; tooth < RAKE_TEETH; tooth++) {
		teeth[tooth] = teeth[tooth - 1];
		double_times(&teeth[tooth], RAKE_PIECE);
	}
	flat_points_from_points(out->teeth, teeth, RAKE_TEETH);
}

void rake_odds_make(struct rake_odds *out, const struct rake *r)
{
	struct point odds[RAKE_ODDS], p;

	for (int tooth = 0; tooth < RAKE_TEETH; tooth++) {
		point_from_flat(&p, &r->teeth[tooth]);
		odd_multiples(odds, RAKE_ODDS, &p);
		for (int i = 0; i < RAKE_ODDS; i++)
			addend_from_point(&out->teeth[tooth][i], &odds[i]);
	}
}

/* What is added behind each doubling, the last round first; what is flat is
 * added in the rounds of a comb alone. */
struct flat_term {
	const struct flat_addend *what;
	bool minus;
};

struct term {
	const struct addend *what;
	bool minus;
};

struct plan {
	uint8_t flat_count[COMB_PIECE], count[RAKE_PIECE];
	struct flat_term flat[COMB_PIECE][BASE_TEETH + COMB_TEETH];
	struct term terms[RAKE_PIECE][RAKE_TEETH];
};

static size_t magnitude(struct digit d)
{
	return (size_t)(d.value < 0 ? -d.value : d.value);
}

static void plan_flat(struct plan *plan, unsigned at,
		      const struct flat_addend *odds, struct digit d)
{
	plan->flat[at][plan->flat_count[at]++] = (struct flat_term){
		odds + magnitude(d) / 2, d.value < 0
	};
}

static void plan_base(struct plan *plan, const struct comb_base *base,
		      const uint8_t *factor)
{
	struct digit digits[SCALAR_DIGITS_MAX];
	size_t n = scalar_digits(factor, BASE_WIDTH, digits);

	for (size_t i = 0; i < n; i++)
		plan_flat(plan, digits[i].at % BASE_PIECE,
			  base->teeth[digits[i].at / BASE_PIECE], digits[i]);
}

static void plan_comb(struct plan *plan, const struct comb *c,
		      const uint8_t *factor)
{
	struct digit digits[SCALAR_DIGITS_MAX];
	size_t n = scalar_digits(factor, COMB_WIDTH, digits);

	for (size_t i = 0; i < n; i++)
		plan_flat(plan, digits[i].at % COMB_PIECE,
			  c->teeth[digits[i].at / COMB_PIECE], digits[i]);
}

static void plan_rake(struct plan *plan, const struct rake_odds *r,
		      const uint8_t *factor)
{
	struct digit digits[SCALAR_DIGITS_MAX];
	size_t n = scalar_digits(factor, RAKE_WIDTH, digits);

	for (size_t i = 0; i < n; i++) {
		unsigned at = digits[i].at % RAKE_PIECE;
		const struct addend *odds =
			r->teeth[digits[i].at / RAKE_PIECE];

		plan->terms[at][plan->count[at]++] = (struct term){
			odds + magnitude(digits[i]) / 2, digits[i].value < 0
		};
	}
}

static void add_terms(struct point *out, struct point_sum *s,
		      const struct term *terms, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		point_from_sum(out, s);
		point_add(s, out, terms[i].what, terms[i].minus);
	}
}

static void add_flat_terms(struct point *out, struct point_sum *s,
			   const struct flat_term *terms, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		point_from_sum(out, s);
		point_add_flat(s, out, terms[i].what, terms[i].minus);
	}
}

static void follow_plan(struct point *out, const struct plan *plan, size_t rounds)
{
	struct point_sum s;

	point_set_identity(out);
	for (size_t at = rounds; at-- > 0;) {
		point_double(&s, out);
		add_terms(out, &s, plan->terms[at], plan->count[at]);
		if (at < COMB_PIECE)
			add_flat_terms(out, &s, plan->flat[at],
				       plan->flat_count[at]);
		point_from_last_sum(out, &s);
	}
}

static void plan_start(struct plan *plan)
{
	memset(plan->flat_count, 0, sizeof(plan->flat_count));
	memset(plan->count, 0, sizeof(plan->count));
}

void comb_sum(struct point *out, const struct comb_base *base,
	      const uint8_t s[static SCALAR_BYTES], const struct comb *c,
	      const uint8_t h[static SCALAR_BYTES])
{
	struct plan plan;

	plan_start(&plan);
	plan_base(&plan, base, s);
	plan_comb(&plan, c, h);
	follow_plan(out, &plan, COMB_PIECE);
}

void rake_sum(struct point *out, const struct comb_base *base,
	      const uint8_t s[static SCALAR_BYTES], const struct rake_odds *r,
	      const uint8_t h[static SCALAR_BYTES])
{
	struct plan plan;

	plan_start(&plan);
	plan_base(&plan, base, s);
	plan_rake(&plan, r, h);
	follow_plan(out, &plan, RAKE_PIECE);
}

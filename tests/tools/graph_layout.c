#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/draw/graph_layout.h"

#define PI 3.14159265358979323846

enum { NODES = 400, EDGES = 1200 };

/* A graph without chance: n nodes behind the centre, the first quarter on ring
 * 1, the others on ring 2. */
struct scene {
	struct layout layout;
	struct layout_node nodes[NODES];
	struct layout_edge edges[EDGES];
};

static void make(struct scene *s, size_t n, size_t edges)
{
	memset(s, 0, sizeof(*s));
	s->layout = (struct layout){ .nodes = s->nodes, .node_count = n + 1,
				     .edges = s->edges, .edge_count = edges,
				     .radius = 350, .pitch = 15.5,
				     .gap = 100 };
	for (size_t i = 1; i <= n; i++) {
		s->nodes[i].ring = i <= (n + 3) / 4 ? 1 : 2;
		s->nodes[i].weight = i * 37 % 101;
	}
	for (size_t i = 0; i < edges; i++)
		s->edges[i] = (struct layout_edge){
			(uint32_t)(i * 7 % (n + 1)),
			(uint32_t)((i * i + 3) % (n + 1)), 1
		};
}

static void lay_out(struct scene *s)
{
	assert_int_equal(graph_layout(&s->layout), KITH_OK);
}

static double distance(const double a[2], const double b[2])
{
	return sqrt((a[0] - b[0]) * (a[0] - b[0]) +
		    (a[1] - b[1]) * (a[1] - b[1]));
}

static void assert_apart(const struct scene *s)
{
	const struct layout *l = &s->layout;

	for (size_t i = 0; i < l->node_count; i++)
		for (size_t k = i + 1; k < l->node_count; k++)
			if (s->nodes[i].shown && s->nodes[k].shown)
				assert_true(distance(s->nodes[i].at,
						     s->nodes[k].at) >
					    l->pitch * 0.98);
}

static void no_two_feeds_are_nearer_than_the_pitch(void **state)
{
	static const size_t counts[] = { 1, 2, 3, 20, 60, 140, 399 };
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		make(s, counts[i], counts[i] * 3);
		lay_out(s);
		assert_apart(s);
	}
}

static void each_stands_on_its_ring(void **state)
{
	struct scene *s = *state;

	make(s, 60, 180);
	lay_out(s);
	assert_int_equal(s->layout.rings, 2);
	for (size_t i = 0; i <= 60; i++) {
		double r = s->layout.radii[s->nodes[i].ring];
		const double centre[2] = { 0, 0 };

		assert_true(s->nodes[i].shown);
		assert_true(fabs(distance(s->nodes[i].at, centre) - r) < 1e-6);
	}
	assert_true(s->layout.radii[1] >= s->layout.gap);
	assert_true(s->layout.radii[2] - s->layout.radii[1] >=
		    s->layout.gap - 1e-9);
	assert_true(s->layout.radii[2] <= s->layout.radius + 1e-9);
}

static void what_finds_no_room_is_left_out_the_lightest_first(void **state)
{
	uint64_t least_shown = UINT64_MAX, most_left = 0;
	size_t shown = 0, left = 0;
	struct scene *s = *state;

	make(s, 399, 0);
	lay_out(s);
	for (size_t i = 1; i <= 399; i++) {
		uint64_t w = s->nodes[i].weight;

		if (s->nodes[i].ring != 2)
			continue;
		shown += s->nodes[i].shown;
		left += !s->nodes[i].shown;
		if (s->nodes[i].shown && w < least_shown)
			least_shown = w;
		if (!s->nodes[i].shown && w > most_left)
			most_left = w;
	}
	assert_true(left > 0);
	assert_int_equal(s->layout.shown[2], shown);
	assert_int_equal(s->layout.left_out[2], left);
	assert_true(most_left <= least_shown);
}

static void the_same_graph_has_the_same_picture(void **state)
{
	static struct layout_node first[NODES];
	struct scene *s = *state;

	make(s, 120, 400);
	lay_out(s);
	memcpy(first, s->nodes, sizeof(first));
	make(s, 120, 400);
	lay_out(s);
	assert_memory_equal(first, s->nodes, sizeof(first));
}

/* In half turns, on average over the edges between rings. */
static double mean_apart(const struct scene *s)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < s->layout.edge_count; i++) {
		double d = fabs(s->nodes[s->edges[i].from].angle -
				s->nodes[s->edges[i].to].angle);

		sum += (d > PI ? 2 * PI - d : d) / PI;
		n++;
	}
	return sum / (double)n;
}

static void those_who_have_to_do_with_each_other_stand_near(void **state)
{
	struct scene *s = *state;

	/* Ten of ring 1, each followed by three of ring 2 that nobody else
	 * follows: in a random order they would be half a half turn apart. */
	make(s, 40, 30);
	for (uint32_t i = 0; i < 30; i++)
		s->edges[i] = (struct layout_edge){ 1 + i % 10, 11 + i, 1 };
	lay_out(s);
	assert_true(mean_apart(s) < 0.1);
}

static void an_empty_graph_and_a_lone_centre_are_laid_out(void **state)
{
	struct scene *s = *state;

	make(s, 0, 0);
	lay_out(s);
	assert_true(s->nodes[0].shown);
	assert_int_equal(s->layout.rings, 0);
	s->layout.node_count = 0;
	lay_out(s);
	assert_int_equal(s->layout.shown[0], 0);
}

static void rings_beyond_the_last_are_left_out(void **state)
{
	struct scene *s = *state;

	make(s, 8, 0);
	s->nodes[8].ring = LAYOUT_RINGS_MAX + 1;
	lay_out(s);
	assert_false(s->nodes[8].shown);
	assert_int_equal(s->layout.left_out[2], 1);
}

static void a_curve_leads_from_end_to_end_within_the_rings(void **state)
{
	static const double centre[2] = { 0, 0 };
	struct scene *s = *state;
	double at[4][2];

	make(s, 60, 180);
	lay_out(s);
	for (size_t i = 0; i < 180; i++) {
		const struct layout_edge *e = &s->edges[i];

		graph_layout_curve(&s->layout, e, at);
		assert_true(distance(at[0], s->nodes[e->from].at) < 1e-9);
		assert_true(distance(at[3], s->nodes[e->to].at) < 1e-9);
		for (int k = 0; k < 4; k++)
			assert_true(distance(at[k], centre) <=
				    s->layout.radius + 1e-9);
	}
}

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct scene));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_feeds_are_nearer_than_the_pitch),
		cmocka_unit_test(each_stands_on_its_ring),
		cmocka_unit_test(
			what_finds_no_room_is_left_out_the_lightest_first),
		cmocka_unit_test(the_same_graph_has_the_same_picture),
		cmocka_unit_test(
			those_who_have_to_do_with_each_other_stand_near),
		cmocka_unit_test(an_empty_graph_and_a_lone_centre_are_laid_out),
		cmocka_unit_test(rings_beyond_the_last_are_left_out),
		cmocka_unit_test(
			a_curve_leads_from_end_to_end_within_the_rings),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

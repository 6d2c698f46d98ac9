#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/wire/flows.h"
#include "tests/support/alloc.h"

enum { ROOM = 8 << 20 };

struct stream {
	struct tcp t;
	struct kith_buf told; /* bytes as they are, [n] a gap, . the end */
};

static void tell(struct stream *s, bool flush)
{
	struct tcp_out out;
	enum tcp_step step;
	char text[32];

	while ((step = tcp_next(&s->t, flush, &out)) != TCP_MORE) {
		snprintf(text, sizeof(text), "[%llu]",
			 (unsigned long long)out.missing);
		if (step == TCP_BYTES)
			kith_buf_put(&s->told, out.bytes);
		else
			kith_buf_text(&s->told, step == TCP_GAP ? text
						: out.reset	? "!"
								: ".");
	}
	assert_int_equal(s->told.err, KITH_OK);
}

static void hear_cut(struct stream *s, uint32_t sequence, unsigned flags,
		     const char *text, uint32_t length)
{
	const struct segment g = { .tcp = true, .sequence = sequence,
				   .flags = flags, .bytes = kith_text(text),
				   .length = length };

	tcp_put(&s->t, &g);
	tell(s, false);
}

static void hear(struct stream *s, uint32_t sequence, unsigned flags,
		 const char *text)
{
	hear_cut(s, sequence, flags, text, (uint32_t)strlen(text));
}

static void assert_told(struct stream *s, const char *text)
{
	tell(s, true);
	kith_buf_byte(&s->told, 0);
	assert_string_equal((const char *)s->told.p, text);
	tcp_clear(&s->t);
	kith_buf_free(&s->told);
}

#define STREAM { .told.limit = ROOM }

static void bytes_in_order_come_as_they_are(void **state)
{
	struct stream s = STREAM;

	(void)state;
	hear(&s, 99, SEGMENT_SYN, "");
	hear(&s, 100, 0, "abc");
	hear(&s, 103, SEGMENT_FIN, "def");
	assert_true(s.t.whole);
	assert_told(&s, "abcdef.");
}

static void what_comes_early_waits_for_its_turn(void **state)
{
	struct stream s = STREAM;

	(void)state;
	hear(&s, 99, SEGMENT_SYN, "");
	hear(&s, 106, SEGMENT_FIN, "ghi");
	hear(&s, 103, 0, "def");
	assert_int_equal(s.told.n, 0);
	hear(&s, 100, 0, "abc");
	assert_told(&s, "abcdefghi.");
}

static void what_repeats_is_dropped_to_the_byte(void **state)
{
	struct stream s = STREAM;

	(void)state;
	hear(&s, 99, SEGMENT_SYN, "");
	hear(&s, 100, 0, "abcd");
	hear(&s, 100, 0, "abcd");
	hear(&s, 102, 0, "cdef");
	hear(&s, 99, 0, "x");
	hear(&s, 108, 0, "ij");
	hear(&s, 107, 0, "hijk");
	hear(&s, 106, 0, "ghi");
	assert_int_equal(s.t.repeated, 4 + 2 + 1 + 2 + 2);
	assert_told(&s, "abcdefghijk");
}

static void sequence_numbers_may_wrap(void **state)
{
	struct stream s = STREAM;

	(void)state;
	hear(&s, UINT32_MAX - 2, SEGMENT_SYN, "");
	hear(&s, 2, 0, "ef");
	hear(&s, UINT32_MAX - 1, 0, "abcd");
	hear(&s, 4, SEGMENT_FIN, "");
	assert_told(&s, "abcdef.");
}

static void what_is_missing_at_the_end_is_a_gap(void **state)
{
	struct stream s = STREAM;

	(void)state;
	hear(&s, 99, SEGMENT_SYN, "");
	hear(&s, 100, 0, "ab");
	hear(&s, 105, 0, "fg");
	hear(&s, 110, SEGMENT_FIN, "k");
	assert_told(&s, "ab[3]fg[3]k.");
}

static void bytes_that_were_cut_off_are_a_gap(void **state)
{
	struct stream s = STREAM;

	(void)state;
	hear(&s, 99, SEGMENT_SYN, "");
	hear_cut(&s, 110, 0, "kl", 4);
	hear_cut(&s, 100, 0, "abc", 10);
	hear(&s, 114, 0, "op");
	assert_told(&s, "abc[7]kl[2]op");
}

static void a_stream_may_be_heard_from_its_middle_on(void **state)
{
	struct stream s = STREAM;

	(void)state;
	hear(&s, 5000, 0, "");
	assert_false(s.t.begun);
	hear(&s, 5000, 0, "abc");
	hear(&s, 5003, SEGMENT_RST, "");
	assert_false(s.t.whole);
	assert_told(&s, "abc!");
}

static void not_more_than_the_limit_waits(void **state)
{
	struct stream s = STREAM;
	size_t i;

	(void)state;
	hear(&s, 99, SEGMENT_SYN, "");
	for (i = 0; !s.told.n; i++)
		hear(&s, 200 + (uint32_t)i, 0, "x");
	assert_int_equal(i, TCP_HELD_MAX);
	assert_memory_equal(s.told.p, "[100]xxx", 8);
	assert_int_equal(s.t.held, 0);
	tcp_clear(&s.t);
	kith_buf_free(&s.told);
}

static void not_more_bytes_than_the_limit_wait(void **state)
{
	static char text[60001];
	struct stream s = STREAM;
	size_t i;

	(void)state;
	memset(text, 'y', sizeof(text) - 1);
	hear(&s, 99, SEGMENT_SYN, "");
	for (i = 0; !s.told.n; i++)
		hear(&s, 200 + 60000 * (uint32_t)i, 0, text);
	assert_int_equal(i, (TCP_HELD_BYTES_MAX + 59999) / 60000);
	tcp_clear(&s.t);
	kith_buf_free(&s.told);
}

static void numbers_that_make_no_sense_do_no_harm(void **state)
{
	struct stream s = STREAM;

	(void)state;
	hear(&s, 99, SEGMENT_SYN, "");
	hear(&s, 100 + 0x7fffffffu, 0, "far");
	hear(&s, 100 + 0x80000000u, 0, "behind");
	hear(&s, 99, SEGMENT_SYN | SEGMENT_FIN | SEGMENT_RST, "a");
	hear_cut(&s, 101, 0, "", UINT32_MAX);
	tell(&s, true);
	tcp_clear(&s.t);
	kith_buf_free(&s.told);
}

/* --- connections ---------------------------------------------------------- */

static struct segment between(uint16_t from, uint16_t to, unsigned flags)
{
	struct segment s = { .tcp = true, .flags = flags };

	s.from = (struct endpoint){ 4, { 192, 0, 2, 1 }, from };
	s.to = (struct endpoint){ 4, { 192, 0, 2, 2 }, to };
	if (from == 8008) {
		s.from.address[3] = 2;
		s.to.address[3] = 1;
	}
	return s;
}

static void both_directions_are_one_connection(void **state)
{
	struct flows *f = flows_new();
	struct segment there = between(4000, 8008, SEGMENT_SYN);
	struct segment back = between(8008, 4000, SEGMENT_SYN | SEGMENT_ACK);
	struct segment other = between(4001, 8008, SEGMENT_SYN);
	struct flow *old, *flow;

	(void)state;
	assert_non_null(f);
	assert_null(flows_find(f, &there, &old));
	flow = flows_add(f, &there);
	assert_non_null(flow);
	tcp_put(&flow->client_says, &there);
	assert_ptr_equal(flows_find(f, &back, &old), flow);
	assert_true(flow_is_client(flow, &there));
	assert_false(flow_is_client(flow, &back));
	assert_null(flows_find(f, &other, &old));
	assert_null(old);
	/* Repeated, it opens nothing. */
	assert_ptr_equal(flows_find(f, &there, &old), flow);
	there.sequence = 5;
	assert_null(flows_find(f, &there, &old));
	assert_ptr_equal(old, flow);
	flows_free(f);
}

static void who_dialled_is_guessed_where_the_beginning_is_missing(void **state)
{
	struct flows *f = flows_new();
	struct segment back = between(8008, 4000, SEGMENT_ACK);
	struct segment high = between(50000, 3000, SEGMENT_ACK);

	(void)state;
	assert_non_null(f);
	assert_int_equal(flows_add(f, &back)->client.port, 4000);
	assert_int_equal(flows_add(f, &high)->client.port, 50000);
	flows_free(f);
}

static void the_one_that_was_silent_for_longest_goes_first(void **state)
{
	struct flows *f = flows_new();
	struct segment s = between(1000, 8008, SEGMENT_SYN), first = s;
	struct flow *old;

	(void)state;
	assert_non_null(f);
	for (unsigned i = 0; i < FLOWS_MAX; i++) {
		assert_null(flows_oldest(f));
		s = between((uint16_t)(1000 + i), 8008, SEGMENT_SYN);
		assert_non_null(flows_add(f, &s));
	}
	s = between(4000, 8008, SEGMENT_SYN);
	assert_null(flows_add(f, &s));
	assert_non_null(flows_find(f, &first, &old));
	assert_int_equal(flows_oldest(f)->client.port, 1001);
	flows_remove(f, flows_oldest(f));
	assert_non_null(flows_add(f, &s));
	flows_free(f);
}

static void any_allocation_may_fail(void **state)
{
	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct stream s = STREAM;

		tcp_put(&s.t, &(struct segment){ .flags = SEGMENT_SYN,
						 .sequence = 99 });
		tcp_put(&s.t, &(struct segment){ .sequence = 103,
						 .bytes = KITH_SLICE("def"),
						 .length = 3 });
		tcp_put(&s.t, &(struct segment){ .sequence = 100,
						 .bytes = KITH_SLICE("abc"),
						 .length = 3 });
		s.told = (struct kith_buf){ .limit = ROOM };
		if (s.t.lost) {
			assert_int_equal(s.t.held, 0);
			tell(&s, true);
			assert_memory_equal(s.told.p, "abc", 3);
		}
		tcp_clear(&s.t);
		kith_buf_free(&s.told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_in_order_come_as_they_are),
		cmocka_unit_test(what_comes_early_waits_for_its_turn),
		cmocka_unit_test(what_repeats_is_dropped_to_the_byte),
		cmocka_unit_test(sequence_numbers_may_wrap),
		cmocka_unit_test(what_is_missing_at_the_end_is_a_gap),
		cmocka_unit_test(bytes_that_were_cut_off_are_a_gap),
		cmocka_unit_test(a_stream_may_be_heard_from_its_middle_on),
		cmocka_unit_test(not_more_than_the_limit_waits),
		cmocka_unit_test(not_more_bytes_than_the_limit_wait),
		cmocka_unit_test(numbers_that_make_no_sense_do_no_harm),
		cmocka_unit_test(both_directions_are_one_connection),
		cmocka_unit_test(
			who_dialled_is_guessed_where_the_beginning_is_missing),
		cmocka_unit_test(
			the_one_that_was_silent_for_longest_goes_first),
		cmocka_unit_test(any_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

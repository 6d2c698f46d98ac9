#include "feeds/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/alloc.h"

enum { MANY = 10000 };

static void what_was_added_stays_as_it_is_moved(void **state)
{
	uint32_t *list = NULL;
	size_t room = 0;

	(void)state;
	for (uint32_t n = 0; n < MANY; n++) {
		list = list_room(list, n, &room, sizeof(*list));
		assert_non_null(list);
		assert_true(room > n);
		list[n] = n;
	}
	for (uint32_t n = 0; n < MANY; n++)
		assert_int_equal(list[n], n);
	free(list);
}

static void a_list_moves_seldom(void **state)
{
	uint32_t *list = NULL;
	size_t room = 0;

	(void)state;
	alloc_reset();
	for (size_t n = 0; n < MANY; n++)
		list = list_room(list, n, &room, sizeof(*list));
	assert_true(alloc_count() <= 14); /* times two are more than MANY */
	free(list);
}

static void without_memory_a_list_is_as_it_was(void **state)
{
	uint32_t *list = NULL;
	size_t room = 0, before;

	(void)state;
	assert_true(alloc_fail_at(1));
	assert_null(list_room(NULL, 0, &room, sizeof(*list)));
	assert_int_equal(room, 0);
	list = list_room(NULL, 0, &room, sizeof(*list));
	assert_non_null(list);
	list[0] = 7;
	before = room;
	assert_true(alloc_fail_at(1));
	assert_null(list_room(list, room, &room, sizeof(*list)));
	assert_int_equal(room, before);
	assert_int_equal(list[0], 7);
	alloc_reset();
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_stays_as_it_is_moved),
		cmocka_unit_test(a_list_moves_seldom),
		cmocka_unit_test(without_memory_a_list_is_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

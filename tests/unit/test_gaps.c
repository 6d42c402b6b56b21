#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pushd/gaps.h"

static uint64_t seen[64];
static size_t seen_count;

static int
empty(void **state)
{
	(void)state;
	gaps_end();
	seen_count = 0;
	return 0;
}

static enum err
note(uint64_t first, uint64_t last)
{
	seen[seen_count++] = first;
	seen[seen_count++] = last;
	return OK;
}

static enum err
find_all(uint64_t first, uint64_t last)
{
	for (uint64_t id = first; id <= last; id++)
		gaps_remove(id);
	return OK;
}

static void
the_first_missing_one_is_known(void **state)
{
	(void)state;
	assert_int_equal(gaps_first(), 0);
	gaps_add(5, 7, 1);
	gaps_add(10, 10, 1);
	assert_int_equal(gaps_first(), 5);
	gaps_remove(5);
	assert_int_equal(gaps_first(), 6);
	gaps_remove(10);
	gaps_remove(7);
	gaps_remove(6);
	assert_int_equal(gaps_first(), 0);
}

static void
one_found_in_the_middle_leaves_two_ranges(void **state)
{
	(void)state;
	gaps_add(5, 9, 1);
	gaps_remove(7);
	assert_int_equal(gaps_count(), 2);
	gaps_each(note);
	assert_int_equal(seen[0], 8);
	assert_int_equal(seen[1], 9);
	assert_int_equal(seen[2], 5);
	assert_int_equal(seen[3], 6);
}

static void
what_is_not_missing_is_not_removed(void **state)
{
	(void)state;
	gaps_add(5, 9, 1);
	gaps_remove(4);
	gaps_remove(10);
	assert_int_equal(gaps_count(), 1);
	assert_int_equal(gaps_first(), 5);
}

static void
ranges_may_vanish_while_they_are_looked_into(void **state)
{
	(void)state;
	for (uint64_t id = 10; id < 100; id += 10)
		gaps_add(id, id + 3, 1);
	gaps_each(find_all);
	assert_int_equal(gaps_count(), 0);
}

static void
old_ones_count_as_rolled_back(void **state)
{
	(void)state;
	gaps_add(5, 7, 1000);
	gaps_add(10, 12, 2000);
	gaps_expire(1000);
	assert_int_equal(gaps_first(), 10);
}

static void
too_many_push_out_the_oldest(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= GAPS_MAX + 10; i++)
		gaps_add(10 * i, 10 * i + 4, 1);
	assert_int_equal(gaps_count(), GAPS_MAX);
	assert_int_equal(gaps_first(), 110);
	gaps_remove(112); /* falls into two where there is no room */
	assert_int_equal(gaps_count(), GAPS_MAX);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(the_first_missing_one_is_known, empty),
	    cmocka_unit_test_setup(
		one_found_in_the_middle_leaves_two_ranges, empty),
	    cmocka_unit_test_setup(what_is_not_missing_is_not_removed, empty),
	    cmocka_unit_test_setup(
		ranges_may_vanish_while_they_are_looked_into, empty),
	    cmocka_unit_test_setup(old_ones_count_as_rolled_back, empty),
	    cmocka_unit_test_setup(too_many_push_out_the_oldest, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/archive.h"
#include "cli/files.h"

#define AT_MS INT64_C(1790000000000)

struct seen {
	unsigned members;
	char names[8][MEMBER_NAME_SIZE];
	char contents[8][2048];
};

static enum err
note(void *argument, const struct member *m)
{
	struct seen *seen = argument;

	assert_in_range(seen->members, 0, 7);
	snprintf(seen->names[seen->members], MEMBER_NAME_SIZE, "%s", m->name);
	snprintf(seen->contents[seen->members++], 2048, "%s", m->bytes);
	return OK;
}

static enum err
look_away(void *argument, const struct member *m)
{
	(void)argument;
	(void)m;
	return OK;
}

/* One of 512 bytes exactly, a short one and an empty one. */
static char *
make(size_t *length)
{
	char block[513], *bytes;
	struct archive a;
	FILE *out;

	memset(block, 'x', sizeof(block) - 1);
	block[512] = '\0';
	out = open_memstream(&bytes, length);
	archive_begin(&a, out, AT_MS);
	assert_int_equal(archive_add(&a, "data/1", block, 512), OK);
	assert_int_equal(archive_add(&a, "data/2", "short", 5), OK);
	assert_int_equal(archive_add(&a, "none", "", 0), OK);
	assert_int_equal(archive_end(&a), OK);
	fclose(out);
	return bytes;
}

static enum err
read_from(char *bytes, size_t length, struct seen *seen)
{
	FILE *in = fmemopen(bytes, length, "r");
	enum err e;

	e = archive_read(in, seen != NULL ? note : look_away, seen);
	fclose(in);
	return e;
}

static void
what_was_written_is_read_in_order(void **state)
{
	struct seen seen = {0};
	size_t length;
	char *bytes = make(&length);

	(void)state;
	assert_int_equal(read_from(bytes, length, &seen), OK);
	assert_int_equal(seen.members, 3);
	assert_string_equal(seen.names[0], "data/1");
	assert_int_equal(strlen(seen.contents[0]), 512);
	assert_string_equal(seen.contents[1], "short");
	assert_string_equal(seen.contents[2], "");
	free(bytes);
}

static void
no_bit_can_change_unseen(void **state)
{
	size_t length, i;
	char *bytes = make(&length);
	unsigned bit;

	(void)state;
	for (i = 0; i < length; i++) {
		for (bit = 0; bit < 8; bit++) {
			bytes[i] = (char)(bytes[i] ^ (1 << bit));
			assert_int_equal(read_from(bytes, length, NULL),
			    ERR_BAD_INPUT);
			bytes[i] = (char)(bytes[i] ^ (1 << bit));
		}
	}
	free(bytes);
}

static void
neither_end_can_be_cut_and_nothing_added(void **state)
{
	size_t length, cut;
	char *bytes = make(&length), *longer;

	(void)state;
	for (cut = 1; cut < length; cut++) {
		assert_int_equal(read_from(bytes, length - cut, NULL),
		    ERR_BAD_INPUT);
		assert_int_equal(read_from(bytes + cut, length - cut, NULL),
		    ERR_BAD_INPUT);
	}
	longer = calloc(1, length + 1);
	memcpy(longer, bytes, length);
	assert_int_equal(read_from(longer, length + 1, NULL), ERR_BAD_INPUT);
	free(longer);
	free(bytes);
}

static void
a_full_disk_is_said(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct archive a;

	(void)state;
	archive_begin(&a, full, AT_MS);
	archive_add(&a, "data/1", "x", 1);
	assert_int_equal(archive_end(&a), ERR_INTERNAL);
	fclose(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_in_order),
		cmocka_unit_test(no_bit_can_change_unseen),
		cmocka_unit_test(neither_end_can_be_cut_and_nothing_added),
		cmocka_unit_test(a_full_disk_is_said),
	};

	/* What is wrong is said ten thousand times. */
	complain_to(open("/dev/null", O_WRONLY));
	return cmocka_run_group_tests(tests, NULL, NULL);
}

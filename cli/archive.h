/*
 * cli/archive.h -- a tar file that knows whether it is whole.
 *
 * Its last member, "sha256", holds the sum of every byte before: what was cut
 * short has none, and what has changed has another one.  Any tar(1) reads it.
 * Members are whole in memory, one at a time, so they are small: MEMBER_MAX.
 *
 * Failures are said (cli/files.h).
 * Source  POSIX.1-1988 ustar, with only what a regular file needs.
 */
#ifndef CLI_ARCHIVE_H
#define CLI_ARCHIVE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MEMBER_MAX (64u * 1024 * 1024)
#define MEMBER_NAME_SIZE 101

struct digest;

struct archive {
	FILE *out;			/* the caller's */
	int64_t at_ms;			/* when its members were made */
	struct digest *sum;
};

struct member {
	char name[MEMBER_NAME_SIZE];
	const char *bytes;		/* a NUL follows them */
	size_t length;
};

/** archive_begin(a, out, at_ms): an empty one. */
void archive_begin(struct archive *a, FILE *out, int64_t at_ms);

/** archive_add(a, name, bytes, length): ERR_INTERNAL: can't be written. */
enum err archive_add(struct archive *a, const char *name, const void *bytes,
    size_t length);

/** archive_end(a): its sum, and all of it on its way to the disk or the next
 * program.  Call it also when archive_add() has failed. */
enum err archive_end(struct archive *a);

/**
 * archive_read(in, take, argument): every member in order, but for the sum.
 * ERR_BAD_INPUT: it is not whole; this may be known only at the end, when take
 * has seen every member.  What take returns but OK ends it and is returned.
 */
enum err archive_read(FILE *in,
    enum err (*take)(void *argument, const struct member *m), void *argument);

#endif

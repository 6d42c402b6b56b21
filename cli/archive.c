#include "cli/archive.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "cli/files.h"

#define BLOCK 512u
#define END_BLOCKS 2u
#define SUM_NAME "sha256"
#define SUM_LENGTH (DIGEST_TEXT_SIZE - 1)

struct header {
	char name[100];
	char mode[8], user[8], group[8];
	char size[12], time[12];
	char check[8];
	char type;
	char link[100];
	char magic[8];		/* "ustar", NUL, "00" */
	char rest[BLOCK - 265];
};

_Static_assert(sizeof(struct header) == BLOCK, "a header is a block");

static const char zeros[END_BLOCKS * BLOCK];

/* The sum of all bytes, with those of the sum itself read as spaces. */
static unsigned
check_of(const struct header *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	const size_t first = offsetof(struct header, check);
	unsigned sum = 0;
	size_t i;

	for (i = 0; i < BLOCK; i++)
		sum += i >= first && i < first + sizeof(h->check) ?
		    ' ' : bytes[i];
	return sum;
}

static size_t
padding_of(size_t length)
{
	return (BLOCK - length % BLOCK) % BLOCK;
}

static enum err
put(struct archive *a, const void *bytes, size_t length)
{
	if (a->sum != NULL)
		digest_add(a->sum, bytes, length);
	if (fwrite(bytes, 1, length, a->out) == length)
		return OK;
	complain("can't write the backup: %s", strerror(errno));
	return ERR_INTERNAL;
}

void
archive_begin(struct archive *a, FILE *out, int64_t at_ms)
{
	*a = (struct archive){.out = out, .at_ms = at_ms};
	a->sum = digest_start();
}

static enum err
put_header(struct archive *a, const char *name, size_t length)
{
	struct header h = {.mode = "0000600", .user = "0000000",
	    .group = "0000000", .type = '0', .magic = "ustar\0" "00"};

	snprintf(h.name, sizeof(h.name), "%s", name);
	snprintf(h.size, sizeof(h.size), "%011zo", length);
	snprintf(h.time, sizeof(h.time), "%011llo",
	    (unsigned long long)(a->at_ms / 1000));
	snprintf(h.check, sizeof(h.check), "%06o", check_of(&h));
	return put(a, &h, sizeof(h));
}

static enum err
put_content(struct archive *a, const void *bytes, size_t length)
{
	enum err e;

	e = put(a, bytes, length);
	return e == OK ? put(a, zeros, padding_of(length)) : e;
}

enum err
archive_add(struct archive *a, const char *name, const void *bytes,
    size_t length)
{
	enum err e;

	e = put_header(a, name, length);
	return e == OK ? put_content(a, bytes, length) : e;
}

enum err
archive_end(struct archive *a)
{
	char sum[DIGEST_TEXT_SIZE];
	enum err e;

	e = put_header(a, SUM_NAME, SUM_LENGTH);
	digest_end(a->sum, sum);
	a->sum = NULL;
	if (e == OK)
		e = put_content(a, sum, SUM_LENGTH);
	if (e == OK)
		e = put(a, zeros, sizeof(zeros));
	if (e == OK && fflush(a->out) != 0) {
		complain("can't write the backup: %s", strerror(errno));
		e = ERR_INTERNAL;
	}
	return e;
}

static enum err
broken(const char *how)
{
	complain("not a whole backup: %s", how);
	return ERR_BAD_INPUT;
}

static bool
get(FILE *in, void *bytes, size_t length)
{
	return fread(bytes, 1, length, in) == length;
}

/* An octal number with leading zeros, as archive_add() writes it. */
static bool
octal(const char *digits, size_t count, size_t *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < count; i++) {
		if (digits[i] < '0' || digits[i] > '7')
			return false;
		*value = *value * 8 + (size_t)(digits[i] - '0');
	}
	return true;
}

static enum err
read_header(FILE *in, struct header *h, struct member *m)
{
	size_t check;

	if (!get(in, h, sizeof(*h)))
		return broken("it ends too early");
	if (memcmp(h, zeros, BLOCK) == 0)
		return broken("it has no sum");
	if (memcmp(h->magic, "ustar\0" "00", sizeof(h->magic)) != 0 ||
	    h->type != '0' || !octal(h->check, 6, &check) ||
	    check != check_of(h) ||
	    !octal(h->size, sizeof(h->size) - 1, &m->length) ||
	    m->length > MEMBER_MAX)
		return broken("a header is not one of ours");
	snprintf(m->name, sizeof(m->name), "%.100s", h->name);
	return OK;
}

static enum err
end_reading(FILE *in, const struct member *m, const char *sum)
{
	char rest[sizeof(zeros) + 1];
	size_t got = fread(rest, 1, sizeof(rest), in);

	if (m->length != SUM_LENGTH || memcmp(m->bytes, sum, SUM_LENGTH) != 0)
		return broken("it is not what was written: the sum differs");
	if (got != sizeof(zeros) || memcmp(rest, zeros, got) != 0)
		return broken("its end is not what was written");
	return OK;
}

struct reader {
	FILE *in;
	struct digest *sum;
	char *bytes;		/* of the member, and its padding */
	size_t capacity;
};

static enum err
make_room(struct reader *r, size_t length)
{
	char *more;

	if (length <= r->capacity)
		return OK;
	more = realloc(r->bytes, length);
	if (more == NULL)
		return ERR_INTERNAL;
	r->bytes = more;
	r->capacity = length;
	return OK;
}

static enum err
read_member(struct reader *r, struct member *m)
{
	struct header h;
	size_t padding;
	enum err e;

	e = read_header(r->in, &h, m);
	if (e != OK)
		return e;
	padding = padding_of(m->length);
	e = make_room(r, m->length + padding + 1);
	if (e != OK)
		return e;
	if (!get(r->in, r->bytes, m->length + padding))
		return broken("it ends too early");
	if (memcmp(r->bytes + m->length, zeros, padding) != 0)
		return broken("there is something between two members");
	digest_add(r->sum, &h, sizeof(h));
	if (strcmp(m->name, SUM_NAME) != 0)
		digest_add(r->sum, r->bytes, m->length + padding);
	r->bytes[m->length] = '\0';
	m->bytes = r->bytes;
	return OK;
}

enum err
archive_read(FILE *in,
    enum err (*take)(void *argument, const struct member *m), void *argument)
{
	struct reader r = {.in = in};
	char text[DIGEST_TEXT_SIZE];
	struct member m;
	enum err e;

	r.sum = digest_start();
	for (;;) {
		e = read_member(&r, &m);
		if (e != OK || strcmp(m.name, SUM_NAME) == 0)
			break;
		e = take(argument, &m);
		if (e != OK)
			break;
	}
	digest_end(r.sum, text);
	if (e == OK)
		e = end_reading(in, &m, text);
	free(r.bytes);
	return e;
}

#include <stdarg.h>

#include "base/arena.h"
#include "base/str.h"

#define BUFFER_FIRST_BYTES 256

bool
text_is(struct text t, const char *s)
{
	size_t length = strlen(s);

	return t.length == length &&
	    (length == 0 || memcmp(t.data, s, length) == 0);
}

/* Not tolower(): what counts here must not depend on a locale. */
static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
text_is_nocase(struct text t, const char *s)
{
	if (t.length != strlen(s))
		return false;
	for (size_t i = 0; i < t.length; i++) {
		if (lower(t.data[i]) != lower(s[i]))
			return false;
	}
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct text
text_trim(struct text t)
{
	while (t.length > 0 && is_blank(t.data[0])) {
		t.data++;
		t.length--;
	}
	while (t.length > 0 && is_blank(t.data[t.length - 1]))
		t.length--;
	return t;
}

bool
text_split(struct text *rest, char separator, struct text *part)
{
	const char *end;

	if (rest->data == NULL)
		return false;
	end = rest->length == 0 ?
	    NULL : memchr(rest->data, separator, rest->length);
	*part = *rest;
	if (end == NULL) {
		rest->data = NULL;
		rest->length = 0;
		return true;
	}
	part->length = (size_t)(end - rest->data);
	rest->data = end + 1;
	rest->length -= part->length + 1;
	return true;
}

bool
parse_u64(struct text t, uint64_t max, uint64_t *value)
{
	uint64_t sum = 0;

	if (t.length == 0 || (t.length > 1 && t.data[0] == '0'))
		return false;
	for (size_t i = 0; i < t.length; i++) {
		char c = t.data[i];

		if (c < '0' || c > '9')
			return false;
		if (__builtin_mul_overflow(sum, UINT64_C(10), &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)(c - '0'), &sum))
			return false;
	}
	if (sum > max)
		return false;
	*value = sum;
	return true;
}

bool
parse_id(struct text t, uint64_t *id)
{
	uint64_t value;

	if (!parse_u64(t, ID_MAX, &value) || value == 0)
		return false;
	*id = value;
	return true;
}

bool
equal_secret(const void *a, const void *b, size_t length)
{
	const volatile unsigned char *x = a;
	const volatile unsigned char *y = b;
	unsigned char difference = 0;

	for (size_t i = 0; i < length; i++)
		difference |= (unsigned char)(x[i] ^ y[i]);
	return difference == 0;
}

char *
text_like(struct arena *arena, const char *s)
{
	char *out, *to;

	out = to = arena_alloc(arena, 2 * strlen(s) + 1);
	for (; *s != '\0'; s++) {
		if (strchr("%_\\", *s) != NULL)
			*to++ = '\\';
		*to++ = *s;
	}
	return out;
}

void
buffer_start(struct buffer *b, struct arena *arena, size_t cap)
{
	*b = (struct buffer){.arena = arena, .cap = cap};
}

/* Room for so many more bytes and the NUL; false when the cap forbids it. */
static bool
buffer_reserve(struct buffer *b, size_t more)
{
	size_t capacity = b->capacity;
	char *data;

	if (b->full || more > b->cap - b->length) {
		b->full = true;
		return false;
	}
	if (b->data != NULL && more <= b->capacity - b->length)
		return true;
	if (capacity < BUFFER_FIRST_BYTES)
		capacity = BUFFER_FIRST_BYTES;
	/* In long steps: what was outgrown stays in the arena. */
	while (capacity < b->length + more && capacity <= b->cap / 4)
		capacity *= 4;
	if (capacity < b->length + more || capacity > b->cap)
		capacity = b->cap;
	data = arena_alloc(b->arena, capacity + 1);
	if (b->length > 0)
		memcpy(data, b->data, b->length);
	b->data = data;
	b->capacity = capacity;
	return true;
}

void
buffer_add(struct buffer *b, const char *bytes, size_t length)
{
	if (!buffer_reserve(b, length))
		return;
	if (length > 0)
		memcpy(b->data + b->length, bytes, length);
	b->length += length;
	b->data[b->length] = '\0';
}

void
buffer_text(struct buffer *b, const char *s)
{
	buffer_add(b, s, strlen(s));
}

void
buffer_char(struct buffer *b, char c)
{
	buffer_add(b, &c, 1);
}

void
buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0) {
		b->full = true;
		return;
	}
	if (!buffer_reserve(b, (size_t)length))
		return;
	va_start(arguments, format);
	vsnprintf(b->data + b->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	b->length += (size_t)length;
}

bool
buffer_full(const struct buffer *b)
{
	return b->full;
}

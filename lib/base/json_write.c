#include "base/clock.h"
#include "base/json.h"

/* Room for a comma, a key and a number: one call to the buffer for a member. */
#define HEAD_KEY_MAX 64
#define HEAD_SIZE (HEAD_KEY_MAX + 32)

/*
 * What may not stand as it is: 'u' as \u00xx, others as \ and that letter.
 * E2 begins U+2028 and U+2029, which old JavaScript takes for line ends.
 */
static const char escapes[256] = {
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	['"'] = '"', ['\\'] = '\\', [0x7f] = 'u', [0xe2] = 'L',
};

static bool
is_line_end(const char *s)
{
	return s[1] == '\x80' && (s[2] == '\xa8' || s[2] == '\xa9');
}

static void
put_escaped(struct buffer *out, const char *s)
{
	static const char hex[] = "0123456789abcdef";
	const char *run = s;
	unsigned char c;
	char escape[6] = "\\u00";

	for (;;) {
		while (escapes[(unsigned char)*s] == '\0')
			s++;
		c = (unsigned char)*s;
		if (c == 0xe2 && !is_line_end(s)) {
			s++;
			continue;
		}
		if (s > run)
			buffer_add(out, run, (size_t)(s - run));
		if (c == '\0')
			return;
		if (c == 0xe2) {
			buffer_text(out, s[2] == '\xa8' ? "\\u2028" : "\\u2029");
			s += 2;
		} else if (escapes[c] == 'u') {
			escape[1] = 'u';
			escape[4] = hex[c >> 4];
			escape[5] = hex[c & 15];
			buffer_add(out, escape, 6);
		} else {
			escape[1] = escapes[c];
			buffer_add(out, escape, 2);
		}
		run = ++s;
	}
}

static void
put_quoted(struct buffer *out, const char *s)
{
	buffer_char(out, '"');
	put_escaped(out, s);
	buffer_char(out, '"');
}

/*
 * The comma and the key, into head as far as they are plain and short, which
 * the product's own are; else into the document.  Returns the bytes in head.
 */
static size_t
put_key(struct json *j, const char *key, char head[static HEAD_SIZE])
{
	size_t n = 0, start;

	if (!j->first)
		head[n++] = ',';
	j->first = false;
	if (key == NULL)
		return n;
	start = n;
	head[n++] = '"';
	for (; n < HEAD_KEY_MAX && escapes[(unsigned char)*key] == '\0'; key++)
		head[n++] = *key;
	if (*key == '\0') {
		head[n++] = '"';
		head[n++] = ':';
		return n;
	}
	key -= n - start - 1;
	buffer_add(&j->out, head, start);
	put_quoted(&j->out, key);
	head[0] = ':';
	return 1;
}

static void
put_value(struct json *j, const char *key, const char *value, size_t length)
{
	char head[HEAD_SIZE];
	size_t n;

	n = put_key(j, key, head);
	memcpy(head + n, value, length);
	buffer_add(&j->out, head, n + length);
}

void
json_start(struct json *j, struct arena *arena, size_t cap_bytes)
{
	buffer_start(&j->out, arena, cap_bytes);
	j->depth = 0;
	j->first = true;
}

static void
put_open(struct json *j, const char *key, const char *bracket)
{
	put_value(j, key, bracket, 1);
	j->depth++;
	j->first = true;
}

static void
put_close(struct json *j, char bracket)
{
	buffer_char(&j->out, bracket);
	j->depth--;
	j->first = false;
}

void
json_object(struct json *j, const char *key)
{
	put_open(j, key, "{");
}

void
json_array(struct json *j, const char *key)
{
	put_open(j, key, "[");
}

void
json_end_object(struct json *j)
{
	put_close(j, '}');
}

void
json_end_array(struct json *j)
{
	put_close(j, ']');
}

static void
put_number(struct json *j, const char *key, uint64_t value, bool negative)
{
	char text[24];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	if (negative)
		text[--at] = '-';
	put_value(j, key, text + at, sizeof(text) - at);
}

void
json_u64(struct json *j, const char *key, uint64_t value)
{
	put_number(j, key, value, false);
}

void
json_i64(struct json *j, const char *key, int64_t value)
{
	if (value < 0)
		put_number(j, key, -(uint64_t)value, true);
	else
		put_number(j, key, (uint64_t)value, false);
}

void
json_bool(struct json *j, const char *key, bool value)
{
	if (value)
		put_value(j, key, "true", 4);
	else
		put_value(j, key, "false", 5);
}

void
json_null(struct json *j, const char *key)
{
	put_value(j, key, "null", 4);
}

void
json_text(struct json *j, const char *key, const char *s)
{
	if (s == NULL) {
		json_null(j, key);
		return;
	}
	put_value(j, key, "\"", 1);
	put_escaped(&j->out, s);
	buffer_char(&j->out, '"');
}

void
json_time(struct json *j, const char *key, int64_t at_ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (at_ms == 0) {
		json_null(j, key);
		return;
	}
	clock_format(at_ms, text);
	json_text(j, key, text);
}

void
json_raw(struct json *j, const char *key, const char *source)
{
	if (source == NULL) {
		json_null(j, key);
		return;
	}
	put_value(j, key, "", 0);
	buffer_text(&j->out, source);
}

const char *
json_text_of(const struct json *j)
{
	if (buffer_full(&j->out))
		return NULL;
	return j->out.length == 0 ? "" : j->out.data;
}

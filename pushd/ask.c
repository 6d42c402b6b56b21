#include "pushd/ask.h"

static bool
starts(struct text *t, const char *s)
{
	size_t length = strlen(s);

	if (t->length < length || memcmp(t->data, s, length) != 0)
		return false;
	t->data += length;
	t->length -= length;
	return true;
}

static bool
read_stream(struct text value, struct ask *a)
{
	if (value.length < 3 || value.data[1] != ':' ||
	    memchr("cus", value.data[0], 3) == NULL)
		return false;
	a->stream = value.data[0];
	value.data += 2;
	value.length -= 2;
	return parse_id(value, &a->stream_id);
}

/* Every name at most once; unknown ones are refused. */
static bool
read_wait(struct text query, struct ask *a)
{
	bool stream = false, after = false, sum = false, time = false;
	struct text part;

	while (text_split(&query, '&', &part)) {
		if (!stream && starts(&part, "stream="))
			stream = read_stream(part, a);
		else if (!after && starts(&part, "after="))
			after = parse_u64(part, ID_MAX, &a->after);
		else if (!sum && starts(&part, "sum="))
			sum = parse_u64(part, ID_MAX, &a->sum);
		else if (!time && starts(&part, "for="))
			time = parse_u64(part, ASK_FOR_MAX_S, &a->for_s);
		else
			return false;
	}
	return stream && after && time && sum == (a->stream == 's');
}

static enum ask_kind
read_target(struct text target, struct ask *a)
{
	if (starts(&target, "/wait?"))
		return read_wait(target, a) ? ASK_WAIT : ASK_BAD;
	if (starts(&target, "/came?channel="))
		return channel_parse(target, &a->channel) ? ASK_CAME : ASK_BAD;
	if (starts(&target, "/gone?channel="))
		return channel_parse(target, &a->channel) ? ASK_GONE : ASK_BAD;
	if (text_is(target, "/status"))
		return ASK_STATUS;
	return ASK_BAD;
}

static enum ask_kind
read_line(struct text line, struct ask *a)
{
	struct text method, target;

	if (!text_split(&line, ' ', &method) ||
	    !text_split(&line, ' ', &target) || line.data == NULL)
		return ASK_BAD;
	if (!text_is(method, "GET") && !text_is(method, "HEAD"))
		return ASK_BAD;
	if (!text_is(line, "HTTP/1.0") && !text_is(line, "HTTP/1.1"))
		return ASK_BAD;
	return read_target(target, a);
}

void
ask_parse(const char *bytes, size_t length, struct ask *a)
{
	struct text line = {bytes, 0};
	const char *end;

	*a = (struct ask){.kind = ASK_MORE};
	end = memmem(bytes, length, "\r\n\r\n", 4);
	if (end == NULL) {
		if (length >= ASK_SIZE_MAX)
			a->kind = ASK_BAD;
		return;
	}
	if (end + 4 != bytes + length) {
		a->kind = ASK_BAD;
		return;
	}
	end = memmem(bytes, length, "\r\n", 2);
	line.length = (size_t)(end - bytes);
	a->kind = read_line(line, a);
}

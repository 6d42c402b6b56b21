#include "base/script.h"

void
script_start(struct script *script, const char *sql, size_t length)
{
	script->at = sql;
	script->end = sql + length;
	script->delimiter = (struct text){.data = ";", .length = 1};
}

static bool
starts(const char *at, const char *end, struct text what)
{
	return (size_t)(end - at) >= what.length &&
	    memcmp(at, what.data, what.length) == 0;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *
line_end(const char *at, const char *end)
{
	const char *found = memchr(at, '\n', (size_t)(end - at));

	return found == NULL ? end : found + 1;
}

/* Two dashes are a comment only in front of white space: 5--3 is not one. */
static const char *
after_comment(const char *at, const char *end)
{
	const char *close;
	size_t left = (size_t)(end - at);

	if (*at == '#')
		return line_end(at, end);
	if (left >= 2 && at[0] == '-' && at[1] == '-' &&
	    (left == 2 || is_space(at[2])))
		return line_end(at, end);
	if (left >= 2 && at[0] == '/' && at[1] == '*') {
		close = memmem(at + 2, left - 2, "*/", 2);
		return close == NULL ? end : close + 2;
	}
	return at;
}

static const char *
after_quoted(const char *at, const char *end)
{
	char quote = *at++;

	while (at < end && *at != quote) {
		if (*at == '\\' && quote != '`' && at + 1 < end)
			at++;
		at++;
	}
	return at < end ? at + 1 : end;
}

/* White space and comments, but not those that the server executes. */
static const char *
after_blank(const char *at, const char *end)
{
	const struct text executed = {.data = "/*!", .length = 3};

	while (at < end) {
		const char *next;

		if (is_space(*at)) {
			at++;
			continue;
		}
		if (starts(at, end, executed))
			break;
		next = after_comment(at, end);
		if (next == at)
			break;
		at = next;
	}
	return at;
}

/* A line that begins with DELIMITER is for the client alone. */
static bool
take_delimiter(struct script *script)
{
	const size_t word = strlen("delimiter");
	const char *end = line_end(script->at, script->end);
	struct text line = {
		.data = script->at,
		.length = (size_t)(end - script->at),
	};
	struct text name = line;

	if (line.length <= word || !is_space(line.data[word]))
		return false;
	name.length = word;
	if (!text_is_nocase(name, "delimiter"))
		return false;
	line.data += word;
	line.length -= word;
	while (line.length > 0 && is_space(line.data[0])) {
		line.data++;
		line.length--;
	}
	for (name = line, name.length = 0; name.length < line.length; ) {
		if (is_space(name.data[name.length]))
			break;
		name.length++;
	}
	if (name.length > 0)
		script->delimiter = name;
	script->at = end;
	return true;
}

static struct text
trimmed(const char *from, const char *to)
{
	while (to > from && is_space(to[-1]))
		to--;
	return (struct text){.data = from, .length = (size_t)(to - from)};
}

bool
script_next(struct script *script, struct text *statement)
{
	const char *from, *at, *end = script->end;

	for (;;) {
		script->at = after_blank(script->at, end);
		if (script->at == end)
			return false;
		if (take_delimiter(script))
			continue;
		if (!starts(script->at, end, script->delimiter))
			break;
		script->at += script->delimiter.length;
	}
	from = at = script->at;
	while (at < end && !starts(at, end, script->delimiter)) {
		const char *next = after_comment(at, end);

		if (next == at && (*at == '\'' || *at == '"' || *at == '`'))
			next = after_quoted(at, end);
		at = next == at ? at + 1 : next;
	}
	*statement = trimmed(from, at);
	script->at = at < end ? at + script->delimiter.length : end;
	return true;
}

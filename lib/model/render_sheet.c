#include "model/render.h"
#include "model/render_parts.h"
#include "model/render_sheet.h"

void
sheet_start(struct sheet *s, struct arena *arena, size_t cap)
{
	*s = (struct sheet){0};
	buffer_start(&s->html, arena, cap);
	buffer_start(&s->plain, arena, cap);
	buffer_start(&s->run, arena, cap);
	buffer_start(&s->names, arena, RENDER_MENTIONS_MAX * NAME_SIZE);
}

bool
sheet_full(const struct sheet *s)
{
	return buffer_full(&s->html) || buffer_full(&s->plain) ||
	    buffer_full(&s->run);
}

void
sheet_escape(struct buffer *out, const char *text, size_t length)
{
	const char *end = text + length;
	const char *run = text;
	const char *as;

	for (; text < end; text++) {
		switch (*text) {
		case '&':
			as = "&amp;";
			break;
		case '<':
			as = "&lt;";
			break;
		case '>':
			as = "&gt;";
			break;
		case '"':
			as = "&quot;";
			break;
		default:
			continue;
		}
		buffer_add(out, run, (size_t)(text - run));
		buffer_text(out, as);
		run = text + 1;
	}
	buffer_add(out, run, (size_t)(text - run));
}

void
sheet_line(struct sheet *s)
{
	s->line_due = true;
}

static void
put_plain(struct sheet *s, const char *text, size_t length)
{
	if (length == 0)
		return;
	if (s->line_due) {
		if (s->plain.length > 0)
			buffer_char(&s->plain, '\n');
		if (s->quotes > 0)
			buffer_text(&s->plain, "> ");
		buffer_text(&s->plain, s->marker);
		s->marker[0] = '\0';
		s->line_due = false;
	}
	buffer_add(&s->plain, text, length);
}

static void
put_text(struct sheet *s, const char *text, size_t length)
{
	sheet_escape(&s->html, text, length);
	put_plain(s, text, length);
}

/* True when it counts: known already, or one more is allowed. */
static bool
count_name(struct sheet *s, const char *name)
{
	struct text rest = { s->names.data, s->names.length };
	struct text part;

	while (text_split(&rest, ',', &part))
		if (text_is(part, name))
			return true;
	if (s->name_count == RENDER_MENTIONS_MAX)
		return false;
	if (s->name_count++ > 0)
		buffer_char(&s->names, ',');
	buffer_text(&s->names, name);
	return true;
}

static void
put_mention(struct sheet *s, const char *name, const char *text, size_t length)
{
	buffer_text(&s->html, "<span class=\"mention\" data-username=\"");
	buffer_text(&s->html, name);
	buffer_text(&s->html, "\">");
	put_text(s, text, length);
	buffer_text(&s->html, "</span>");
}

void
sheet_end(struct sheet *s)
{
	const char *run = s->run.data;
	size_t length = s->run.length;
	size_t from = 0, at, n;
	char name[NAME_SIZE];
	bool word;

	if (length == 0)
		return;
	for (at = 0; s->links == 0 && at < length; at++) {
		if (run[at] != '@')
			continue;
		word = at == 0 ? s->word_before : word_at_end(run, at);
		n = mention_name(run + at + 1, length - at - 1, name);
		if (word || n == 0 || !count_name(s, name))
			continue;
		put_text(s, run + from, at - from);
		put_mention(s, name, run + at, n + 1);
		from = at + n + 1;
		at += n;
	}
	put_text(s, run + from, length - from);
	s->word_before = word_at_end(run, length);
	s->run.length = 0;
}

void
sheet_put(struct sheet *s, const char *html)
{
	sheet_end(s);
	buffer_text(&s->html, html);
}

void
sheet_attribute(struct sheet *s, const char *value)
{
	sheet_escape(&s->html, value, strlen(value));
}

void
sheet_text(struct sheet *s, const char *text, size_t length)
{
	buffer_add(&s->run, text, length);
}

void
sheet_at(struct sheet *s)
{
	sheet_end(s);
	put_text(s, "@", 1);
	s->word_before = true;
}

void
sheet_code(struct sheet *s, const char *code, size_t length)
{
	struct text rest = { code, length };
	struct text line;

	sheet_end(s);
	sheet_escape(&s->html, code, length);
	while (text_split(&rest, '\n', &line)) {
		put_plain(s, line.data, line.length);
		if (rest.data != NULL)
			sheet_line(s);
	}
	s->word_before = word_at_end(code, length);
}

void
sheet_plain(struct sheet *s, const char *text)
{
	put_plain(s, text, strlen(text));
}

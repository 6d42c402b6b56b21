#include <md4c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/render.h"
#include "model/render_parts.h"

/* So that a short text of many marks is not refused by the factor alone. */
#define OUTPUT_EXTRA 1024
/* text_is_hostile() leaves about a hundred. */
#define LISTS_MAX 128
#define LANGUAGE_MAX 32
#define VALUE_MAX 4096	/* bytes of a link's target */

#define GIVE_UP 1	/* to md4c: stop; the text is shown as typed */

struct rendering {
	const char *source;
	struct buffer html;
	struct buffer plain;
	struct buffer run;	/* text not yet searched for names */
	struct buffer value;	/* the attribute at hand */
	struct buffer names;	/* "ann,bob" */
	unsigned name_count;
	size_t target_bytes;	/* a reference repeats a long one cheaply */

	unsigned links;		/* links and images around this text */
	unsigned anchor;	/* the value of links inside the <a>; 0: none */
	size_t anchor_end;	/* bytes of html behind its opening tag */
	unsigned quotes;
	bool word_before;	/* what came before the run is part of a word */
	bool seen;		/* something to look at that is not text */

	bool line_due;		/* plain: a new line before anything else */
	char marker[16];	/* plain: what that line begins with */
	uint64_t next_item[LISTS_MAX];	/* of each open list; 0: bullets */
	unsigned lists;
};

static void
put(struct rendering *r, const char *html)
{
	buffer_text(&r->html, html);
}

static void
put_escaped(struct buffer *out, const char *s, size_t length)
{
	const char *end = s + length;
	const char *run = s;
	const char *as;

	for (; s < end; s++) {
		switch (*s) {
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
		buffer_add(out, run, (size_t)(s - run));
		buffer_text(out, as);
		run = s + 1;
	}
	buffer_add(out, run, (size_t)(s - run));
}

static void
plain_line(struct rendering *r)
{
	r->line_due = true;
}

static void
plain_add(struct rendering *r, const char *s, size_t length)
{
	if (length == 0)
		return;
	if (r->line_due) {
		if (r->plain.length > 0)
			buffer_char(&r->plain, '\n');
		if (r->quotes > 0)
			buffer_text(&r->plain, "> ");
		buffer_text(&r->plain, r->marker);
		r->marker[0] = '\0';
		r->line_due = false;
	}
	buffer_add(&r->plain, s, length);
}

static void
put_text(struct rendering *r, const char *s, size_t length)
{
	put_escaped(&r->html, s, length);
	plain_add(r, s, length);
}

/* True when it counts: known already, or one more is allowed. */
static bool
count_name(struct rendering *r, const char *name)
{
	struct text rest = { r->names.data, r->names.length };
	struct text part;

	while (text_split(&rest, ',', &part))
		if (text_is(part, name))
			return true;
	if (r->name_count == RENDER_MENTIONS_MAX)
		return false;
	if (r->name_count++ > 0)
		buffer_char(&r->names, ',');
	buffer_text(&r->names, name);
	return true;
}

static void
put_mention(struct rendering *r, const char *name, const char *s,
    size_t length)
{
	put(r, "<span class=\"mention\" data-username=\"");
	put(r, name);
	put(r, "\">");
	put_text(r, s, length);
	put(r, "</span>");
}

/*
 * The parser gives text in pieces, cut at escapes and entities.  They are
 * gathered up to the next span or block, so that @ann\_b is one name.
 */
static void
end_run(struct rendering *r)
{
	const char *s = r->run.data;
	size_t length = r->run.length;
	size_t from = 0, at, n;
	char name[NAME_SIZE];
	bool word;

	if (length == 0)
		return;
	for (at = 0; r->links == 0 && at < length; at++) {
		if (s[at] != '@')
			continue;
		word = at == 0 ? r->word_before : word_at_end(s, at);
		n = mention_name(s + at + 1, length - at - 1, name);
		if (word || n == 0 || !count_name(r, name))
			continue;
		put_text(r, s + from, at - from);
		put_mention(r, name, s + at, n + 1);
		from = at + n + 1;
		at += n;
	}
	put_text(r, s + from, length - from);
	r->word_before = word_at_end(s, length);
	r->run.length = 0;
}

/* An @ that was escaped or written as an entity is meant as a mere sign. */
static void
put_inert_at(struct rendering *r)
{
	end_run(r);
	put_text(r, "@", 1);
	r->word_before = true;
}

static void
put_break(struct rendering *r)
{
	end_run(r);
	put(r, "<br>");
	plain_line(r);
	r->word_before = false;
}

/* What is code goes out as it is; its line ends are lines of the plain text. */
static void
put_code(struct rendering *r, const char *s, size_t length)
{
	struct text rest = { s, length };
	struct text line;

	put_escaped(&r->html, s, length);
	while (text_split(&rest, '\n', &line)) {
		plain_add(r, line.data, line.length);
		if (rest.data != NULL)
			plain_line(r);
	}
	r->word_before = word_at_end(s, length);
}

/* The value of an attribute, its entities decoded; "" when it is too long. */
static const char *
attribute(struct rendering *r, const MD_ATTRIBUTE *a)
{
	char decoded[ENTITY_SIZE];
	const char *piece;
	size_t length;
	unsigned i;

	r->value.length = 0;
	if (a->text == NULL || a->size == 0 || a->size > VALUE_MAX)
		return "";
	for (i = 0; a->substr_offsets[i] < a->size; i++) {
		piece = a->text + a->substr_offsets[i];
		length = a->substr_offsets[i + 1] - a->substr_offsets[i];
		if (a->substr_types[i] == MD_TEXT_ENTITY &&
		    entity_decode(piece, length, decoded))
			buffer_text(&r->value, decoded);
		else
			buffer_add(&r->value, piece, length);
	}
	return r->value.data;
}

/* One <a> at a time: an image in a link is its text, and so the other way. */
static void
open_link(struct rendering *r, const MD_ATTRIBUTE *target)
{
	const char *url;

	r->links++;
	r->target_bytes += target->size;
	if (r->anchor != 0)
		return;
	url = attribute(r, target);
	if (!target_is_safe(url))
		return;
	put(r, "<a href=\"");
	put_escaped(&r->html, url, strlen(url));
	put(r, "\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">");
	r->anchor = r->links;
	r->anchor_end = r->html.length;
}

static void
close_link(struct rendering *r)
{
	if (r->anchor == r->links) {
		/* An image without a name; its target is still at hand. */
		if (r->html.length == r->anchor_end)
			put_text(r, r->value.data, r->value.length);
		put(r, "</a>");
		r->anchor = 0;
	}
	r->links--;
}

static bool
is_language(const char *s)
{
	return *s != '\0' && strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#._-") == strlen(s) &&
	    strlen(s) <= LANGUAGE_MAX;
}

static void
open_code(struct rendering *r, const MD_BLOCK_CODE_DETAIL *code)
{
	const char *language = attribute(r, &code->lang);

	put(r, "<pre");
	if (is_language(language)) {
		put(r, " class=\"language-");
		put(r, language);
		put(r, "\"");
	}
	put(r, "><code>");
}

/* LISTS_MAX is never reached behind text_is_hostile(). */
static void
open_list(struct rendering *r, unsigned start, bool numbered)
{
	if (!numbered)
		put(r, "<ul>");
	else if (start == 1)
		put(r, "<ol>");
	else
		buffer_printf(&r->html, "<ol start=\"%u\">", start);
	/* One more than the number, because 0 means bullets. */
	if (r->lists < LISTS_MAX)
		r->next_item[r->lists] = numbered ? start + UINT64_C(1) : 0;
	r->lists++;
}

static void
open_item(struct rendering *r, const MD_BLOCK_LI_DETAIL *item)
{
	uint64_t *next = &r->next_item[(r->lists - 1) % LISTS_MAX];
	const char *box = "";
	bool done;

	put(r, "<li>");
	if (item->is_task) {
		done = item->task_mark != ' ';
		put(r, done ? "<input type=\"checkbox\" disabled checked> " :
		    "<input type=\"checkbox\" disabled> ");
		box = done ? "[x] " : "[ ] ";
		r->seen = true;
	}
	if (*next == 0)
		snprintf(r->marker, sizeof(r->marker), "- %s", box);
	else
		snprintf(r->marker, sizeof(r->marker), "%u. %s",
		    (unsigned)((*next)++ - 1), box);
}

static void
open_cell(struct rendering *r, const char *tag, const MD_BLOCK_TD_DETAIL *cell)
{
	static const char *const classes[] = {
		[MD_ALIGN_DEFAULT] = ">",
		[MD_ALIGN_LEFT] = " class=\"align-left\">",
		[MD_ALIGN_CENTER] = " class=\"align-center\">",
		[MD_ALIGN_RIGHT] = " class=\"align-right\">",
	};

	put(r, tag);
	put(r, classes[cell->align]);
	if (!r->line_due)
		plain_add(r, " | ", 3);
}

/* The same tags for entering and leaving; NULL where more is to be done. */
static const char *const block_tags[] = {
	[MD_BLOCK_QUOTE] = "blockquote>", [MD_BLOCK_P] = "p>",
	[MD_BLOCK_TABLE] = "table>", [MD_BLOCK_THEAD] = "thead>",
	[MD_BLOCK_TBODY] = "tbody>", [MD_BLOCK_TR] = "tr>",
	[MD_BLOCK_UL] = "ul>", [MD_BLOCK_OL] = "ol>", [MD_BLOCK_LI] = "li>",
	[MD_BLOCK_TH] = "th>", [MD_BLOCK_TD] = "td>",
};

static int
verdict(const struct rendering *r)
{
	return buffer_full(&r->html) || buffer_full(&r->plain) ||
	    r->target_bytes > r->html.cap ? GIVE_UP : 0;
}

static int
enter_block(MD_BLOCKTYPE type, void *detail, void *argument)
{
	struct rendering *r = argument;

	end_run(r);
	r->word_before = false;
	if (type != MD_BLOCK_TH && type != MD_BLOCK_TD)
		plain_line(r);
	switch (type) {
	case MD_BLOCK_DOC:
	case MD_BLOCK_HTML:
		break;
	case MD_BLOCK_QUOTE:
		r->quotes++;
		put(r, "<blockquote>");
		break;
	case MD_BLOCK_UL:
		open_list(r, 0, false);
		break;
	case MD_BLOCK_OL:
		open_list(r, ((MD_BLOCK_OL_DETAIL *)detail)->start, true);
		break;
	case MD_BLOCK_LI:
		open_item(r, detail);
		break;
	case MD_BLOCK_HR:
		put(r, "<hr>");
		r->seen = true;
		break;
	case MD_BLOCK_H:
		buffer_printf(&r->html, "<h%u>",
		    ((MD_BLOCK_H_DETAIL *)detail)->level);
		break;
	case MD_BLOCK_CODE:
		open_code(r, detail);
		break;
	case MD_BLOCK_TH:
		open_cell(r, "<th", detail);
		break;
	case MD_BLOCK_TD:
		open_cell(r, "<td", detail);
		break;
	default:
		put(r, "<");
		put(r, block_tags[type]);
	}
	return verdict(r);
}

static int
leave_block(MD_BLOCKTYPE type, void *detail, void *argument)
{
	struct rendering *r = argument;

	end_run(r);
	switch (type) {
	case MD_BLOCK_DOC:
	case MD_BLOCK_HTML:
	case MD_BLOCK_HR:
		return verdict(r);
	case MD_BLOCK_H:
		buffer_printf(&r->html, "</h%u>",
		    ((MD_BLOCK_H_DETAIL *)detail)->level);
		return verdict(r);
	case MD_BLOCK_CODE:
		put(r, "</code></pre>");
		return verdict(r);
	case MD_BLOCK_QUOTE:
		r->quotes--;
		break;
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		r->lists--;
		break;
	default:
		break;
	}
	put(r, "</");
	put(r, block_tags[type]);
	return verdict(r);
}

static const char *
span_tag(MD_SPANTYPE type)
{
	switch (type) {
	case MD_SPAN_EM:
		return "em>";
	case MD_SPAN_STRONG:
		return "strong>";
	case MD_SPAN_DEL:
		return "del>";
	case MD_SPAN_CODE:
		return "code>";
	default:
		return NULL;
	}
}

static int
enter_span(MD_SPANTYPE type, void *detail, void *argument)
{
	struct rendering *r = argument;
	const char *tag = span_tag(type);

	end_run(r);
	if (type == MD_SPAN_A) {
		open_link(r, &((MD_SPAN_A_DETAIL *)detail)->href);
	} else if (type == MD_SPAN_IMG) {
		open_link(r, &((MD_SPAN_IMG_DETAIL *)detail)->src);
	} else if (tag != NULL) {
		put(r, "<");
		put(r, tag);
	}
	return verdict(r);
}

static int
leave_span(MD_SPANTYPE type, void *detail, void *argument)
{
	struct rendering *r = argument;
	const char *tag = span_tag(type);

	(void)detail;
	end_run(r);
	if (type == MD_SPAN_A || type == MD_SPAN_IMG) {
		close_link(r);
	} else if (tag != NULL) {
		put(r, "</");
		put(r, tag);
	}
	return verdict(r);
}

static int
text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE length, void *argument)
{
	struct rendering *r = argument;
	char decoded[ENTITY_SIZE];

	switch (type) {
	case MD_TEXT_BR:
	case MD_TEXT_SOFTBR:
		put_break(r);
		break;
	case MD_TEXT_CODE:
		put_code(r, s, length);
		break;
	case MD_TEXT_ENTITY:
		if (!entity_decode(s, length, decoded))
			buffer_add(&r->run, s, length);
		else if (decoded[0] == '@')
			put_inert_at(r);
		else
			buffer_text(&r->run, decoded);
		break;
	default:
		/* Only an escape makes a piece begin right behind a \. */
		if (s[0] == '@' && s > r->source && s[-1] == '\\') {
			put_inert_at(r);
			s++;
			length--;
		}
		buffer_add(&r->run, s, length);
	}
	return verdict(r);
}

/* As typed, with its line ends; six bytes for one at most. */
static void
as_typed(struct arena *arena, const char *source, struct rendered *out)
{
	struct text rest = { source, strlen(source) };
	struct text line;
	struct buffer html;

	buffer_start(&html, arena, RENDER_FACTOR * rest.length + OUTPUT_EXTRA);
	buffer_text(&html, "<p>");
	while (text_split(&rest, '\n', &line)) {
		put_escaped(&html, line.data, line.length);
		if (rest.data != NULL)
			buffer_text(&html, "<br>");
	}
	buffer_text(&html, "</p>");
	out->html = html.data;
	out->plain = source;
	out->mentions = "";
}

void
render(struct arena *arena, const char *source, struct rendered *out)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_NOHTML | MD_FLAG_TABLES |
		    MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS |
		    MD_FLAG_PERMISSIVEAUTOLINKS,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = enter_span,
		.leave_span = leave_span,
		.text = text,
	};
	struct rendering r = { .source = source };
	size_t length = strlen(source);
	size_t cap = RENDER_FACTOR * length + OUTPUT_EXTRA;

	buffer_start(&r.html, arena, cap);
	buffer_start(&r.plain, arena, cap);
	buffer_start(&r.run, arena, cap);
	buffer_start(&r.value, arena, VALUE_MAX);
	buffer_start(&r.names, arena, RENDER_MENTIONS_MAX * NAME_SIZE);
	if (length > UINT32_MAX / RENDER_FACTOR ||
	    text_is_hostile(source, length) ||
	    md_parse(source, (MD_SIZE)length, &parser, &r) != 0 ||
	    (r.plain.length == 0 && !r.seen)) {
		/* Also when nothing would be left to see. */
		as_typed(arena, source, out);
		return;
	}
	out->html = r.html.data;
	out->plain = r.plain.length == 0 ? "" : r.plain.data;
	out->mentions = r.name_count == 0 ? "" : r.names.data;
}

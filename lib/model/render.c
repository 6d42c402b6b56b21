#include <md4c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "model/render.h"
#include "model/render_parts.h"
#include "model/render_sheet.h"

/* So that a short text of many marks is not refused by the factor alone. */
#define OUTPUT_EXTRA 1024
/* text_is_hostile() leaves about a hundred. */
#define LISTS_MAX 128
#define SPANS_MAX 64
#define LANGUAGE_MAX 32
#define VALUE_MAX 4096	/* bytes of a link's target */

#define GIVE_UP 1	/* to md4c: stop; the text is shown as typed */

struct rendering {
	struct sheet sheet;
	const char *source;
	struct buffer value;	/* the attribute at hand */
	size_t target_bytes;	/* a reference repeats a long one cheaply */
	bool seen;		/* something to look at that is not text */

	MD_SPANTYPE spans[SPANS_MAX];	/* open, outermost first */
	unsigned span_count;
	unsigned anchor;	/* sheet.links inside the <a>; 0: none is open */
	size_t anchor_end;	/* bytes of HTML behind its opening tag */

	uint64_t next_item[LISTS_MAX];	/* of each open list; 0: bullets */
	unsigned lists;
};

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

	r->sheet.links++;
	r->target_bytes += target->size;
	if (r->anchor != 0)
		return;
	url = attribute(r, target);
	if (!target_is_safe(url))
		return;
	sheet_put(&r->sheet, "<a href=\"");
	sheet_attribute(&r->sheet, url);
	sheet_put(&r->sheet,
	    "\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">");
	r->anchor = r->sheet.links;
	r->anchor_end = r->sheet.html.length;
}

static void
close_link(struct rendering *r)
{
	if (r->anchor == r->sheet.links) {
		/* An image without a name; its target is still at hand. */
		if (r->sheet.html.length == r->anchor_end)
			sheet_text(&r->sheet, r->value.data, r->value.length);
		sheet_put(&r->sheet, "</a>");
		r->anchor = 0;
	}
	r->sheet.links--;
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

	sheet_put(&r->sheet, "<pre");
	if (is_language(language)) {
		sheet_put(&r->sheet, " class=\"language-");
		sheet_put(&r->sheet, language);
		sheet_put(&r->sheet, "\"");
	}
	sheet_put(&r->sheet, "><code>");
}

/* LISTS_MAX is never reached behind text_is_hostile(). */
static void
open_list(struct rendering *r, unsigned start, bool numbered)
{
	if (!numbered)
		sheet_put(&r->sheet, "<ul>");
	else if (start == 1)
		sheet_put(&r->sheet, "<ol>");
	else
		buffer_printf(&r->sheet.html, "<ol start=\"%u\">", start);
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

	sheet_put(&r->sheet, "<li>");
	if (item->is_task) {
		done = item->task_mark != ' ';
		sheet_put(&r->sheet, "<input type=\"checkbox\" disabled");
		sheet_put(&r->sheet, done ? " checked> " : "> ");
		box = done ? "[x] " : "[ ] ";
		r->seen = true;
	}
	if (*next == 0)
		snprintf(r->sheet.marker, sizeof(r->sheet.marker), "- %s", box);
	else
		snprintf(r->sheet.marker, sizeof(r->sheet.marker), "%u. %s",
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

	sheet_put(&r->sheet, tag);
	sheet_put(&r->sheet, classes[cell->align]);
	if (!r->sheet.line_due)
		sheet_plain(&r->sheet, " | ");
}

/* Where entering and leaving differ only by a slash. */
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
	return sheet_full(&r->sheet) ||
	    r->target_bytes > r->sheet.html.cap ? GIVE_UP : 0;
}

static int
enter_block(MD_BLOCKTYPE type, void *detail, void *argument)
{
	struct rendering *r = argument;

	sheet_end(&r->sheet);
	r->sheet.word_before = false;
	if (type != MD_BLOCK_TH && type != MD_BLOCK_TD)
		sheet_line(&r->sheet);
	switch (type) {
	case MD_BLOCK_DOC:
	case MD_BLOCK_HTML:
		break;
	case MD_BLOCK_QUOTE:
		r->sheet.quotes++;
		sheet_put(&r->sheet, "<blockquote>");
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
		sheet_put(&r->sheet, "<hr>");
		r->seen = true;
		break;
	case MD_BLOCK_H:
		buffer_printf(&r->sheet.html, "<h%u>",
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
		sheet_put(&r->sheet, "<");
		sheet_put(&r->sheet, block_tags[type]);
	}
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
	default:
		return "code>";
	}
}

static void
close_spans(struct rendering *r, unsigned down_to)
{
	MD_SPANTYPE type;

	while (r->span_count > down_to) {
		type = r->spans[--r->span_count];
		if (type == MD_SPAN_A || type == MD_SPAN_IMG) {
			close_link(r);
		} else {
			sheet_put(&r->sheet, "</");
			sheet_put(&r->sheet, span_tag(type));
		}
	}
}

static int
leave_block(MD_BLOCKTYPE type, void *detail, void *argument)
{
	struct rendering *r = argument;

	sheet_end(&r->sheet);
	close_spans(r, 0);
	switch (type) {
	case MD_BLOCK_DOC:
	case MD_BLOCK_HTML:
	case MD_BLOCK_HR:
		return verdict(r);
	case MD_BLOCK_H:
		buffer_printf(&r->sheet.html, "</h%u>",
		    ((MD_BLOCK_H_DETAIL *)detail)->level);
		return verdict(r);
	case MD_BLOCK_CODE:
		sheet_put(&r->sheet, "</code></pre>");
		return verdict(r);
	case MD_BLOCK_QUOTE:
		r->sheet.quotes--;
		break;
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		r->lists--;
		break;
	default:
		break;
	}
	sheet_put(&r->sheet, "</");
	sheet_put(&r->sheet, block_tags[type]);
	return verdict(r);
}

static int
enter_span(MD_SPANTYPE type, void *detail, void *argument)
{
	struct rendering *r = argument;

	if (r->span_count == SPANS_MAX)
		return GIVE_UP;
	sheet_end(&r->sheet);
	r->spans[r->span_count++] = type;
	if (type == MD_SPAN_A) {
		open_link(r, &((MD_SPAN_A_DETAIL *)detail)->href);
	} else if (type == MD_SPAN_IMG) {
		open_link(r, &((MD_SPAN_IMG_DETAIL *)detail)->src);
	} else {
		sheet_put(&r->sheet, "<");
		sheet_put(&r->sheet, span_tag(type));
	}
	return verdict(r);
}

/*
 * A mark inside of a bare address is still paired by md4c with one outside of
 * it, and then only one of the two is told here.
 */
static int
leave_span(MD_SPANTYPE type, void *detail, void *argument)
{
	struct rendering *r = argument;
	unsigned i = r->span_count;

	(void)detail;
	sheet_end(&r->sheet);
	while (i > 0 && r->spans[i - 1] != type)
		i--;
	if (i > 0)
		close_spans(r, i - 1);
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
		sheet_put(&r->sheet, "<br>");
		sheet_line(&r->sheet);
		r->sheet.word_before = false;
		break;
	case MD_TEXT_CODE:
		sheet_code(&r->sheet, s, length);
		break;
	case MD_TEXT_ENTITY:
		if (!entity_decode(s, length, decoded))
			sheet_text(&r->sheet, s, length);
		else if (decoded[0] == '@')
			sheet_at(&r->sheet);
		else
			sheet_text(&r->sheet, decoded, strlen(decoded));
		break;
	default:
		/* What was escaped comes as a piece of its own. */
		if (length == 1 && s[0] == '@' && s > r->source &&
		    s[-1] == '\\')
			sheet_at(&r->sheet);
		else
			sheet_text(&r->sheet, s, length);
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
		sheet_escape(&html, line.data, line.length);
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

	sheet_start(&r.sheet, arena, cap);
	buffer_start(&r.value, arena, VALUE_MAX);
	/* As typed also when nothing would be left to see. */
	if (length > UINT32_MAX / RENDER_FACTOR ||
	    text_is_hostile(source, length) ||
	    md_parse(source, (MD_SIZE)length, &parser, &r) != 0 ||
	    (r.sheet.plain.length == 0 && !r.seen)) {
		as_typed(arena, source, out);
		return;
	}
	out->html = r.sheet.html.data;
	out->plain = r.sheet.plain.length == 0 ? "" : r.sheet.plain.data;
	out->mentions = r.sheet.name_count == 0 ? "" : r.sheet.names.data;
}

/*
 * model/render_sheet.h -- HTML, plain text and mentions, written side by side.
 *
 * render.c says what the parser found; the sheet escapes it, breaks the plain
 * text into lines, and finds the names.
 *
 * Memory  In the caller's arena.  What does not fit is dropped, and
 *         sheet_full() is then true.
 */
#ifndef MODEL_RENDER_SHEET_H
#define MODEL_RENDER_SHEET_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct sheet {
	struct buffer html;
	struct buffer plain;
	struct buffer run;	/* text not yet searched for names */
	struct buffer names;	/* "ann,bob" */
	unsigned name_count;
	unsigned links;		/* around this text: no names in there */
	unsigned quotes;	/* around this text */
	bool word_before;	/* what came before the run is part of a word */
	bool line_due;		/* plain: a new line before anything else */
	char marker[16];	/* plain: what that line begins with: "1. " */
};

void sheet_start(struct sheet *s, struct arena *arena, size_t cap);
bool sheet_full(const struct sheet *s);

/** sheet_put(s, html): as it is; ends what may be a name. */
void sheet_put(struct sheet *s, const char *html);

/** sheet_attribute(s, value): escaped, for between quotes. */
void sheet_attribute(struct sheet *s, const char *value);

/**
 * sheet_text(s, text, length): more text of a line.  Pieces are gathered until
 * something else is written, so that @ann\_b, which comes in two, is one name.
 */
void sheet_text(struct sheet *s, const char *text, size_t length);

/** sheet_at(s): an @ that was escaped or written as an entity: a mere sign. */
void sheet_at(struct sheet *s);

/** sheet_code(s, code, length): no names; line ends stay in the HTML. */
void sheet_code(struct sheet *s, const char *code, size_t length);

/** sheet_plain(s, text): for the plain text alone, within a line. */
void sheet_plain(struct sheet *s, const char *text);

/** sheet_line(s): what follows is on another line of the plain text. */
void sheet_line(struct sheet *s);

/** sheet_end(s): no more text. */
void sheet_end(struct sheet *s);

/** sheet_escape(out, text, length): text as HTML. */
void sheet_escape(struct buffer *out, const char *text, size_t length);

#endif

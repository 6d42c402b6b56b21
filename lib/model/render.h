/*
 * model/render.h -- from what was typed to HTML, plain text and mentions.
 *
 * md4c's callbacks into a white-list emitter: p br strong em del code
 * pre(class language-x) blockquote ul ol(start) li a(href rel target) h1-h6 hr
 * table thead tbody tr th td(class align-*) input(checkbox disabled) and
 * <span class="mention" data-username="ann">@ann</span>.  Images become links.
 * Raw HTML is text.  Links: http, https, mailto only, with
 * rel="noopener noreferrer nofollow" target="_blank".  Bare URLs become links.
 * A newline is a <br>.
 *
 * Output  At most RENDER_FACTOR times the input and 1024 bytes.  A text is
 *         shown escaped, as typed, and mentions nobody, when it would grow past
 *         that, would keep the parser busy (render_parts.h), or would leave
 *         nothing to see (a lone "-").
 * Mentions  @name outside of code and links, where name is a username;
 *         @all for everybody.  Not behind a letter, digit, _ or /, not when the
 *         @ is escaped.  At most RENDER_MENTIONS_MAX distinct ones count.
 * Source  CommonMark 0.30; md4c 0.4.8, whose link references can blow up.
 */
#ifndef MODEL_RENDER_H
#define MODEL_RENDER_H

#include <stddef.h>

struct arena;

#define RENDER_FACTOR 8
#define RENDER_MENTIONS_MAX 50

struct rendered {
	const char *html;
	const char *plain;	/* without marks, for search and notifications */
	const char *mentions;	/* "ann,bob" or "all"; "" when nobody */
};

/** render(arena, text, out): text is valid UTF-8 without NUL; cannot fail. */
void render(struct arena *arena, const char *text, struct rendered *out);

#endif

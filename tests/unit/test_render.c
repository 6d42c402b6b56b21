#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"
#include "model/render.h"
#include "tests/unit/in_arena.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define REL " rel=\"noopener noreferrer nofollow\" target=\"_blank\">"
#define AT(name, shown) \
	"<span class=\"mention\" data-username=\"" name "\">" shown "</span>"
#define BIG (64 * 1024)

static struct rendered
rendered(const char *text)
{
	struct rendered out;

	arena_reset(arena);
	render(arena, text, &out);
	return out;
}

static void
expect(const char *text, const char *html)
{
	assert_string_equal(rendered(text).html, html);
}

static void
expect_plain(const char *text, const char *plain)
{
	assert_string_equal(rendered(text).plain, plain);
}

static void
expect_mentions(const char *text, const char *mentions)
{
	assert_string_equal(rendered(text).mentions, mentions);
}

static void
plain_text_stays_what_it_is(void **state)
{
	(void)state;
	expect("hi", "<p>hi</p>");
	expect("a < b & \"c\" > d", "<p>a &lt; b &amp; &quot;c&quot; &gt; d</p>");
	expect("snake_case_name 2 * 3 * 4", "<p>snake_case_name 2 * 3 * 4</p>");
	expect("\xf0\x9f\x98\x80 \xc3\xa4", "<p>\xf0\x9f\x98\x80 \xc3\xa4</p>");
	expect_plain("a < b & c", "a < b & c");
}

static void
a_newline_is_a_line_break(void **state)
{
	(void)state;
	expect("a\nb  \nc\\\nd", "<p>a<br>b<br>c<br>d</p>");
	expect("a\n\nb", "<p>a</p><p>b</p>");
	expect_plain("a\nb\n\n\nc", "a\nb\nc");
}

static void
emphasis_and_code_are_marked(void **state)
{
	(void)state;
	expect("**a** *b* _c_ ~~d~~ `e<f`",
	    "<p><strong>a</strong> <em>b</em> <em>c</em> <del>d</del> "
	    "<code>e&lt;f</code></p>");
	expect("# Title", "<h1>Title</h1>");
	expect("###### x", "<h6>x</h6>");
	expect("a\n\n---", "<p>a</p><hr>");
	expect_plain("**a** _b_ ~~c~~ `d`\n# e", "a b c d\ne");
}

static void
a_code_block_keeps_its_lines_and_language(void **state)
{
	(void)state;
	expect("```c++\nint a;\n\n  <b>\n```",
	    "<pre class=\"language-c++\"><code>int a;\n\n  &lt;b&gt;\n"
	    "</code></pre>");
	expect("```\nx\n```", "<pre><code>x\n</code></pre>");
	expect("```x\"onclick=1\ny\n```", "<pre><code>y\n</code></pre>");
	expect("``` &quot; z\ny\n```", "<pre><code>y\n</code></pre>");
	expect_plain("see\n```c\nint a;\n\nint b;\n```\nok",
	    "see\nint a;\nint b;\nok");
}

static void
lists_quotes_and_tasks_nest(void **state)
{
	(void)state;
	expect("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li>"
	    "</ul>");
	expect("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>");
	expect("7) a", "<ol start=\"7\"><li>a</li></ol>");
	expect("- [x] a\n- [ ] b", "<ul><li><input type=\"checkbox\" disabled"
	    " checked> a</li><li><input type=\"checkbox\" disabled> b</li>"
	    "</ul>");
	expect("> a\n> > b", "<blockquote><p>a</p><blockquote><p>b</p>"
	    "</blockquote></blockquote>");
	expect_plain("- a\n  - b\n- [x] c\n\n3. d\n4. e\n\n> f\n> g",
	    "- a\n- b\n- [x] c\n3. d\n4. e\n> f\n> g");
	expect_plain("- \n- a", "- a");
}

static void
tables_have_aligned_cells(void **state)
{
	(void)state;
	expect("|a|b|c|\n|:---|:---:|---:|\n|1|2|3|",
	    "<table><thead><tr><th class=\"align-left\">a</th>"
	    "<th class=\"align-center\">b</th><th class=\"align-right\">c</th>"
	    "</tr></thead><tbody><tr><td class=\"align-left\">1</td>"
	    "<td class=\"align-center\">2</td><td class=\"align-right\">3</td>"
	    "</tr></tbody></table>");
	expect_plain("|a|b|\n|---|---|\n|1|2|", "a | b\n1 | 2");
}

static void
raw_html_is_text(void **state)
{
	(void)state;
	expect("<script>alert(1)</script>",
	    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
	expect("a <img src=x onerror=y> b",
	    "<p>a &lt;img src=x onerror=y&gt; b</p>");
	expect("<!-- x -->", "<p>&lt;!-- x --&gt;</p>");
	expect("<div>\n\n*a*", "<p>&lt;div&gt;</p><p><em>a</em></p>");
}

static void
entities_are_the_character_they_name(void **state)
{
	(void)state;
	expect("&amp; &lt;b&gt; &euro; &#65;&#x42;",
	    "<p>&amp; &lt;b&gt; \xe2\x82\xac AB</p>");
	expect("&unknown; &amp", "<p>&amp;unknown; &amp;amp</p>");
	expect("&#0; &#x1f; &#xd800; &#x110000; &#9999999;",
	    "<p>\xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd "
	    "\xef\xbf\xbd</p>");
	expect_plain("&lt;b&gt;", "<b>");
}

static void
links_lead_out_of_the_site_only(void **state)
{
	(void)state;
	expect("[a](http://b/c)", "<p><a href=\"http://b/c\"" REL "a</a></p>");
	expect("[a](HTTPS://b)", "<p><a href=\"HTTPS://b\"" REL "a</a></p>");
	expect("[a](mailto:b@c)", "<p><a href=\"mailto:b@c\"" REL "a</a></p>");
	expect("[a](http://b/?x=\"1\"&amp;y=<2>)",
	    "<p><a href=\"http://b/?x=&quot;1&quot;&amp;y=&lt;2&gt;\"" REL
	    "a</a></p>");
	expect("[**a**](http://b 'title')",
	    "<p><a href=\"http://b\"" REL "<strong>a</strong></a></p>");
	expect_plain("[a](http://b)", "a");
}

static void
other_targets_leave_only_the_text(void **state)
{
	static const char *const targets[] = {
		"javascript:alert(1)", "JavaScript:alert(1)",
		"java&#115;cript:x", "javascript&#58;x", "javascript&#x3A;x",
		"javascript&colon;x", "javascript%3Ax", "java&#10;script:x",
		"java&Tab;script:x", "&#1;javascript:x", "&#32;javascript:x",
		"<java\tscript:x>", "< javascript:x>", "data:text/html,x",
		"vbscript:x", "file:///etc/passwd", "//evil.example", "/path",
		"\\\\evil.example", "#x", "?x", "x", "", "http:", "http:/",
		"http://", "http:///evil", "http:\\\\evil", "http://\\evil",
		"https://?x", "http&colon;//b", "http://&#10;b", "mailto:",
		"ftp://b/c", "blob:http://b", "view-source:http://b",
		"http:javascript:x", "h\xc5\xbftp://b",
	};
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(targets); i++) {
		snprintf(text, sizeof(text), "[a](%s) b", targets[i]);
		if (strstr(rendered(text).html, "<a") != NULL)
			fail_msg("%s: %s", text, rendered(text).html);
	}
	expect("<javascript:alert(1)> x", "<p>javascript:alert(1) x</p>");
}

static void
bare_addresses_become_links(void **state)
{
	(void)state;
	expect("see https://example.org/a_b_c?d=e.",
	    "<p>see <a href=\"https://example.org/a_b_c?d=e\"" REL
	    "https://example.org/a_b_c?d=e</a>.</p>");
	expect("www.example.org", "<p><a href=\"http://www.example.org\"" REL
	    "www.example.org</a></p>");
	expect("ann@example.org", "<p><a href=\"mailto:ann@example.org\"" REL
	    "ann@example.org</a></p>");
	expect("`http://a.example`", "<p><code>http://a.example</code></p>");
}

static void
an_image_is_a_link_with_its_text(void **state)
{
	(void)state;
	expect("![a *b*](https://c/d.png)",
	    "<p><a href=\"https://c/d.png\"" REL "a <em>b</em></a></p>");
	expect("![](https://c/d.png)", "<p><a href=\"https://c/d.png\"" REL
	    "https://c/d.png</a></p>");
	expect("[![a](https://b)](https://c)",
	    "<p><a href=\"https://c\"" REL "a</a></p>");
	expect("![a [b](https://c)](https://d)",
	    "<p><a href=\"https://d\"" REL "a b</a></p>");
	expect("![a](javascript:x) b", "<p>a b</p>");
}

static void
a_name_behind_an_at_is_a_mention(void **state)
{
	(void)state;
	expect("hi @ann, @Bob.", "<p>hi " AT("ann", "@ann") ", "
	    AT("bob", "@Bob") ".</p>");
	expect("**@ann**", "<p><strong>" AT("ann", "@ann") "</strong></p>");
	expect_mentions("hi @ann, @Bob. @ann @all", "ann,bob,all");
	expect_mentions("nobody", "");
	expect_mentions("(@ann) \"@bob\" @@cid @a.b-c_d2 '@e-f'",
	    "ann,bob,cid,a.b-c_d2,e-f");
	expect_mentions("@ann_ @bob.- @cid... @dan-_.", "ann,bob,cid,dan");
	expect_mentions("@ann\xe3\x80\x82 \xe4\xbd\xa0\xe5\xa5\xbd@bob"
	    "\xe4\xbd\xa0", "ann,bob");
	expect_mentions("> @ann\n\n- @bob\n\n|a|b|\n|---|---|\n|@cid|@dan|",
	    "ann,bob,cid,dan");
	expect_plain("hi **@ann**", "hi @ann");
}

static void
what_only_looks_like_a_name_is_none(void **state)
{
	static const char *const texts[] = {
		"x@ann", "_@ann", "\xc3\xa9@ann", "7@ann", "**x**@ann",
		"ann@example.org", "@ann@example.org", "@a", "@", "@ ann",
		"@-ann", "@_ann", "@.ann", "@\xc3\xa4nn", "@ann\xc3\xa4",
		"`@ann`", "```\n@ann\n```", "    @ann", "[@ann](http://b)",
		"[@ann](javascript:b)", "![@ann](http://b)",
		"http://b.example/@ann", "http://localhost/@ann",
		"\\@ann", "&#64;ann", "&commat;ann",
		"@a123456789012345678901234567890123",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(texts); i++)
		if (*rendered(texts[i]).mentions != '\0')
			fail_msg("%s: %s", texts[i],
			    rendered(texts[i]).mentions);
}

static void
a_name_may_be_typed_with_escapes(void **state)
{
	(void)state;
	expect_mentions("@ann\\_b", "ann_b");
	expect_mentions("@ann&#95;b", "ann_b");
	expect_mentions("@ann&amp;", "ann");
	expect_mentions("\\\\@ann", "ann");
	expect("\\@ann", "<p>@ann</p>");
}

static void
only_so_many_names_count(void **state)
{
	struct buffer b;
	struct rendered out;
	size_t names = 1;
	const char *p;

	(void)state;
	buffer_start(&b, arena, BIG);
	for (unsigned i = 0; i < 60; i++)
		buffer_printf(&b, "@someone%u @someone0 ", i);
	render(arena, b.data, &out);
	for (p = out.mentions; *p != '\0'; p++)
		names += *p == ',';
	assert_int_equal(names, RENDER_MENTIONS_MAX);
	assert_non_null(strstr(out.html, AT("someone49", "@someone49")));
	assert_null(strstr(out.html, AT("someone50", "@someone50")));
}

static void
what_would_vanish_is_shown_as_typed(void **state)
{
	(void)state;
	expect("[a]: http://b", "<p>[a]: http://b</p>");
	expect("-", "<p>-</p>");
	expect(">", "<p>&gt;</p>");
	expect("#", "<p>#</p>");
	expect("[](javascript:x)", "<p>[](javascript:x)</p>");
	expect("---", "<hr>");
}

static size_t
count(const char *html, const char *tag)
{
	size_t n = 0;

	while ((html = strstr(html, tag)) != NULL) {
		html++;
		n++;
	}
	return n;
}

/* md4c pairs a mark inside of the address with one outside of it. */
static void
tags_are_balanced_even_when_the_parser_forgets_one(void **state)
{
	static const char *const texts[] = {
		"a www.b.example/*.c* d *e* f", "*a www.b.example/*c* d*",
		"www..og www.www.ex|-||-*.a\xcd\xaa* :*.a\xcd\xaa* _f_",
	};
	const char *html;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(texts); i++) {
		html = rendered(texts[i]).html;
		assert_int_equal(count(html, "<em>"), count(html, "</em>"));
		assert_int_equal(count(html, "<a "), count(html, "</a>"));
	}
}

struct hostile {
	const char *before, *unit, *after;
};

static void
a_hostile_text_stays_within_its_factor(void **state)
{
	static const struct hostile texts[] = {
		{"", "[", ""}, {"", "*", ""}, {"", ">", ""}, {"", "> ", ""},
		{"", "`", ""}, {"", "`a``", ""}, {"", "![", ""}, {"", "[]", ""},
		{"", "[a](", ""}, {"", "*a **b ", ""}, {"", "a**b_c", ""},
		{"", "- ", "a"}, {"", "1. ", "a"}, {"", "<", ""},
		{"", "<!--", ""}, {"", "&amp;", ""}, {"", "\\", ""},
		{"", "-\n", ""}, {"", ">\n", ""}, {"", "][\n", ""},
		{"", "[x]\n", ""}, {"", "[a]: b\n", ""}, {"", "\n", ""},
		{"[a]: http://b/\n\n", "[a]", ""},
		{"[a]: b\n![x", "](<x", ""}, {"", "[a]: b\n![](", ""},
		{"", "http://a.b/(", ""}, {"", "www.a.b_", ""},
		{"", "www.a.b ", ""}, {"", "a@b.c ", ""}, {"", "@", ""},
		{"", "@ann ", ""}, {"", "|", ""}, {"a|b\n---|---\n", "|\n", ""},
		{"", "- [ ] ", ""}, {"", "- [x] a\n", ""}, {"", "\t- a\n", ""},
		{"", "~~a ", ""}, {"", "a\n=\n", ""}, {"", "\"", ""},
	};
	char *text = malloc(BIG + 1);
	struct rendered out;
	size_t i, n, unit, after;

	(void)state;
	for (i = 0; i < LENGTH(texts); i++) {
		n = strlen(texts[i].before);
		unit = strlen(texts[i].unit);
		after = strlen(texts[i].after);
		memcpy(text, texts[i].before, n);
		for (; n + unit + after <= BIG; n += unit)
			memcpy(text + n, texts[i].unit, unit);
		memcpy(text + n, texts[i].after, after + 1);
		out = rendered(text);
		n = strlen(text);
		assert_true(strlen(out.html) <= RENDER_FACTOR * n + 1024);
		assert_true(strlen(out.plain) <= RENDER_FACTOR * n + 1024);
		assert_true(strlen(out.html) > 0);
	}
	free(text);
}

static void
a_repeated_long_reference_is_shown_as_typed(void **state)
{
	struct rendered out;
	struct buffer b;
	unsigned i;

	(void)state;
	arena_reset(arena);
	buffer_start(&b, arena, BIG);
	buffer_text(&b, "[a]: http://b/");
	for (i = 0; i < 4000; i++)
		buffer_char(&b, 'x');
	buffer_text(&b, "\n\n");
	for (i = 0; i < 1000; i++)
		buffer_text(&b, "[a]");
	render(arena, b.data, &out);
	assert_null(strstr(out.html, "<a"));
	assert_string_equal(out.plain, b.data);
	assert_memory_equal(out.html, "<p>[a]: http://b/xxx", 20);
}

static void
a_text_shown_as_typed_keeps_its_lines(void **state)
{
	struct rendered out;
	char text[256] = "";
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++)
		text[i] = '>';
	snprintf(text + 100, 100, "a <b>\n\n  \"c\" @ann");
	out = rendered(text);
	assert_non_null(strstr(out.html,
	    "&gt;a &lt;b&gt;<br><br>  &quot;c&quot; @ann</p>"));
	assert_string_equal(out.plain, text);
	assert_string_equal(out.mentions, "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays_what_it_is),
		cmocka_unit_test(a_newline_is_a_line_break),
		cmocka_unit_test(emphasis_and_code_are_marked),
		cmocka_unit_test(a_code_block_keeps_its_lines_and_language),
		cmocka_unit_test(lists_quotes_and_tasks_nest),
		cmocka_unit_test(tables_have_aligned_cells),
		cmocka_unit_test(raw_html_is_text),
		cmocka_unit_test(entities_are_the_character_they_name),
		cmocka_unit_test(links_lead_out_of_the_site_only),
		cmocka_unit_test(other_targets_leave_only_the_text),
		cmocka_unit_test(bare_addresses_become_links),
		cmocka_unit_test(an_image_is_a_link_with_its_text),
		cmocka_unit_test(a_name_behind_an_at_is_a_mention),
		cmocka_unit_test(what_only_looks_like_a_name_is_none),
		cmocka_unit_test(a_name_may_be_typed_with_escapes),
		cmocka_unit_test(only_so_many_names_count),
		cmocka_unit_test(what_would_vanish_is_shown_as_typed),
		cmocka_unit_test(
		    tags_are_balanced_even_when_the_parser_forgets_one),
		cmocka_unit_test(a_hostile_text_stays_within_its_factor),
		cmocka_unit_test(a_repeated_long_reference_is_shown_as_typed),
		cmocka_unit_test(a_text_shown_as_typed_keeps_its_lines),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

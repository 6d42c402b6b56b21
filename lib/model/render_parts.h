/*
 * model/render_parts.h -- what render.c needs to know about pieces of text.
 *
 * Pure functions, no parser and no output: which texts are refused to the
 * parser, what an entity stands for, where a link may lead, what is a name.
 *
 * Source  CommonMark 0.30 (entities); WHATWG URL (what browsers strip from
 *         a target before they look at its scheme).
 */
#ifndef MODEL_RENDER_PARTS_H
#define MODEL_RENDER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_SIZE 33		/* 32 characters and a NUL */
#define ENTITY_SIZE 5		/* one code point and a NUL */

/**
 * text_is_hostile(text, length): made to keep the parser busy, whose time is
 * then quadratic: containers nested deeper than people do, very many addresses,
 * or many brackets in many lines.  What passes takes some 20 ms for 64 KiB.
 */
bool text_is_hostile(const char *text, size_t length);

/**
 * entity_decode(source, length, out): "&amp;", "&#38;" or "&#x26;" as UTF-8 in
 * out.  False for a name that is not known here; such a one is shown as typed.
 */
bool entity_decode(const char *source, size_t length,
    char out[static ENTITY_SIZE]);

/**
 * target_is_safe(url): http://, https:// with a host, or mailto:, and no
 * control character anywhere.  Takes the decoded target.
 */
bool target_is_safe(const char *url);

/**
 * word_at_end(text, length): the last character of text is part of a word, so
 * that an @ behind it does not begin a name.  Letters of scripts without upper
 * and lower case are not: they are written without spaces.
 */
bool word_at_end(const char *text, size_t length);

/**
 * mention_name(text, length, name): text begins behind an @.  Bytes of the
 * user name there, 0 when there is none; name has it in lower case.
 */
size_t mention_name(const char *text, size_t length,
    char name[static NAME_SIZE]);

#endif

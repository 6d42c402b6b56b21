/*
 * base/utf8.h -- what counts as text, and when two names are the same.
 *
 * Cost    Folding is quadratic in a run of combining marks; callers bound the
 *         length of names first.
 * Source  RFC 3629; Unicode NFKC_Casefold by utf8proc.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/** utf8_valid(bytes, length): strict UTF-8: no overlong, surrogate or NUL. */
bool utf8_valid(const char *bytes, size_t length);

/** utf8_count(s): code points of a valid C string. */
size_t utf8_count(const char *s);

/** utf8_cut(s, characters): bytes of the first so many code points of s. */
size_t utf8_cut(const char *s, size_t characters);

/** utf8_decode(s, point): bytes of the first code point of a valid, not empty
 * text. */
size_t utf8_decode(const char *s, uint32_t *point);

/** utf8_is_one(s): one character as people see it (a grapheme of UAX #29), of
 * as many code points as it takes. */
bool utf8_is_one(const char *s);

/** utf8_fold(arena, s): NFKC-casefolded; NULL when it folds to nothing. */
char *utf8_fold(struct arena *arena, const char *s);

/**
 * utf8_clean_name(arena, s): a name for showing: NFC, control, bidi and
 * zero-width characters removed, at most four marks on a letter, white space
 * collapsed and trimmed; NULL when nothing visible is left.
 */
char *utf8_clean_name(struct arena *arena, const char *s);

/** utf8_clean_text(arena, s): line ends as \n; other controls of ASCII
 * but \t gone. */
char *utf8_clean_text(struct arena *arena, const char *s);

#endif

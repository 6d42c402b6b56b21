/*
 * model/emoji.h -- what is one emoji, and how it is written.
 *
 * Forms   U+FE0F asks for the coloured form of a code point that is also a sign
 *         in text, such as the heart U+2764.  It is often left out, or put where
 *         it means nothing, so one emoji comes in several forms.
 * Source  Unicode's emoji-data.txt, Emoji and Emoji_Presentation; UTS #51.
 */
#ifndef MODEL_EMOJI_H
#define MODEL_EMOJI_H

struct arena;

#define EMOJI_BYTES_MAX 64

/**
 * emoji_clean(arena, s): one emoji (up to 16 code points of the emoji blocks
 * that are one character; keycaps) in the form that is drawn in colour and that
 * keyboards send, the same for all its forms; or a name like :party_parrot: as
 * it is.  NULL: ${s} is neither.  UTF-8, in the caller's arena.
 */
const char *emoji_clean(struct arena *arena, const char *s);

#endif

#include <libscrypt.h>
#include <stdint.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/password.h"
#include "base/password_list.h"
#include "base/str.h"
#include "base/token.h"

/* They stop at a NUL and leave the hash in memory. */
#pragma GCC poison libscrypt_check libscrypt_hash

#define SALT_SIZE 16
#define HASH_SIZE 32
/* Base64 without padding. */
#define SALT_LETTERS 22
#define HASH_LETTERS 43

#define LOG2_N_MIN 13
#define LOG2_N_MAX 17
#define R 8
#define P_MAX 16

/* Longer ones are not looked up. */
#define WORD_SIZE 64
/* So few characters around a word or a name do not make it a password. */
#define DECORATION_MAX 4

struct stored {
	struct password_cost cost;
	uint8_t salt[SALT_SIZE];
	uint8_t hash[HASH_SIZE];
};

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";

static void
base64_encode(const uint8_t *bytes, size_t length, char *out)
{
	uint32_t bits = 0;
	unsigned count = 0;
	size_t i;

	for (i = 0; i < length; i++) {
		bits = bits << 8 | bytes[i];
		for (count += 8; count >= 6; count -= 6)
			*out++ = letters[bits >> (count - 6) & 63];
	}
	if (count > 0)
		*out++ = letters[bits << (6 - count) & 63];
	*out = '\0';
}

/* Exactly length bytes, and nothing in the bits left over. */
static bool
base64_decode(struct text t, uint8_t *bytes, size_t length)
{
	uint32_t bits = 0;
	unsigned count = 0;
	size_t done = 0, i;
	const char *letter;

	if (t.length != (length * 8 + 5) / 6)
		return false;
	for (i = 0; i < t.length; i++) {
		letter = memchr(letters, t.data[i], sizeof(letters) - 1);
		if (letter == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(letter - letters);
		count += 6;
		if (count >= 8) {
			count -= 8;
			bytes[done++] = (uint8_t)(bits >> count);
		}
	}
	return (bits & ((1u << count) - 1)) == 0;
}

static bool
cost_allowed(const struct password_cost *cost)
{
	return cost->log2_n >= LOG2_N_MIN && cost->log2_n <= LOG2_N_MAX &&
	    cost->r == R && cost->p >= 1 && cost->p <= P_MAX;
}

/* "ln=15" with name "ln=". */
static bool
parse_parameter(struct text *rest, const char *name, unsigned *value)
{
	size_t length = strlen(name);
	struct text part;
	uint64_t n;

	if (!text_split(rest, ',', &part) || part.length < length ||
	    memcmp(part.data, name, length) != 0)
		return false;
	part.data += length;
	part.length -= length;
	if (!parse_u64(part, UINT16_MAX, &n))
		return false;
	*value = (unsigned)n;
	return true;
}

static bool
parse_stored(const char *source, struct stored *s)
{
	struct text rest = { source, strlen(source) };
	struct text nothing, name, cost, salt, hash;

	return text_split(&rest, '$', &nothing) && nothing.length == 0 &&
	    text_split(&rest, '$', &name) && text_is(name, "scrypt") &&
	    text_split(&rest, '$', &cost) && text_split(&rest, '$', &salt) &&
	    text_split(&rest, '$', &hash) && rest.data == NULL &&
	    parse_parameter(&cost, "ln=", &s->cost.log2_n) &&
	    parse_parameter(&cost, "r=", &s->cost.r) &&
	    parse_parameter(&cost, "p=", &s->cost.p) && cost.data == NULL &&
	    cost_allowed(&s->cost) &&
	    base64_decode(salt, s->salt, SALT_SIZE) &&
	    base64_decode(hash, s->hash, HASH_SIZE);
}

static bool
scrypt(const char *password, const struct password_cost *cost,
    const uint8_t salt[static SALT_SIZE], uint8_t hash[static HASH_SIZE])
{
	if (!cost_allowed(cost)) {
		log_error("scrypt: not with ln=%u r=%u p=%u", cost->log2_n,
		    cost->r, cost->p);
		return false;
	}
	/* It maps its memory itself, and nothing else is left to fail. */
	if (libscrypt_scrypt((const uint8_t *)password, strlen(password), salt,
	    SALT_SIZE, UINT64_C(1) << cost->log2_n, cost->r, cost->p, hash,
	    HASH_SIZE) != 0)
		memory_out("none left for scrypt");
	return true;
}

enum err
password_hash(const char *password, const struct password_cost *cost,
    char stored[static PASSWORD_STORED_SIZE])
{
	uint8_t salt[SALT_SIZE], hash[HASH_SIZE];
	char salt_text[SALT_LETTERS + 1], hash_text[HASH_LETTERS + 1];

	token_bytes(salt, sizeof(salt));
	if (!scrypt(password, cost, salt, hash))
		return ERR_INTERNAL;
	base64_encode(salt, sizeof(salt), salt_text);
	base64_encode(hash, sizeof(hash), hash_text);
	snprintf(stored, PASSWORD_STORED_SIZE, "$scrypt$ln=%u,r=%u,p=%u$%s$%s",
	    cost->log2_n, cost->r, cost->p, salt_text, hash_text);
	explicit_bzero(hash, sizeof(hash));
	explicit_bzero(hash_text, sizeof(hash_text));
	return OK;
}

bool
password_verify(const char *password, const char *stored,
    const struct password_cost *cost)
{
	struct stored s = {0};
	uint8_t hash[HASH_SIZE] = {0};
	bool known, same;

	known = stored != NULL && parse_stored(stored, &s);
	if (!known)
		s = (struct stored){ .cost = *cost };
	same = scrypt(password, &s.cost, s.salt, hash) &&
	    equal_secret(hash, s.hash, HASH_SIZE);
	explicit_bzero(hash, sizeof(hash));
	explicit_bzero(&s, sizeof(s));
	return known && same;
}

bool
password_outdated(const char *stored, const struct password_cost *cost)
{
	struct stored s;
	bool same;

	same = parse_stored(stored, &s) && s.cost.log2_n == cost->log2_n &&
	    s.cost.r == cost->r && s.cost.p == cost->p;
	explicit_bzero(&s, sizeof(s));
	return !same;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* A piece of at most four characters over and over, or 12345678, hgfedcba. */
static bool
is_pattern(struct text t)
{
	size_t unit, i;
	bool up = true, down = true;

	for (unit = 1; unit <= 4 && unit * 2 <= t.length; unit++) {
		for (i = unit; i < t.length; i++)
			if (t.data[i] != t.data[i - unit])
				break;
		if (i == t.length)
			return true;
	}
	for (i = 1; i < t.length; i++) {
		up = up && (t.data[i] == t.data[i - 1] + 1 ||
		    (t.data[i - 1] == '9' && t.data[i] == '0'));
		down = down && (t.data[i] == t.data[i - 1] - 1 ||
		    (t.data[i - 1] == '0' && t.data[i] == '9'));
	}
	return up || down;
}

static int
compare(const void *word, const void *entry)
{
	return strcmp(word, *(const char *const *)entry);
}

static bool
is_listed(const char *word)
{
	return bsearch(word, common_words,
	    sizeof(common_words) / sizeof(common_words[0]),
	    sizeof(common_words[0]), compare) != NULL;
}

/* p@55w0rd is password. */
static void
read_signs(char *word)
{
	static const char signs[] = "0134578@$!";
	static const char meant[] = "oieastbasi";
	const char *sign;

	for (; *word != '\0'; word++) {
		sign = strchr(signs, *word);
		if (sign != NULL)
			*word = meant[sign - signs];
	}
}

/* A listed word, with little or nothing but a pattern around it. */
static bool
is_common(const char *password)
{
	struct text whole = { password, strlen(password) };
	struct text front = whole, back = whole;
	char word[WORD_SIZE] = "";
	size_t length;
	bool common;

	if (is_pattern(whole) || is_listed(password))
		return true;
	for (front.length = 0; front.length < whole.length &&
	    !is_letter(password[front.length]); front.length++)
		;
	for (back.length = 0; back.length < whole.length - front.length &&
	    !is_letter(password[whole.length - 1 - back.length]);
	    back.length++)
		;
	back.data += whole.length - back.length;
	length = whole.length - front.length - back.length;
	if ((front.length > DECORATION_MAX && !is_pattern(front)) ||
	    (back.length > DECORATION_MAX && !is_pattern(back)))
		return false;
	memcpy(word, password + front.length, length);
	common = is_listed(word);
	if (!common) {
		read_signs(word);
		common = is_listed(word);
	}
	explicit_bzero(word, sizeof(word));
	return common;
}

static void
lower(const char *s, char out[static WORD_SIZE])
{
	size_t i;

	for (i = 0; i < WORD_SIZE - 1 && s[i] != '\0'; i++)
		out[i] = s[i] >= 'A' && s[i] <= 'Z' ?
		    (char)(s[i] | 0x20) : s[i];
	out[i] = '\0';
}

static bool
is_like(const char *password, const char *name)
{
	size_t length = strlen(name);

	return length > 0 && strstr(password, name) != NULL &&
	    strlen(password) - length <= DECORATION_MAX;
}

const char *
password_weak(const char *password, const char *username)
{
	const char *reason = NULL;
	char word[WORD_SIZE], name[WORD_SIZE], reversed[WORD_SIZE] = "";
	size_t length, i;

	if (is_pattern((struct text){ password, strlen(password) }))
		return "common";
	if (strlen(password) >= WORD_SIZE)
		return NULL;
	lower(password, word);
	lower(username, name);
	length = strlen(name);
	for (i = 0; i < length; i++)
		reversed[i] = name[length - 1 - i];
	if (is_like(word, name) || is_like(word, reversed))
		reason = "like_username";
	else if (is_common(word))
		reason = "common";
	explicit_bzero(word, sizeof(word));
	return reason;
}

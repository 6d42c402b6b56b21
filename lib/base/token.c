#include <errno.h>
#include <openssl/evp.h>
#include <sys/random.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/token.h"

static const char letters[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#define LETTERS (sizeof(letters) - 1)
/* Bytes from here on would make the first letters likelier: skipped. */
#define FAIR_BYTES (256 / LETTERS * LETTERS)

void
token_bytes(void *out, size_t length)
{
	uint8_t *at = out;

	while (length > 0) {
		ssize_t n = getrandom(at, length, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			log_error("getrandom: %s; this process ends",
			    strerror(errno));
			_exit(EX_OSERR);
		}
		at += n;
		length -= (size_t)n;
	}
}

void
token_make(char out[static TOKEN_SIZE])
{
	uint8_t bytes[64];
	size_t done = 0;

	while (done < TOKEN_SIZE - 1) {
		token_bytes(bytes, sizeof(bytes));
		for (size_t i = 0; i < sizeof(bytes); i++) {
			if (bytes[i] < FAIR_BYTES && done < TOKEN_SIZE - 1)
				out[done++] = letters[bytes[i] % LETTERS];
		}
	}
	out[done] = '\0';
	explicit_bzero(bytes, sizeof(bytes));
}

/* Fetched once: looking an algorithm up costs more than a short hash. */
void
token_hash(const void *bytes, size_t length,
    uint8_t hash[static TOKEN_HASH_SIZE])
{
	static EVP_MD *sha256;
	int done = 0;

	if (sha256 == NULL)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (sha256 != NULL)
		done = EVP_Digest(bytes, length, hash, NULL, sha256, NULL);
	if (done != 1) {
		log_error("SHA-256 is not available; this process ends");
		_exit(EX_SOFTWARE);
	}
}

void
hex_encode(const void *bytes, size_t length, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *in = bytes;

	for (size_t i = 0; i < length; i++) {
		*out++ = digits[in[i] >> 4];
		*out++ = digits[in[i] & 15];
	}
	*out = '\0';
}

static unsigned
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	return 0;
}

void
hex_decode(const char *hex, size_t length, char *out)
{
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		out[i / 2] = (char)(hex_digit(hex[i]) << 4 |
		    hex_digit(hex[i + 1]));
	out[length / 2] = '\0';
}

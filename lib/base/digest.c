#include <openssl/evp.h>
#include <stdbool.h>
#include <sysexits.h>

#include "base/digest.h"
#include "base/log.h"

struct digest {
	EVP_MD_CTX *context;
};

static void
need(bool done)
{
	if (done)
		return;
	log_error("SHA-256 is not available; this process ends");
	_exit(EX_SOFTWARE);
}

struct digest *
digest_start(void)
{
	struct digest *d = malloc(sizeof(*d));

	need(d != NULL);
	d->context = EVP_MD_CTX_new();
	need(d->context != NULL &&
	    EVP_DigestInit_ex(d->context, EVP_sha256(), NULL) == 1);
	return d;
}

void
digest_add(struct digest *d, const void *bytes, size_t length)
{
	need(EVP_DigestUpdate(d->context, bytes, length) == 1);
}

void
digest_end(struct digest *d, char text[static DIGEST_TEXT_SIZE])
{
	uint8_t sum[TOKEN_HASH_SIZE];

	need(EVP_DigestFinal_ex(d->context, sum, NULL) == 1);
	EVP_MD_CTX_free(d->context);
	free(d);
	hex_encode(sum, sizeof(sum), text);
}

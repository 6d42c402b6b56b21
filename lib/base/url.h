/*
 * base/url.h -- the address of the site, taken apart and put in order.
 *
 * Its parts go into nginx's configuration, into cookies and into comparisons
 * with what browsers send as Origin, so only plain letters are allowed, the
 * host is lower-case, and a port that goes without saying is left out.
 * Source  RFC 3986; the origin as RFC 6454 writes it.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

#define URL_SIZE 256

struct url {
	char origin[URL_SIZE];	/* "https://example.org" */
	char path[URL_SIZE];	/* "/chat/": begins and ends with / */
	bool secure;		/* https */
};

/**
 * url_parse(text, url): http or https, a host, perhaps a port and a path;
 * false for anything else: user names, queries, fragments, dots as a segment.
 */
bool url_parse(const char *text, struct url *url);

/** url_host_valid(host, length): a name, an IPv4 or a [bracketed] IPv6. */
bool url_host_valid(const char *host, size_t length);

/** url_place_valid(text): host:port. */
bool url_place_valid(const char *text);

#endif

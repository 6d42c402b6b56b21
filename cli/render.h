/*
 * cli/render.h -- nginx's configuration from its templates.
 *
 * nginx/nginx.conf, nginx/push.conf and nginx/parts/ become files of the same
 * names in a folder, VAR/etc.  Words between at signs are filled in:
 *
 *	VAR		folder of the instance
 *	ROOT		where htdocs/ and docs/ are
 *	USER		"user root;" for root, else nothing
 *	LISTEN		[instance] listen
 *	PATH		[site] url's path, begins and ends with /
 *	BARE_PATH	the same without the last /
 *	PATH_PATTERN	the same as PATH, for regular expressions
 *	SUBPATH		nothing; # when PATH is /
 *	ORIGIN		[site] url's scheme, host and port
 *	CSP_HASH	of the import map, by `make vendor`
 *	QUEUE		how many requests may be with the workers
 *	AUTH_QUEUE	the same, of those that cost a password hash
 *	ADDRESS_CONNECTIONS	requests and streams at once of one address
 *	ADDRESS_ASKS	those of them for which workers are needed
 *	ADDRESS_LISTENS	streams and waits that it may begin in a second
 *	FILES		descriptors a process may have
 *	CONNECTIONS	connections that the public nginx may have
 *	STREAMS		the same of the push nginx: a stream takes two there and
 *			one here
 */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H

#include "base/err.h"
#include "cli/instance.h"

#define RENDER_FOLDER "etc"

/** render_conf(in, folder): a folder of VAR; says what is wrong. */
enum err render_conf(const struct instance *in, const char *folder);

#endif

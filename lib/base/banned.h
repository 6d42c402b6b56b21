/*
 * base/banned.h -- functions that turn strangers' bytes into trouble.
 *
 * Included before every file through the compiler's -include: calling one of
 * these is a warning, and so, with -Werror, a compile error.  They are marked
 * and not poisoned, because the libraries' headers name some of them too
 * (OpenSSL has a parameter called rand).  What a library itself should not be
 * asked for (json_tokener_parse, mysql_real_escape_string...) is poisoned in
 * the one file that includes its header, below that include.
 * Source  STYLE in CONTRIBUTING.md; git's banned.h has the same idea.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* clang leaves those alone that libc defines inline; gcc marks them all. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"

#undef alloca
#define BANNED(function) \
	__typeof__(function) function __attribute__((deprecated("banned")))

BANNED(strcpy);
BANNED(strcat);
BANNED(strncpy);
BANNED(strncat);
BANNED(sprintf);
BANNED(vsprintf);
BANNED(strtok);
BANNED(strtok_r);
BANNED(atoi);
BANNED(atol);
BANNED(atoll);
BANNED(atof);
BANNED(sscanf);
BANNED(scanf);
BANNED(alloca);
BANNED(gmtime);
BANNED(localtime);
BANNED(ctime);
BANNED(asctime);
BANNED(mktemp);
BANNED(tmpnam);
BANNED(tempnam);
BANNED(system);
BANNED(popen);
BANNED(execlp);
BANNED(execvp);
BANNED(rand);
BANNED(random);
BANNED(srand);

#pragma GCC diagnostic pop

#endif

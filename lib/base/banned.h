/*
 * base/banned.h -- functions that turn strangers' bytes into trouble.
 *
 * Included by every file through the compiler's -include, after the system's
 * own headers had no chance to use them: naming one is a compile error.
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

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison strtok_r atoi atol atoll atof sscanf scanf alloca
#pragma GCC poison gmtime localtime ctime asctime mktemp tmpnam tempnam
#pragma GCC poison system popen execlp execvp rand random srand setjmp longjmp
#pragma GCC poison json_tokener_parse json_object_get_int libscrypt_check
#pragma GCC poison libscrypt_hash mysql_real_escape_string MYSQL_OPT_RECONNECT

#endif

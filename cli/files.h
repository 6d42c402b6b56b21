/*
 * cli/files.h -- folders, small files and programs, for the command line.
 *
 * Every failure is said on standard error where it happens; callers only pass
 * it on.  Paths are at most PATH_SIZE - 1 bytes; longer ones are refused.
 */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PATH_SIZE 512

/** complain(format, ...): "natter: ..." on standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** complain_to(fd): there instead; the descriptor stays open. */
enum err complain_to(int fd);

/** complain_also_to(copy): there too, until it is NULL. */
void complain_also_to(FILE *copy);

/** complain_end_of(log): its last lines; nothing when there are none. */
void complain_end_of(const char *log);

/** path_make(out, format, ...): ERR_BAD_INPUT: longer than a path may be. */
enum err path_make(char out[static PATH_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

bool file_exists(const char *path);

/** folder_make(path): with its parents, 0700; one that is there stays as it
 * is. */
enum err folder_make(const char *path);

/** folder_remove(path): and all that is in it; absent is fine. */
enum err folder_remove(const char *path);

/** file_read(path, length): malloc'ed and NUL-terminated, NULL when it can't be
 * read; the caller frees it.  length may be NULL. */
char *file_read(const char *path, size_t *length);

/** line_take(rest): cut the next line out of *rest; NULL when nothing is left, or
 * *rest is NULL. */
char *line_take(char **rest);

/** file_write(path, text, length): 0600, in place at once: readers see the old
 * one or the new one. */
enum err file_write(const char *path, const char *text, size_t length);

/** program_find(name, out): in PATH and the folders for administrators. */
enum err program_find(const char *name, char out[static PATH_SIZE]);

#endif

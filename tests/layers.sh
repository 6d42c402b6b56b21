#!/bin/sh
# Who may include whom (CONTRIBUTING.md), and which one file knows an outside
# header.  Prints what breaks a rule; closing line "N passed, N failed".
set -eu
cd "$(dirname "$0")/.."

passed=0 failed=0

# check WHAT LINES: no lines, no fault.
check() {
	if [ -z "$2" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	printf 'not ok: %s\n%s\n' "$1" "$2"
}

# layer FOLDER ALLOWED: its files include ours only from the allowed folders (a
# pattern).
layer() {
	files=$(find "$1" -name '*.[ch]')
	[ -n "$files" ] || return 0
	check "$1 includes only $2" "$(grep -nE '^#include "' $files |
		grep -vE "#include \"($2)/" || true)"
}

layer lib/base 'base'
layer lib/events 'events|base'
layer lib/model 'model|events|base'
layer fcgi-app/http 'http|base'
layer fcgi-app/api 'api|http|model|events|base'
layer pushd 'pushd|model|events|base'
layer cli 'cli|model|events|base'

# outside PATTERN FILES: an outside header and the only files that may name it.
outside() {
	check "<$1> only in $2" "$(grep -rnE "^#include <($1)" --include='*.[ch]' \
		fcgi-app pushd cli lib | grep -vE "^($2):" || true)"
}

outside '(mysql|mariadb)' 'lib/base/db(_[a-z]+)?\.[ch]'
outside '(json-c|json)[/.]' 'lib/base/json\.c'
outside 'libscrypt' 'lib/base/password\.c'
outside 'ini\.h' 'lib/base/config\.c'
outside 'md4c' 'lib/model/render\.c'
outside 'fcg' 'fcgi-app/http/fcgi\.c'
outside 'curl/' 'pushd/[a-z]+\.c'
check 'one file of pushd knows curl' "$(grep -rlE '^#include <curl/' pushd |
	sed 1d)"

# Statements are texts in the file that owns the table: SQL never has a value
# put into it, so nothing formats SQL but the schema's loader.
check 'no formatted SQL' "$(grep -rnE 'printf\(.*"(SELECT|INSERT|UPDATE|DELETE) ' \
	--include='*.c' fcgi-app pushd lib || true)"

check 'every top folder has a README' "$(for folder in cli docs fcgi-app \
	htdocs lib nginx pushd scripts sql tests; do
		[ -s $folder/README.md ] || echo $folder; done)"

check 'no trailing blanks, no conflict marks' "$(git grep -nIE \
	'[ 	]+$|^(<<<<<<<|>>>>>>>) ' -- '*.c' '*.h' '*.js' '*.mjs' '*.css' '*.sql' \
	'*.sh' '*.conf' Makefile scripts || true)"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

#!/bin/bash
# sql/schema.sql, its migrations and `natter migrate`, on a MariaDB of its own.
# Closing line "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/../.."

natter=${NATTER_BIN:-build/bin}/natter
dir=$(mktemp -d /tmp/nq-XXXXXX)
passed=0 failed=0
server=

stop() {
	[ -z "$server" ] || { kill "$server"; wait "$server"; } 2>/dev/null
	rm -rf "$dir"
}
trap stop EXIT

# check WHAT COMMAND...: it ends well.
check() {
	local what=$1
	shift
	if "$@" >"$dir/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: $what"
		cat "$dir/said"
	fi
}

start_server() {
	local flags="--no-defaults --datadir=$dir/data --socket=$dir/s --pid-file=$dir/p
		--log-error=$dir/log --tmpdir=$dir --skip-networking --skip-log-bin
		--performance-schema=OFF --innodb-buffer-pool-size=16M
		--innodb-data-file-path=ibdata1:12M:autoextend
		--innodb-autoextend-increment=4
		--innodb-temp-data-file-path=ibtmp1:1M:autoextend
		--innodb-flush-log-at-trx-commit=0"
	[ "$(id -u)" != 0 ] || flags="$flags --user=root"
	mariadb-install-db $flags --skip-test-db \
		--auth-root-authentication-method=normal >"$dir/said" 2>&1 ||
		{ cat "$dir/said"; return 1; }
	mariadbd $flags &
	server=$!
	for _ in $(seq 600); do
		sql 'SELECT 1' >/dev/null 2>&1 && return
		sleep 0.05
	done
	cat "$dir/log"
	return 1
}

# Statements by argument or standard input, on the database $db.
sql() {
	mariadb --no-defaults --socket="$dir/s" -u root -N ${1:+-e "$1"} ${db:-}
}

make_database() {
	db= sql "CREATE DATABASE $1 CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"
}

# The tables and routines of a database, without what may differ.
shape() {
	mariadb-dump --no-defaults --socket="$dir/s" -u root --no-data --routines \
		--skip-comments --skip-dump-date "$1" | sed 's/ AUTO_INCREMENT=[0-9]*//'
}

same_shape() {
	diff <(shape "$1") <(shape "$2")
}

# on DATABASE COMMAND...: as root, with the program's own environment.
on() {
	local name=$1
	shift
	NATTER_DATABASE_SOCKET=$dir/s NATTER_DATABASE_USER=root \
		NATTER_DATABASE_PASSWORD_FILE=none NATTER_DATABASE_NAME=$name \
		NATTER_DATABASE_MAY_LOSE_MESSAGES=1 "$@"
}

# natter's migrate on the database $1, by the program $2.
migrate() {
	on "$1" "${2:-$natter}" --var "$dir/var" migrate
}

# A tree like ours with more migrations; the program finds sql/ beside itself.
copy_tree() {
	mkdir -p "$dir/$1/build/bin"
	cp -R sql "$dir/$1/"
	cp "$natter" "$dir/$1/build/bin/"
}

is() {
	local got
	got=$(sql "$1")
	[ "$got" = "$2" ] || { echo "$1: $got, not $2"; return 1; }
}

fails() {
	! "$@"
}

# Indexes of schema.sql beside which no statement stands that there is.
idle_indexes() {
	local line file
	awk '/^  (UNIQUE )?KEY / {if (key) print key; key = $0; next}
		key && /^ +--/ {key = key $0; next}
		key {print key; key = ""}' sql/schema.sql | while read -r line; do
		[[ $line =~ (message_post_by)\ below ]] && continue
		if [[ $line =~ ([a-z]+/[a-z_]+\.c)\ ([a-z_]+) ]]; then
			file=${BASH_REMATCH[1]}
			[ -e "$file" ] || file=lib/$file
			grep -q "^static struct stmt ${BASH_REMATCH[2]} " "$file" && continue
		fi
		echo "$line"
	done
}

mkdir -p "$dir/var"
start_server || { echo '0 passed, 1 failed'; exit 1; }
last=$(ls sql/migrations | sed -n 's/^\([0-9]\{4\}\)_.*\.sql$/\1/p' | tail -1)
last=$((10#${last:-0}))

db=empty
make_database empty
check 'migrate fills an empty database' migrate empty
check 'and marks every migration as done' is \
	"SELECT COUNT(*), MAX(version) FROM schema_versions" "$last	$last"
check 'with a random epoch' is \
	"SELECT COUNT(*) FROM site WHERE name = 'epoch' AND value REGEXP '^[0-9a-f]{32}$'" 1
epoch=$(sql "SELECT value FROM site WHERE name = 'epoch'")
check 'again it has nothing to do' grep -q 'nothing to do' <(migrate empty 2>&1)
check 'and keeps the epoch' is "SELECT value FROM site WHERE name = 'epoch'" "$epoch"

make_database replayed
for file in sql/migrations/[0-9]*.sql; do
	check "$file runs" eval "db=replayed sql <$file"
done
make_database fresh
check 'sql/schema.sql runs' eval 'db=fresh sql <sql/schema.sql'
check 'schema.sql and the replayed migrations make the same (before the first
release: cp sql/schema.sql sql/migrations/0001_first.sql; later: write one)' \
	same_shape fresh replayed
check 'every table of schema.sql has its comment' fails grep -n . <(
	awk '/^CREATE (TABLE|PROCEDURE)/ && before !~ /^--/ {print} {before = $0}' \
		sql/schema.sql)
check 'every index of schema.sql names the statement that wants it' fails grep . <(
	idle_indexes)

copy_tree next
printf 'ALTER TABLE users ADD COLUMN colour VARCHAR(9) NULL;\n' \
	>"$dir/next/sql/migrations/9001_colour.sql"
printf 'UPDATE users SET colour = 1;\nALTER TABLE users ADD COLUMN size INT NULL;\n' \
	>"$dir/next/sql/migrations/9002_size.sql"
next=$dir/next/build/bin/natter
check 'a newer program says what is missing' eval \
	'[ "$(on empty "$next" --var "$dir/var" migrate --plan | xargs)" = "9001_colour 9002_size" ]'
check 'applies it, in order' migrate empty "$next"
check 'and remembers it' is \
	"SELECT GROUP_CONCAT(name ORDER BY version) FROM schema_versions WHERE version > 9000" \
	'9001_colour,9002_size'
check 'an older program refuses a newer schema' fails migrate empty

copy_tree broken
printf 'ALTER TABLE nobody ADD COLUMN x INT;\n' >"$dir/broken/sql/migrations/9003_x.sql"
cp "$dir"/next/sql/migrations/900[12]* "$dir/broken/sql/migrations/"
check 'a migration that fails stops' fails migrate empty "$dir/broken/build/bin/natter"
check 'and is not remembered' is \
	"SELECT COUNT(*) FROM schema_versions WHERE version = 9003" 0

copy_tree edited
echo '-- another one' >>"$dir/edited/sql/migrations/0001_first.sql"
make_database edited
check 'a file that has changed since it ran is refused' eval 'migrate edited &&
	grep "another 0001_first.sql" <(migrate edited "$dir/edited/build/bin/natter" 2>&1)'

# A migration of every kind of statement, and what it adds to is there once.
copy_tree stepped
cat >"$dir/stepped/sql/migrations/9001_steps.sql" <<-'END'
	ALTER TABLE users ADD COLUMN colour VARCHAR(9) NULL, ALGORITHM=INSTANT, LOCK=NONE;
	UPDATE site SET value = value + 1 WHERE name = 'counter';
	CREATE TABLE paints (id INT NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB;
	INSERT INTO paints (id) SELECT COALESCE(MAX(id), 0) + 1 FROM paints;
	ALTER TABLE users ADD KEY users_colour (colour), ALGORITHM=INPLACE, LOCK=NONE;
	DELIMITER //
	CREATE PROCEDURE paint() BEGIN SELECT 1; SELECT 2; END //
	DELIMITER ;
	DROP PROCEDURE paint;
	ALTER TABLE paints DROP COLUMN id, ADD COLUMN name VARCHAR(9) NULL;
END
stepped=$dir/stepped/build/bin/natter

make_database hindered
db=hindered
check 'what stands in the way of a migration stops it' eval 'migrate hindered &&
	sql "INSERT INTO site VALUES (\"counter\", \"0\"); CREATE TABLE paints (own INT)" &&
	fails migrate hindered "$stepped"'
check 'and stops it again' fails migrate hindered "$stepped"
check 'until it is taken away' eval 'sql "DROP TABLE paints" && migrate hindered "$stepped" &&
	is "SELECT value FROM site WHERE name = \"counter\"" 1'

# LeakSanitizer is a tracer itself, and there is one at a time.
traced() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=sendto "$@" --var "$dir/var" migrate
}

# killed NTH: at its NTH message to the server, and run again.  2: it had less.
killed() {
	local ended
	db= sql 'DROP DATABASE IF EXISTS killed'
	make_database killed
	migrate killed >/dev/null || return 1
	db=killed sql "INSERT INTO site VALUES ('counter', '0')"
	on killed traced -o /dev/null -e "inject=sendto:signal=KILL:when=$1" "$stepped"
	ended=$?
	[ $ended != 0 ] || return 2
	[ $ended = 137 ] && migrate killed "$stepped" &&
		[ "$(db=killed sql 'SELECT value FROM site WHERE name = "counter"')" = 1 ] &&
		[ "$(db=killed sql 'SELECT COUNT(*) FROM paints')" = 1 ] &&
		same_shape killed stepped
}

if strace -qq -o /dev/null true 2>/dev/null; then
	make_database stepped
	check 'a migration of many statements runs' eval 'migrate stepped &&
		on stepped traced -o "$dir/trace" -s 80 "$stepped"'
	first=$(grep -n -m 1 "'migrating', '" "$dir/trace" | cut -d: -f1)
	nth=$first
	while killed $nth >"$dir/killed" 2>&1; result=$?; [ $result = 0 ]; do
		nth=$((nth + 1))
	done
	check "and again, killed at each of its $((nth - first)) steps" eval \
		'[ $result = 2 ] && [ $nth -gt $((first + 20)) ] || { cat "$dir/killed"; false; }'
fi

make_database older
db=older
check 'a backup' eval 'migrate older && sql "INSERT INTO site VALUES (\"mark\", \"1\")" &&
	on older "$natter" --var "$dir/var" backup "$dir/older.tar"'
make_database younger
check 'of the program before is restored by the next one' on younger "$next" \
	--var "$dir/var2" restore "$dir/older.tar"
db=younger
check 'which brings it to its schema' eval 'migrate younger "$next" &&
	is "SELECT COUNT(*) FROM schema_versions" $((last + 2)) && is "SELECT value FROM site WHERE name = \"mark\"" 1'
check 'but not the other way' eval 'on younger "$next" --var "$dir/var2" backup "$dir/younger.tar" &&
	grep "newer than" <(on older "$natter" --var "$dir/var2" restore --replace "$dir/younger.tar" 2>&1)'

make_database foreign_one
db=foreign_one
sql 'CREATE TABLE other (id INT PRIMARY KEY)'
check "somebody else's database is refused" fails migrate foreign_one
check 'and left alone' is 'SHOW TABLES' other

make_database torn
db=torn
sql "$(sed -n '/^CREATE TABLE site/,/;/p' sql/schema.sql)"
check 'a half-loaded database of another server is refused' fails migrate torn

make_database race
(migrate race >"$dir/r1" 2>&1) & one=$!
(migrate race >"$dir/r2" 2>&1) & two=$!
check 'of two at once, both end well' eval "wait $one && wait $two"
db=race
check 'and one did it' is "SELECT COUNT(*) FROM site WHERE name = 'epoch'" 1

echo "$passed passed, $failed failed"
[ $failed = 0 ]

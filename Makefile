# make           build the programs
# make run       install what is missing, build, start everything on
#                http://127.0.0.1:8080 (PORT=8081 VAR=DIR: another one beside it)
# make test      everything CI runs: layers, unit, sql, api, browser, faults
#                (one part: make unit, make test-api, make test-browser)
# make test-compose   docker-compose.yml, end to end
# make bench     the numbers of docs/performance.md, measured now
# make profile   where the time of a send goes
# make torture   half an hour of fault tests (torture-short: four minutes)
# make fuzz      every fuzz target for FUZZ_SECONDS=60, in CI too
# make install   into DESTDIR and PREFIX=/usr/local
# make vendor    the browser libraries, from npm
# make fmt       clang-format the C;   make clean
#
# SANITIZE=1     AddressSanitizer and UBSan, in build-asan
# CC=clang       another compiler, in build-clang;   B=DIR: another folder
# V=1            show every command

CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wmissing-prototypes -Wconversion \
	-Wsign-conversion -Wformat=2 -Wvla -Wstrict-prototypes -Werror
HARD := -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection=full
ifneq (,$(findstring clang,$(CC)))
B ?= build-clang
WARN += -Wno-gnu-zero-variadic-macro-arguments -Wno-unused-command-line-argument
else
HARD += -ftrivial-auto-var-init=zero
endif
ifdef SANITIZE
B ?= build-asan
HARD := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
endif
B ?= build

CPPFLAGS += -D_GNU_SOURCE -include lib/base/banned.h -I. -Ilib -Ifcgi-app
CFLAGS += -std=c11 $(HARD) $(WARN) -fPIE -MMD -MP
LDFLAGS += -pie -Wl,-z,relro,-z,now,--as-needed
LIBS_DB := $(shell pkg-config --libs libmariadb 2>/dev/null || echo -lmysqlclient)
LIBS := $(LIBS_DB) -ljson-c -lmd4c -linih -lscrypt -lutf8proc -lcrypto
LIBS_APP := -lfcgi
LIBS_PUSHD := -lcurl

Q := $(if $(V),,@)
objects = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)))
PROGRAMS := $(foreach p,$(if $(wildcard fcgi-app/main.c),natter-app) \
	$(if $(wildcard pushd/main.c),natter-pushd) \
	$(if $(wildcard cli/main.c),natter),$(B)/bin/$(p))
LAYERS := $(B)/model.a $(B)/events.a $(B)/base.a
UNITS := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
BENCH := $(addprefix $(B)/bench/,load transaction hello)
FUZZERS := $(patsubst tests/fuzz/%.c,build-fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

all: $(PROGRAMS)

$(B)/base.a: $(call objects,lib/base/*.c)
$(B)/events.a: $(call objects,lib/events/*.c)
$(B)/model.a: $(call objects,lib/model/*.c)
$(B)/app.a: $(call objects,fcgi-app/http/*.c fcgi-app/api/*.c)
$(B)/pushd.a: $(filter-out %/main.o,$(call objects,pushd/*.c))
$(B)/cli.a: $(filter-out %/main.o,$(call objects,cli/*.c))
$(B)/bin/natter-app: $(call objects,fcgi-app/*.c) $(B)/app.a $(LAYERS)
$(B)/bin/natter-pushd: $(call objects,pushd/*.c) $(LAYERS)
$(B)/bin/natter: $(call objects,cli/*.c) $(LAYERS)
$(B)/bin/natter-app: LIBS += $(LIBS_APP)
$(B)/bin/natter-pushd: LIBS += $(LIBS_PUSHD)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(B)/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)ar rcs $@ $^
$(B)/bin/%:
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# Bench programs stand alone: what they measure is not in them.
$(B)/bench/hello: $(B)/tests/bench/hello.o
$(B)/bench/transaction: $(patsubst %,$(B)/tests/bench/%.o,transaction samples usage)
$(B)/bench/load: $(patsubst %,$(B)/tests/bench/%.o,load link sender follower \
	ledger samples usage)
$(BENCH):
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lpthread $(LIBS_DB) $(LIBS_APP)

# Archives are searched in this order, from the outer layer to the inner one.
ARCHIVES := $(B)/app.a $(B)/pushd.a $(B)/cli.a $(LAYERS)
$(filter $(B)/tests/unit/test_db_%,$(UNITS)): $(B)/tests/unit/own_database.o
$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(ARCHIVES)
	@echo "  LD $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(ARCHIVES) \
	    -lcmocka $(LIBS) $(LIBS_APP) $(LIBS_PUSHD)
.SECONDARY:

units: $(UNITS)
unit: units
	@scripts/unit $(UNITS)
test:
	@scripts/test
test-api:
	@scripts/test api
test-browser:
	@scripts/test browser
test-compose:
	@tests/compose.sh
bench: all $(BENCH)
	@B=$(B) node tests/bench/bench.js
profile: all $(BENCH)
	@B=$(B) scripts/profile
torture: all
	@B=$(B) scripts/torture long
torture-short: all
	@B=$(B) scripts/torture short

# Fuzz targets see all of lib/ and http/, instrumented too.  From an archive, so
# that one may include a file of it whole, to call what is static there.
FUZZ_FLAGS := -std=c11 -O1 -g -fno-omit-frame-pointer -MMD -MP \
	-fno-sanitize-recover=undefined
build-fuzz/lib.a: $(patsubst %.c,build-fuzz/%.o,$(wildcard lib/*/*.c fcgi-app/http/*.c))
	@rm -f $@
	$(Q)ar rcs $@ $^
build-fuzz/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(Q)clang $(CPPFLAGS) $(FUZZ_FLAGS) -c -o $@ $< \
	    -fsanitize=fuzzer-no-link,address,undefined
build-fuzz/fuzz_%: build-fuzz/tests/fuzz/fuzz_%.o build-fuzz/lib.a
	@echo "  LD $@"
	$(Q)clang $(FUZZ_FLAGS) -o $@ $^ -fsanitize=fuzzer,address,undefined \
	    $(LIBS) $(LIBS_APP)
fuzz: $(FUZZERS)
	@scripts/fuzz $(FUZZ_SECONDS) $(FUZZERS)

run:
	@B=$(B) scripts/run
vendor:
	@scripts/vendor

SHARE := $(DESTDIR)$(PREFIX)/share/natter
install: all
	@[ -e htdocs/vendor/csp-hash.txt ] || \
	    { echo "the page's libraries are missing: make vendor" >&2; exit 1; }
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/natter $(SHARE)
	install -m 755 $(B)/bin/natter $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(B)/bin/natter-app $(B)/bin/natter-pushd \
	    $(DESTDIR)$(PREFIX)/lib/natter/
	cp -R htdocs nginx sql docs natter.conf.example $(SHARE)/

fmt:
	clang-format -i $$(git ls-files '*.c' '*.h')
clean:
	rm -rf build build-asan build-clang build-fuzz build-test
help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

.PHONY: all units unit test test-api test-browser test-compose bench torture \
	torture-short profile fuzz run vendor install fmt clean help
-include $(shell find $(B) build-fuzz -name '*.d' 2>/dev/null)

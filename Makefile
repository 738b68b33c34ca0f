# judgefs: `sudo make run` and `sudo make test` are all that a newcomer needs.
# What each target does: `make help`.

VERSION = 0.1.0
PREFIX ?= /usr/local
MOUNT ?= /judge
STATE ?= /var/lib/judgefs
OPT ?= -O2 -g
ifeq ($(origin CC),default)
CC = gcc
endif
# make test SANITIZE=address,undefined
SANITIZE ?=
comma = ,
B = build$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))

PKG = pkg-config
WARN = -Wall -Wextra
CPPFLAGS += -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DPREFIX='"$(PREFIX)"' -DVERSION='"$(VERSION)"'
CFLAGS = -std=gnu17 $(OPT) $(WARN) -fstack-protector-strong \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all)
LDFLAGS += -Wl,--as-needed -pthread $(if $(SANITIZE),-fsanitize=$(SANITIZE))
FUSE_CFLAGS = $(shell $(PKG) --cflags fuse3 2>/dev/null)

LIBS_base = -linih -ljansson -lnettle -lm
LIBS_sandbox = -lseccomp -lcap
LIBS_judge = -lsqlite3 -lyaml -larchive
LIBS_fs = -lfuse3

# `make V=1` shows the commands.
ifeq ($(V),)
Q = @
say = @printf '  %-5s %s\n' $(1) $(2)
else
say = @:
endif

# A file with a main() of its own is NAME_main.c; judgectl is a folder of verbs.
objs = $(patsubst %.c,$(B)/%.o,$(filter-out %_main.c,$(wildcard $(1))))
BASE = $(call objs,base/*.c)
SANDBOX = $(call objs,sandbox/*.c)
JUDGE = $(call objs,judge/*.c judge/package/*.c judge/sched/*.c judge/store/*.c)
FS = $(call objs,fs/*.c)
CTL = $(call objs,judge/judgectl/*.c)

COMMANDS = judgefs judgectl
HELPERS = judgefs-serve judgefs-sched judgefs-worker judgefs-prepare judgefs-publish judgefs-box
PROGRAMS = $(addprefix $(B)/bin/,$(COMMANDS) $(HELPERS))
UNITS = $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

all: $(PROGRAMS)			## build the programs, into build/bin

lib = $(B)/lib$(1).a
$(call lib,base): $(BASE)
$(call lib,sandbox): $(SANDBOX)
$(call lib,judge): $(JUDGE)
$(call lib,fs): $(FS)
# q: two folders may have a file of one name.
$(B)/lib%.a:
	$(call say,AR,$@)
	@rm -f $@
	$(Q)ar qcs $@ $^

# Readable by all, whatever root's umask is: they run as other users.
define LINK
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS) $(1)
	@chmod 755 $@
endef
FS_LIBS = $(call lib,fs) $(call lib,judge) $(call lib,sandbox) $(call lib,base)
JUDGE_LIBS = $(call lib,judge) $(call lib,sandbox) $(call lib,base)

$(B)/bin/judgefs: $(B)/fs/judgefs_main.o $(FS_LIBS)
	$(call LINK,$(LIBS_fs) $(LIBS_judge) $(LIBS_sandbox) $(LIBS_base))
$(B)/bin/judgefs-serve: $(B)/fs/serve_main.o $(FS_LIBS)
	$(call LINK,$(LIBS_fs) $(LIBS_judge) $(LIBS_base))
$(B)/bin/judgefs-sched: $(B)/judge/sched_main.o $(JUDGE_LIBS)
	$(call LINK,$(LIBS_judge) $(LIBS_sandbox) $(LIBS_base))
$(B)/bin/judgefs-worker: $(B)/judge/worker_main.o $(JUDGE_LIBS)
	$(call LINK,$(LIBS_judge) $(LIBS_base))
$(B)/bin/judgefs-prepare: $(B)/judge/prepare_main.o $(JUDGE_LIBS)
	$(call LINK,$(LIBS_judge) $(LIBS_base))
$(B)/bin/judgefs-publish: $(B)/judge/publish_main.o $(JUDGE_LIBS)
	$(call LINK,$(LIBS_judge) -lcap $(LIBS_base))
$(B)/bin/judgefs-box: $(B)/sandbox/box_main.o $(call lib,sandbox) $(call lib,base)
	$(call LINK,$(LIBS_sandbox) $(LIBS_base))
$(B)/bin/judgectl: $(CTL) $(JUDGE_LIBS)
	$(call LINK,$(LIBS_judge) $(LIBS_sandbox) $(LIBS_base))

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(FS_LIBS)
	$(call LINK,-lcmocka $(LIBS_fs) $(LIBS_judge) $(LIBS_sandbox) $(LIBS_base))

$(B)/tests/bench/box: $(B)/tests/bench/box.o $(call lib,sandbox) $(call lib,base)
	$(call LINK,$(LIBS_sandbox) $(LIBS_base))

$(B)/fs/%.o $(B)/tests/%.o: CPPFLAGS += $(FUSE_CFLAGS)
$(B)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

units: $(UNITS) $(B)/tests/bench/box

# ------------------------------------------------------------------ first steps

AGAIN = @$(MAKE) $(if $(V),,-s) --no-print-directory
CORES = $(shell nproc 2>/dev/null || echo 1)

run: root				## install what is missing, build, start a judge, submit an example
	@tests/deps run
	$(AGAIN) -j$(CORES) all users
	@examples/run $(B)/bin $(STATE) $(MOUNT)

stop: root				## end that judge; nothing of it stays but its state
	@for p in $(B)/bin/judgefs build*/bin/judgefs $(PREFIX)/bin/judgefs; do \
		if [ -x $$p ]; then exec $$p --stop $(STATE); fi; done; \
	echo "no judgefs is built: nothing to stop"

test: root				## install what is missing, run every test (SANITIZE=address,undefined)
	@tests/deps test
	$(AGAIN) -j$(CORES) all units users
	@BIN=$(B)/bin SANITIZE=$(SANITIZE) /usr/bin/python3 tests/run $(TESTS)

check:					## the tests that need no root
	@tests/deps check
	$(AGAIN) -j$(CORES) all units
	@BIN=$(B)/bin SANITIZE=$(SANITIZE) /usr/bin/python3 tests/run unit/ $(TESTS)

# TESTS="unit/test_box attack/" picks from them; VM=DIR keeps the guest elsewhere than in build-vm.
check-vm: root				## sandbox tests in an emulated Debian guest with cgroup v2 alone
	@tests/deps vm
	$(AGAIN) -j$(CORES) all units
	@BIN=$(B)/bin /usr/bin/python3 tests/vm/run $(TESTS)

# ROWS="run io": rows whose name has one of the words. QUICK=1: few rounds, rough numbers.
bench: root				## what judging costs, beside bare programs and bubblewrap
	@tests/deps test
	$(AGAIN) -j$(CORES) all $(B)/tests/bench/box users
	@BIN=$(B)/bin /usr/bin/python3 tests/bench/bench.py --json $(B)/bench.json \
		$(if $(QUICK),--quick) $(ROWS)

# The judge's programs run as these two; nobody logs in as them.
users:
	@for u in judgefs judgefs-worker; do \
		getent passwd $$u >/dev/null || \
		adduser --quiet --system --group --no-create-home --home /nonexistent $$u; done

root:
	@[ "$$(id -u)" = 0 ] || { echo "this needs root; try: sudo make $(MAKECMDGOALS)" >&2; exit 1; }

# ------------------------------------------------------------------ for developers

SOURCES = $(wildcard base/*.c sandbox/*.c judge/*.c judge/*/*.c fs/*.c)
CPPCHECK = cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --suppress=invalidPointerCast \
	--error-exitcode=1 -I. -D_GNU_SOURCE -DVERSION='""' -DPREFIX='""' --max-configs=1

lint:					## cppcheck, clang-tidy, clang's warnings, the manual pages
	@tests/deps lint
	$(AGAIN) -j$(CORES) CC=clang B=build-clang OPT=-O1 WARN="-Wall -Wextra -Werror" all units
	$(CPPCHECK) -j$(CORES) $(SOURCES)
	@printf '%s\n' $(filter-out base/diag.c,$(SOURCES)) | xargs -P$(CORES) -n4 sh -c 'clang-tidy --config-file=tests/clang-tidy --quiet "$$@" -- 2>/dev/null' tidy
	mandoc -T lint -W warning docs/man/*
	@echo "lint: nothing to complain about"

clean:					## remove what was built
	rm -rf build build-* judgefs-*.tar.gz

# ------------------------------------------------------------------ installing

# mount(8) looks for its helpers in /sbin alone, so that one is not below PREFIX.
I = install
share = $(DESTDIR)$(PREFIX)/share
install: all				## install below PREFIX (/usr/local); DESTDIR for packagers
	$(I) -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/judgefs
	$(I) -m 755 $(addprefix $(B)/bin/,$(COMMANDS)) $(DESTDIR)$(PREFIX)/bin
	$(I) -m 755 $(addprefix $(B)/bin/,$(HELPERS)) $(DESTDIR)$(PREFIX)/libexec/judgefs
	$(I) -d $(share)/judgefs $(share)/doc/judgefs $(share)/bash-completion/completions
	cp -R examples/languages.d examples/problems $(share)/judgefs
	chmod -R u=rwX,go=rX $(share)/judgefs
	$(I) -m 644 README.md LICENSE docs/*.md examples/judge.ini $(share)/doc/judgefs
	$(I) -m 644 examples/completion/judgectl $(share)/bash-completion/completions/judgectl
	$(I) -m 644 examples/completion/judgectl $(share)/bash-completion/completions/judgefs
	set -e; for page in docs/man/*.[158]; do section=$${page##*.}; \
		$(I) -D -m 644 $$page $(share)/man/man$$section/$${page##*/}; done
	$(I) -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's,@PREFIX@,$(PREFIX),g' examples/systemd/judgefs.service \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/judgefs.service
	$(I) -d $(DESTDIR)/sbin
	ln -sf $(PREFIX)/bin/judgefs $(DESTDIR)/sbin/mount.fuse.judgefs
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || $(MAKE) --no-print-directory users

uninstall:				## remove what install installed; the state and the users stay
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,$(COMMANDS))
	rm -rf $(DESTDIR)$(PREFIX)/libexec/judgefs $(share)/judgefs $(share)/doc/judgefs
	rm -f $(addprefix $(share)/bash-completion/completions/,$(COMMANDS))
	rm -f $(foreach page,$(wildcard docs/man/*.[158]),$(share)/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/judgefs.service $(DESTDIR)/sbin/mount.fuse.judgefs

dist:					## judgefs-VERSION.tar.gz of the last commit
	git archive --prefix=judgefs-$(VERSION)/ HEAD | gzip -9n >judgefs-$(VERSION).tar.gz

help:					## this
	@sed -n 's/^\([a-z-]*\):[^#]*## */  make \1~/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'~' '{ printf "%-16s %s\n", $$1, $$2 }'

.PHONY: all units run stop test check check-vm bench users root lint clean install uninstall dist help
.SECONDARY:

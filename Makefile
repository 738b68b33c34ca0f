# judgefs: `sudo make run` and `sudo make test` are all that a newcomer needs.
# What each target does: `make help`.

VERSION = 0.1.0
PREFIX ?= /usr/local
CC ?= gcc
OPT ?= -O2 -g
# make test SANITIZE=address,undefined
SANITIZE ?=
B = build$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))
comma = ,

PKG = pkg-config
WARN = -Wall -Wextra
CPPFLAGS += -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DPREFIX='"$(PREFIX)"' -DVERSION='"$(VERSION)"'
CFLAGS = -std=gnu17 $(OPT) $(WARN) -fstack-protector-strong \
	$(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all)
LDFLAGS += -Wl,--as-needed -pthread $(if $(SANITIZE),-fsanitize=$(SANITIZE))
FUSE_CFLAGS = $(shell $(PKG) --cflags fuse3 2>/dev/null)

LIBS_base = -linih -ljansson -lcrypto -lm
LIBS_sandbox = -lseccomp -lcap
LIBS_judge = -lsqlite3 -lyaml -larchive
LIBS_fs = -lfuse3

# A file with a main() of its own is NAME_main.c; judgectl is a folder of verbs.
objs = $(patsubst %.c,$(B)/%.o,$(filter-out %_main.c,$(wildcard $(1))))
BASE = $(call objs,base/*.c)
SANDBOX = $(call objs,sandbox/*.c)
JUDGE = $(call objs,judge/*.c judge/package/*.c)
FS = $(call objs,fs/*.c)
CTL = $(call objs,judge/judgectl/*.c)

PROGRAMS = $(addprefix $(B)/bin/,judgefs judgefs-serve judgefs-sched judgefs-worker judgefs-publish \
	judgefs-box judgectl)
UNITS = $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

all: $(PROGRAMS)

lib = $(B)/lib$(1).a
$(call lib,base): $(BASE)
$(call lib,sandbox): $(SANDBOX)
$(call lib,judge): $(JUDGE)
$(call lib,fs): $(FS)
$(B)/lib%.a:
	@rm -f $@
	ar rcs $@ $^

LINK = $(CC) $(CFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS)
FS_LIBS = $(call lib,fs) $(call lib,judge) $(call lib,sandbox) $(call lib,base)
JUDGE_LIBS = $(call lib,judge) $(call lib,sandbox) $(call lib,base)

$(B)/bin/judgefs: $(B)/fs/judgefs_main.o $(FS_LIBS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS_fs) $(LIBS_judge) $(LIBS_sandbox) $(LIBS_base)
$(B)/bin/judgefs-serve: $(B)/fs/serve_main.o $(FS_LIBS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS_fs) $(LIBS_judge) $(LIBS_base)
$(B)/bin/judgefs-sched: $(B)/judge/sched_main.o $(JUDGE_LIBS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS_judge) $(LIBS_sandbox) $(LIBS_base)
$(B)/bin/judgefs-worker: $(B)/judge/worker_main.o $(JUDGE_LIBS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS_judge) $(LIBS_base)
$(B)/bin/judgefs-publish: $(B)/judge/publish_main.o $(JUDGE_LIBS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS_judge) -lcap $(LIBS_base)
$(B)/bin/judgefs-box: $(B)/sandbox/box_main.o $(call lib,sandbox) $(call lib,base)
	@mkdir -p $(@D)
	$(LINK) $(LIBS_sandbox) $(LIBS_base)
$(B)/bin/judgectl: $(CTL) $(JUDGE_LIBS)
	@mkdir -p $(@D)
	$(LINK) $(LIBS_judge) $(LIBS_sandbox) $(LIBS_base)

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(FS_LIBS)
	@mkdir -p $(@D)
	$(LINK) -lcmocka $(LIBS_fs) $(LIBS_judge) $(LIBS_sandbox) $(LIBS_base)

$(B)/fs/%.o $(B)/tests/%.o: CPPFLAGS += $(FUSE_CFLAGS)
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

units: $(UNITS)

clean:
	rm -rf build build-*

.PHONY: all units clean
.SECONDARY:

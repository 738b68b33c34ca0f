/*
 * lang.h - languages as data: languages.d/NAME.ini
 *
 *	[language]
 *	name = C++17			for people; the file's name is the id
 *	suffixes = cpp cc cxx C		of source files, without the dot
 *	priority = 10			higher wins where suffixes or aliases meet
 *	aliases = cpp c++		names in packages and after `judgefs: language=`
 *	source = main.cpp		the name in the box of a submission of one file; "" keeps it,
 *					"{class}.java" takes the public class's: lang_source_name()
 *	compile = g++ -std=gnu++17 -O2 -o {exe} {sources}
 *					empty: nothing is compiled
 *	exe = main			what compiling must leave; "*.class" any such. Empty with a
 *					compile command: that only checks, and the sources are run
 *	run = {exe}			{exe} {main} {class} {memory-mib} {sources}
 *	env = NAME=VALUE ...		of compiling and running
 *	tools = g++ ...			programs that must be there, looked up in the box's PATH
 *	package = g++			what brings them, for "apt install"
 *	version = g++ --version		its first line is shown
 *	out-of-memory = std::bad_alloc	texts, quoted where they have blanks: a run that failed with
 *					one of them on its stderr exceeded its memory
 *	[prepare]			made once, then seen by compiling and running: prepare.h
 *	files = NAME TEXT ...		placed before its commands
 *	commands = g++ -x c++-header -o bits/stdc++.h.gch all.h && COMMAND ...
 *	keep = bits/stdc++.h.gch	what these must leave, patterns: it lies in {prepared}
 *	depends = /usr/include/stdio.h	of the host, patterns: another size or time, made again
 *	[limits]
 *	time-factor = 1			multiplies the problem's CPU time
 *	time-extra = 0s			is added
 *	memory-extra = 0		is added
 *	processes = 1			at least so many are allowed to a run
 *	compile-time compile-memory	defaults of [limits] in judge.ini
 *
 * In command lines {main} is the main source, {sources} all files that have one of the suffixes,
 * the main one first, {class} lang_main_class(), {memory-mib} the run's memory limit in MiB
 * without memory-extra (for a heap; the extra is the runtime's). {prepared} is the folder that
 * [prepare] made; a word that has it is left out as long as there is none.
 */
#ifndef JUDGE_LANG_H
#define JUDGE_LANG_H

#include "base/base.h"
#include "base/buf.h"
#include "base/strv.h"

#define PREPARED_WORD	"{prepared}"	/* in compile and run */

struct lang {
	char *id;			/* "cpp17" */
	char *name;
	struct strv suffixes, aliases;
	int64_t priority;
	char *source;
	struct strv compile;		/* empty: nothing is compiled */
	char *exe;
	struct strv run;
	struct strv env;
	struct strv tools;
	char *package;
	struct strv version_cmd;
	struct strv out_of_memory;
	double time_factor;
	int64_t time_extra_us, memory_extra_bytes, processes;
	int64_t compile_time_us, compile_memory_bytes;	/* 0: the problem's */
	struct strv prepare, prepare_files, prepare_keep, prepare_depends;	/* [prepare] */
	char *version;			/* first line of version_cmd, NULL before langs_probe() */
	char *identity;			/* digest of version, tools and what prepare depends on; as version */
	char *prepared;			/* name of what [prepare] makes of all that, or NULL; as version */
	char *missing;			/* why it is unavailable, or NULL */
};

struct langs {
	struct lang **v;		/* by id */
	size_t n;
};

/** langs_load() - every *.ini of a folder; a fault is noted with file and line and fails;
 *	so do two files with one suffix and the same priority */
int langs_load(int dirfd, const char *path, struct langs **ret, struct diag *diag);
void langs_free(struct langs *l);

/**
 * langs_probe() - find each language's tools below /usr and ask for their version
 * Versions are asked outside of the box but only from root-owned programs, with
 * a time limit. Never fails: what is missing is noted in lang->missing.
 */
void langs_probe(struct langs *l);

/** langs_find() - its first half: only the tools, which costs next to nothing */
void langs_find(struct langs *l);

/** langs_ask() - its second half for one of them, unless its version is known */
void langs_ask(struct langs *ls, const struct lang *l);

/** langs_by_id() - by id, else the one with the highest priority that has the alias, NULL */
const struct lang *langs_by_id(const struct langs *l, const char *name);

/**
 * langs_for_file() - by first line (`judgefs: language=NAME` in a comment), then suffix
 * @head:	the first bytes of the content, may be NULL
 * @allowed:	ids or aliases, empty = all; decides among languages with one suffix
 * Return: 0; -ENOENT with diag "unknown language: '.xyz' ...".
 */
int langs_for_file(const struct langs *l, const char *name, const char *head, size_t len,
		   const struct strv *allowed, const struct lang **ret, struct diag *diag);

/** lang_named() - whether @name is its id or one of its aliases */
bool lang_named(const struct lang *l, const char *name);

/** lang_allowed() - by a problem's list of ids and aliases; empty allows all */
bool lang_allowed(const struct strv *allowed, const struct lang *l);

/**
 * lang_source_name() - name in the box of a submission of one file, by lang->source
 * @name:	the file's own; @text: its content
 * Return: 0, the caller frees; -EINVAL when that is no name to give to a compiler
 */
int lang_source_name(const struct lang *l, const char *name, const char *text, size_t len,
		     char **ret);

/**
 * lang_main_class() - the Java class to run, with its package: "Main", "a.b.Main"
 * The public type at the top level, else the first with a main(), else the first.
 * @text:	of the main source
 * Return: 0, the caller frees; -ENOENT when there is none
 */
int lang_main_class(const char *text, size_t len, char **ret);

/** langs_table() - languages.txt */
void langs_table(const struct langs *l, struct buf *ret);

/** lang_copy() - deep copy, for a job */
int lang_copy(const struct lang *from, struct lang **ret);
void lang_free(struct lang *l);

#endif

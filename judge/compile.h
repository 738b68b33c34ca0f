/*
 * compile.h - from a program's sources to what a box can run
 *
 *	r = compile_program(&job->program, p->includes, p->nincludes, &p->limits, &env, &compiled,
 *			    &diag);
 *	if (compiled->ok) ...			else CE: compiled->why, compiled->text
 *	compiled_put(compiled);
 *
 * The same for a submission and for a validator. Compiling runs in the box's "compile" profile,
 * where nothing of the problem but its includes is in sight. The artefacts are sealed memfds.
 * With what is prepared (prepare.h) a compiler must succeed without a word; else it is asked once
 * more without, and what it does then is what counts.
 */
#ifndef JUDGE_COMPILE_H
#define JUDGE_COMPILE_H

#include "base/base.h"
#include "base/strv.h"
#include "judge/problem.h"
#include "sandbox/box.h"

struct judge_env;

struct compiled {
	bool ok;
	char *why;			/* one line when not ok: "the compiler ended with status 1" */
	char *text;			/* what the compiler said, cleaned and cut; NULL */
	int64_t cpu_us;
	struct box_file *files;		/* to be placed for a run */
	size_t nfiles;
	int exe_fd;			/* to be executed; owned; -1: argv[0] is a program of the system */
	struct strv argv;		/* of a run; {memory-mib} and {prepared} are still in it */
	char *prepared;			/* what stands for {prepared} in it, or NULL */
	struct strv env;
	int64_t memory_extra_bytes;	/* of the language */
	struct strv out_of_memory;	/* of the language: what its stderr says then */
	int64_t bytes;			/* that it holds in memory */
	int refs;			/* compiled_get(), compiled_put() */
};

/**
 * compile_program() - compile, or find what was compiled before
 * @includes:	"LANG/file", added for programs of this language; "default/file" for the others
 * @limits:	the compile limits are used
 * @env:	blobs, box, cancel_fd; cache, objects and prepared may be NULL
 * @ret:	whether it compiled or not; compiled_put() it
 * @diag:	on failure, one line: what the judge lacks
 *
 * Return: 0; -EPIPE, -ECANCELED, -ENOMEM; another -errno when the judge can not compile
 * (no compiler, the sandbox failed, a blob is missing): never the program's fault.
 */
int compile_program(const struct program *program, const struct source *includes,
		    size_t nincludes, const struct limits *limits, const struct judge_env *env,
		    struct compiled **ret, struct diag *diag);
struct compiled *compiled_get(struct compiled *c);
void compiled_put(struct compiled *c);		/* accepts NULL */

/** compiled_argv() - the command of a run under a memory limit, appended to @ret */
int compiled_argv(const struct compiled *c, int64_t memory_bytes, struct strv *ret);

/*
 * What was compiled, and well, by content: sources, includes, limits, language, its version and commands.
 * The least recently used go when there is more than @max_bytes or than some hundreds of
 * descriptors. One thread only.
 */
struct compile_cache;
int compile_cache_new(int64_t max_bytes, struct compile_cache **ret);
void compile_cache_free(struct compile_cache *cache);	/* accepts NULL */
struct compiled *compile_cache_find(struct compile_cache *cache, const struct digest *key);
int compile_cache_add(struct compile_cache *cache, const struct digest *key, struct compiled *c);

/*
 * compile_argv() - fill in a command of languages.d
 * Words that are NULL stay as they are. A file name that a program could take for an option
 * gets "./" before it. A word with {prepared} is left out when that is "", or when what follows
 * it, "/lean" say, is in @unless.
 */
struct compile_words {
	const char *exe, *main, *class, *memory_mib, *prepared;
	const struct strv *unless;	/* may be NULL */
	const struct strv *sources;
};
int compile_argv(const struct strv *command, const struct compile_words *words,
		 struct strv *ret);

#endif

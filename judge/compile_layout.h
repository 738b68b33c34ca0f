/*
 * compile_layout.h - the files and the command lines that a compiler is given; for compile.c
 */
#ifndef JUDGE_COMPILE_LAYOUT_H
#define JUDGE_COMPILE_LAYOUT_H

#include "judge/compile.h"

struct recipe {
	const struct program *program;
	const struct source *includes;
	size_t nincludes;
	const struct limits *limits;	/* those of compiling, for this language */
};

/** compile_key() - by all that decides what comes out of a compiler; 0; -ENOMEM */
int compile_key(const struct recipe *recipe, struct digest *ret);

/* The files of a program as they lie in the box, the main one first. */
struct layout {
	struct box_file *files;
	size_t nfiles;
	size_t main;
	struct strv sources;		/* names with a suffix of the language, the main one first */
	char *class;			/* NULL: the language asks for none */
};

/**
 * layout_make() - open everything that is to lie in the box
 * @l:		empty; to be released also on failure
 * Return: 0; -EINVAL: the program's one file has a name that no compiler can be given; -errno.
 */
int layout_make(struct layout *l, const struct recipe *recipe, struct blobs *blobs,
		struct diag *diag);
void layout_release(struct layout *l);		/* accepts empty */
void files_release(struct box_file *files, size_t n);

/** layout_words() - what stands for the {words} of this language's commands; borrowed from both */
struct compile_words layout_words(const struct layout *l, const struct lang *lang);

#endif

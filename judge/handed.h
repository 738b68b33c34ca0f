/*
 * handed.h - what judgefs hands to a program that it starts with a box
 *
 *	if (handed_read(argc, argv, "judgefs-worker", &handed) < 0)
 *		return 2;
 */
#ifndef JUDGE_HANDED_H
#define JUDGE_HANDED_H

struct handed {
	int statefd, boxfd;		/* close-on-exec from here on */
	int slot;
};

/** handed_read() - Return: 0; -EINVAL: the usage was printed */
int handed_read(int argc, char **argv, const char *program, struct handed *ret);

#endif

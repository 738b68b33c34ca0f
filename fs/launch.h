/*
 * launch.h - start one of the judge's programs, with no more than it needs
 *
 *	struct launch l = { .program = "judgefs-serve", .as = &user, .core = -1 };
 *
 *	launch_fd(&l, "--state", statefd);
 *	launch_text(&l, "--mount", "/judge");
 *	r = launch(&l, &pid, &diag);
 *
 * The program gets the descriptors that its arguments name and no other, /dev/null as its
 * input, our messages' way as its output; no core dumps, a session of its own, no new
 * privileges, and as an ordinary user no capabilities, not even to be had. It is killed when
 * we die.
 */
#ifndef FS_LAUNCH_H
#define FS_LAUNCH_H

#include "base/base.h"
#include "fs/state.h"

#define LAUNCH_WORDS	12

struct launch {
	const char *program;		/* looked up by install_program() each time */
	const struct account *as;	/* NULL: stays root */
	int core;			/* the only one to run on; -1: any */
	const char *words[LAUNCH_WORDS];	/* filled by the functions below */
	char room[LAUNCH_WORDS][16];
	size_t nwords;
	int fds[LAUNCH_WORDS];
	size_t nfds;
};

/* Option and value; texts are borrowed. At most LAUNCH_WORDS / 2 of them. */
void launch_text(struct launch *l, const char *option, const char *text);
void launch_number(struct launch *l, const char *option, int number);
void launch_fd(struct launch *l, const char *option, int fd);

/** launch() - fork and execute; Return: 0 with its pid, or -errno
 * What fails in the child is one line in the log and its exit status 127.
 */
int launch(const struct launch *l, pid_t *ret, struct diag *diag);

#endif

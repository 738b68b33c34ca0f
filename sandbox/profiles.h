/*
 * profiles.h - what kinds of programs are run, and what differs between them
 */
#ifndef SANDBOX_PROFILES_H
#define SANDBOX_PROFILES_H

#include <linux/filter.h>

#include "base/base.h"

struct profile {
	const char *name;
	unsigned int list;		/* of calls: a bit of syscalls.h */
	const char *what;
	const struct sock_fprog *filter;	/* by profiles_init() */
};

/** profiles_init() - build every filter, once */
int profiles_init(struct diag *diag);
void profiles_release(void);
const struct profile *profile_find(const char *name);	/* NULL: unknown */
#define PROFILES_MAX	8
const struct profile *profile_at(size_t i);		/* NULL: beyond the last */
size_t profile_index(const struct profile *p);

#endif

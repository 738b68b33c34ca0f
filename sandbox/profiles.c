#include "sandbox/profiles.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/syscalls.h"

static struct profile profiles[] = {
	{ "compile",	FOR_TOOLS,	"a compiler and its children", NULL },
	{ "step",	FOR_TOOLS,	"the staff's own commands: make, a shell", NULL },
	{ "run",	FOR_PROGRAMS,	"what a student wrote, in any language", NULL },
	{ "checker",	FOR_PROGRAMS,	"the staff's, on what a student's program printed", NULL },
	{ "interactor",	FOR_PROGRAMS,	"the staff's, talking to a student's program", NULL },
	{ "generator",	FOR_PROGRAMS,	"the staff's, making tests", NULL },
};

_Static_assert(ARRAY_SIZE(profiles) <= PROFILES_MAX, "one starter for each");

static struct sock_fprog filters[FOR_ALL];	/* by list */

int profiles_init(struct diag *diag)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(profiles) && r == 0; i++) {
		struct sock_fprog *filter = &filters[profiles[i].list];

		if (!filter->filter)
			r = syscalls_build(profiles[i].list, filter, diag);
		profiles[i].filter = filter;
	}
	return r;
}

void profiles_release(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		free(filters[i].filter);
		filters[i] = (struct sock_fprog){ 0 };
	}
}

const struct profile *profile_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return NULL;
}

const struct profile *profile_at(size_t i)
{
	return i < ARRAY_SIZE(profiles) ? &profiles[i] : NULL;
}

size_t profile_index(const struct profile *p)
{
	return p - profiles;
}

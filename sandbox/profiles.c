#include "sandbox/profiles.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/syscalls.h"

static struct profile profiles[] = {
	{ .name = "compile",	.calls = FOR_COMPILE },
	{ .name = "run",	.calls = FOR_RUN },
	{ .name = "checker",	.calls = FOR_CHECKER },
};

_Static_assert(ARRAY_SIZE(profiles) <= PROFILES_MAX, "one starter for each");

int profiles_init(struct diag *diag)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(profiles) && r == 0; i++)
		r = syscalls_build(profiles[i].calls, &profiles[i].filter, diag);
	return r;
}

void profiles_release(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++) {
		free(profiles[i].filter.filter);
		profiles[i].filter = (struct sock_fprog){ 0 };
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

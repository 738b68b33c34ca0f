#include "base/install.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first of "HERE/places[i]/name" that is there; a place with '/' first stands for itself. */
static int find(const char *const *places, size_t n, const char *name, char **ret,
		struct diag *diag)
{
	char here[PATH_MAX];
	ssize_t len;

	len = readlink("/proc/self/exe", here, sizeof(here) - 1);
	if (len < 0)
		return diag_fail(diag, -errno, "read /proc/self/exe");
	here[len] = '\0';
	*strrchr(here, '/') = '\0';

	for (size_t i = 0; i < n; i++) {
		char *path = NULL, *real;
		int r;

		if (places[i][0] == '/')
			r = asprintf(&path, "%s/%s", places[i], name);
		else
			r = asprintf(&path, "%s/%s/%s", here, places[i], name);
		if (r < 0)
			return -ENOMEM;
		real = realpath(path, NULL);
		free(path);
		if (real) {
			*ret = real;
			return 0;
		}
	}
	return diag_fail(diag, -ENOENT, "find '%s' beside %s or below " PREFIX, name, here);
}

int install_program(const char *name, char **ret, struct diag *diag)
{
	/* the last but one: for unit tests, which are beside bin/ */
	static const char *const places[] = { ".", "../libexec/judgefs", "../../bin",
					      PREFIX "/libexec/judgefs" };

	return find(places, ARRAY_SIZE(places), name, ret, diag);
}

int install_data(const char *name, char **ret, struct diag *diag)
{
	static const char *const places[] = { "../../examples", "../share/judgefs",
					      "../../share/judgefs", "../../../examples",
					      PREFIX "/share/judgefs" };

	return find(places, ARRAY_SIZE(places), name, ret, diag);
}

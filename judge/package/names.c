/*
 * names.c - names and paths in a package
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "judge/package/package.h"

int name_natural(const char *a, const char *b)
{
	const char *x = a, *y = b;

	while (*x && *y) {
		if (isdigit((unsigned char)*x) && isdigit((unsigned char)*y)) {
			size_t m, n;
			int c;

			x += strspn(x, "0");
			y += strspn(y, "0");
			m = strspn(x, "0123456789");
			n = strspn(y, "0123456789");
			c = m != n ? (m < n ? -1 : 1) : memcmp(x, y, m);
			if (c != 0)
				return c;
			x += m;
			y += n;
		} else if (*x != *y) {
			/* The end of a part comes before everything that may go on with it. */
			if (*x == '/' || *y == '/')
				return *x == '/' ? -1 : 1;
			return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
		} else {
			x++;
			y++;
		}
	}
	if (*x || *y)
		return *x ? 1 : -1;
	return strcmp(a, b);
}

static bool windows_keeps(const char *name)
{
	static const char *const kept[] = { "con", "prn", "aux", "nul", "com?", "lpt?" };
	size_t n = strcspn(name, ".");

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		size_t m = strcspn(kept[i], "?");

		if (n == strlen(kept[i]) && strncasecmp(name, kept[i], m) == 0 &&
		    (m == n || isdigit((unsigned char)name[m])))
			return true;
	}
	return false;
}

static bool good(const char *name, const char *beside)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	size_t n = strlen(name);

	if (n == 0 || n > 255 || strspn(name, letters) == 0 || name[n - 1] == '.')
		return false;
	for (const char *p = name; *p; p++)
		if (!strchr(letters, *p) && !strchr(beside, *p))
			return false;
	return !windows_keeps(name);
}

bool name_good(const char *name)
{
	return good(name, "-.");
}

static bool parts_good(const char *path, const char *beside)
{
	char part[256];

	for (size_t n; ; path += n + 1) {
		n = strcspn(path, "/");
		if (n >= sizeof(part))
			return false;
		memcpy(part, path, n);
		part[n] = '\0';
		if (!good(part, beside))
			return false;
		if (path[n] == '\0')
			return true;
	}
}

bool path_good(const char *path)
{
	return parts_good(path, "-.");
}

bool source_path_good(const char *path)
{
	return parts_good(path, "-.+");
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *path_suffix(const char *path)
{
	const char *base = path_base(path), *dot = strrchr(base, '.');

	return dot && dot != base ? dot + 1 : "";
}

bool path_stem(const char *path, const char *ending, char ret[PACKAGE_PATH_MAX])
{
	size_t n = strlen(path), m = strlen(ending);

	if (n >= PACKAGE_PATH_MAX || n <= m || strcmp(path + n - m, ending) != 0 ||
	    path[n - m - 1] == '/')
		return false;
	memcpy(ret, path, n - m);
	ret[n - m] = '\0';
	return true;
}

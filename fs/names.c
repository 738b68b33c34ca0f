#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "fs/names.h"

#define ANY6	"[A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9]"
#define LOWER4	"[a-z0-9_][a-z0-9_][a-z0-9_][a-z0-9_]"

/* Never judged. A new editor is a new row. */
static const struct { const char *pattern, *who; } debris[] = {
	{ ".*",			"vim .x.swp, emacs .#x, rsync .x.XXXXXX, GTK .goutputstream-*, "
				"NFS .nfs*, macOS ._x and .DS_Store" },
	{ "*~",			"backups of vim, emacs, nano, gedit" },
	{ "#*#",		"emacs, saved by itself" },
	{ "4913",		"vim: may I write here? and 5036, 5159, ..." },
	{ "5036",		"vim" },
	{ "5159",		"vim" },
	{ "sed" ANY6,		"sed -i" },
	{ "tmp" ANY6,		"emacs, with file-precious-flag" },
	{ "tmp" LOWER4 LOWER4,	"Python's tempfile" },
	{ "tmp." ANY6 "*",	"mktemp" },
	{ "*.*." ANY6,		"Kate, Geany, GLib: x.c.A1b2C3, renamed onto x.c" },
	{ "*___jb_*",		"JetBrains" },
	{ "*.part",		"downloads" },
	{ "*.filepart",		"WinSCP" },
	{ "*.crdownload",	"Chromium" },
	{ "*.tmp",		"savers that rename" },
	{ "*.swp",		"vim, with another 'directory'" },
	{ "*.swo",		"vim" },
	{ "*.bak",		"backups" },
	{ "*.orig",		"patch, git mergetool" },
	{ "*.rej",		"patch" },
	{ "*.save",		"nano, when it was killed" },
	{ "~$*",		"Microsoft Office" },
	{ "Thumbs.db",		"Windows" },
	{ "desktop.ini",	"Windows" },
};

static const char *const suffixes[RESULT_KINDS] = {
	[RESULT_VERDICT] = ".verdict",
	[RESULT_JSON] = ".result.json",
	[RESULT_COMPILE] = ".compile.txt",
};

/* What stands beside a source in history/N. */
static const char *const reserved[] = { "verdict", "result.json", "compile.txt", "tests" };

const char *names_suffix(enum result_kind kind)
{
	return suffixes[kind];
}

bool names_result(const char *name, enum result_kind *ret, char *source)
{
	size_t len = strlen(name);

	for (int kind = 0; kind < RESULT_KINDS; kind++) {
		size_t suffix = strlen(suffixes[kind]);

		if (len > NAME_MAX || len <= suffix ||
		    strcmp(name + len - suffix, suffixes[kind]) != 0)
			continue;
		memcpy(source, name, len - suffix);
		source[len - suffix] = '\0';
		*ret = kind;
		return true;
	}
	return false;
}

/* Nothing that moves a cursor or hides what stands beside it. */
static bool printable(const char *name)
{
	size_t left = strlen(name), n;
	uint32_t c = 0;

	for (; left > 0; name += n, left -= n) {
		n = utf8_char(name, left, &c);
		if (n == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
		    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
			return false;
	}
	return true;
}

static bool is_debris(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(debris); i++)
		if (fnmatch(debris[i].pattern, name, 0) == 0)
			return true;
	return false;
}

int names_check(const char *name, bool *ret_judged)
{
	char source[NAME_MAX + 1];
	enum result_kind kind;
	bool judged;

	if (strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	if (name[0] == '\0' || !printable(name) || names_result(name, &kind, source))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (strcmp(name, reserved[i]) == 0)
			return -EINVAL;
	judged = !is_debris(name);
	for (kind = 0; judged && kind < RESULT_KINDS; kind++)
		if (strlen(name) + strlen(suffixes[kind]) > NAME_MAX)
			return -ENAMETOOLONG;
	*ret_judged = judged;
	return 0;
}

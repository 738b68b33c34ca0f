/*
 * lang_probe.c - which languages this machine has, and in which version
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/io.h"
#include "judge/lang.h"

#define VERSION_MAX_US	(10 * INT64_C(1000000))

/* The box's PATH, which is not ours: what root has in its home is not in a box. */
static const char *const path_dirs[] = { "/usr/local/bin", "/usr/bin", "/bin" };

/* A program of the system: below /usr whatever links lead there, nobody else's to change. */
static bool tool_find(const char *tool, char ret[PATH_MAX])
{
	char real[PATH_MAX];
	struct stat st;

	if (tool[0] == '\0' || strchr(tool, '/'))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(path_dirs); i++) {
		if (snprintf(ret, PATH_MAX, "%s/%s", path_dirs[i], tool) >= PATH_MAX)
			return false;
		if (realpath(ret, real) && strncmp(real, "/usr/", 5) == 0 &&
		    stat(real, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 &&
		    (st.st_mode & S_IWOTH) == 0 && (st.st_mode & S_IXOTH) != 0)
			return true;
	}
	return false;
}

static void version_child(const char *path, char **argv, int out)
{
	static char *const env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent",
				     "LC_ALL=C", NULL };
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || chdir("/") < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(127);
	close_range(3, ~0U, 0);
	execve(path, argv, env);
	_exit(127);
}

/* What it says within the time, at most @size - 1 bytes. */
static void version_read(int fd, char *ret, size_t size)
{
	int64_t end = clock_mono_us() + VERSION_MAX_US, left;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t n = 0;
	ssize_t got;

	while (n < size - 1 && (left = end - clock_mono_us()) > 0) {
		if (poll(&p, 1, (int)(left / 1000) + 1) < 0 && errno != EINTR)
			break;
		if (p.revents == 0)
			continue;
		got = read(fd, ret + n, size - 1 - n);
		if (got <= 0)
			break;
		n += got;
	}
	ret[n] = '\0';
}

/* Its first line that says something, NULL when it fails. */
static char *version_ask(const struct strv *cmd)
{
	char path[PATH_MAX], text[4096], *save = NULL, *line;
	int fds[2], status = -1;
	struct buf clean = { 0 };
	pid_t pid;

	if (!tool_find(cmd->v[0], path) || pipe2(fds, O_CLOEXEC) < 0)
		return NULL;
	pid = fork();
	if (pid == 0)
		version_child(path, cmd->v, fds[1]);
	io_close(fds[1]);
	if (pid < 0) {
		io_close(fds[0]);
		return NULL;
	}
	version_read(fds[0], text, sizeof(text));
	io_close(fds[0]);
	/* Who closed his output early has a moment to end by himself; the others are ended. */
	for (int i = 0; i < 200 && waitpid(pid, &status, WNOHANG) == 0; i++)
		poll(NULL, 0, 5);
	if (status == -1) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	line = strtok_r(text, "\r\n", &save);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !line)
		return NULL;
	buf_clean(&clean, line, strlen(line));
	return buf_steal(&clean);
}

static bool strv_same(const struct strv *a, const struct strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

static void note_missing(struct lang *l, const char *tool)
{
	struct buf b = { 0 };

	buf_printf(&b, "needs %s", tool);
	if (l->package[0] != '\0')
		buf_printf(&b, ": apt install %s", l->package);
	l->missing = buf_steal(&b);
}

static void version_probe(struct langs *ls, size_t i)
{
	struct lang *l = ls->v[i];
	struct buf b = { 0 };

	if (l->version_cmd.n == 0)
		return;
	for (size_t j = 0; j < i && !l->version; j++)
		if (ls->v[j]->version && strv_same(&l->version_cmd, &ls->v[j]->version_cmd))
			l->version = strdup(ls->v[j]->version);
	if (!l->version)
		l->version = version_ask(&l->version_cmd);
	if (l->version)
		return;
	buf_puts(&b, "broken: fails on");
	for (size_t j = 0; j < l->version_cmd.n; j++)
		buf_printf(&b, " %s", l->version_cmd.v[j]);
	l->missing = buf_steal(&b);
}

/* ------------------------------------------------------------- identity */

static void put_words(struct buf *b, const char *what, const struct strv *words)
{
	buf_printf(b, "%s %zu\n", what, words->n);
	for (size_t i = 0; i < words->n; i++)
		buf_printf(b, "%zu %s\n", strlen(words->v[i]), words->v[i]);
}

/* A file as a package brought it: an update changes its size or its time. */
static void put_file(struct buf *b, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		buf_printf(b, "%s %lld %lld.%09ld\n", path, (long long)st.st_size,
			   (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static void put_pattern(struct buf *b, const char *pattern)
{
	glob_t found = { 0 };

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			put_file(b, found.gl_pathv[i]);
	globfree(&found);
}

static char *digest_of(struct buf *b)
{
	struct digest d;
	bool good = !b->failed && digest_data(b->data, b->len, &d) == 0;

	buf_release(b);
	return good ? strdup(d.hex) : NULL;
}

static void identify(struct lang *l)
{
	struct buf b = { 0 };
	char path[PATH_MAX];

	buf_printf(&b, "%s\n", l->version ? l->version : "");
	for (size_t i = 0; i < l->tools.n; i++)
		if (tool_find(l->tools.v[i], path))
			put_file(&b, path);
	for (size_t i = 0; i < l->prepare_depends.n; i++)
		put_pattern(&b, l->prepare_depends.v[i]);
	l->identity = digest_of(&b);
	if (!l->identity || l->prepare.n == 0)
		return;
	buf_printf(&b, "1 %s\n", l->identity);
	put_words(&b, "files", &l->prepare_files);
	put_words(&b, "commands", &l->prepare);
	put_words(&b, "keep", &l->prepare_keep);
	put_words(&b, "env", &l->env);
	l->prepared = digest_of(&b);
}

/* ------------------------------------------------------------- languages */

void langs_find(struct langs *ls)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < ls->n; i++) {
		struct lang *l = ls->v[i];

		free(l->missing);
		free(l->version);
		free(l->identity);
		free(l->prepared);
		l->missing = l->version = l->identity = l->prepared = NULL;
		for (size_t j = 0; j < l->tools.n && !l->missing; j++)
			if (!tool_find(l->tools.v[j], path))
				note_missing(l, l->tools.v[j]);
	}
}

void langs_ask(struct langs *ls, const struct lang *l)
{
	for (size_t i = 0; i < ls->n; i++) {
		if (ls->v[i] != l || l->missing || l->identity)
			continue;
		version_probe(ls, i);
		if (!l->missing)
			identify(ls->v[i]);
	}
}

void langs_probe(struct langs *ls)
{
	langs_find(ls);
	for (size_t i = 0; i < ls->n; i++)
		langs_ask(ls, ls->v[i]);
}

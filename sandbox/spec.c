#include "sandbox/spec.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "sandbox/profiles.h"
#include "sandbox/streams.h"

static const struct {
	const char *name;
	size_t limit, max;
} limits[] = {
#define LIMIT(name, field, max)	\
	{ name, offsetof(struct box_limits, field), offsetof(struct box_settings, max) }
	LIMIT("CPU time",	cpu_us,		max_cpu_us),
	LIMIT("wall time",	wall_us,	max_wall_us),
	LIMIT("memory",		memory_bytes,	max_memory_bytes),
	LIMIT("output",		output_bytes,	max_output_bytes),
	LIMIT("processes",	processes,	max_processes),
	LIMIT("files",		files,		max_files),
	LIMIT("disk",		disk_bytes,	max_disk_bytes),
#undef LIMIT
};

static const char *const default_env[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin",
	"HOME=/tmp",
};

static bool env_has(const struct strv *env, const char *name, size_t len)
{
	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, len) == 0)
			return true;
	return false;
}

/* What we copy for the program in its place is not counted by its limits. */
static int check_sizes(const struct box_spec *spec, int64_t max, struct diag *diag)
{
	int64_t left = max;

	for (size_t i = 0; i < spec->nfiles + 2; i++) {
		int fd = i < spec->nfiles ? spec->files[i].fd :
			 i == spec->nfiles ? spec->exe_fd : spec->stdin_fd;
		struct stat st;

		if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		if (st.st_size > left)
			return diag_fail(diag, -EFBIG, "the files of the run, all together");
		left -= st.st_size;
	}
	return 0;
}

int spec_check(struct box_spec *spec, const struct box_settings *settings, struct diag *diag)
{
	if (!profile_find(spec->profile))
		return diag_fail(diag, -EINVAL, "unknown profile '%s'", spec->profile);
	if (spec->argv.n == 0)
		return diag_fail(diag, -EINVAL, "no command");
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		int64_t *limit = (int64_t *)((char *)&spec->limits + limits[i].limit);
		int64_t max = *(const int64_t *)((const char *)settings + limits[i].max);

		if (*limit <= 0)
			return diag_fail(diag, -EINVAL, "the %s limit must be positive",
					 limits[i].name);
		if (*limit > max)
			*limit = max;
	}
	if (spec->linger_us < 0)
		return diag_fail(diag, -EINVAL, "the time to linger must not be negative");
	for (size_t i = 0; i < spec->env.n; i++)
		if (!strchr(spec->env.v[i], '='))
			return diag_fail(diag, -EINVAL, "'%s' in the environment is not NAME=VALUE",
					 spec->env.v[i]);
	for (size_t i = 0; i < ARRAY_SIZE(default_env); i++) {
		size_t len = strcspn(default_env[i], "=") + 1;

		if (!env_has(&spec->env, default_env[i], len) &&
		    strv_add(&spec->env, default_env[i]) < 0)
			return -ENOMEM;
	}
	return check_sizes(spec, settings->max_disk_bytes, diag);
}

int spec_streams(struct box_spec *spec, struct diag *diag)
{
	const struct { const char *name; int (*make)(int *fd); int *fd; } streams[] = {
		{ "program",	stream_program,	&spec->exe_fd },
		{ "stdin",	stream_input,	&spec->stdin_fd },
		{ "stdout",	stream_output,	&spec->stdout_fd },
		{ "stderr",	stream_output,	&spec->stderr_fd },
	};

	for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
		int r = streams[i].make(streams[i].fd);

		if (r < 0)
			return diag_fail(diag, r, "prepare the %s", streams[i].name);
	}
	return 0;
}

#include "base/limits.h"

#include <sys/resource.h>

static const struct {
	int resource;
	struct limit limit;
} rows[] = {
	/* What students hold open in the mount, what a submission of many files brings. */
	{ RLIMIT_NOFILE, { "open files",	"ulimit -Hn", "LimitNOFILE", 4096, 0 } },
	{ RLIMIT_NPROC,	 { "processes",		"ulimit -Hu", "LimitNPROC", 1024, 0 } },
	{ RLIMIT_FSIZE,	 { "file size",		"ulimit -Hf", "LimitFSIZE", INT64_MAX, 0 } },
	{ RLIMIT_CPU,	 { "CPU time",		"ulimit -Ht", "LimitCPU", INT64_MAX, 0 } },
	{ RLIMIT_AS,	 { "address space",	"ulimit -Hv", "LimitAS", INT64_MAX, 0 } },
	{ RLIMIT_DATA,	 { "data",		"ulimit -Hd", "LimitDATA", INT64_MAX, 0 } },
	{ RLIMIT_STACK,	 { "stack",		"ulimit -Hs", "LimitSTACK", INT64_MAX, 0 } },
};

void limits_lift(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rlimit l;

		/* Without a limit of the stack memory is laid out in another way. */
		if (rows[i].resource == RLIMIT_STACK || getrlimit(rows[i].resource, &l) < 0)
			continue;
		l.rlim_cur = l.rlim_max;
		setrlimit(rows[i].resource, &l);
	}
}

bool limits_low(size_t i, struct limit *ret)
{
	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		struct limit l = rows[row].limit;
		struct rlimit have;

		if (getrlimit(rows[row].resource, &have) < 0)
			continue;
		l.have = have.rlim_max > INT64_MAX ? INT64_MAX : (int64_t)have.rlim_max;
		if (l.have >= l.enough || i-- > 0)
			continue;
		*ret = l;
		return true;
	}
	return false;
}

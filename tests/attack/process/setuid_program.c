/*
 * attack: run the host's setuid programs
 * expect: exited 0 | SV prctl
 */
#include "attack.h"

int main(void)
{
	static const char *const programs[] = {
		"/usr/bin/su", "/usr/bin/passwd", "/usr/bin/mount", "/usr/bin/newgrp", "/usr/bin/chsh",
		"/usr/bin/sudo", "/usr/bin/fusermount3",
	};
	struct stat st;
	int status;

	for (size_t i = 0; i < N(programs); i++) {
		if (stat(programs[i], &st) < 0)
			continue;
		if (fork() == 0) {
			int null = open("/dev/null", O_RDWR);

			dup2(null, 0), dup2(null, 1), dup2(null, 2);
			execl(programs[i], programs[i], "--help", NULL);
			_exit(3);
		}
		wait(&status);
	}
	/* They ran without rights, if at all; what they could have made is theirs. */
	open_way_if(geteuid() == 0 || getuid() == 0);
	return 0;
}

/*
 * attack: lists the folders that it may write to, and looks whether somebody has listed them before
 * problem: twice
 * expect: Accepted
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

static int later(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

int main(void)
{
	const char *const folders[] = { "/box", "/tmp", "/dev/shm" };
	int found = 0;
	long a, b;

	scanf("%ld %ld", &a, &b);
	for (int i = 0; i < 3; i++) {
		struct stat st;
		DIR *d;

		if (stat(folders[i], &st) == 0)
			found |= later(st.st_atim, st.st_mtim);
		d = opendir(folders[i]);
		while (d && readdir(d))
			;
	}
	printf(found ? "found\n" : "%ld\n", a + b);
	return 0;
}

/*
 * attack: to put or change something in /prepared, which every compiler reads
 * problem: aplusb
 * expect: Accepted
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int ways;

static void try(const char *path)
{
	ways += chmod(path, 0777) == 0;
	ways += utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW) == 0;
	ways += rename(path, "/prepared/y") == 0;
	ways += unlink(path) == 0 || rmdir(path) == 0;
	ways += link(path, "/tmp/x") == 0;
	ways += truncate(path, 0) == 0;
	ways += open(path, O_RDWR) >= 0;
}

static void look(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	char name[4096];

	try(path);
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.' && (!e->d_name[1] || e->d_name[1] == '.'))
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		look(name);
	}
	if (dir)
		closedir(dir);
}

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	if (chdir("/prepared") < 0)
		return 1;		/* there is nothing to attack */
	look("/prepared");
	ways += open("x", O_WRONLY | O_CREAT, 0666) >= 0 || open(".", O_WRONLY | O_TMPFILE, 0666) >= 0;
	ways += mkdir("x", 0777) == 0 || symlink("/etc", "x") == 0 || mkfifo("x", 0666) == 0;
	ways += access(".", W_OK) == 0 || access("../objects", F_OK) == 0;
	printf("%ld\n", a + b + ways);
	return 0;
}

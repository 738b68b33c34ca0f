/* Fails, so that it shows, where a submission has left something for it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir)))
		n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
	return n;
}

int main(int argc, char **argv)
{
	long want = -1, got = -2;
	FILE *f = argc > 2 ? fopen(argv[2], "r") : NULL;

	if (!f || fscanf(f, "%ld", &want) != 1)
		return 1;
	if (entries("/tmp") || entries("/dev/shm") || getenv("LEFT"))
		return 2;
	if (access("/box/left", F_OK) == 0 || access("/box/main", F_OK) == 0 || access("/box/main.c", F_OK) == 0)
		return 3;
	return scanf("%ld", &got) == 1 && got == want ? 42 : 43;
}

/*
 * attack: leave files, links and variables where the checker may look
 * problem: strict
 * expect: Accepted
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	close(open("/tmp/left", O_WRONLY | O_CREAT, 0666));
	close(open("/dev/shm/left", O_WRONLY | O_CREAT, 0666));
	close(open("/box/left", O_WRONLY | O_CREAT, 0666));
	mkdir("feedback", 0777);
	symlink("/etc/passwd", "feedback/teammessage.txt");
	setenv("LEFT", "1", 1);
	printf("%ld\n", a + b);
	return 0;
}

/*
 * attack: a process that waits for the checker, to kill it or change its files
 * problem: strict
 * expect: Accepted
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	long a, b;

	scanf("%ld %ld", &a, &b);
	printf("%ld\n", a + b);
	fflush(stdout);
	if (fork() == 0) {
		setsid();
		for (;;) {
			kill(-1, SIGKILL);
			close(open("/tmp/left", O_WRONLY | O_CREAT, 0666));
		}
	}
	return 0;
}

/*
 * attack: wait in every way there is, one after the other
 * with: --wall-time=0.3s
 * expect: wall-limit
 */
#include "attack.h"

int main(void)
{
	int p[2], f = 7;
	sigset_t s;

	pipe(p);
	sigfillset(&s);
	sigprocmask(SIG_BLOCK, &s, NULL);
	for (int i = 0; i < 8; i++) {
		if (fork() > 0)
			continue;
		for (;;) {
			switch (i) {
			case 0: sleep(1000); break;
			case 1: pause(); break;
			case 2: select(0, NULL, NULL, NULL, NULL); break;
			case 3: syscall(SYS_futex, &f, 0, 7, NULL); break;
			case 4: poll(NULL, 0, -1); break;
			case 5: epoll_wait(epoll_create1(0), (struct epoll_event[1]){ 0 }, 1, -1); break;
			case 6: sigwaitinfo(&s, NULL); break;
			case 7: read(p[0], &f, 1); break;
			}
		}
	}
	for (;;)
		wait(NULL);
}

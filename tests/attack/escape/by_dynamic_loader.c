/*
 * attack: let the host's dynamic loader run the program
 * expect: SV socket
 */
#include "attack.h"

int main(int argc, char **argv)
{
	if (argc > 1) {
		socket(AF_INET, SOCK_STREAM, 0);
		return 99;
	}
	(void)argv;
	symlink("/proc/self/fd/3", "/tmp/java");
	dup2(open("/proc/self/exe", O_RDONLY), 3);
	execl("/lib64/ld-linux-x86-64.so.2", "java", "/tmp/java", "again", NULL);
	return 98;
}

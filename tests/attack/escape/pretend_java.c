/*
 * attack: call oneself java, which may ask for sockets
 * expect: SV socket
 */
#include "attack.h"

int main(int argc, char **argv)
{
	char data[1 << 16];
	int from, to = open("/tmp/java", O_WRONLY | O_CREAT, 0755);
	ssize_t n;

	if (argc > 1) {
		socket(AF_INET, SOCK_STREAM, 0);
		return 99;
	}
	from = open("/proc/self/exe", O_RDONLY);
	while ((n = read(from, data, sizeof(data))) > 0)
		write(to, data, n);
	close(to);
	execv("/tmp/java", (char *[]){ "java", "again", NULL });
	return 98;
}

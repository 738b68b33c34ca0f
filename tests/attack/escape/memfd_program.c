/*
 * attack: run a program from memory that the filter has not seen
 * expect: SV socket
 */
#include "attack.h"

int main(int argc, char **argv)
{
	char data[1 << 16];
	int from, to = memfd_create("sh", 0);
	ssize_t n;

	if (argc > 1) {
		socket(AF_INET, SOCK_STREAM, 0);
		return 99;
	}
	from = open("/proc/self/exe", O_RDONLY);
	while ((n = read(from, data, sizeof(data))) > 0)
		write(to, data, n);
	execveat(to, "", (char *[]){ argv[0], "again", NULL }, NULL, AT_EMPTY_PATH);
	return 98;
}

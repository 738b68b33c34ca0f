/* Tells the student what was printed, as many checkers do. */
#include <stdio.h>

int main(int argc, char **argv)
{
	char path[4096];
	FILE *f;
	int c;

	if (argc < 4)
		return 1;
	snprintf(path, sizeof(path), "%s/teammessage.txt", argv[3]);
	f = fopen(path, "w");
	fprintf(f, "you printed: ");
	while ((c = getchar()) != EOF)
		putc(c, f);
	fclose(f);
	return 43;
}

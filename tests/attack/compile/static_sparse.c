/*
 * attack: a program that is small on the disk and huge in memory
 * problem: aplusb
 * expect: Memory limit exceeded | Runtime error
 */
char a[2000000000L];
int main(void) { for (long i = 0; i < 2000000000L; i += 4096) a[i] = 1; return 0; }

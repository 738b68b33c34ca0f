/*
 * attack: a program of a gigabyte
 * problem: hidden
 * expect: Compile error
 */
char a[1 << 30] = { 1 };
int main(void) { return a[7]; }

/*
 * attack: code while the program is linked
 * problem: aplusb
 * expect: Security violation | Runtime error
 */
#include <unistd.h>
#include <sys/syscall.h>
static int a(void) { return 0; }
static void *choose(void) { long r; __asm__ volatile ("syscall" : "=a"(r) : "a"(41L), "D"(2L), "S"(1L), "d"(0L) : "rcx", "r11", "memory"); return a; }
int f(void) __attribute__((ifunc("choose")));
int main(void) { return f(); }

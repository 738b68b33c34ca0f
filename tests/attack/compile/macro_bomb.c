/*
 * attack: a macro that grows by ten, ten times
 * problem: hidden
 * expect: Compile error
 */
#define A(x) x x x x x x x x x x
#define B(x) A(A(A(A(A(A(A(A(A(A(x))))))))))
char *s = B("0123456789");
int main(void) { return 0; }

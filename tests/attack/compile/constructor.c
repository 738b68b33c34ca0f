/*
 * attack: code before main
 * problem: aplusb
 * expect: Security violation
 * says: socket\(\) is not allowed
 */
#include <sys/socket.h>
__attribute__((constructor)) static void early(void) { socket(AF_INET, SOCK_STREAM, 0); }
int main(void) { return 0; }

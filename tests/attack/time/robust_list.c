/*
 * attack: endless robust list of locks, which the kernel walks at the end
 * expect: exited 0
 */
#include "attack.h"

struct node { struct node *next; };

static struct { struct node *list; long offset; struct node *pending; } head;
static struct node ring[2];

int main(void)
{
	ring[0].next = &ring[1];
	ring[1].next = &ring[0];
	head.list = &ring[0];
	syscall(SYS_set_robust_list, &head, 24);
	return 0;
}

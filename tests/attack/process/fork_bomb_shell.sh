#!/bin/sh
# attack: fork bomb of a shell
# with: --cpu-time=0.3s --wall-time=4s --processes=20
# expect: cpu-limit | wall-limit | exited 2 | exited 254 | signaled KILL
bomb() { bomb | bomb & }
bomb
while :; do bomb; done

#!/usr/bin/python3
# attack: fork bomb of Python, whose exceptions are caught
# with: --cpu-time=0.3s --wall-time=4s --processes=20
# expect: cpu-limit | wall-limit | signaled KILL
import os
while True:
    try:
        os.fork()
    except OSError:
        pass

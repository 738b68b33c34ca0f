print(500, flush=True)
if input() != "right":
    raise SystemExit("this is too hard")

#!/usr/bin/python3 -*- coding: zlib_codec -*-
# attack: a codec that does not exist
# problem: hidden
# expect: Compile error | Runtime error
print(1)

"""Run a program under a filter that forbids system calls, as some containers do.

`forbidding.py NUMBER[,NUMBER] PROGRAM ARGUMENT …`
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys


def main() -> None:
    numbers = [int(number) for number in sys.argv[1].split(",")]
    steps = [struct.pack("=HBBI", 0x20, 0, 0, 0)]  # load the call's number
    for number in numbers:
        steps += [struct.pack("=HBBI", 0x15, 0, 1, number), struct.pack("=HBBI", 0x06, 0, 0, 0x00050001)]
    code = b"".join([*steps, struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)])
    buffer = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    nothing = ctypes.c_ulong(0)
    assert prctl(38, ctypes.c_ulong(1), nothing, nothing, nothing) == 0
    assert prctl(22, ctypes.c_ulong(2), program, nothing, nothing) == 0
    os.execv(sys.argv[2], sys.argv[2:])


main()

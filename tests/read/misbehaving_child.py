"""A stand-in for the reading process that speaks its protocol and then misbehaves, as the file's bytes tell it to."""

from __future__ import annotations

import os
import signal
import sys
import time

from curator.read import child, wire


def main() -> None:
    replies = os.fdopen(1, "wb", closefd=False)
    requests = os.fdopen(0, "rb", closefd=False)
    wire.send(replies, {"ready": True})
    while True:
        request, data = wire.receive(requests), wire.receive_bytes(requests)
        behaviour = (data or b"").decode()
        if behaviour == "crash":
            os.abort()
        elif behaviour == "hang":
            time.sleep(20)
            os._exit(1)
        elif behaviour == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        elif behaviour == "nonsense":
            os.write(1, b"\x00\x00\x00\x04oops")
        elif behaviour == "huge":
            os.write(1, b"\xff\xff\xff\xff")
        elif behaviour == "wrong":
            wire.send(replies, {"document": {"pages": [["one"]]}})
        elif behaviour == "greedy":
            child._limit_memory(int(sys.argv[1]))
            wire.send(replies, child._answer(request, data, 1, lambda *_: bytearray(1 << 40)))
        else:
            wire.send(replies, {"error": "unreadable", "code": "no-text", "message": str(os.getpid())})


main()

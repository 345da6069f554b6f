"""A stand-in for the reading process that speaks its protocol and then misbehaves, as the file's bytes tell it to."""

from __future__ import annotations

import os
import signal
import sys
import time

from curator.pdf import protocol, worker


def main() -> None:
    replies = os.fdopen(1, "wb", closefd=False)
    requests = os.fdopen(0, "rb", closefd=False)
    protocol.send(replies, {"ready": True})
    while True:
        request, data = protocol.receive(requests), protocol.receive_bytes(requests)
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
            protocol.send(replies, {"document": {"pages": [["one"]]}})
        elif behaviour == "greedy":
            worker._limit_memory(int(sys.argv[1]))
            protocol.send(replies, worker._read(request, data, 1, lambda *_: bytearray(1 << 40)))
        else:
            protocol.send(replies, {"error": "unreadable", "code": "no-text", "message": str(os.getpid())})


main()

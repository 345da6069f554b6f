"""A program that tries what a parser has no business with, and prints what came of each attempt as JSON.

Arguments: "free" or "confined", then a JSON object with the targets. Everything is imported before.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from curator.pdf.confinement import confine

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {  # on x86_64 and aarch64
    "io_uring_setup": (425, 425), "unshare": (272, 97), "bpf": (321, 280), "keyctl": (250, 219), "shmget": (29, 194),
    "open_by_handle_at": (304, 265), "memfd_create": (319, 279), "inotify_init1": (294, 26), "pidfd_open": (434, 434),
    "setpriority": (141, 140),
}  # fmt: skip


def call(name: str, *arguments: Any) -> None:
    number = NUMBERS[name][os.uname().machine == "aarch64"]
    check(LIBC.syscall(ctypes.c_long(number), *arguments))


def check(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def spawn(program: str | None) -> None:
    child = os.fork()
    if child == 0:
        if program:
            os.execv(program, [program])
        os._exit(0)
    os.waitpid(child, 0)


def connect(family: int, kind: int, address: Any) -> None:
    with socket.socket(family, kind) as made:
        made.connect(address)
        made.send(b"?")


def pair() -> None:
    for end in socket.socketpair():
        end.close()


def bind() -> None:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        made.listen()


def read_memory(process: int) -> None:
    class Part(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    room = ctypes.create_string_buffer(8)
    here, there = Part(ctypes.addressof(room), 8), Part(ctypes.addressof(room), 8)
    LIBC.process_vm_readv(process, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    if ctypes.get_errno() == 1:
        raise PermissionError(1, "process_vm_readv")


def trace(process: int) -> None:
    seize, detach = 0x4206, 17
    check(LIBC.ptrace(seize, process, None, None))
    LIBC.ptrace(detach, process, None, None)


def attempts(target: dict[str, Any]) -> dict[str, Callable[[], object]]:
    other, udp = target["process"], (target["host"], target["udp"])
    return {
        "read a file": lambda: Path(target["file"]).read_bytes(),
        "read another process's environment": lambda: Path(f"/proc/{other}/environ").read_bytes(),
        "read the parent's environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "read its own environment from the kernel": lambda: Path("/proc/self/environ").read_bytes(),
        "list a folder": lambda: list(Path(target["folder"]).iterdir()),
        "look whether a file exists": lambda: Path(target["file"]).stat(),
        "write a file": lambda: Path(target["folder"], "written").write_bytes(b"x"),
        "delete a file": lambda: Path(target["folder"], "written").unlink(),
        "connect by TCP": lambda: connect(socket.AF_INET, socket.SOCK_STREAM, (target["host"], target["tcp"])),
        "send by UDP": lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, udp),
        "connect to a UNIX socket": lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, target["unix"]),
        "connect to an abstract UNIX socket": lambda: connect(
            socket.AF_UNIX, socket.SOCK_STREAM, "\0" + target["abstract"]
        ),
        "ask the kernel by netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
        "make a pair of sockets": pair,
        "listen": bind,
        "start a process": lambda: spawn(None),
        "run a program": lambda: spawn("/bin/true"),
        "signal another process": lambda: os.kill(other, 0),
        "signal the parent": lambda: os.kill(os.getppid(), 0),
        "trace another process": lambda: trace(other),
        "read another process's memory": lambda: read_memory(other),
        "limit another process": lambda: __import__("resource").prlimit(other, 0, (-1, -1)),
        "slow another process": lambda: call("setpriority", 0, other, 19),
        "hold a handle on another process": lambda: call("pidfd_open", other, 0),
        "make a namespace": lambda: call("unshare", 0x04000000),
        "make shared memory": lambda: call("shmget", 0, 4096, 0o1600),
        "make a file in memory": lambda: call("memfd_create", b"x", 0),
        "watch files": lambda: call("inotify_init1", 0),
        "use a key ring": lambda: call("keyctl", 0, -3, 1),
    }


def main() -> None:
    target = json.loads(sys.argv[2])
    import resource  # noqa: F401  loaded before there are no files

    todo = attempts(target)
    said: dict[str, str] = {}
    if sys.argv[1] == "confined":
        print(json.dumps(vars(confine())), flush=True)
    for name, attempt in todo.items():
        try:
            attempt()
            said[name] = "done"
        except OSError as error:
            said[name] = type(error).__name__ + f" {error.errno}"
    print(json.dumps(said), flush=True)


main()

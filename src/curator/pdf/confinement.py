"""Confine a process before it parses strangers' bytes: no files, no network, no other processes.

On Linux, Landlock forbids files, TCP, signals and tracing, and a seccomp filter allows only the system calls listed
here. If the kernel lacks one of them, the other still holds. On every POSIX system, new file descriptors are limited
to zero as well.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

_NO_NEW_PRIVS, _GET_DUMPABLE, _SET_DUMPABLE, _SET_NAME, _SET_VMA = 38, 3, 4, 15, 0x53564D41  # linux/prctl.h
# linux/landlock.h. The system calls have the same numbers on every architecture that Python has wheels for.
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_VERSION = 1
_FILE_RIGHTS = ((1, 13), (2, 14), (3, 15), (5, 16))  # (ABI, number of rights from that ABI on); each right is a bit
_NETWORK_RIGHTS = (4, 0b11)  # bind and connect TCP
_SCOPES = (6, 0b11)  # abstract UNIX sockets, signals
_FIRST_UNKNOWN_CALL = 450  # newer calls return "not implemented", so that a newer C library falls back to older ones

# Each call's number on x86_64 and aarch64 (asm/unistd_64.h, asm-generic/unistd.h). A parser that has its input needs
# memory, time, threads and signals of its own, and descriptors that are open already.
_ALLOWED_CALLS = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "close": (3, 57), "fstat": (5, 80),
    "lseek": (8, 62), "poll": (7, None), "ppoll": (271, 73),
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "mremap": (25, 216), "madvise": (28, 233),
    "brk": (12, 214), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132), "setitimer": (38, 103), "sched_yield": (24, 124), "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "gettimeofday": (96, 169), "time": (201, None), "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173),
    "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177), "uname": (63, 160),
    "sysinfo": (99, 179), "getrusage": (98, 165), "sched_getaffinity": (204, 123), "getcpu": (309, 168),
    "futex": (202, 98), "set_robust_list": (273, 99), "rseq": (334, 293), "getrandom": (318, 278),
    "restart_syscall": (219, 128), "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip
_CLONE, _CLONE3, _TGKILL, _PRCTL = (56, 220), (435, 435), (234, 131), (157, 167)
_SECCOMP = (317, 277)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH of linux/audit.h
_CLONE_THREAD = 0x00010000  # linux/sched.h
_FILTER, _ALL_THREADS = 1, 1  # linux/seccomp.h
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/filter.h
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, of the low halves


@dataclass(frozen=True)
class Confinement:
    """What a process can no longer do, which it found out by trying, and the means of confinement."""

    files: bool = False  # cannot open a file
    network: bool = False  # cannot make a socket of any kind
    processes: bool = False  # cannot signal the process that started it
    means: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether files, network and other processes are all out of reach."""
        return self.files and self.network and self.processes


def confine() -> Confinement:
    """Deny this process, for good, all files, the network and other processes.

    Open descriptors stay usable. Call this before any thread is started: Landlock confines the calling thread and
    those that it starts. Means that the system lacks are skipped.

    Returns:
        What the process can no longer do.
    """
    try:
        import resource
    except ImportError:  # Windows
        return Confinement()
    means = []
    is_linux = sys.platform == "linux" and _prctl(_SET_DUMPABLE, 0) == 0 and _prctl(_NO_NEW_PRIVS, 1) == 0
    if is_linux and (abi := _restrict_by_landlock()):
        means.append(f"Landlock ABI {abi}")
    if os.geteuid() != 0:  # root could raise the limit again
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
            means.append("no new descriptors")
    if is_linux and _filter_calls():
        means.append("seccomp")
    return Confinement(
        files=_is_refused(lambda: os.close(os.open("/", os.O_RDONLY))),
        network=_is_refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()),
        processes=_is_refused(lambda: os.kill(os.getppid(), 0)),
        means=tuple(means),
    )


def hide_from_other_processes() -> bool:
    """Keep other processes of the same user from tracing this one and from reading its memory and environment.

    The kernel also writes no core dump of this process, and gives most of its files under /proc to root, who still has
    access.

    Returns:
        Whether this holds now; False if the system is not Linux.
    """
    if sys.platform != "linux":
        return False
    _prctl(_SET_DUMPABLE, 0)
    return _prctl(_GET_DUMPABLE) == 0


def _prctl(option: int, value: int = 0) -> int:
    nothing = ctypes.c_ulong(0)
    return int(_libc().prctl(ctypes.c_int(option), ctypes.c_ulong(value), nothing, nothing, nothing))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _is_refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError as error:
        return error.errno in (errno.EPERM, errno.EACCES, errno.EMFILE)
    return False


def _restrict_by_landlock() -> int:
    """Deny every right that this kernel knows, and return Landlock's ABI; 0 if the kernel has no Landlock."""
    call = _libc().syscall
    abi = int(call(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)))
    if abi < 1:
        return 0
    rights = max(bits for since, bits in _FILE_RIGHTS if abi >= since)
    attributes = struct.pack("=Q", (1 << rights) - 1)
    for since, bits in (_NETWORK_RIGHTS, _SCOPES):
        attributes += struct.pack("=Q", bits) if abi >= since else b""
    ruleset = int(
        call(ctypes.c_long(_CREATE_RULESET), attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    )
    if ruleset < 0:
        return 0
    try:
        held = call(ctypes.c_long(_RESTRICT_SELF), ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0
    finally:
        os.close(ruleset)
    return abi if held else 0


def _filter_calls() -> bool:
    """Install the seccomp filter for all threads, and return whether the kernel took it."""
    machine = os.uname().machine
    if machine not in _ARCHITECTURES or struct.calcsize("P") != 8:  # call numbers differ in 32-bit programs
        return False
    column, architecture = _ARCHITECTURES[machine]
    code = _make_filter(column, architecture, os.getpid())
    buffer = ctypes.create_string_buffer(code)

    class Program(ctypes.Structure):  # struct sock_fprog
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    program = Program(len(code) // 8, ctypes.addressof(buffer))
    number, filter_, flags = ctypes.c_long(_SECCOMP[column]), ctypes.c_uint(_FILTER), ctypes.c_uint(_ALL_THREADS)
    return int(_libc().syscall(number, filter_, flags, ctypes.byref(program))) == 0


def _make_filter(column: int, architecture: int, process: int) -> bytes:
    """Assemble the filter for the kernel's BPF machine: allow the listed calls, refuse all others.

    Args:
        column: Of the architecture in `_ALLOWED_CALLS`.
        architecture: Its AUDIT_ARCH.
        process: The id of this process, which may signal itself.

    Returns:
        The program.
    """
    allow, refuse = _encode(_RETURN, _ALLOW), _encode(_RETURN, _REFUSE | errno.EPERM)
    unknown = _encode(_RETURN, _REFUSE | errno.ENOSYS)
    argument = _encode(_LOAD, _FIRST_ARGUMENT)
    instructions = [_encode(_LOAD, _ARCHITECTURE), _encode(_EQUAL, architecture, 1, 0), refuse, _encode(_LOAD, _NUMBER)]
    for numbers in _ALLOWED_CALLS.values():
        if (number := numbers[column]) is not None:
            instructions += [_encode(_EQUAL, number, 0, 1), allow]
    instructions += [_encode(_EQUAL, _CLONE3[column], 0, 1), unknown]  # its flags are in memory; clone is tried next
    instructions += [_encode(_AT_LEAST, _FIRST_UNKNOWN_CALL, 0, 1), unknown]
    for call, test in (
        (_CLONE, [_encode(_ANY_BIT, _CLONE_THREAD, 0, 1)]),
        (_TGKILL, [_encode(_EQUAL, process, 0, 1)]),  # abort() signals its own process
        (_PRCTL, [_encode(_EQUAL, _SET_NAME, 1, 0), _encode(_EQUAL, _SET_VMA, 0, 1)]),  # names of threads and of memory
    ):
        body = [argument, *test, allow, refuse]
        instructions += [_encode(_EQUAL, call[column], 0, len(body)), *body]
    return b"".join([*instructions, refuse])


def _encode(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)  # struct sock_filter

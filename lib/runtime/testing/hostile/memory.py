"""More memory than it may have. Every bomb is bounded."""

import ctypes
import errno
import mmap
import os
import time

from ground import MIB, BOMB_MIB, libc, syscall


def touch(size_mib):
    block = bytearray(size_mib * MIB)
    block[::4096] = b"x" * len(block[::4096])
    return block


def memory_in_one_process():
    blocks = []
    try:
        for _ in range(BOMB_MIB // 10):
            blocks.append(touch(10))
    except MemoryError:
        reached = len(blocks) * 10
        blocks = None
        return False, "MemoryError at %d MiB" % reached
    return True, "%d MiB" % BOMB_MIB


def memory_in_many_processes():
    for _ in range(12):
        try:
            pid = os.fork()
        except OSError as error:
            return False, errno.errorcode[error.errno]
        if pid == 0:
            try:
                kept = touch(BOMB_MIB // 12)
                time.sleep(2)
                os._exit(0 if kept else 9)
            except MemoryError:
                os._exit(9)
    fine = sum(os.wait()[1] == 0 for _ in range(12))
    return fine == 12, "%d of 12 processes kept 75 MiB" % fine


def memory_shared_without_owner():
    blocks = []
    for _ in range(BOMB_MIB // 30):
        block = mmap.mmap(-1, 30 * MIB)
        for offset in range(0, 30 * MIB, 4096):
            block[offset] = 1
        blocks.append(block)
    time.sleep(0.5)
    return True, "%d MiB" % BOMB_MIB


def memory_in_memfd():
    written, block = 0, b"x" * MIB
    try:
        for _ in range(15):
            fd, said = syscall("memfd_create", b"x", 0)
            if fd < 0:
                return False, said
            for _ in range(60):
                written += os.write(fd, block)
    except OSError as error:
        return False, errno.errorcode[error.errno]
    return True, "%d MiB" % (written // MIB)


def memory_in_sysv_segments():
    libc.shmat.restype = ctypes.c_void_p
    for _ in range(15):
        segment, said = syscall("shmget", 0, 60 * MIB, 0o1600)
        if segment < 0:
            return False, said
        address = libc.shmat(segment, None, 0)
        ctypes.memset(address, 1, 60 * MIB)
        libc.shmdt(ctypes.c_void_p(address))
    return True, "900 MiB"

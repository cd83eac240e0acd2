"""Harming other processes, and not ending when told to."""

import errno
import os
import signal
import time

from ground import libc, syscall, targets


def kill_server():
    said = []
    try:
        os.kill(targets["server_pid"], signal.SIGKILL)
    except OSError as error:
        said.append(errno.errorcode[error.errno])
    return None, str(said)


def kill_everything():
    try:
        os.kill(-1, signal.SIGKILL)
    except OSError as error:
        return None, errno.errorcode[error.errno]
    return None, "sent"


def trace_server():
    result, said = syscall("ptrace", 0x4206, targets["server_pid"], 0, 0)
    return result == 0, said


def read_memory_of_a_process():
    result, said = syscall("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0)
    return result >= 0, said


def take_descriptor_of_a_process():
    result, said = syscall("pidfd_getfd", 3, 0, 0)
    return said not in ("EPERM", "ENOSYS"), said


def outlive_its_end():
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        libc.prctl(15, b"headracedaemon", 0, 0, 0)
        for fd in (0, 1, 2):
            os.dup2(os.open("/dev/null", os.O_RDWR), fd)
        time.sleep(30)
        os._exit(0)
    time.sleep(0.2)
    return None, "daemon started"


def loop_for_ever():
    while True:
        pass


def ignore_signals():
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        time.sleep(1)


def stop_itself():
    os.kill(os.getpid(), signal.SIGSTOP)
    return None, "went on"

"""Calls of the kernel that a sandbox has no business with."""

import ctypes
import errno
import fcntl
import os

from ground import attempt_open, syscall


def write_kernel_settings():
    paths = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_helper",
             "/proc/sys/kernel/hostname", "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/modprobe"]
    path, said = attempt_open(paths, os.O_WRONLY)
    return bool(path), path or str(said)


def type_into_a_terminal():
    try:
        fcntl.ioctl(0, 0x5412, b"x")
        return True, "typed"
    except OSError as error:
        return False, errno.errorcode[error.errno]


def load_a_module():
    result, said = syscall("init_module", 0, 0, 0)
    return said not in ("EPERM", "ENOSYS"), said


def set_the_clock():
    result, said = syscall("settimeofday", 0, 0)
    return result == 0, said


def rename_the_host():
    result, said = syscall("sethostname", b"evil", 4)
    return result == 0, said


def use_kernel_interfaces():
    said = {}
    calls = [("add_key", b"user", b"a", b"b", 1, -3), ("keyctl", 0, 0, 0), ("bpf", 0, 0, 0),
             ("perf_event_open", 0, 0, -1, -1, 0), ("io_uring_setup", 1, ctypes.create_string_buffer(120)),
             ("userfaultfd", 1), ("kexec_load", 0, 0, 0, 0), ("open_tree", -100, b"/", 0), ("swapon", b"/tmp", 0),
             ("quotactl", 0, 0, 0, 0), ("pivot_root", b"/", b"/"), ("clone3", 0, 0), ("personality", 0x40000),
             ("io_setup", 65536, ctypes.create_string_buffer(8)), ("unknown", 0)]
    for call in calls:
        result, error = syscall(*call)
        said[call[0]] = "won" if result >= 0 or error not in ("EPERM", "ENOSYS") else error
    return "won" in said.values(), str(said)

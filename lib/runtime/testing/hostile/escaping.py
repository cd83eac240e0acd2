"""Getting out of the sandbox, or becoming somebody else in it."""

import ctypes
import errno
import glob
import os
import subprocess

from ground import IS_ARM, any_allowed, attempt_open, last_error, libc, syscall, targets


def make_user_namespace():
    result, said = syscall("unshare", 0x10000000)
    return result == 0, said


def make_user_namespace_by_clone():
    number = 220 if IS_ARM else 56
    ctypes.set_errno(0)
    pid = libc.syscall(number, 0x10000000 | 17, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return pid > 0, last_error()


def join_namespace():
    try:
        fd = os.open("/proc/%d/ns/mnt" % targets["server_pid"], os.O_RDONLY)
    except OSError as error:
        return False, errno.errorcode[error.errno]
    result, said = syscall("setns", fd, 0)
    return result == 0, said


def mount_something():
    result, said = syscall("mount", b"none", b"/tmp", b"tmpfs", 0, 0)
    return result == 0, said


def make_root_writable():
    result, said = syscall("mount", b"none", b"/", b"", 0x20 | 0x1000, 0)
    return result == 0, said


def change_root():
    result, said = syscall("chroot", b"/tmp")
    return result == 0, said


def leave_the_cgroup():
    path, said = attempt_open(glob.glob("/sys/fs/cgroup/**/cgroup.procs", recursive=True) or ["/sys/fs/cgroup"])
    return bool(path), path or str(said)


def open_by_handle():
    result, said = syscall("open_by_handle_at", -100, 0, 0)
    return said not in ("EPERM", "ENOSYS"), said


def become_root():
    return any_allowed(lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]))


def use_a_setuid_program():
    with open("/proc/self/status") as file:
        status = [line.split() for line in file if line.startswith(("NoNewPrivs", "CapEff", "CapBnd", "CapPrm"))]
    facts = {key: value for key, value in status}
    held = facts["NoNewPrivs:"] == "1" and all(int(facts[cap], 16) == 0 for cap in ("CapEff:", "CapPrm:"))
    return not held, str(facts)


def make_setuid_program():
    with open("/tmp/tool", "wb") as file:
        file.write(b"#!/bin/sh\n")
    try:
        os.chown("/tmp/tool", 0, 0)
        return True, "owned by root"
    except OSError as error:
        return False, errno.errorcode[error.errno]


def run_a_privileged_tool():
    for command in (["su", "-c", "id"], ["mount", "-t", "tmpfs", "x", "/tmp"], ["bwrap", "--ro-bind", "/", "/", "true"]):
        try:
            if subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=5).returncode == 0:
                return True, str(command)
        except (OSError, subprocess.TimeoutExpired):
            pass
    return False, "all refused"


def make_a_device():
    try:
        os.mknod("/tmp/device", 0o60600, os.makedev(8, 0))
        return True, "made"
    except OSError as error:
        return False, errno.errorcode[error.errno]


def write_own_code():
    paths = ["/opt/algorithm/src/new.py", "/runner/start.py", "/env/new", "/usr/lib/new", "/etc/hosts", "/etc/passwd"]
    for path in paths:
        try:
            with open(path, "a"):
                return True, path
        except OSError as error:
            said = errno.errorcode[error.errno]
    return False, said

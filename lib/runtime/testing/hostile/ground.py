"""What the attempts share: whom they are aimed at, and how to try."""

import ctypes
import errno
import os
import platform

# In two parts, so that this source does not match.
WORD = "s3cret" + "-of-the-server"
MIB = 1 << 20
# More than a worker's 512 MiB, in pieces.
BOMB_MIB = 900
libc = ctypes.CDLL(None, use_errno=True)
# A decoy server's pid, TCP port, unix socket and abstract socket, and a file of another algorithm.
targets = {}
IS_ARM = platform.machine() in ("aarch64", "arm64")


def last_error():
    return errno.errorcode.get(ctypes.get_errno(), "ok")


def attempt_open(paths, flags=os.O_RDONLY):
    """The first path that opens, and what the others said."""
    said = []
    for path in paths:
        try:
            os.close(os.open(path, flags))
            return path, said
        except OSError as error:
            said.append(errno.errorcode.get(error.errno, "?"))
    return None, said


def any_allowed(*actions):
    """Whether one of them went through, and what the last one said."""
    said = "nothing"
    for action in actions:
        try:
            action()
            return True, "done"
        except OSError as error:
            said = errno.errorcode[error.errno]
    return False, said


def finds_word(paths):
    for path in paths:
        try:
            with open(path, "rb") as file:
                if WORD.encode() in file.read(MIB):
                    return path
        except OSError:
            pass
    return None


def syscall(name, *arguments):
    number = (ARM_NUMBERS if IS_ARM else X64_NUMBERS)[name]
    ctypes.set_errno(0)
    return libc.syscall(number, *arguments), last_error()


X64_NUMBERS = dict(
    add_key=248, keyctl=250, bpf=321, perf_event_open=298, io_uring_setup=425, userfaultfd=323, ptrace=101,
    process_vm_readv=310, mount=165, clone3=435, unshare=272, setns=308, chroot=161, pivot_root=155, init_module=175,
    reboot=169, settimeofday=164, sethostname=170, open_by_handle_at=304, kexec_load=246, memfd_create=319, shmget=29,
    personality=135, open_tree=428, pidfd_getfd=438, syslog=103, quotactl=179, swapon=167, io_setup=206, unknown=500,
)
ARM_NUMBERS = dict(
    add_key=217, keyctl=219, bpf=280, perf_event_open=241, io_uring_setup=425, userfaultfd=282, ptrace=117,
    process_vm_readv=270, mount=40, clone3=435, unshare=97, setns=268, chroot=51, pivot_root=41, init_module=105,
    reboot=142, settimeofday=170, sethostname=161, open_by_handle_at=265, kexec_load=104, memfd_create=279, shmget=194,
    personality=92, open_tree=428, pidfd_getfd=438, syslog=116, quotactl=60, swapon=224, io_setup=0, unknown=500,
)

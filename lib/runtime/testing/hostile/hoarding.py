"""More than its share of everything else."""

import errno
import glob
import os
import resource
import signal
import threading
import time

from ground import MIB, any_allowed, last_error, libc


def fork_bomb():
    children, why = [], "reached"
    for _ in range(300):
        try:
            pid = os.fork()
        except OSError as error:
            why = errno.errorcode[error.errno]
            break
        if pid == 0:
            time.sleep(5)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    return len(children) >= 300, "%d children, %s" % (len(children), why)


def thread_bomb():
    started, why, done = 0, "reached", threading.Event()
    threading.stack_size(256 * 1024)
    try:
        for _ in range(300):
            threading.Thread(target=done.wait, args=(5,), daemon=True).start()
            started += 1
    except RuntimeError as error:
        why = str(error)
    done.set()
    return started >= 300, "%d threads, %s" % (started, why)


def fill(folder, limit_mib=400):
    written, why, block = 0, "reached", b"x" * MIB
    try:
        for index in range(limit_mib // 40):
            with open("%s/.fill%d" % (folder, index), "wb", buffering=0) as file:
                for _ in range(40):
                    written += file.write(block)
    except OSError as error:
        why = errno.errorcode[error.errno]
    for path in glob.glob("%s/.fill*" % folder):
        os.unlink(path)
    return written >= limit_mib * MIB, "%d MiB, %s" % (written // MIB, why)


def fill_tmp():
    return fill("/tmp")


def fill_shared_memory():
    return fill("/dev/shm")


def fill_dev():
    return fill("/dev", 40)


def fill_root():
    return fill("", 40)


def fill_run():
    return fill("/run", 40)


def write_a_huge_file():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with open("/tmp/huge", "wb") as file:
            file.truncate(1 << 40)
        return True, "1 TiB, sparse"
    except OSError as error:
        return False, errno.errorcode[error.errno]


def open_many_files():
    opened = []
    try:
        while len(opened) < 2000:
            opened.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error:
        return False, "%d, %s" % (len(opened), errno.errorcode[error.errno])
    finally:
        for fd in opened:
            os.close(fd)
    return True, "%d" % len(opened)


def raise_own_limits():
    raised = []
    for name in ("NPROC", "DATA", "FSIZE", "NOFILE", "CORE"):
        which = getattr(resource, "RLIMIT_" + name)
        _, hard = resource.getrlimit(which)
        if hard == resource.RLIM_INFINITY:
            raised.append(name + " has none")
            continue
        try:
            resource.setrlimit(which, (hard + 1, hard + 1))
            raised.append(name)
        except (ValueError, OSError):
            pass
    return bool(raised), str(raised)


def take_the_processor():
    return any_allowed(
        lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
        lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)),
    )


def zombie_storm():
    made, why = 0, "reached"
    try:
        for _ in range(300):
            if os.fork() == 0:
                os._exit(0)
            made += 1
    except OSError as error:
        why = errno.errorcode[error.errno]
    return made >= 300, "%d never waited for, %s" % (made, why)


def use_up_what_is_counted_by_user():
    kept, why = 0, "reached"
    while kept < 200:
        if libc.inotify_init() < 0:
            why = last_error()
            break
        kept += 1
    return None, "%d inotify instances, %s" % (kept, why)


def watch_a_file():
    return libc.inotify_init() < 0, last_error()

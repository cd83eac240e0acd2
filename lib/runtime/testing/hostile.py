"""Attempts of an algorithm to get at what is not its own. Each returns (won, what happened); every bomb is bounded.

apply takes {"attempt": name, "targets": {…}}: a decoy server's pid, TCP port, unix socket and abstract socket, and a
file of another algorithm. The word to look for is in the decoy's environment and in that file.
"""

import ctypes
import errno
import fcntl
import glob
import json
import mmap
import os
import platform
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

# In two parts, so that this source does not match.
WORD = "s3cret" + "-of-the-server"
MIB = 1 << 20
# More than a worker's 512 MiB, in pieces.
BOMB_MIB = 900
libc = ctypes.CDLL(None, use_errno=True)
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
    personality=135, open_tree=428, pidfd_getfd=438, syslog=103, quotactl=179, swapon=167,
)
ARM_NUMBERS = dict(
    add_key=217, keyctl=219, bpf=280, perf_event_open=241, io_uring_setup=425, userfaultfd=282, ptrace=117,
    process_vm_readv=270, mount=40, clone3=435, unshare=97, setns=268, chroot=51, pivot_root=41, init_module=105,
    reboot=142, settimeofday=170, sethostname=161, open_by_handle_at=265, kexec_load=104, memfd_create=279, shmget=194,
    personality=92, open_tree=428, pidfd_getfd=438, syslog=116, quotactl=60, swapon=224,
)


# --- reading what is not its own


def read_server_secret_in_own_environment():
    return WORD in json.dumps(dict(os.environ)), "%d variables" % len(os.environ)


def read_any_process_environment():
    hit = finds_word(glob.glob("/proc/[0-9]*/environ"))
    return bool(hit), hit or "%d processes visible" % len(glob.glob("/proc/[0-9]*"))


def read_server_environment():
    path, said = attempt_open(["/proc/%d/environ" % targets["server_pid"]])
    return bool(path and finds_word([path])), str(said)


def read_server_memory():
    path, said = attempt_open(["/proc/%d/mem" % targets["server_pid"], "/proc/%d/maps" % targets["server_pid"]])
    return bool(path and finds_word([path])), str(said)


def read_other_algorithm_file():
    victim = targets["victim_file"]
    paths = [victim, "/proc/1/root" + victim, "/proc/self/root" + victim, "/opt/algorithm/" + "../" * 12 + victim[1:]]
    hit = finds_word(paths + ["/proc/%d/root%s" % (os.getppid(), victim)])
    return bool(hit), hit or "not there"


def read_other_algorithm_file_by_link():
    os.symlink(targets["victim_file"], "/tmp/link")
    hit = finds_word(["/tmp/link"])
    return bool(hit), hit or "the link leads nowhere"


def read_host_secrets():
    path, said = attempt_open(["/etc/shadow", "/root/.bashrc", "/root/.ssh", "/home", "/var/lib", "/var/run"])
    return bool(path), path or str(said)


def read_host_devices():
    path, said = attempt_open(["/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/kvm", "/dev/fuse", "/dev/net/tun"])
    return bool(path), path or str(said)


def see_other_workers():
    names = sorted(os.listdir("/run/headrace"))
    return names != ["gate.sock"], str(names)


def see_host_file_system():
    extra = sorted(set(os.listdir("/")) & {"home", "root", "var", "srv", "mnt", "media", "boot", "sys", "work"})
    return bool(extra), str(sorted(os.listdir("/")))


def use_inherited_descriptors():
    own = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            own[int(name)] = os.readlink("/proc/self/fd/" + name)
        except OSError:
            pass
    known = ("/tmp/algoout", "/dev/null", "/proc/", "anon_inode:", "socket:", "pipe:")
    strange = {fd: path for fd, path in own.items() if fd > 2 and not path.startswith(known)}
    return bool(strange), str(own)


def read_kernel_log():
    result, said = syscall("syslog", 3, ctypes.create_string_buffer(100), 100)
    return result >= 0, said


# --- harming other processes


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


# --- taking more than its share


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
    threading.stack_size(65536)
    try:
        for _ in range(300):
            threading.Thread(target=done.wait, args=(5,), daemon=True).start()
            started += 1
    except RuntimeError as error:
        why = str(error)
    done.set()
    return started >= 300, "%d threads, %s" % (started, why)


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
                touch(BOMB_MIB // 12)
                time.sleep(2)
                os._exit(0)
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
    for action in (lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
                   lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))):
        try:
            action()
            return True, "done"
        except OSError as error:
            said = errno.errorcode[error.errno]
    return False, said


def flood_output():
    block = b"y" * 65536 + b"\n"
    for _ in range(1600):
        os.write(1, block)
    return None, "100 MiB printed"


def flood_answers():
    fd = os.open("/tmp/algoout", os.O_WRONLY)
    for _ in range(64):
        os.write(fd, b"{" + b"y" * MIB)
    return None, "64 MiB written"


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


# --- the network


def connect(family, address):
    sock = socket.socket(family)
    sock.settimeout(2)
    try:
        sock.connect(address)
        return True, "connected"
    except OSError as error:
        return False, str(error)
    finally:
        sock.close()


def reach_server_port():
    return connect(socket.AF_INET, ("127.0.0.1", targets["tcp_port"]))


def reach_unix_socket():
    return connect(socket.AF_UNIX, targets["unix_socket"])


def reach_abstract_socket():
    return connect(socket.AF_UNIX, "\0" + targets["abstract_socket"])


def reach_the_internet_directly():
    return connect(socket.AF_INET, ("1.1.1.1", 443))


def ask_dns_directly():
    try:
        return True, str(socket.getaddrinfo("example.com", 80)[0])
    except OSError as error:
        return False, str(error)


def proxy_answer(request):
    sock = socket.create_connection(("127.0.0.1", 8080), 2)
    sock.sendall(request.encode() + b"\r\n\r\n")
    return sock.recv(1000).decode().split("\r\n")[0]


def reach_server_port_by_proxy():
    said = proxy_answer("CONNECT 127.0.0.1:%d HTTP/1.1" % targets["tcp_port"])
    return " 200 " in said, said


def reach_server_port_by_name():
    said = proxy_answer("CONNECT localhost:%d HTTP/1.1" % targets["tcp_port"])
    return " 200 " in said, said


def reach_cloud_metadata():
    said = proxy_answer("GET http://169.254.169.254/latest/meta-data/ HTTP/1.1\r\nHost: 169.254.169.254")
    return " 200 " in said, said


def reach_server_port_by_odd_address():
    port = targets["tcp_port"]
    said = [proxy_answer("CONNECT %s:%d HTTP/1.1" % (host, port))
            for host in ("0.0.0.0", "0x7f000001", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]")]
    return any(" 200 " in one for one in said), str(said)


def open_vsock():
    try:
        socket.socket(40, socket.SOCK_STREAM).close()
        return True, "opened"
    except OSError as error:
        return False, str(error)


def open_raw_socket():
    for family in (socket.AF_INET, 17):
        try:
            socket.socket(family, socket.SOCK_RAW, 1).close()
            return True, "family %d" % family
        except OSError as error:
            said = str(error)
    return False, said


def change_the_network():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        fcntl.ioctl(sock, 0x8914, struct.pack("16sh14x", b"lo", 0))  # SIOCSIFFLAGS: take loopback down
        return True, "changed"
    except OSError as error:
        return False, errno.errorcode[error.errno]


# --- getting out


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


def become_root():
    for action in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0])):
        try:
            action()
            return True, "done"
        except OSError as error:
            said = errno.errorcode[error.errno]
    return False, said


def use_a_setuid_program():
    with open("/proc/self/status") as file:
        status = [line.split() for line in file if line.startswith(("NoNewPrivs", "CapEff", "CapBnd", "CapPrm"))]
    facts = {key: value for key, value in status}
    held = facts["NoNewPrivs:"] == "1" and all(int(facts[cap], 16) == 0 for cap in ("CapEff:", "CapPrm:"))
    return not held, str(facts)


def make_a_device():
    try:
        os.mknod("/tmp/device", 0o60600, os.makedev(8, 0))
        return True, "made"
    except OSError as error:
        return False, errno.errorcode[error.errno]


def write_kernel_settings():
    paths = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/kernel/uevent_helper",
             "/proc/sys/kernel/hostname", "/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/modprobe"]
    path, said = attempt_open(paths, os.O_WRONLY)
    return bool(path), path or str(said)


def leave_the_cgroup():
    path, said = attempt_open(glob.glob("/sys/fs/cgroup/**/cgroup.procs", recursive=True) or ["/sys/fs/cgroup"])
    return bool(path), path or str(said)


def write_own_code():
    paths = ["/opt/algorithm/src/new.py", "/runner/start.py", "/env/new", "/usr/lib/new", "/etc/hosts", "/etc/passwd"]
    for path in paths:
        try:
            with open(path, "a"):
                return True, path
        except OSError as error:
            said = errno.errorcode[error.errno]
    return False, said


def replace_the_answer_pipe():
    try:
        os.rename("/tmp/algoout", "/tmp/old")
        os.symlink(targets["victim_file"], "/tmp/algoout")
        return True, "replaced"
    except OSError as error:
        return False, errno.errorcode[error.errno]


def replace_the_gate():
    try:
        os.unlink("/run/headrace/gate.sock")
        return True, "removed"
    except OSError as error:
        return False, errno.errorcode[error.errno]


def type_into_a_terminal():
    try:
        fcntl.ioctl(0, 0x5412, b"x")
        return True, "typed"
    except OSError as error:
        return False, errno.errorcode[error.errno]


def open_by_handle():
    result, said = syscall("open_by_handle_at", -100, 0, 0)
    return said not in ("EPERM", "ENOSYS"), said


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
             ("quotactl", 0, 0, 0, 0), ("pivot_root", b"/", b"/"), ("clone3", 0, 0), ("personality", 0x40000)]
    for call in calls:
        result, error = syscall(*call)
        said[call[0]] = "won" if result >= 0 or error not in ("EPERM", "ENOSYS") else error
    return "won" in said.values(), str(said)


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


def apply(request):
    targets.update(request["targets"])
    attempt = globals()[request["attempt"]]
    try:
        won, detail = attempt()
    except Exception as error:
        won, detail = False, "%s: %s" % (type(error).__name__, error)
    return {"won": won, "detail": str(detail)[:500]}

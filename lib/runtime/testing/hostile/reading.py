"""Reading what is not its own."""

import ctypes
import glob
import json
import os

from ground import WORD, attempt_open, finds_word, syscall, targets


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
    known = ("/tmp/algoout", "/tmp/algotickets", "/dev/null", "/proc/", "anon_inode:", "socket:", "pipe:")
    strange = {fd: path for fd, path in own.items() if fd > 2 and not path.startswith(known)}
    return bool(strange), str(own)


def read_kernel_log():
    result, said = syscall("syslog", 3, ctypes.create_string_buffer(100), 100)
    return result >= 0, said


def learn_how_it_is_held():
    """What started the sandbox: no word of the server's environment, and no host path that its command line names."""
    shown = ""
    for path in glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/environ"):
        if path.startswith("/proc/%d/" % os.getpid()):
            continue
        try:
            with open(path) as file:
                shown += file.read().replace("\0", " ") + "; "
        except OSError:
            pass
    return "DATABASE" in shown or os.path.dirname(targets["victim_file"])[:12] in shown, shown

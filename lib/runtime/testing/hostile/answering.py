"""The line to the server, misused."""

import errno
import os
import threading
import time

from ground import MIB, targets


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


def answer_in_half():
    fd = os.open("/tmp/algoout", os.O_WRONLY)
    os.write(fd, b"#half json 1")
    time.sleep(60)
    return None, "wrote the rest"


def close_standard_output():
    os.close(1)
    os.close(2)
    return None, "closed"


def leave_a_child_with_the_output():
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
    os._exit(0)


def print_for_ever():
    def go_on():
        block = b"y" * 65536 + b"\n"
        while True:
            os.write(1, block)

    threading.Thread(target=go_on, daemon=True).start()
    return None, "goes on after the answer"

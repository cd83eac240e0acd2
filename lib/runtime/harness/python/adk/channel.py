"""The line to the server: requests as lines on standard input, answers on the pipe at ANSWER_PIPE.

A request is `{"id":"…","content_type":"…","data":…,"context":…}`, in this order and without blanks between these parts.
The server has not looked into JSON data: what stands between the first `"data":` and the last `,"context":` is the
input, whatever it is, and is parsed by itself. The context is a text, the JSON of what is known of the message, so that
it does not hold `,"context":`; or `{"message":null}` for a call that no message caused.

An answer is `#<request id> <type> <bytes>`, a line feed, that many bytes and a line feed. The type is `json`, `text`,
`binary` or `error` (a JSON document with message, stacktrace and error_type). `#<request id> too_large <bytes>` alone
says that a result is held back. `unparsed`, with the parser's reason as text, says that the input is not what its
content type says, and that the algorithm has not seen it. The server also takes the one JSON line
that the Algorithmia language packs write; this form spares it from parsing results.

` quiet` behind the number of bytes says that the server has read all that was printed before. It need not look for more
then, and the next call can come at once.

A harness that adds `ahead` to its ready line may be sent calls before it has answered the one before. Such a line has
`"ahead":true` right behind its id. Before it runs the call, the harness takes a ticket, one byte, from the pipe at
HEADRACE_TICKET_PIPE. When there is none the server has taken the call back: the line is passed over without a word.
Otherwise the harness writes a zero byte, HEADRACE_OUTPUT_MARK and a line feed to standard output and standard error:
what is printed from there on belongs to this call.
"""

import binascii
import fcntl
import os
import sys

from adk import codec

ANSWER_PIPE = os.environ.get("HEADRACE_ANSWER_PIPE", "/tmp/algoout")
# What a pipe holds anyway, and what it may be made to hold (Linux, <fcntl.h>).
SMALL_BYTES = 64 * 1024
WIDE_BYTES = 1024 * 1024
F_SETPIPE_SZ = 1031
# What of a socket's output is not read yet, as a native integer (Linux, <linux/sockios.h>).
SIOCOUTQ = 0x5411
NO_BYTES = b"\0\0\0\0"
READY_LINE = "PIPE_INIT_COMPLETE"
AHEAD_READY_LINE = READY_LINE + " ahead"
ID_START = b'{"id":"'
DATA_START = b'","data":'
CONTEXT_START = b',"context":'
LINE_END = b"}\n"
AHEAD = b',"ahead":true,'
# Not for the algorithm, nor for programs that it starts.
TICKET_PIPE = os.environ.pop("HEADRACE_TICKET_PIPE", None)
OUTPUT_MARK = "\0{}\n".format(os.environ.pop("HEADRACE_OUTPUT_MARK", "")).encode("ascii")
MAX_RESULT_BYTES = int(os.environ.get("HEADRACE_MAX_RESULT_BYTES", 15 * 1024 * 1024))
MAX_PROBLEM_CHARACTERS = 500


class Request(object):
    """One call: `id` names it in the answer, `data` is what apply gets, `context` what it gets if it asks.

    `problem` says why there is no data: the input is not JSON. It is None for an input that is.
    """

    def __init__(self, line):
        kind_end = line.index(DATA_START)
        start = kind_end + len(DATA_START)
        end = line.rindex(CONTEXT_START)
        self.id = line[len(ID_START):line.index(b'"', len(ID_START))].decode("ascii")
        self.data = self.problem = None
        self._context = line[end + len(CONTEXT_START):-len(LINE_END)]
        if line.endswith(b"binary", 0, kind_end):
            self.data = binascii.a2b_base64(line[start + 1:end - 1])
            return
        try:
            self.data = codec.loads(str(memoryview(line)[start:end], "utf-8"))
        except RecursionError:
            self.problem = "it is nested too deeply"
        except ValueError as error:
            self.problem = str(getattr(error, "msg", error))[:MAX_PROBLEM_CHARACTERS]

    @property
    def context(self):
        context = codec.loads(self._context.decode("utf-8"))
        return codec.loads(context) if isinstance(context, str) else context


def _write_mark(descriptor):
    rest = OUTPUT_MARK
    while rest:
        try:
            rest = rest[os.write(descriptor, rest):]
        except BlockingIOError:
            _wait_for_room(descriptor)
        except OSError:  # the algorithm has shut it down: the server does without
            return


def _flush(stream, descriptor):
    while True:
        try:
            return stream.flush()
        except BlockingIOError:
            _wait_for_room(descriptor)
        except (AttributeError, OSError, ValueError):  # the algorithm has closed it, or put something else in its place
            return None


def _wait_for_room(descriptor):
    import select  # a program of the algorithm's has made it one that does not wait, for all

    select.select((), (descriptor,), ())


def open_answers():
    """Without waiting for a reader: raises where there is none. The server has died then, and the worker is to end."""
    return os.open(ANSWER_PIPE, os.O_WRONLY | os.O_NONBLOCK)


class Channel(object):
    def __init__(self):
        self._requests = None
        self._answers = None
        self._is_wide = False
        self._tickets = None
        self._outputs = ()

    def open(self):
        """Takes standard input for itself: a program that the algorithm starts must not read its next request."""
        private = os.dup(0)
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.close(nowhere)
        self._requests = os.fdopen(private, "rb", 1 << 18)
        self._answers = open_answers()
        os.set_blocking(self._answers, True)
        if TICKET_PIPE:
            self._tickets = os.open(TICKET_PIPE, os.O_RDONLY | os.O_NONBLOCK)
            # Of our own: an algorithm may close or replace the others.
            self._outputs = (os.dup(1), os.dup(2))

    def say_ready(self):
        print(AHEAD_READY_LINE if TICKET_PIPE else READY_LINE)
        sys.stdout.flush()

    def lines(self):
        for line in iter(self._requests.readline, b""):
            if not line.startswith(AHEAD, line.find(b'"', len(ID_START)) + 1) or self._begin_ahead():
                yield line

    def _begin_ahead(self):
        """Whether a call that was sent ahead is to run; then the output is at its beginning."""
        try:
            if not os.read(self._tickets, 1):
                return False
        except BlockingIOError:
            return False
        for descriptor in self._outputs:
            _write_mark(descriptor)
        return True

    def send(self, request_id, kind, body):
        self._flush()
        quiet = " quiet" if self._is_quiet() else ""
        head = "#{} {} {}{}\n".format(request_id, kind, len(body), quiet).encode("ascii")
        if len(body) < SMALL_BYTES:
            self._write(head + body + b"\n")
            return
        self._widen()
        parts = (head, body, b"\n")
        # In one piece as far as the pipe takes it: each piece wakes the server up.
        sent = os.writev(self._answers, parts)
        for part in parts:
            if sent < len(part):
                self._write(memoryview(part)[sent:])
            sent = max(0, sent - len(part))

    def _flush(self):
        """What was printed must be in the server's hands before the answer is, or it would count for the next call."""
        _flush(sys.stdout, 1)
        _flush(sys.stderr, 2)

    def _is_quiet(self):
        """Whether the server has read all that was printed; False where nobody can tell."""
        if not self._outputs:
            return False
        out, err = self._outputs
        try:
            return fcntl.ioctl(out, SIOCOUTQ, NO_BYTES) == NO_BYTES == fcntl.ioctl(err, SIOCOUTQ, NO_BYTES)
        except OSError:
            return False

    def send_too_large(self, request_id, size):
        """The result is held back; the server answers for it."""
        self._flush()
        self._write("#{} too_large {}\n".format(request_id, size).encode("ascii"))

    def _widen(self):
        """Lets the pipe hold a whole large answer, so that neither side waits for the other in the middle of it."""
        if self._is_wide:
            return
        self._is_wide = True
        try:
            fcntl.fcntl(self._answers, F_SETPIPE_SZ, WIDE_BYTES)
        except OSError:
            pass  # the system allows no more: it works as before, only slower

    def _write(self, data):
        sent = os.write(self._answers, data)
        while sent < len(data):
            sent += os.write(self._answers, memoryview(data)[sent:])

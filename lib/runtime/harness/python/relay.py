"""Loopback ports inside the sandbox, each led to a unix socket that the server listens on.

The sandbox has no network but its own loopback interface: this is how the API, the proxy and declared brokers are
reached by any HTTP client or SDK. One thread moves the bytes of all connections. What it needs for that is imported by
the first connection: a worker that makes none starts sooner and stays smaller.
"""

import _socket
import _thread
import select

BLOCK_BYTES = 256 * 1024
BACKLOG = 64
# selectors.EVENT_READ and EVENT_WRITE.
READ, WRITE = 1, 2


def start(routes):
    """Listens for `[(host, port, socket path)]`; returns the ports, in order (a port may be given as 0)."""
    listeners = [(_listen(host, port), path) for host, port, path in routes]
    _thread.start_new_thread(_run, (listeners,))
    return [listener.getsockname()[1] for listener, _ in listeners]


def _listen(host, port):
    listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


class _End(object):
    """One socket of a connection; `unsent` is what its peer read and it could not take yet."""

    def __init__(self, sock):
        self.socket = sock
        self.peer = None
        self.unsent = bytearray()
        self.has_ended = False


def _run(listeners):
    ready = select.poll()
    for listener, _ in listeners:
        ready.register(listener, select.POLLIN)
    ready.poll()
    import selectors
    import socket

    selector = selectors.DefaultSelector()
    for listener, path in listeners:
        whole = socket.socket(fileno=listener.detach())
        whole.setblocking(False)
        selector.register(whole, READ, path)
    while True:
        for key, events in selector.select():
            if isinstance(key.data, str):
                _accept(socket, selector, key.fileobj, key.data)
                continue
            end = key.data
            try:
                if events & WRITE:
                    _flush(end)
                if events & READ:
                    _read(end)
                _watch(selector, end)
                _watch(selector, end.peer)
            except OSError:
                _close(selector, end)


def _accept(socket, selector, listener, path):
    try:
        inner, _ = listener.accept()
    except OSError:
        return
    outer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        outer.connect(path)
    except OSError:
        inner.close()
        outer.close()
        return
    inner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ends = _End(inner), _End(outer)
    ends[0].peer, ends[1].peer = ends[1], ends[0]
    for end in ends:
        end.socket.setblocking(False)
        _watch(selector, end)


def _read(end):
    try:
        data = end.socket.recv(BLOCK_BYTES)
    except BlockingIOError:
        return
    if not data:
        end.has_ended = True
    end.peer.unsent += data
    _flush(end.peer)


def _flush(end):
    while end.unsent:
        try:
            sent = end.socket.send(end.unsent)
        except BlockingIOError:
            return
        del end.unsent[:sent]
    if end.peer.has_ended:
        end.socket.shutdown(_socket.SHUT_WR)


def _watch(selector, end):
    wanted = 0
    if not end.has_ended and len(end.peer.unsent) < BLOCK_BYTES:
        wanted |= READ
    if end.unsent:
        wanted |= WRITE
    if end.has_ended and end.peer.has_ended and not end.unsent and not end.peer.unsent:
        raise OSError("both sides are done")
    known = end.socket in selector.get_map()
    if wanted and known:
        selector.modify(end.socket, wanted, end)
    elif wanted:
        selector.register(end.socket, wanted, end)
    elif known:
        selector.unregister(end.socket)


def _close(selector, end):
    for one in (end, end.peer):
        if one.socket.fileno() >= 0 and one.socket in selector.get_map():
            selector.unregister(one.socket)
        one.socket.close()

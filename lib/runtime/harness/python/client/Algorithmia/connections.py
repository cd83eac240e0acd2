"""Connections to the API, for the first request to import: `http.client` is slow to load and takes megabytes."""

import http.client
import socket

# Longer than the longest run of an algorithm (3000 s): the server ends a call, not the client.
TIMEOUT_SECONDS = 3100


def to_gate(path):
    """Inside the sandbox: the server's unix socket."""
    return _GateConnection(path)


def to_server(address, ca_cert):
    """An address of one's own, as `urlsplit` gives it."""
    if address.scheme != "https":
        return http.client.HTTPConnection(address.hostname, address.port, timeout=TIMEOUT_SECONDS)
    import ssl

    context = ssl.create_default_context(cafile=ca_cert or None)
    return http.client.HTTPSConnection(address.hostname, address.port, timeout=TIMEOUT_SECONDS, context=context)


class _GateConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super(_GateConnection, self).__init__("headrace", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

"""Connections that it may not make."""

import errno
import fcntl
import socket
import struct

from ground import targets


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


def reach_server_port_by_forward():
    port = targets["tcp_port"]
    said = [proxy_answer("GET %s HTTP/1.1\r\nHost: 1.1.1.1" % (url % port))
            for url in ("http://127.0.0.1:%d/", "http://1.1.1.1@127.0.0.1:%d/", "http://127.0.0.1:%d\\@1.1.1.1/",
                        "HTTP://LOCALHOST:%d/", "http://[::ffff:7f00:1]:%d/", "http://0177.0.0.1:%d/")]
    return any(" 200 " in one for one in said), str(said)


def reach_cloud_metadata():
    said = proxy_answer("GET http://169.254.169.254/latest/meta-data/ HTTP/1.1\r\nHost: 169.254.169.254")
    return " 200 " in said, said


def reach_server_port_by_odd_address():
    port = targets["tcp_port"]
    said = [proxy_answer("CONNECT %s:%d HTTP/1.1" % (host, port))
            for host in ("0.0.0.0", "0x7f000001", "2130706433", "127.1", "[::1]", "[::ffff:127.0.0.1]",
                         "[0:0:0:0:0:ffff:7f00:1]", "[::127.0.0.1]", "017700000001", "localhost.", "ip6-localhost")]
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


def exhaust_the_gate():
    kept, answered = [], 0
    for _ in range(200):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(2)
        try:
            sock.connect("/run/headrace/gate.sock")
            sock.sendall(b"GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n")
            answered += bool(sock.recv(1))
            kept.append(sock)
        except OSError:
            pass
    return answered > 128, "%d connections answered" % answered

"""HTTP to the API. Inside the sandbox the server is a unix socket away; an address of one's own is used as it is."""

import os

GATE_SOCKET = os.environ.get("HEADRACE_GATE_SOCKET", "")
BLOCK_BYTES = 256 * 1024
PATH_SAFE = "/:@!$&'()*+,;=~.-_"


class Reply(object):
    """A whole answer: status, headers (by any case of their name) and bytes."""

    def __init__(self, response, content):
        self.status_code = response.status
        self.headers = response.headers
        self.content = content

    @property
    def text(self):
        return self.content.decode("utf-8", "replace")

    def json(self):
        import json

        return json.loads(self.content.decode("utf-8"))


class Transport(object):
    def __init__(self, address, api_key, bearer_token, ca_cert):
        self._address = address
        self._is_gate = bool(GATE_SOCKET) and address == os.environ.get("ALGORITHMIA_API", "").rstrip("/")
        self._ca_cert = ca_cert
        self._authorization = api_key or ("Bearer " + bearer_token if bearer_token else None)

    def request(self, method, path, body=None, content_type=None, query=None):
        """The whole answer, whatever its status. `body` is bytes or a file object."""
        connection, response = self._send(method, path, body, content_type, query)
        try:
            return Reply(response, response.read())
        finally:
            connection.close()

    def download(self, path, file):
        """Writes the body of a GET into `file`; returns the reply with what an error said."""
        connection, response = self._send("GET", path, None, None, None)
        try:
            if response.status != 200:
                return Reply(response, response.read())
            for block in iter(lambda: response.read(BLOCK_BYTES), b""):
                file.write(block)
            return Reply(response, b"")
        finally:
            connection.close()

    def _send(self, method, path, body, content_type, query):
        from urllib.parse import quote, urlencode, urlsplit

        address = urlsplit(self._address)
        connection = self._connect(address)
        headers = {"Connection": "close"}
        if content_type:
            headers["Content-Type"] = content_type
        if self._authorization:
            headers["Authorization"] = self._authorization
        url = address.path + quote(path, safe=PATH_SAFE) + ("?" + urlencode(query) if query else "")
        try:
            connection.request(method, url, body=body, headers=headers)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise

    def _connect(self, address):
        from Algorithmia import connections

        if self._is_gate:
            return connections.to_gate(GATE_SOCKET)
        return connections.to_server(address, self._ca_cert)

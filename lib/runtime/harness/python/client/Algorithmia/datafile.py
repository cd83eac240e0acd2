"""Files of hosted data: `client.file('data://OWNER/COLLECTION/NAME')`. A file is a reference; nothing is read before it is asked for."""

import json
import os
import re
import tempfile
from datetime import datetime

from Algorithmia.errors import DataApiError, error_text

BINARY_TYPE = "application/octet-stream"
JSON_TYPE = "application/json"


class DataFile(object):
    def __init__(self, client, dataUrl):
        self.client = client
        self.path = re.sub(r"^data://|^/", "", dataUrl)
        self.url = "/v1/data/" + self.path
        self.last_modified = None
        self.size = None

    def set_attributes(self, attributes):
        self.last_modified = datetime.strptime(attributes["last_modified"], "%Y-%m-%dT%H:%M:%S.%fZ")
        self.size = attributes["size"]

    def is_file(self):
        return True

    def is_dir(self):
        return False

    def getName(self):
        return self.path.rsplit("/", 1)[-1]

    def exists(self):
        return self.existsWithError()[0]

    def existsWithError(self):
        reply = self.client.transport.request("HEAD", self.url)
        return reply.status_code == 200, error_text(reply, "status {}".format(reply.status_code))

    def get(self):
        return self.client.transport.request("GET", self.url)

    def getBytes(self):
        reply = self.get()
        if reply.status_code != 200:
            raise self._unreadable(reply)
        return reply.content

    def getString(self):
        return self.getBytes().decode("utf-8")

    def getJson(self):
        return json.loads(self.getString())

    def getFile(self, as_path=False):
        """A local copy: an open text file, or its path."""
        with tempfile.NamedTemporaryFile(delete=False) as local:
            reply = self.client.transport.download(self.url, local)
        if reply.status_code != 200:
            os.unlink(local.name)
            raise self._unreadable(reply)
        return local.name if as_path else open(local.name)

    def put(self, data):
        if isinstance(data, str):
            data = data.encode("utf-8")
        if not isinstance(data, (bytes, bytearray)):
            raise TypeError("Must put strings or binary data. Use putJson instead")
        return self._put(bytes(data), BINARY_TYPE)

    def putJson(self, data):
        return self._put(json.dumps(data).encode("utf-8"), JSON_TYPE)

    def putFile(self, path):
        with open(path, "rb") as local:
            return self._put(local, BINARY_TYPE)

    def delete(self):
        reply = self.client.transport.request("DELETE", self.url)
        if reply.status_code != 200:
            raise DataApiError(error_text(reply, "unable to delete file {}".format(self.path)))
        return True

    def _put(self, body, content_type):
        reply = self.client.transport.request("PUT", self.url, body, content_type)
        if reply.status_code != 200:
            raise DataApiError(error_text(reply, "unable to put file {}".format(self.path)))
        return self

    def _unreadable(self, reply):
        text = error_text(reply, "status {}".format(reply.status_code))
        return DataApiError("unable to get file {} - {}".format(self.path, text))


class LocalDataFile(object):
    """`file://…`: the same calls on a file of the sandbox."""

    def __init__(self, client, filePath):
        self.client = client
        self.path = filePath.replace("file://", "", 1)

    def getName(self):
        return os.path.basename(self.path)

    def exists(self):
        return os.path.isfile(self.path)

    def getBytes(self):
        with self._open("rb") as local:
            return local.read()

    def getString(self):
        return self.getBytes().decode("utf-8")

    def getJson(self):
        return json.loads(self.getString())

    def getFile(self, as_path=False):
        return self.path if as_path else self._open("r")

    def put(self, data):
        with open(self.path, "wb") as local:
            local.write(data.encode("utf-8") if isinstance(data, str) else data)
        return self

    def putJson(self, data):
        return self.put(json.dumps(data))

    def putFile(self, path):
        with open(path, "rb") as local:
            return self.put(local.read())

    def delete(self):
        try:
            os.remove(self.path)
        except OSError:
            raise DataApiError("Failed to delete local file " + self.path)
        return True

    def _open(self, mode):
        if not self.exists():
            raise DataApiError("unable to get file {} - no such local file".format(self.path))
        return open(self.path, mode)

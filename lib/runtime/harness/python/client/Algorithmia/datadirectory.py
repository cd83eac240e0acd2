"""Collections of hosted data: `client.dir('data://OWNER/COLLECTION')`."""

import json
import os
import re

from Algorithmia.acl import Acl
from Algorithmia.datafile import DataFile, LocalDataFile
from Algorithmia.errors import DataApiError, error_text


class DataDirectory(object):
    def __init__(self, client, dataUrl):
        self.client = client
        self.path = re.sub(r"^data://|^/", "", dataUrl)
        self.url = "/v1/data/" + self.path

    def is_file(self):
        return False

    def is_dir(self):
        return True

    def getName(self):
        return self.path.rstrip("/").rsplit("/", 1)[-1]

    def exists(self):
        return self.client.transport.request("GET", self.url).status_code == 200

    def create(self, acl=None):
        parent, _, name = self.path.rstrip("/").rpartition("/")
        document = {"name": name}
        if acl is not None:
            document["acl"] = acl.to_api_param()
        reply = self._send("POST", "/v1/data/" + parent, document)
        if reply.status_code != 200:
            raise DataApiError("Directory creation failed: " + error_text(reply, str(reply.status_code)))

    def delete(self, force=False):
        reply = self.client.transport.request("DELETE", self.url, query={"force": "true"} if force else None)
        if reply.status_code != 200:
            raise DataApiError(error_text(reply, "unable to delete {}".format(self.path)))
        return True

    def file(self, name):
        return DataFile(self.client, _join(self.path, name))

    def dir(self, name):
        return DataDirectory(self.client, _join(self.path, name))

    def files(self):
        return (entry for entry in self.list() if entry.is_file())

    def dirs(self):
        return (entry for entry in self.list() if entry.is_dir())

    def list(self):
        """Folders, then files, page by page."""
        marker = None
        while True:
            query = {"marker": marker} if marker else None
            reply = self.client.transport.request("GET", self.url, query=query)
            if reply.status_code != 200:
                raise DataApiError("Directory iteration failed: " + error_text(reply, str(reply.status_code)))
            page = reply.json()
            for folder in page.get("folders", []):
                yield DataDirectory(self.client, _join(self.path, folder["name"]))
            for entry in page.get("files", []):
                file = DataFile(self.client, _join(self.path, entry["filename"]))
                file.set_attributes(entry)
                yield file
            marker = page.get("marker")
            if not marker:
                return

    def get_permissions(self):
        reply = self.client.transport.request("GET", self.url, query={"acl": "true"})
        if reply.status_code != 200:
            raise DataApiError("Unable to get permissions: " + error_text(reply, str(reply.status_code)))
        acl = reply.json().get("acl")
        return Acl.from_acl_response(acl) if acl is not None else None

    def update_permissions(self, acl):
        reply = self._send("PATCH", self.url, {"acl": acl.to_api_param()})
        if reply.status_code != 200:
            raise DataApiError("Unable to update permissions: " + error_text(reply, str(reply.status_code)))
        return True

    def _send(self, method, url, document):
        return self.client.transport.request(method, url, json.dumps(document).encode("utf-8"), "application/json")


class LocalDataDirectory(object):
    """`file://…`: a folder of the sandbox."""

    def __init__(self, client, dataUrl):
        self.client = client
        self.path = dataUrl.replace("file://", "", 1)

    def exists(self):
        return os.path.isdir(self.path)

    def create(self):
        os.mkdir(self.path)

    def delete(self, force=False):
        os.rmdir(self.path)

    def file(self, name):
        return LocalDataFile(self.client, "file://" + os.path.join(self.path, name))

    def list(self):
        return iter(os.listdir(self.path))


def _join(parent, name):
    return parent.rstrip("/") + "/" + name if parent else name

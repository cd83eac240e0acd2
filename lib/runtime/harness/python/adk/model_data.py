"""Files that an algorithm names in `model_manifest.json`: fetched through the data API when it loads."""

import hashlib
import json
import os

MANIFESTS = ("model_manifest.json.freeze", "model_manifest.json")


class ModelData(object):
    """Acts like a read-only dictionary of the manifest, with `get_model(name)` for a file's local path."""

    def __init__(self, kit):
        self._kit = kit
        self.manifest = None
        self._paths = {}

    @property
    def client(self):
        return self._kit.client

    def available(self):
        return any(os.path.exists(name) for name in MANIFESTS)

    def initialize(self):
        for name in MANIFESTS:
            if os.path.exists(name):
                with open(name) as file:
                    self.manifest = json.load(file)
                break
        for entry in (self.manifest or {}).get("required_files", []):
            self._fetch(entry)

    def get_model(self, name):
        if name in self._paths:
            return self._paths[name]
        for entry in (self.manifest or {}).get("optional_files", []):
            if entry["name"] == name:
                return self._fetch(entry)
        raise Exception("model name {} not found in manifest".format(name))

    def __getitem__(self, key):
        return self.manifest[key]

    def __contains__(self, key):
        return self.manifest is not None and key in self.manifest

    def _fetch(self, entry):
        path = self.client.file(entry["source_uri"]).getFile(as_path=True)
        expected = entry.get("md5_checksum")
        if expected and entry.get("fail_on_tamper") and _md5(path) != expected:
            raise Exception("Model File Mismatch for {}: expected {}".format(entry["name"], expected))
        self._paths[entry["name"]] = path
        return path


def _md5(path):
    digest = hashlib.md5()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()

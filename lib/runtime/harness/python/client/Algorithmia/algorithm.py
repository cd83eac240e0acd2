"""Calls of other algorithms: `client.algo('OWNER/NAME').pipe(input)`."""

import base64
import json
import re
from enum import Enum

from Algorithmia.errors import ApiError, ApiInternalError, algorithm_error, error_text

OutputType = Enum("OutputType", "default raw void")
REFERENCE = re.compile(r"(?:algo://|/|)([\w.-]+/.+)")
JSON_TYPE, TEXT_TYPE, BINARY_TYPE = "application/json", "text/plain", "application/octet-stream"


class Algorithm(object):
    def __init__(self, client, algoRef):
        match = REFERENCE.match(algoRef)
        if match is None:
            raise ValueError("Invalid algorithm URI: " + algoRef)
        self.client = client
        self.path = match.group(1)
        self.url = "/v1/algo/" + self.path
        parts = self.path.split("/")
        self.username, self.algoname = parts[0], parts[1]
        if len(parts) > 2:
            self.version = parts[2]
        self.query_parameters = {}
        self.output_type = OutputType.default

    def set_options(self, timeout=300, stdout=False, output=OutputType.default, **query_parameters):
        self.query_parameters = dict(query_parameters, timeout=timeout, stdout=stdout)
        self.output_type = output
        return self

    def pipe(self, input1):
        """An object with `result` and `metadata`; raises AlgorithmException for what the algorithm raised."""
        body, content_type = _encode(input1)
        query = dict(self.query_parameters)
        if self.output_type is not OutputType.default:
            query["output"] = self.output_type.name
        reply = self.client.transport.request("POST", self.url, body, content_type, query)
        if self.output_type is OutputType.raw:
            return _raw(reply)
        if self.output_type is OutputType.void and reply.status_code == 200:
            return AsyncResponse(reply.json())
        return _result(reply)


class AlgoResponse(object):
    def __init__(self, result, metadata):
        self.result = result
        self.metadata = metadata

    def __repr__(self):
        return "AlgoResponse(result=%s,metadata=%s)" % (self.result, self.metadata)


class AsyncResponse(object):
    def __init__(self, response):
        self.async_protocol = response.get("async")
        self.request_id = response.get("request_id")


class Metadata(object):
    def __init__(self, metadata):
        self.content_type = metadata["content_type"]
        self.duration = metadata.get("duration")
        self.stdout = metadata.get("stdout")
        self.full_metadata = metadata

    def __getitem__(self, key):
        return self.__dict__[key]

    def __repr__(self):
        return "Metadata(content_type='%s',duration=%s,stdout=%s)" % (self.content_type, self.duration, self.stdout)


def _encode(value):
    if isinstance(value, (bytes, bytearray)):
        return bytes(value), BINARY_TYPE
    if isinstance(value, str):
        return value.encode("utf-8"), TEXT_TYPE
    return json.dumps(value).encode("utf-8"), JSON_TYPE


def _result(reply):
    try:
        document = reply.json()
    except ValueError:
        raise algorithm_error(reply)
    if not isinstance(document, dict) or "error" in document or "metadata" not in document:
        raise algorithm_error(reply)
    metadata = Metadata(document["metadata"])
    result = document.get("result")
    if metadata.content_type == "binary":
        result = base64.b64decode(result)
    return AlgoResponse(None if metadata.content_type == "void" else result, metadata)


def _raw(reply):
    if reply.status_code == 200:
        return reply.text
    text = error_text(reply, "The call was answered with status {}.".format(reply.status_code))
    raise (ApiInternalError if reply.status_code >= 500 else ApiError)(text)

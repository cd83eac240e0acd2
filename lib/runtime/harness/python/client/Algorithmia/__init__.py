"""The client that comes with Headrace: the calls of the package `algorithmia` that algorithms make.

It needs no other package. Name `algorithmia` in requirements.txt to get the original instead. What speaks HTTP is
imported by the first call: most of a worker's start and memory would be it, and many algorithms never make one.
"""

import os

from adk import ADK
from Algorithmia.client import Client

__all__ = ["ADK", "Client", "algo", "client", "dir", "file"]

apiKey = None
apiAddress = None
defaultClient = None

_PARTS = ("acl", "algorithm", "datadirectory", "datafile", "errors")


def __getattr__(name):
    """Submodules, as if they had been imported with the package."""
    if name in _PARTS:
        import importlib

        return importlib.import_module("Algorithmia." + name)
    raise AttributeError("module 'Algorithmia' has no attribute '{}'".format(name))


def client(api_key=None, api_address=None, ca_cert=None, bearer_token=None):
    """Without arguments: this server, as the algorithm's caller."""
    return Client(api_key, api_address, ca_cert, bearer_token)


def algo(algoRef):
    return getDefaultClient().algo(algoRef)


def file(dataUrl):
    return getDefaultClient().file(dataUrl)


def dir(dataUrl):
    return getDefaultClient().dir(dataUrl)


def getDefaultClient():
    global defaultClient
    if defaultClient is None or (apiKey is not None and defaultClient.apiKey != apiKey):
        defaultClient = Client(apiKey)
    return defaultClient


def getApiAddress():
    return apiAddress or os.environ.get("ALGORITHMIA_API") or "https://api.algorithmia.com"

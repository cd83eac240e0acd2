"""The client that comes with Headrace: the calls of the package `algorithmia` that algorithms make.

It needs no other package. Name `algorithmia` in requirements.txt to get the original instead.
"""

import os

from adk import ADK
from Algorithmia.client import Client

__all__ = ["ADK", "Client", "algo", "client", "dir", "file"]

apiKey = None
apiAddress = None
defaultClient = None


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

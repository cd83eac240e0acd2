"""Client: where the API is and who asks; makes the objects that the calls are made on."""

import os

import Algorithmia
from Algorithmia.transport import Transport


class Client(object):
    def __init__(self, apiKey=None, apiAddress=None, caCert=None, bearerToken=None):
        self.apiKey = apiKey if apiKey is not None else os.environ.get("ALGORITHMIA_API_KEY")
        self.bearerToken = bearerToken or (None if self.apiKey else os.environ.get("ALGORITHMIA_BEARER_TOKEN"))
        self.apiAddress = (apiAddress or Algorithmia.getApiAddress()).rstrip("/")
        self.transport = Transport(self.apiAddress, self.apiKey, self.bearerToken, caCert)

    def algo(self, algoRef):
        from Algorithmia.algorithm import Algorithm

        return Algorithm(self, algoRef)

    def file(self, dataUrl, cleanup=False):
        from Algorithmia.datafile import DataFile, LocalDataFile

        return LocalDataFile(self, dataUrl) if dataUrl.startswith("file://") else DataFile(self, dataUrl)

    def dir(self, dataUrl):
        from Algorithmia.datadirectory import DataDirectory, LocalDataDirectory

        return LocalDataDirectory(self, dataUrl) if dataUrl.startswith("file://") else DataDirectory(self, dataUrl)

    def username(self):
        return next(self.dir("").list()).path

"""ADK: takes the author's apply (and load) and answers requests with them."""

import binascii
import os
import sys

from adk import codec
from adk.answer import error_answer, legacy_json, result_answer
from adk.channel import ANSWER_PIPE, MAX_RESULT_BYTES, Channel, Request

# Without the import of types.
FunctionType = type(lambda: None)
# Set by start.py: `check` imports the algorithm without answering anything.
mode = "serve"
# Whether some ADK took over the process; start.py looks at it after the import.
is_started = False


class ADK(object):
    """`ADK(apply)` or `ADK(apply, load)`; then `.init()`.

    apply takes the input, and the result of load as its second parameter if it has one. A parameter `context` is given
    what is known of the message that caused the call. load takes nothing, or the
    model data of `model_manifest.json`.
    """

    def __init__(self, apply_func, load_func=None, client=None):
        self.apply_func = apply_func
        self.load_func = load_func
        self.apply_arity = _arity(apply_func)
        self.takes_context = "context" in _parameters(apply_func)
        self.load_arity = _arity(load_func) if load_func else 0
        if self.load_arity not in (0, 1):
            raise Exception("load function expects 0 parameters or 1 parameter to be used to store algorithm state")
        self.is_local = not os.path.exists(ANSWER_PIPE)
        self.load_result = None
        self.loading_exception = None
        self._client = client

    @property
    def client(self):
        if self._client is None:
            import Algorithmia

            self._client = Algorithmia.client()
        return self._client

    def init(self, local_payload=None, pprint=print, mlops=False):
        """On the platform: loads, then answers requests until there are no more. Elsewhere: one run, printed."""
        global is_started
        is_started = True
        if mode == "check":
            return
        if self.is_local:
            self._run_locally(local_payload, pprint)
        else:
            self._serve()

    def load(self):
        try:
            if self.load_func is not None:
                self.load_result = self.load_func(*self._load_arguments())
        except Exception as error:
            self.loading_exception = error

    def _load_arguments(self):
        if self.load_arity == 0:
            return []
        from adk.model_data import ModelData

        model_data = ModelData(self)
        model_data.initialize()
        return [model_data]

    def answer(self, request):
        """`(type, bytes)` for one request; an exception of the author is an answer too."""
        if self.loading_exception is not None:
            return error_answer(self.loading_exception, "LoadingError")
        try:
            return result_answer(self._apply(request))
        except Exception as error:
            return error_answer(error)

    def _apply(self, request):
        data = request.data
        # An empty result of load is not passed on: so it is in the original.
        if self.load_result and self.apply_arity == 2:
            return self.apply_func(data, self.load_result)
        if not self.takes_context:
            return self.apply_func(data)
        if self.load_result and self.apply_arity == 3:
            return self.apply_func(data, self.load_result, context=request.context)
        return self.apply_func(data, context=request.context)

    def _serve(self):
        channel = Channel()
        channel.open()
        self.load()
        channel.say_ready()
        for line in channel.lines():
            request = Request(line)
            if request.problem is not None:
                channel.send(request.id, "unparsed", request.problem.encode("utf-8", "replace"))
                continue
            kind, body = self.answer(request)
            if len(body) > MAX_RESULT_BYTES:
                channel.send_too_large(request.id, len(body))
            else:
                channel.send(request.id, kind, body)

    def _run_locally(self, payload, pprint):
        self.load()
        print("loading complete")
        if self.loading_exception is not None:
            raise Exception(legacy_json(*error_answer(self.loading_exception, "LoadingError")))
        if payload is not None:
            pprint(legacy_json(*self.answer(_LocalRequest(payload))))
            return
        for line in sys.stdin.buffer:
            pprint(legacy_json(*self.answer(_LocalRequest(_data_of(codec.loads(line.decode("utf-8")))))))


class _LocalRequest(object):
    context = {"message": None}

    def __init__(self, data):
        self.data = data


def _data_of(request):
    """The input of a line as the language packs write it, in any order."""
    if request["content_type"] == "binary":
        return binascii.a2b_base64(request["data"])
    return request["data"]


def _arity(function):
    if isinstance(function, FunctionType):
        return function.__code__.co_argcount
    import inspect  # slow to import, and seldom needed

    return len(inspect.getfullargspec(function).args)


def _parameters(function):
    if isinstance(function, FunctionType):
        code = function.__code__
        return code.co_varnames[1:code.co_argcount + code.co_kwonlyargcount]
    import inspect

    spec = inspect.getfullargspec(function)
    return spec.args[1:] + spec.kwonlyargs

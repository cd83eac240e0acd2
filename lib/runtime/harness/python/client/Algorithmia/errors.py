"""What a call may raise. AlgorithmException is also for authors: `raise AlgorithmException(text, error_type="…")`."""


class ApiError(Exception):
    """Any error that the API answered."""


class ApiInternalError(ApiError):
    """An error of the server (status 5xx)."""


class DataApiError(ApiError):
    """An error of the data API."""


class AlgorithmException(ApiError):
    def __init__(self, message, stack_trace=None, error_type=None):
        super(AlgorithmException, self).__init__(message)
        self.message = message
        self.stack_trace = stack_trace
        self.error_type = error_type

    def __str__(self):
        return "{}\n{}".format(self.message, self.stack_trace) if self.stack_trace else str(self.message)


def error_text(reply, default):
    """The sentence of an error answer: the header of a HEAD, or the document's message."""
    if "X-Error-Message" in reply.headers:
        return reply.headers["X-Error-Message"]
    error = _error_of(reply)
    if isinstance(error, dict):
        return error.get("message") or default
    return error or default


def algorithm_error(reply):
    """The exception for an answer that is not a result."""
    error = _error_of(reply)
    if not isinstance(error, dict):
        return AlgorithmException(error or "The call was answered with status {}.".format(reply.status_code))
    stack_trace = error.get("stacktrace") or error.get("stack_trace")
    return AlgorithmException(error.get("message"), stack_trace, error.get("error_type"))


def _error_of(reply):
    try:
        document = reply.json()
    except ValueError:
        return None
    return document.get("error") if isinstance(document, dict) else None

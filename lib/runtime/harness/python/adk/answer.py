"""From what apply returned or raised to a type and bytes."""

import binascii
import os

from adk import codec

# Characters of a message or a stack trace that an answer carries at most, and of an error's type.
MAX_ERROR_TEXT = 64 * 1024
MAX_ERROR_TYPE = 256
HARNESS_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def result_answer(value):
    """`(type, bytes)` of a result. Raises when it can not be sent."""
    if isinstance(value, (bytes, bytearray)):
        kind, body = "binary", bytes(value)
    elif isinstance(value, str):
        kind, body = "text", value.encode("utf-8", "replace")
    else:
        kind, body = "json", codec.dumps(value).encode("utf-8")
    return kind, body


def error_answer(error, default_type="AlgorithmError"):
    """`(type, bytes)` of an exception, with the author's frames of the stack only."""
    document = {
        "message": _message(error),
        "stacktrace": _cut(stack_of(error)),
        "error_type": _type_of(error)[:MAX_ERROR_TYPE] or default_type,
    }
    return "error", codec.dumps(document).encode("utf-8")


def stack_of(error):
    frames = error.__traceback__
    while frames is not None and _is_harness(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    if frames is None and not isinstance(error, SyntaxError):
        return ""
    try:
        import traceback  # slow to import, and needed for errors only

        # A syntax error names its place itself: none of the author's code ran.
        return "".join(traceback.format_exception(type(error), error, frames))
    except MemoryError:
        return ""


def legacy_json(kind, body):
    """The JSON line of the language packs, for a run outside the platform."""
    if kind == "error":
        return codec.dumps({"error": codec.loads(body.decode("utf-8"))})
    value = codec.loads(body.decode("utf-8")) if kind == "json" else body.decode("utf-8") if kind == "text" else None
    if kind == "binary":
        value = binascii.b2a_base64(body, newline=False).decode("ascii")
    return codec.dumps({"result": value, "metadata": {"content_type": kind}})


def _is_harness(filename):
    return filename.startswith(HARNESS_FOLDER + os.sep) or filename.startswith("<frozen importlib")


def _type_of(error):
    if isinstance(error, MemoryError):
        return "OutOfMemoryError"
    try:
        error_type = error.error_type
    except Exception:  # most have none, and an author's property may raise
        return ""
    return error_type if isinstance(error_type, str) else ""


def _message(error):
    try:
        text = str(error)
    except Exception:  # an author's __str__ may raise
        text = ""
    if isinstance(error, MemoryError):
        text = text or "The algorithm ran out of memory."
    return _cut(text or type(error).__name__)


def _cut(text):
    return text if len(text) <= MAX_ERROR_TEXT else text[:MAX_ERROR_TEXT] + " … (cut)"

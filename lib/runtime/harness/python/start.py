"""First code of a Python worker: prepares the process, imports the algorithm and answers requests with it.

start.py NAME          serve: `src/NAME.py` (or `src/Algorithm.py`) with an ADK of its own, or with a plain `apply`
start.py --check NAME  import only; the exit code and standard error say whether it can be loaded
"""

import os
import sys
from _frozen_importlib_external import PathFinder

HARNESS = os.path.dirname(os.path.abspath(__file__))
# 64: it can not be loaded as it is. 65: its own code raised, which a secret or the network may cure.
EXIT_NOT_LOADED = 64
EXIT_RAISED = 65


def main(arguments):
    _close_inherited_descriptors()
    # Line by line: what was printed is in the log even when the process is killed.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)
    is_check = arguments[:1] == ["--check"]
    name = arguments[-1]
    _find_client()
    from adk import channel, kit

    if is_check:
        kit.mode = "check"
    else:
        # Nobody ends a worker whose server died as it started: it must not come to the algorithm, which may never end.
        os.close(channel.open_answers())
        _start_relay()
    try:
        module = _import_algorithm(name)
    except Exception as error:
        return _report_not_loaded(error, is_check)
    if kit.is_started:
        return 0
    adk = _unstarted_kit(module, kit.ADK)
    if adk is None:
        error = ImportError("src/{}.py starts no ADK and has no function apply.".format(name))
        return _report_not_loaded(error, is_check)
    adk.init()
    return 0


def _close_inherited_descriptors():
    """Node hands on descriptors that it got itself from its parent: an algorithm could write to them."""
    os.closerange(3, max(256, os.sysconf("SC_OPEN_MAX")))


def _find_client():
    """The ADK is always ours. The client is the package `algorithmia` where requirements.txt names it, else ours."""
    sys.path.pop(0)
    if PathFinder.find_spec("Algorithmia") is None:
        sys.path.insert(0, os.path.join(HARNESS, "client"))
    sys.path.insert(0, HARNESS)


def _start_relay():
    routes = os.environ.pop("HEADRACE_RELAY", "")
    if not routes:
        return
    import relay

    parsed = []
    for route in routes.split(","):
        listen, path = route.split("=", 1)
        host, port = listen.rsplit(":", 1)
        parsed.append((host, int(port), path))
    ports = relay.start(parsed)
    if parsed[0][1] == 0:
        address = "http://{}:{}".format(parsed[0][0], ports[0])
        for variable in ("ALGORITHMIA_API", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            os.environ[variable] = address


def _import_algorithm(name):
    folder = os.getcwd()
    sys.path[:0] = [folder, os.path.join(folder, "src")]
    for candidate in ("src/{}.py".format(name), "src/Algorithm.py"):
        if os.path.exists(os.path.join(folder, candidate)):
            sys.argv = [candidate]
            module = candidate[:-3].replace("/", ".")
            __import__(module)
            return sys.modules[module]
    raise ImportError("There is no src/{}.py: the algorithm's code must be there.".format(name))


def _unstarted_kit(module, kit_class):
    for value in vars(module).values():
        if isinstance(value, kit_class):
            return value
    if callable(getattr(module, "apply", None)):
        return kit_class(module.apply, getattr(module, "load", None))
    return None


def _report_not_loaded(error, is_check):
    from adk.answer import error_answer, stack_of

    sys.stderr.write(stack_of(error) or "{}\n".format(error))
    if not is_check:
        from adk.channel import Channel

        channel = Channel()
        channel.open()
        channel.send("load", *error_answer(error, "LoadingError"))
    sys.stdout.flush()
    sys.stderr.flush()
    return EXIT_NOT_LOADED if isinstance(error, (ImportError, SyntaxError)) else EXIT_RAISED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

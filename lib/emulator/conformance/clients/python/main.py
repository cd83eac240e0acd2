"""Runs every check with the azure-servicebus that is installed here, one line of JSON for each.

Given by the environment: CONNECTION_STRING (plain TCP), TLS_PORT, CA_FILE, TRANSPORT (plain or tls), HTTP (address of the
broker's HTTP side), CHECKS (names, separated by commas). Each check has the queue of its name.
"""
import importlib
import json
import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import connecting

AT_ONCE = 12


def main():
    checks = {}
    for name in ("sending", "settling", "timing", "sessions", "errors", "administration", "transports"):
        module = importlib.import_module(name)
        checks.update({key: value for key, value in vars(module).items() if callable(value) and key.startswith("check_")})
    # Each check has a queue of its own, and the clients spend a second on each goodbye.
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        for wanted in os.environ["CHECKS"].split(","):
            pool.submit(report, wanted, checks.get("check_" + wanted.replace("-", "_")))
    sys.stdout.flush()
    # The old client's C library fails while the interpreter takes itself apart; nothing is left to do.
    os._exit(0)


def report(name, function):
    started = time.monotonic()
    result = {"check": name}
    if function is None:
        result["absent"] = True
    else:
        try:
            function(name)
            result["ok"] = True
        except connecting.Absent:
            result["absent"] = True
        except BaseException as error:  # noqa: a check may end in any way
            result.update(ok=False, error="%s: %s" % (type(error).__name__, error), trace=traceback.format_exc()[-2000:])
    result["ms"] = round((time.monotonic() - started) * 1000)
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

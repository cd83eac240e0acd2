"""Attempts of an algorithm to get at what is not its own. Each returns (won, what happened), by kind in a file each.

apply takes {"attempt": name, "targets": {…}}. The word to look for is in the decoy's environment and in the victim's file.
"""

import answering
import escaping
import harming
import hoarding
import kernel
import memory
import network
import reading
from ground import targets

KINDS = (reading, harming, memory, hoarding, answering, network, escaping, kernel)


def apply(request):
    targets.update(request["targets"])
    attempt = next(vars(kind)[request["attempt"]] for kind in KINDS if request["attempt"] in vars(kind))
    try:
        won, detail = attempt()
    except Exception as error:
        won, detail = False, "%s: %s" % (type(error).__name__, error)
    return {"won": won, "detail": str(detail)[:500]}

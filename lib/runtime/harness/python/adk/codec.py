"""JSON as the package json reads and writes it, by the parts of it that are written in C, and without NaN and Infinity.

The package itself imports regular expressions and what they are made of: half of what a plain worker would import. It
is asked where its C parts are missing, or give up: its errors are the ones that are known.
"""

try:
    from _json import encode_basestring_ascii, make_encoder, make_scanner
except ImportError:
    make_encoder = make_scanner = None

# Between JSON's tokens; what else Python calls blank is not JSON.
BLANKS = " \t\n\r"


def _refuse_constant(name):
    raise ValueError("{} is no JSON value".format(name))


class _Rules(object):
    """What `json.loads` tells its scanner."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_refuse_constant)
    memo = {}


_scan = make_scanner(_Rules()) if make_scanner else None


def loads(text):
    """As `json.loads`, but NaN and Infinity are refused, as by all other languages' parsers."""
    if _scan:
        try:
            stripped = text.strip(BLANKS)
            value, end = _scan(stripped, 0)
            if end == len(stripped):
                return value
        except (StopIteration, ValueError):
            pass
    import json

    return json.loads(text, parse_constant=_refuse_constant)


def dumps(value):
    """As `json.dumps`, but NaN and Infinity are refused: no client but Python's could read them."""
    if make_encoder:
        try:
            # Made anew: after an error it would take an object for a part of itself.
            encode = make_encoder({}, _refuse, encode_basestring_ascii, None, ": ", ", ", False, False, False)
            return "".join(encode(value, 0))
        except (TypeError, ValueError):
            pass
    import json

    return json.dumps(value, allow_nan=False)


def _refuse(value):
    raise TypeError("not JSON")

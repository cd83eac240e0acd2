"""Holds the codec of the ADK against the package json: the same values, texts and errors, but for NaN and Infinity, which
are refused. compare_codec.py HARNESS"""

import json
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from adk import codec  # noqa: E402

PLAIN = [None, True, False, 0, -1, 10**30, 1.5, -2e-9, 1e308, "", "\u00e9\u2028\ud800", 'a"\\\n\x00']
KEYS = ["a", "b", "\u00e9", 1, True, None, 1.5]


def any_value(depth=0):
    kind = random.random()
    if depth > 4 or kind < 0.5:
        return random.choice(PLAIN)
    if kind < 0.75:
        return [any_value(depth + 1) for _ in range(random.randrange(5))]
    return {random.choice(KEYS): any_value(depth + 1) for _ in range(random.randrange(5))}


def outcome(function, argument):
    try:
        return "value", repr(function(argument))
    except Exception as error:
        return type(error).__name__, str(error)


def package_dumps(value):
    return json.dumps(value, allow_nan=False)


def refuse(name):
    raise ValueError("{} is no JSON value".format(name))


def package_loads(text):
    return json.loads(text, parse_constant=refuse)


within_itself = []
within_itself.append(within_itself)
deep = []
for _ in range(100000):
    deep = [deep]
refused = [float("nan"), {"a": float("inf")}, within_itself, {1, 2}, b"x", {(1, 2): 3}, object, deep]
for value in [any_value() for _ in range(3000)] + refused:
    assert outcome(codec.dumps, value) == outcome(package_dumps, value)

lines = ['{"d":' + json.dumps(any_value()) + " }\n" for _ in range(3000)]
odd = ["", "{", '{"a":}', "{} x", "nope", '{"a":1}\n\n', '{"a":NaN}', "\ufeff{}", "[1,]", '{"a":"\n"}', '{"a":1} \r\n']
for text in lines + odd + ["[" * 100000, '"\\ud800"', '{"a":1,"a":2}', '[-Infinity,Infinity]', " {", "\t[1] ", "\u00a01", "\x0b1"]:
    assert outcome(codec.loads, text) == outcome(package_loads, text), text[:50]
print("the same")

"""WAVE, the notation in which the wasmtime CLI takes arguments and prints results, as far as the contract needs it.

A record is a dict, a list a list, a number an int, a text a str. A case is a `Case`, whether it comes from a variant,
an option, a result or an enumeration. In a pattern `$name` is a `Capture`, `_` any value, and `...` any other fields.
"""

import json
import re
from typing import NamedTuple

TOKEN = re.compile(r'\s*(\.\.\.|"(?:[^"\\]|\\.)*"|-?\d+|\$[a-z]+|_|%?[a-z][a-z0-9]*(?:-[a-z0-9]+)*|[\[\]{}(),:])')
OTHERS = "..."
ANY = object()


class Case(NamedTuple):
    name: str
    payload: object = None


class Capture(NamedTuple):
    name: str


def parse(text):
    """The value that a WAVE text or pattern stands for."""
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f"this is no WAVE: {text[at:at + 40]}")
        tokens.append(match[1])
        at = match.end()
    tokens.reverse()
    value = _value(tokens)
    if tokens:
        raise ValueError(f"too much WAVE: {tokens[-1]}")
    return value


def match(pattern, value, captured):
    """Whether a value has the form of a pattern. What it captures goes into `captured`."""
    if pattern is ANY:
        return True
    if isinstance(pattern, Capture):
        captured[pattern.name] = value
        return True
    if isinstance(pattern, dict) and isinstance(value, dict):
        names = pattern.keys() - {OTHERS}
        if not names <= value.keys() or (OTHERS not in pattern and names != value.keys()):
            return False
        return all(match(pattern[name], value[name], captured) for name in names)
    if isinstance(pattern, list) and isinstance(value, list):
        return len(pattern) == len(value) and all(match(*pair, captured) for pair in zip(pattern, value))
    if isinstance(pattern, Case) and isinstance(value, Case):
        return pattern.name == value.name and match(pattern.payload, value.payload, captured)
    return pattern == value


def _value(tokens):
    token = tokens.pop() if tokens else "the end"
    if token == "[":
        return _items(tokens, "]", _value)
    if token == "{":
        return dict(_items(tokens, "}", _field))
    if token[0] == '"':
        # WAVE writes \u{1f600} and \' where JSON has other forms.
        token = re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: json.dumps(chr(int(code[1], 16)))[1:-1], token)
        return json.loads(token.replace("\\'", "'"))
    if token == "_":
        return ANY
    if token[0] == "$":
        return Capture(token[1:])
    if token[0].isalpha() or token[0] == "%":
        if tokens and tokens[-1] == "(":
            tokens.pop()
            (payload,) = _items(tokens, ")", _value)
            return Case(token.lstrip("%"), payload)
        return Case(token.lstrip("%"))
    if token.lstrip("-").isdigit():
        return int(token)
    raise ValueError(f"no WAVE value begins with {token}")


def _items(tokens, end, item):
    items = []
    while tokens and tokens[-1] != end:
        if tokens[-1] == ":":  # {:} is the record without fields
            tokens.pop()
            continue
        items.append(item(tokens))
        if tokens and tokens[-1] == ",":
            tokens.pop()
    if not tokens:
        raise ValueError(f"{end} is missing")
    tokens.pop()
    return items


def _field(tokens):
    name = tokens.pop()
    if name == OTHERS:
        return OTHERS, None
    if not tokens or tokens.pop() != ":":
        raise ValueError(f"a colon is missing behind {name}")
    return name.lstrip("%"), _value(tokens)

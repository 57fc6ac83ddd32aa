"""What WeCom does with its callbacks, made by another library than that of the component."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree import ElementTree  # of what the tests have made themselves

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wecom_connector import Callback

PAGE = Callback(
    token="QDG6eK",
    encoding_aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    receive_id="wx5823bf96d3bd56c7",
)
"""The example of WeCom's page 90968."""
PYTHON = Callback(
    token="hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo",
    encoding_aes_key="6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt",
    receive_id="ww1436e0e65a779aee",
)
"""That of WeCom's library for Python."""
OTHERS = Callback(
    token="123456",
    encoding_aes_key="kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
    receive_id="wx49f0ab532d5d035a",
)
"""That of a library of others."""
BOT = Callback(token=PAGE.token, encoding_aes_key=PAGE.encoding_aes_key)


@dataclass(frozen=True)
class Sealed:
    """A message as it travels."""

    signature: str
    timestamp: int
    nonce: str
    encrypt: str

    @property
    def query(self) -> str:
        return f"msg_signature={self.signature}&timestamp={self.timestamp}&nonce={self.nonce}"

    @property
    def query_of_url(self) -> str:
        """That of the GET that verifies a URL."""
        return f"{self.query}&echostr={quote(self.encrypt, safe='')}"

    @property
    def xml(self) -> bytes:
        return f"<xml><ToUserName>ww1</ToUserName><Encrypt><![CDATA[{self.encrypt}]]></Encrypt></xml>".encode()

    @property
    def json(self) -> bytes:
        return json.dumps({"encrypt": self.encrypt}).encode()


def sign(connection: Callback, *parts: str) -> str:
    return hashlib.sha1("".join(sorted([connection.token, *parts])).encode()).hexdigest()  # noqa: S324 - as WeCom does


def _cipher(connection: Callback) -> Cipher[modes.CBC]:
    key = base64.b64decode(connection.encoding_aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def seal(
    connection: Callback, message: str, timestamp: int, nonce: str = "1372623149", random: bytes = b"0123456789abcdef"
) -> Sealed:
    content = message.encode()
    plain = random + struct.pack(">I", len(content)) + content + (connection.receive_id or "").encode()
    padding = 32 - len(plain) % 32
    encryptor = _cipher(connection).encryptor()
    encrypt = base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()
    return Sealed(sign(connection, str(timestamp), nonce, encrypt), timestamp, nonce, encrypt)


def unseal(connection: Callback, encrypt: str) -> tuple[bytes, str]:
    """The random bytes and the message; the receiver has to be the connection's."""
    decryptor = _cipher(connection).decryptor()
    plain = decryptor.update(base64.b64decode(encrypt)) + decryptor.finalize()
    plain = plain[: -plain[-1]]
    end = 20 + int.from_bytes(plain[16:20], "big")
    assert plain[end:].decode() == (connection.receive_id or "")
    return plain[:16], plain[20:end].decode()


def fields_of(xml: str) -> dict[str, str]:
    """The texts right below the root."""
    return {element.tag: element.text or "" for element in ElementTree.fromstring(xml)}  # noqa: S314 - see the import

"""Files: as bytes through the component to a socket, and from a socket back."""

from __future__ import annotations

import asyncio
import base64
import functools
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from conftest import ok, read_request, serving

from wecom_connector import Application, AsyncWeComConnector, InvalidParameters, Retryable, WeComConnector

MEGABYTE = 1024 * 1024
EVERY_BYTE = bytes(range(256)) * 4
NAME = "周报 7月.xlsx"
TOKEN = b'{"errcode":0,"errmsg":"ok","access_token":"SIMULATED-token","expires_in":7200}'
UPLOADED = b'{"errcode":0,"errmsg":"","type":"file","media_id":"MEDIA","created_at":"1380000000"}'


@dataclass
class Files:
    """A server that keeps what is uploaded, and answers a download."""

    application: Application
    uploads: list[tuple[str, bytes]] = field(default_factory=list)


@contextmanager
def files(disposition: bytes = b"", content: bytes = b"") -> Iterator[Files]:
    def serve(peer: socket.socket) -> None:
        while request := read_request(peer):
            head, _, body = request.partition(b"\r\n\r\n")
            if b"/gettoken?" in head:
                peer.sendall(ok(TOKEN))
            elif b"/media/get?" in head:
                length = str(len(content)).encode()
                headers = [b"HTTP/1.1 200 OK", b"Content-Disposition: " + disposition, b"content-length: " + length]
                peer.sendall(b"\r\n".join([*headers, b"", content]))
            else:
                running.uploads.append(file_in(head, body))
                peer.sendall(ok(UPLOADED))

    with serving(serve) as server:
        running = Files(Application(corp_id="ww1", app_secret="SIMULATED", base_url=server.url))
        yield running


def file_in(head: bytes, body: bytes) -> tuple[str, bytes]:
    """The name and the content of the one file of a form."""
    boundary = re.search(rb"boundary=\"?([^\"\r\n;]+)", head)
    assert boundary
    begin, end = b"--" + boundary[1] + b"\r\n", b"\r\n--" + boundary[1] + b"--\r\n"
    assert body.startswith(begin)
    assert body.endswith(end)
    headers, _, content = body[len(begin) : -len(end)].partition(b"\r\n\r\n")
    name = re.search(rb"filename=\"([^\"]*)\"", headers)
    assert name
    return name[1].decode(), content


@pytest.mark.parametrize(
    "of",
    [bytes, bytearray, memoryview, lambda content: base64.b64encode(content).decode()],
    ids=["bytes", "bytearray", "memoryview", "Base64"],
)
def test_a_file_is_uploaded_byte_for_byte(of: Callable[[bytes], Any]) -> None:
    with files() as server, WeComConnector(server.application) as wecom:
        output = wecom.upload_media(file_name=NAME, kind="file", content=of(EVERY_BYTE))
        assert output == {"media_id": "MEDIA", "created_at": 1_380_000_000}
        wecom.invoke("upload-media", {"file_name": NAME, "kind": "file", "content": of(EVERY_BYTE)})
    assert server.uploads == [(NAME, EVERY_BYTE)] * 2


def test_a_part_of_a_file_that_does_not_lie_in_one_piece() -> None:
    with files() as server, WeComConnector(server.application) as wecom:
        wecom.upload_media(file_name=NAME, kind="file", content=memoryview(EVERY_BYTE)[::2])
    assert server.uploads == [(NAME, EVERY_BYTE[::2])]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_files_are_uploaded_without_blocking(backend: str) -> None:
    contents = [bytes([number]) * MEGABYTE for number in range(8)]

    async def main() -> None:
        async with AsyncWeComConnector(server.application) as wecom, anyio.create_task_group() as tasks:
            for content in contents:
                tasks.start_soon(upload, wecom, content)

    async def upload(wecom: AsyncWeComConnector, content: bytes) -> None:
        await wecom.upload_media(file_name=NAME, kind="file", content=content)

    with files() as server:
        anyio.run(main, backend=backend)
    assert sorted(content for _, content in server.uploads) == contents


UPLOAD = """
import json, re, sys
from wecom_connector import Application, WeComConnector

def most() -> int:
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\\s+(\\d+)", status.read())[1]) // 1024

with WeComConnector(Application(**json.loads(sys.argv[1]))) as wecom:
    content = b"x" * int(sys.argv[2])
    before = most()
    wecom.upload_media(file_name="a.bin", kind="file", content=content)
    print(most() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it of this process alone")
def test_20_mb_take_less_than_ten_times_that_in_memory() -> None:
    with files() as server:
        application = {
            "corp_id": "ww1",
            "app_secret": "SIMULATED",
            "base_url": server.application.base_url,
        }
        command = [sys.executable, "-c", UPLOAD, json.dumps(application), str(20 * MEGABYTE)]
        ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    [(_, content)] = server.uploads
    assert content == b"x" * 20 * MEGABYTE
    print("peak memory above that before the call:", ended.stdout.strip(), "MiB")
    assert int(ended.stdout) < 200


def test_beyond_256_mib_at_once_a_call_may_be_repeated_and_has_sent_nothing() -> None:
    arrived, released = threading.Semaphore(0), threading.Event()

    def serve(peer: socket.socket) -> None:
        while read_head(peer):
            arrived.release()
            released.wait(60)
            peer.sendall(ok(UPLOADED))

    def read_head(peer: socket.socket) -> bytes:
        """The head of a request, once its body is there: that is not kept."""
        head, _, body = peer.recv(65536).partition(b"\r\n\r\n")
        left = int(re.search(rb"(?i)content-length: *(\d+)", head)[1]) - len(body) if head else 0  # type: ignore[index]
        while left > 0:
            left -= len(peer.recv(min(left, 1 << 20)))
        return head

    with serving(serve) as server, ThreadPoolExecutor(12) as threads:
        application = Application(corp_id="ww1", access_token="SIMULATED", base_url=server.url, timeout_seconds=60)
        with WeComConnector(application) as wecom:
            upload = functools.partial(wecom.upload_media, file_name=NAME, kind="file", content=b"x" * 20 * MEGABYTE)
            try:
                uploads = [threads.submit(upload) for _ in range(12)]
                assert all(arrived.acquire(timeout=60) for _ in uploads)
                with pytest.raises(Retryable) as caught:
                    upload()
            finally:
                released.set()
            assert (caught.value.category, caught.value.api, caught.value.may_repeat) == ("limit", "media/upload", True)
            assert {upload.result()["media_id"] for upload in uploads} == {"MEDIA"}
            assert not arrived.acquire(blocking=False)
            assert upload()["media_id"] == "MEDIA"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "content must have more than 5 bytes"),
        (b"12345", "content must have more than 5 bytes"),
        (b"x" * (20 * MEGABYTE + 1), "at most 20 MB"),
        ([b"123456"], "content/0 must be a str"),
        (EVERY_BYTE.hex("*"), "content"),
    ],
    ids=["empty", "five bytes", "too large", "in a list", "no Base64"],
)
def test_a_file_that_cannot_be_sent_is_named(content: Any, says: str) -> None:
    with files() as server, WeComConnector(server.application) as wecom:
        with pytest.raises(InvalidParameters) as caught:
            wecom.upload_media(file_name=NAME, kind="file", content=content)
        assert server.uploads == []
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (f'attachment; filename="{NAME}"'.encode(), NAME),
        (b"attachment", None),
    ],
)
def test_a_file_is_downloaded(disposition: bytes, name: str | None) -> None:
    with files(disposition, EVERY_BYTE) as server, WeComConnector(server.application) as wecom:
        output = wecom.download_media(media_id="MEDIA")
    assert base64.b64decode(output["content"]) == EVERY_BYTE
    assert output.get("file_name") == name


def test_20_mb_are_downloaded() -> None:
    content = EVERY_BYTE * 20 * 1024
    with files(b"attachment", content) as server:

        async def main() -> None:
            async with AsyncWeComConnector(server.application) as wecom:
                output = await wecom.download_media(media_id="MEDIA")
            assert base64.b64decode(output["content"]) == content

        asyncio.run(main())

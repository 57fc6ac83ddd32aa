"""The simulator of WeCom that comes with host-test, and servers that misbehave: all on real sockets."""

from __future__ import annotations

import json
import os
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import httpx
import trustme

from wecom_connector import Application, Chatbot

REPOSITORY = Path(__file__).resolve().parents[3]


def host_test() -> Path:
    path = Path(os.environ.get("WECOM_HOST_TEST") or REPOSITORY / "target" / "debug" / "host-test")
    if not path.exists():
        raise FileNotFoundError(f'no simulator at {path}: run "cargo build -p host-test" in the repository\'s root')
    return path


@dataclass
class Simulator:
    """A simulator as a process, and what arrived at it."""

    process: subprocess.Popen[str]
    base_url: str
    connections: dict[str, dict[str, Any]]
    received: list[dict[str, Any]] = field(default_factory=list)

    def application(self, **changes: Any) -> Application:
        return Application(**self._of(Application, changes))

    def chatbot(self, **changes: Any) -> Chatbot:
        return Chatbot(**self._of(Chatbot, changes))

    def _of(self, kind: type[Application] | type[Chatbot], changes: dict[str, Any]) -> dict[str, Any]:
        names = {field.name for field in fields(kind)}
        given = {**self.connections[kind.TYPE], **changes}
        return {name: value for name, value in given.items() if name in names}

    def secrets(self) -> list[str]:
        names = ("app_secret", "contacts_secret", "chatbot_key")
        return [of[name] for of in self.connections.values() for name in names if of.get(name)]

    def order(self, path: str, body: Any) -> None:
        """Asks something of the simulator itself, such as faults."""
        httpx.post(f"{self.base_url}/simulator/{path}", json=body).raise_for_status()

    def environment(self) -> dict[str, str]:
        """The application as variables."""
        connection = self.application()
        values = {variable: getattr(connection, name) for name, variable in connection.VARIABLES.items()}
        return {variable: str(value) for variable, value in values.items() if value is not None}

    def at(self, path: str) -> list[dict[str, Any]]:
        """What arrived there. The simulator tells it up to 100 ms late, and callbacks, too."""
        time.sleep(0.3)
        return [request for request in self.received if request.get("path") == f"/cgi-bin/{path}"]


@contextmanager
def simulating(*options: str) -> Iterator[Simulator]:
    """A simulator, for as long as it is needed, with options of its own."""
    command = [str(host_test()), "simulator", "--strict", "--port", "0", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        about = json.loads(process.stdout.readline())
        connections = {connection["type"]: connection for connection in about["connections"]}
        running = Simulator(process, about["base_url"], connections)

        def read() -> None:
            for line in process.stdout or ():
                running.received.append(json.loads(line))

        reader = threading.Thread(target=read)
        reader.start()
        try:
            yield running
        finally:
            process.kill()
            reader.join()


Serve = Callable[[socket.socket], None]


@dataclass
class Server:
    """A server of raw bytes."""

    port: int
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(serve: Serve) -> Iterator[Server]:
    """Answers each connection with `serve`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(listener.getsockname()[1])
        threads: list[threading.Thread] = []
        ended = threading.Event()

        def one(peer: socket.socket) -> None:
            with peer, suppress(OSError):
                serve(peer)

        def accept() -> None:
            while True:
                peer, _ = listener.accept()
                if ended.is_set():
                    peer.close()
                    return
                server.connections += 1
                thread = threading.Thread(target=one, args=(peer,))
                thread.start()
                threads.append(thread)

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield server
        finally:
            ended.set()
            socket.create_connection(("127.0.0.1", server.port)).close()
            acceptor.join()
            for thread in threads:
                thread.join()


def read_request(peer: socket.socket) -> bytes:
    """One request, with its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = peer.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        piece = peer.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


def ok(body: bytes = b'{"errcode":0,"errmsg":"ok","msgid":"m"}') -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


def answer(peer: socket.socket) -> None:
    """Answers each request of a connection with success."""
    while read_request(peer):
        peer.sendall(ok())


def reset(peer: socket.socket) -> None:
    """Ends a connection by a reset, once it is closed."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_after_request(peer: socket.socket) -> None:
    """Takes a request, and resets the connection."""
    read_request(peer)
    reset(peer)


def silent(peer: socket.socket) -> None:
    """Takes a request, and never answers."""
    read_request(peer)
    peer.recv(1)


def cut_off(peer: socket.socket) -> None:
    """Ends an answer before its end."""
    read_request(peer)
    peer.sendall(ok()[:-3])


class Authority:
    """A CA of one's own, and a server with its certificate."""

    def __init__(self, folder: Path) -> None:
        ca = trustme.CA()
        self.file = folder / "ca.pem"
        ca.cert_pem.write_to_path(str(self.file))
        self._server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("localhost").configure_cert(self._server)

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))

    def answer(self, peer: socket.socket) -> None:
        with self._server.wrap_socket(peer, server_side=True) as secure:
            answer(secure)

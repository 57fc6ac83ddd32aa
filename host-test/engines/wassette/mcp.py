"""An MCP client over stdio, as small as it can be: JSON-RPC, a message a line."""

import json
import queue
import subprocess
import threading

import harness

TIMEOUT = 30  # seconds


class Ended(harness.Wrong):
    """The server is gone, and there is no answer."""


class Client(harness.Started):
    """A server, and all that it wrote."""

    def __init__(self, command, environment):
        self._command, self._environment = command, environment
        self.written = ""
        self._answers = queue.SimpleQueue()
        self._readers = []
        self._last = 0

    def popen(self):
        return subprocess.Popen(
            self._command, env=self._environment, text=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def ready(self):
        for stream, use in [(self.process.stdout, self._answers.put), (self.process.stderr, lambda _: None)]:
            reader = threading.Thread(target=self._read, args=(stream, use), daemon=True)
            reader.start()
            self._readers.append(reader)
        client = {"name": "wecom-connector", "version": "0"}
        self.request("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=client)
        self._send({"method": "notifications/initialized"})

    def __exit__(self, *_):
        # Wassette 0.8 stays when its input ends: it has to be told.
        super().__exit__()
        for reader in self._readers:
            reader.join()  # so that all it wrote is there

    def request(self, method, **parameters):
        """What the server answers to a request."""
        self._last += 1
        self._send({"id": self._last, "method": method, "params": parameters})
        while True:
            try:
                line = self._answers.get(timeout=TIMEOUT)
            except queue.Empty:
                raise harness.Wrong(f"the server has no answer to {method} within {TIMEOUT} s") from None
            if line is None:
                raise Ended(f"the server ended: {harness.last_line(self.written)}")
            message = json.loads(line)
            if message.get("id") == self._last:  # the others are notifications
                harness.check("result" in message, f"the server refuses {method}: {message.get('error')}")
                return message["result"]

    def _send(self, message):
        try:
            self.process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")
            self.process.stdin.flush()
        except OSError:
            pass  # the end of its output says so too, and why

    def _read(self, stream, use):
        for line in stream:
            self.written += line
            use(line)
        use(None)

"""An MCP client over stdio, as small as it can be: JSON-RPC, a message a line."""

import json
import queue
import subprocess
import threading

import stage

TIMEOUT = 30  # seconds


class Client:
    """A server that runs for the length of a `with` block, and all that it wrote."""

    def __init__(self, command, environment):
        self._command, self._environment = command, environment
        self.written = ""

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command, env=self._environment, text=True, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self._answers = queue.SimpleQueue()
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, self._answers.put), daemon=True),
            threading.Thread(target=self._read, args=(self._process.stderr, lambda _: None), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self._last = 0
        try:
            client = {"name": "wecom-connector", "version": "0"}
            self.request("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=client)
            self._send({"method": "notifications/initialized"})
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        # Wassette 0.8 says that it is done then, and stays.
        stage.stop(self._process)
        for reader in self._readers:
            reader.join()
        self._process.stdout.close()
        self._process.stderr.close()

    def request(self, method, **parameters):
        """What the server answers to a request."""
        self._last += 1
        self._send({"id": self._last, "method": method, "params": parameters})
        while True:
            try:
                line = self._answers.get(timeout=TIMEOUT)
            except queue.Empty:
                raise stage.Wrong(f"the server has no answer to {method} within {TIMEOUT} s") from None
            stage.check(line is not None, f"the server ended: {stage.last_line(self.written)}")
            message = json.loads(line)
            if message.get("id") == self._last:  # the others are notifications
                stage.check("result" in message, f"the server refuses {method}: {message.get('error')}")
                return message["result"]

    def _send(self, message):
        try:
            self._process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # the end of its output says so too, and why

    def _read(self, stream, use):
        for line in stream:
            self.written += line
            use(line)
        use(None)

"""What stands between the component and the simulator, and goes wrong on order."""

import collections
import http.client
import http.server
import threading
import urllib.parse

PATIENCE = 60  # seconds that an answer is held back at most


class Proxy:
    """A server on loopback that passes requests on, but for those that an order is given for."""

    def __init__(self, base_url):
        self._simulator = base_url.removeprefix("http://")
        self._orders = collections.defaultdict(collections.deque)
        self._lock = threading.Lock()
        self._requests = collections.Counter()
        self.tokens = set()
        """The access tokens that requests have had."""
        self._held, self._released = threading.Event(), threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def refuse(self, path, times, retry_after=None):
        """The next requests are answered with 429, as a gateway does, and not passed on."""
        self._order(path, *[("refuse", retry_after)] * times)

    def lose(self, path):
        """The next request is passed on, and its answer lost."""
        self._order(path, ("lose", None))

    def hold(self, path, *, passed_on, answered=False):
        """The next request is held until `release`, before or after it is passed on. Where it is not to be answered, a
        request that was held before is not passed on either."""
        self._held.clear()
        self._released.clear()
        self._order(path, ("hold", (passed_on, answered)))

    def wait_until_held(self):
        """Whether a request is held now."""
        return self._held.wait(PATIENCE)

    def is_held(self):
        return self._held.is_set()

    def release(self):
        self._released.set()

    def requests(self, path):
        """How many requests have come for a path below /cgi-bin/."""
        with self._lock:
            return self._requests[path]

    def _order(self, path, *orders):
        with self._lock:
            self._orders[path].extend(orders)

    def _next(self, path):
        with self._lock:
            self._requests[path] += 1
            return self._orders[path].popleft() if self._orders[path] else ("pass", None)

    def _forward(self, request):
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        headers = {name: value for name, value in request.headers.items() if name.lower() == "content-type"}
        simulator = http.client.HTTPConnection(self._simulator, timeout=10)
        try:
            simulator.request(request.command, request.path, body, headers)
            answer = simulator.getresponse()
            return answer.status, answer.read()
        finally:
            simulator.close()

    def _answer(self, request):
        path, _, query = request.path.partition("?")
        self.tokens.update(urllib.parse.parse_qs(query).get("access_token", []))
        order, detail = self._next(path.removeprefix("/cgi-bin/"))
        if order == "refuse":
            request.rfile.read(int(request.headers.get("content-length", 0)))
            request.send_response(429)
            if detail is not None:
                request.send_header("Retry-After", str(detail))
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        passed_on, answered = detail if order == "hold" else (None, order == "pass")
        if passed_on is False:
            self._wait()
            if not answered:
                return
        status, body = self._forward(request)
        if passed_on:
            self._wait()
        if answered:
            request.send_response(status)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

    def _wait(self):
        self._held.set()
        self._released.wait(PATIENCE)

    def _handler(self):
        answer = self._answer

        class Handler(http.server.BaseHTTPRequestHandler):
            """HTTP/1.0: a connection for each request, closed with or without an answer."""

            def do_GET(self):
                try:
                    answer(self)
                except OSError:
                    pass  # whoever asked is gone

            do_POST = do_GET

            def log_message(self, *_):
                pass  # it would tell the tokens

        return Handler

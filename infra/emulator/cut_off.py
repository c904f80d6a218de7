"""A way to an emulated AWS on which whole Regions can be dead: whatever is signed for one of them gets no answer."""

from __future__ import annotations

import re
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from emulator import Endpoint

# AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, ...
SCOPE = re.compile(r"Credential=[^/]+/[^/]+/([^/]+)/")
# What belongs to a connection, not to what is said over it.
OF_THE_CONNECTION = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


class CutOff(Endpoint):
    """Runs for as long as the `with` lasts."""

    def __init__(self, behind: Endpoint) -> None:
        self.dead: set[str] = set()
        self.refused: list[str] = []
        cut_off = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def any(self) -> None:
                cut_off.pass_on(self, behind)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = any

            def log_message(self, *_: object) -> None:
                """The emulator has a log of its own."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        super().__init__(f"http://127.0.0.1:{self.server.server_port}")

    def pass_on(self, asked: BaseHTTPRequestHandler, behind: Endpoint) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        scope = SCOPE.search(asked.headers.get("Authorization", ""))
        if scope and scope.group(1) in self.dead:
            self.refused.append(scope.group(1))
            asked.close_connection = True
            asked.connection.close()
            return
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in OF_THE_CONNECTION}
        request = urllib.request.Request(f"{behind.url}{asked.path}", body or None, headers, method=asked.command)
        try:
            answer = urllib.request.urlopen(request, timeout=300)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            said = answer.read()
            asked.send_response_only(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in OF_THE_CONNECTION:
                    asked.send_header(name, value)
            asked.send_header("Content-Length", str(len(said)))
            asked.end_headers()
            asked.wfile.write(said)

    def __enter__(self) -> CutOff:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()

"""A Qanat daemon's API, over its Unix socket."""

import http.client
import json
import re
import socket

from lab import CommandFailed


class Daemon:
    """The daemon that answers at a socket."""

    def __init__(self, path):
        self.path = str(path)

    def status(self):
        """`GET /v1/status`."""
        return json.loads(self._request("GET", "/v1/status"))

    def tunnel(self, name):
        """`GET /v1/tunnels`, and of these the one with this name."""
        tunnels = json.loads(self._request("GET", "/v1/tunnels"))
        return next(tunnel for tunnel in tunnels if tunnel["spec"]["name"] == name)

    def add(self, **spec):
        """`POST /v1/tunnels`."""
        self._request("POST", "/v1/tunnels", json.dumps(spec))

    def metric(self, name):
        """One figure of `GET /metrics`, by its name and labels."""
        found = re.search(rf"^{re.escape(name)} (\S+)", self._request("GET", "/metrics"), re.MULTILINE)
        if not found:
            raise CommandFailed(f"/metrics has no {name}")
        return float(found[1])

    def _request(self, method, path, body=None):
        connection = _UnixConnection(self.path)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise CommandFailed(f"{method} {path}: {error}") from error
        finally:
            connection.close()
        if answer.status >= 300:
            raise CommandFailed(f"{method} {path}: {answer.status} {text[:300]}")
        return text


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(self._path)

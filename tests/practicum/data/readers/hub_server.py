"""A small server that speaks the part of the Hugging Face hub's protocol which reading a data set needs."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

API = re.compile(
    r"/api/datasets/(?P<repo>[^/]+/[^/]+)/(?P<what>revision|tree|paths-info)/(?P<revision>[^/]+)(?P<path>.*)"
)
RESOLVE = re.compile(r"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


@dataclass
class Hub:
    """Data sets by repository, commit and path, and what was asked for."""

    repositories: Mapping[str, Mapping[str, Mapping[str, bytes]]]
    gated: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    """Paths for which the server fails."""
    asked: list[str] = field(default_factory=list)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def _answer(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _json(self, value: object) -> None:
        self._answer(HTTPStatus.OK, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _refuse(self, status: HTTPStatus, code: str) -> None:
        self._answer(status, b"", {"X-Error-Code": code, "X-Error-Message": code})

    def _info(self, path: str, content: bytes) -> dict[str, object]:
        return {"type": "file", "path": path, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        url = urlsplit(self.path)
        self.hub.asked.append(f"{self.command} {url.path} {self.headers.get('Range') or ''}".rstrip())
        found = API.fullmatch(unquote(url.path)) or RESOLVE.fullmatch(unquote(url.path))
        if found is None:
            self._refuse(HTTPStatus.NOT_FOUND, "NotFound")
            return
        parts = found.groupdict()
        commits = self.hub.repositories.get(parts["repo"])
        if commits is None:
            self._refuse(HTTPStatus.UNAUTHORIZED, "RepoNotFound")
            return
        if parts["repo"] in self.hub.gated:
            self._refuse(HTTPStatus.FORBIDDEN, "GatedRepo")
            return
        files = commits.get(parts["revision"])
        if files is None:
            self._refuse(HTTPStatus.NOT_FOUND, "RevisionNotFound")
            return
        path = parts["path"].strip("/")
        if path in self.hub.broken:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "ServerError")
        elif "what" not in parts:
            self._file(files, path, parts["revision"])
        elif parts["what"] == "revision":
            self._json({"id": parts["repo"], "sha": parts["revision"], "siblings": [{"rfilename": p} for p in files]})
        elif parts["what"] == "paths-info":
            wanted = json.loads(body)["paths"] if body.startswith("{") else parse_qs(body)["paths"]
            self._json([entry for one in wanted for entry in self._entries(files, one)])
        else:
            recursive = parse_qs(url.query).get("recursive", ["false"])[0].lower() == "true"
            self._json(self._tree(files, path, recursive))

    do_HEAD = do_POST = do_GET  # noqa: N815

    def _entries(self, files: Mapping[str, bytes], path: str) -> list[dict[str, object]]:
        if path in files:
            return [self._info(path, files[path])]
        if any(one.startswith(f"{path}/") for one in files):
            return [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0}]
        return []

    def _tree(self, files: Mapping[str, bytes], folder: str, recursive: bool) -> list[dict[str, object]]:
        prefix = f"{folder}/" if folder else ""
        below = [path for path in files if path.startswith(prefix)]
        folders = {prefix + path.removeprefix(prefix).split("/")[0] for path in below} - set(files)
        shown = below if recursive else [path for path in below if "/" not in path.removeprefix(prefix)]
        directories = [{"type": "directory", "path": one, "oid": "0" * 40, "size": 0} for one in sorted(folders)]
        return [*directories, *(self._info(path, files[path]) for path in shown)]

    def _file(self, files: Mapping[str, bytes], path: str, revision: str) -> None:
        if path not in files:
            self._refuse(HTTPStatus.NOT_FOUND, "EntryNotFound")
            return
        content = files[path]
        headers = {
            "ETag": f'"{hashlib.sha1(content).hexdigest()}"',
            "X-Repo-Commit": revision,
            "Accept-Ranges": "bytes",
        }
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if asked is None:
            self._answer(HTTPStatus.OK, content, headers)
            return
        start, end = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
        if start >= len(content):
            self._answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"", headers)
            return
        headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        self._answer(HTTPStatus.PARTIAL_CONTENT, content[start : end + 1], headers)

    def log_message(self, *_: object) -> None:
        """Not on the test's output."""


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The hub at its `url`, on a free port of this machine, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""The listeners, and a second process that goes on from where this one is."""

from __future__ import annotations

import json
import logging
import os
import ssl
import threading
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from .stand_ins import http
from .stand_ins.api import Api
from .stand_ins.site import Site


class Handler(MotoRequestHandler):
    # Status line, headers and body are separate writes; Nagle's algorithm would hold the last one back.
    disable_nagle_algorithm = True


def die_with_parent() -> None:
    """The parent holds the other end of our stdin: when that closes, however it died, so do we."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def listen(aws: Any, port: int = 0, secure: ssl.SSLContext | None = None) -> BaseWSGIServer:
    """Opens all three ports; the server of AWS itself still has to be told to serve. `aws.addresses` says where they are."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, aws, threaded=True, request_handler=Handler)
    os.environ.update(MOTO_PORT=str(server.port))
    beside = [port + n if port else 0 for n in (1, 2)]
    aws.addresses = {
        "endpoint": f"http://127.0.0.1:{server.port}",
        "site": http.serve(Site(aws.one_at_a_time), beside[0], secure),
        "api": http.serve(Api(aws.one_at_a_time), beside[1], secure),
    }
    return server


def fork(aws: Any) -> dict[str, Any]:
    """Another process that has all that is in the account, on ports of its own. Returns its addresses and pid.

    It has no faults in force, and an empty call log. With --die-with-parent it ends when the parent of this one does.
    """
    # Nobody is in the middle of a change, and of all threads only this one goes on in the copy. Nor is there another pipe,
    # whose writing end the copy would hold open for ever.
    with aws.one_at_a_time:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                # Once more, so that nobody has to wait for its end.
                if os.fork() == 0:
                    _be_another(aws, writer)
            finally:
                os._exit(1)
        os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as said:
        return json.loads(said.read())


def _be_another(aws: Any, writer: int) -> None:
    aws.one_at_a_time.release()
    aws.forget_calls()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if aws.dies_with_parent:
        die_with_parent()
    server = listen(aws)
    with os.fdopen(writer, "w") as answer:
        json.dump({**aws.addresses, "pid": os.getpid()}, answer)
    server.serve_forever()

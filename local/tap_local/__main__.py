"""Serve the local AWS on the loopback interface until killed.

Prints one line of JSON on stdout when it answers: {"endpoint": "http://127.0.0.1:PORT", "pid": N}.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import threading
import warnings

# moto reads these while it is imported, so they come before it.
os.environ.update(
    MOTO_ACCOUNT_ID="123456789012",
    MOTO_IAM_LOAD_MANAGED_POLICIES="true",
    # Nothing here starts a virtual machine, and loading the images takes half a second after every reset.
    MOTO_EC2_LOAD_DEFAULT_AMIS="false",
    # A certificate is issued by its DNS records or by hand (repairs/acm.py), never by the passing of time.
    MOTO_ACM_VALIDATION_WAIT=str(10**9),
    AWS_ACCESS_KEY_ID="local",
    AWS_SECRET_ACCESS_KEY="local",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
)
for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)


def die_with_parent() -> None:
    """The parent holds the other end of our stdin: when that closes, however it died, so do we."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser(prog="tap_local")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--die-with-parent", action="store_true", help="end when stdin closes")
    parser.add_argument("--without-repairs", action="store_true", help="moto as it is, to see what still needs repair")
    args = parser.parse_args()
    if args.die_with_parent:
        die_with_parent()

    # moto warns of error codes that the published models leave out.
    warnings.simplefilter("ignore")
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    from .app import LocalAws

    class Handler(MotoRequestHandler):
        # Status line, headers and body are separate writes; Nagle's algorithm would hold the last one back.
        disable_nagle_algorithm = True

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(
        "127.0.0.1", args.port, LocalAws(repairs=not args.without_repairs), threaded=True, request_handler=Handler
    )
    os.environ["MOTO_PORT"] = str(server.port)
    print(json.dumps({"endpoint": f"http://127.0.0.1:{server.port}", "pid": os.getpid()}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

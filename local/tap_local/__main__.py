"""Serve the local AWS on the loopback interface until killed.

Prints one line of JSON on stdout when it answers:
{"endpoint": "http://127.0.0.1:PORT", "site": "http://127.0.0.1:PORT", "api": "http://127.0.0.1:PORT", "pid": N}.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="tap_local")
    parser.add_argument("--port", type=int, default=0, help="0: any free one; the site has the next, the API the one after")
    parser.add_argument("--registry", default="", metavar="ADDRESS", help="a real registry that holds ECR's images")
    parser.add_argument("--tls", default="", metavar="NAMES", help="site and API over TLS, for these names, with commas")
    parser.add_argument("--ca-file", metavar="FILE", help="with --tls: where the certificate to trust is written")
    parser.add_argument("--die-with-parent", action="store_true", help="end when stdin closes")
    parser.add_argument("--without-repairs", action="store_true", help="moto as it is, to see what still needs repair")
    args = parser.parse_args()
    if bool(args.tls) != bool(args.ca_file):
        parser.error("--tls and --ca-file go together")

    # moto warns of error codes that the published models leave out.
    warnings.simplefilter("ignore")
    from .app import LocalAws
    from .serving import die_with_parent, listen
    from .stand_ins import tls

    if args.die_with_parent:
        die_with_parent()
    os.environ.update(TAP_LOCAL_REGISTRY=args.registry)
    aws = LocalAws(repairs=not args.without_repairs)
    aws.dies_with_parent = args.die_with_parent
    server = listen(aws, args.port, tls.context(args.tls.split(","), args.ca_file) if args.tls else None)
    print(json.dumps({**aws.addresses, "pid": os.getpid()}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

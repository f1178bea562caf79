"""`python -m baogao_practice`: serve the practice web until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress

from baogao_practice.server import Server


def main() -> int:
    """Print the address and serve."""
    parser = argparse.ArgumentParser(prog="python -m baogao_practice", description=__doc__)
    parser.add_argument("--port", type=int, default=8642, help="port on 127.0.0.1 (default 8642)")
    options = parser.parse_args()
    try:
        server = Server(options.port)
    except (OSError, OverflowError) as error:
        parser.exit(2, f"port {options.port} on 127.0.0.1 cannot be used: {error}\n")
    with server, suppress(KeyboardInterrupt):
        for host in server.hosts:
            sys.stdout.write(f"127.0.0.1:{server.port}  Host: {host}\n")
        sys.stdout.flush()
        server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())

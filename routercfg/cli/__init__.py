"""The command line: parse, call the library, print. `main` is the entry point."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from routercfg.cli.failures import explain, unexpected
from routercfg.errors import RoutercfgError, TransportError
from routercfg.redaction import scrubbed

__all__ = ["main", "run"]

_BAD_INPUT = 2
_UNREACHED = 3
_INTERRUPTED = 130


def main() -> None:
    """Run the command line of this process, and exit with its status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; its exit status.

    0: all is well. 1: findings. 2: bad input. 3: a router could not be reached, or was rolled back.
    """
    debug = "--debug" in arguments
    as_json = "--json" in arguments
    try:
        return _dispatch([part for part in arguments if part != "--debug"])
    except RoutercfgError as error:
        scrubbed(error)
        if debug:
            raise
        explain(error, as_json=as_json)
        return _UNREACHED if isinstance(error, TransportError) else _BAD_INPUT
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nobody is left to tell.
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return _INTERRUPTED
    except Exception as error:
        scrubbed(error)
        if debug:
            raise
        unexpected(error, as_json=as_json)
        return _BAD_INPUT


def _dispatch(arguments: list[str]) -> int:
    from routercfg.cli.app import command  # noqa: PLC0415 - so that an import error is explained

    return command(arguments)

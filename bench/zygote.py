"""Forks `quietline run` out of a process that has imported everything: a start takes a tenth of what it takes alone.

`python -m bench.zygote`, inside of `bench.kill`. Each line of stdin is a JSON object {"environment", "log"}; the answer
is the child's process id on a line of stdout. Children die with it.
"""

import ctypes
import gc
import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Final, Never

from bot import cli
from bot.i18n.catalogue import catalogue_of
from bot.turns.hearing import labels
from nlu.lexicon import shipped, understand_by_words

_DIE_WITH_PARENT: Final = 1
"""PR_SET_PDEATHSIG (prctl(2))."""


def main() -> None:
    """Fork a child for each line."""
    _warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        wish = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(wish["environment"], wish["log"])
        print(child, flush=True)


def _warm() -> None:
    """Read what every turn reads; nothing that makes random numbers."""
    labels()
    understand_by_words("They took our passports.", shipped())
    for code in ("en", "km"):
        catalogue_of(code)
    gc.collect()
    gc.freeze()


def _become(environment: Mapping[str, str], log: str) -> Never:
    """Be the command `quietline run`, as if started by itself."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(here, there)
    os.environ.update(environment)
    sys.argv = ["quietline", "run"]
    try:
        cli.main()
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 1)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()

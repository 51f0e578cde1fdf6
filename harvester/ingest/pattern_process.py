"""A process that matches regular expressions, because one may take for ever.

Run as a program, by its path, so that it starts with the standard library alone. It
reads requests from standard input, a line of JSON each, and writes a line for each. The
system ends it at the deadline of a match, and it ends when its input does. See
``link_rules`` for the other side.
"""

import json
import re
import resource
import signal
import sys
import time


def main() -> None:
    """Answer requests ``[pattern, text, seconds]`` until the input ends.

    The answer is whether the pattern is found in the text, and the seconds that took.
    Seconds are of processor time; a match that takes longer ends the process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        pattern, text, seconds = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        started = time.process_time()
        is_found = re.search(pattern, text) is not None
        taken = time.process_time() - started
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps([is_found, taken]), flush=True)  # noqa: T201 (the answer)


if __name__ == "__main__":
    main()

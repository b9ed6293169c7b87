"""Files that are no regular ones: devices, pipes, sockets, and the open files of this process.

They are written to as they stand. To rename a file over one of them would destroy a device, and
leave the reader of a pipe without a word.
"""

import os
import sys
from pathlib import Path
from typing import IO, Final

# by these names Linux and macOS call the open files of a process
_FOLDERS: Final = ("/dev/fd", "/proc/self/fd")
_STREAMS: Final = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


def is_special(path: Path) -> bool:
    """Whether something other than a regular file or a folder is there, links followed, or an open
    file of this process, as /dev/fd/3 and /dev/stdout, whatever that is.
    """
    if not path.exists() or path.is_dir():
        return False
    return _descriptor(path) is not None or not path.is_file()


def open_special(path: Path) -> IO[bytes]:
    """Open such a file to write to it; a pipe waits for its reader."""
    number = _descriptor(path)
    if number is None:
        # neither made nor cut short
        return os.fdopen(os.open(path, os.O_WRONLY), "wb")
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    # opened by its name, a regular file would be written from its beginning again
    return os.fdopen(os.dup(number), "wb")


def _descriptor(path: Path) -> int | None:
    """Return the number of the open file that a name of the system stands for."""
    name = os.path.abspath(path)
    folder, last = os.path.split(name)
    if folder in _FOLDERS and last.isdecimal():
        return int(last)
    return _STREAMS.get(name)

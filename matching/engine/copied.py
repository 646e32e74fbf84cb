"""Rows of keys as Postgres copies them: `COPY (SELECT key, keys FROM ...) TO STDOUT (FORMAT binary)`, a key an int4.

The format is that of the manual's page on COPY: a header, then for each row the number of columns and each column's
length and bytes; an array is its dimensions and each element's length and bytes; everything big-endian. Lists of keys
read in this way take a tenth of the time that rows of Python objects take.
"""

import mmap
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.engine.arrays import Bytes
from matching.engine.copying import ARRAY, ROW, read, written
from matching.engine.reading import Malformed
from matching.engine.table import Rows

SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0"
HEADER: Final = len(SIGNATURE) + 8
END: Final = b"\xff\xff"


class Arrival:
    """Memory into which one copy after the other goes: `write` is what `COPY ... TO STDOUT` calls.

    It raises ValueError beyond `most` bytes, which may be much more than what comes: memory counts from the moment in
    which something is written there. To get it from the system each time anew takes as long as half of what is done.
    """

    def __init__(self, most: int) -> None:
        self._memory = mmap.mmap(-1, most, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._memory.madvise(mmap.MADV_HUGEPAGE)
        self.write: Final = self._memory.write
        self._room = _room_for(most)

    def begin(self) -> None:
        """Make room for a copy; what the last one's `rows` gave is gone."""
        self._memory.seek(0)

    def rows(self) -> Rows:
        """The rows that came, in the memory that the next copy will use."""
        return _rows_in(np.frombuffer(self._memory, np.uint8)[: self._memory.tell()], self._room)


def rows_of(copied: bytes | bytearray | memoryview) -> Rows:
    """The rows of a binary copy of two columns, int4 and int4[], in the order in which they came.

    Refuses with `Malformed` what is anything else: other columns, nulls, arrays of two dimensions.
    """
    return _rows_in(np.frombuffer(copied, np.uint8), _room_for(len(copied)))


def _room_for(most: int) -> Rows:
    """Memory for the rows of so many bytes."""
    return Rows(np.empty(most // ROW, np.int32), np.zeros(most // ROW + 1, np.int64), np.empty(most // 8, np.int32))


def _rows_in(data: Bytes, room: Rows) -> Rows:
    if bytes(data[: len(SIGNATURE)]) != SIGNATURE:
        raise Malformed("byte 0", "is not the beginning of a binary copy")
    body = data[HEADER:]
    rows, used, wrong = read(body, *_words_of(body), *room)
    if wrong >= 0:
        raise Malformed(
            f"byte {HEADER + wrong}", "is not the beginning of a row of one int4 and one int4[] without nulls"
        )
    return Rows(room.keys[:rows], room.starts[: rows + 1], room.values[:used])


def copy_of(rows: Rows) -> bytes:
    """The binary copy of rows, for `COPY ... FROM STDIN (FORMAT binary)`: what `rows_of` reads."""
    room = np.empty((ROW + ARRAY) * len(rows.keys) + 8 * len(rows.values) + 4, np.uint8)
    given = rows.keys.astype(np.int32), rows.starts, rows.values.astype(np.int32)
    many = written(*given, room, *_words_of(room))
    return SIGNATURE + bytes(8) + room[:many].tobytes() + END


def _words_of(body: Bytes) -> list[NDArray[np.uint32]]:
    """Bytes as words of four, from the first and from the third byte: a row begins at a byte that is even."""
    return [body[at : at + max(0, len(body) - at) // 4 * 4].view(np.uint32) for at in (0, 2)]

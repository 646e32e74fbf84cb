"""The compiled loops of `copied`: rows of one int4 and one int4[] read from a binary copy, and written as one."""

import numpy as np
from numpy.typing import NDArray

from matching.engine.arrays import Bytes, Ints, Longs
from matching.engine.compiled import compiled, inner

Words = NDArray[np.uint32]

# Postgres's own number of the type int4
INT4 = 23
# bytes of a row before its elements, and of an array before them, without and with a dimension
ROW, EMPTY, ARRAY = 14, 12, 20


@inner
def _int(words: Words, number: int) -> int:
    """A word of four bytes, the highest first, as a number with a sign."""
    word = words[number]
    turned = word << np.uint32(24) | (word & np.uint32(0xFF00)) << np.uint32(8)
    turned = turned | (word >> np.uint32(8)) & np.uint32(0xFF00) | word >> np.uint32(24)
    return np.int64(np.int32(turned))


@compiled
def read(body: Bytes, whole: Words, middle: Words, keys: Ints, starts: Longs, values: Ints) -> tuple[int, int, int]:
    """Write down rows' keys, starts and values: how many rows and values, and where one begins that is none, or -1."""
    row, used, at = 0, 0, 0
    while at + 2 <= len(body):
        if body[at] == 255 and body[at + 1] == 255:
            return row, used, -1
        # an array without elements has no dimensions
        if at + ROW + EMPTY > len(body) or body[at] or body[at + 1] != 2:
            break
        words, first = (whole, (at + 2) >> 2) if at & 2 else (middle, at >> 2)
        length, dimensions = _int(words, first + 2), _int(words, first + 3)
        many = 0 if length == EMPTY and dimensions == 0 else (length - ARRAY) // 8
        if many < 0 or dimensions > 1 or length != (ARRAY + 8 * many if dimensions else EMPTY):
            break
        if _int(words, first) != 4 or _int(words, first + 5) != INT4 or at + ROW + length > len(body):
            break
        if dimensions and (_int(words, first + 4) or _int(words, first + 6) != many):
            break
        keys[row] = _int(words, first + 1)
        row += 1
        for element in range(many):
            values[used + element] = _int(words, first + 9 + 2 * element)
        used += many
        starts[row] = used
        at += ROW + length
    return 0, 0, at


@inner
def _put(words: Words, number: int, value: int) -> None:
    """Write a number as a word of four bytes, the highest first."""
    word = np.uint32(value & 0xFFFFFFFF)
    turned = word << np.uint32(24) | (word & np.uint32(0xFF00)) << np.uint32(8)
    words[number] = turned | (word >> np.uint32(8)) & np.uint32(0xFF00) | word >> np.uint32(24)


@compiled
def written(keys: Ints, starts: Longs, values: Ints, body: Bytes, whole: Words, middle: Words) -> int:
    """Write rows down as they stand in a copy, in `body` and its words; how many bytes they are."""
    at = 0
    for row in range(len(keys)):
        many = starts[row + 1] - starts[row]
        body[at], body[at + 1] = 0, 2
        words, first = (whole, (at + 2) >> 2) if at & 2 else (middle, at >> 2)
        _put(words, first, 4)
        _put(words, first + 1, keys[row])
        _put(words, first + 2, ARRAY + 8 * many if many else EMPTY)
        _put(words, first + 3, 1 if many else 0)
        _put(words, first + 4, 0)
        _put(words, first + 5, INT4)
        if many:
            _put(words, first + 6, many)
            _put(words, first + 7, 1)
        for place in range(many):
            _put(words, first + 8 + 2 * place, 4)
            _put(words, first + 9 + 2 * place, values[starts[row] + place])
        at += ROW + (ARRAY + 8 * many if many else EMPTY)
    return at

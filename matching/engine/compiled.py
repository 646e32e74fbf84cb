"""How the engine's loops are compiled, and how two of them run side by side.

Compiled when first called, then kept on disk by numba; import what is compiled only where a worker computes. Compiled
loops let go of Python's lock, so that threads that run them really do so at the same time.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from matching.engine.arrays import Longs

# numba looks at a file's own date alone, and constants come from other files: kept by what the whole engine says
_HERE: Final = Path(__file__).resolve().parent
_SAYS: Final = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_HERE.glob("*.py")))).hexdigest()
config.CACHE_DIR = str(Path(config.CACHE_DIR or _HERE / "__pycache__") / f"engine-{_SAYS[:16]}")

compiled = njit(cache=True, nogil=True)
# called from compiled code only: becomes part of what calls it
inner = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)
# the same for what makes no array: else numba counts who uses each array at every call, and that takes longer than all
# that is done there
bare = njit(cache=True, nogil=True, _nrt=False)
bare_inner = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True, _nrt=False)


def _fetch(_context: Any, array: Any, index: Any) -> Any:
    """LLVM's own order to fetch an array's element, for reading, into the caches nearest to the processor."""
    byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0])
        where = builder.bitcast(builder.gep(given.data, [arguments[1]]), byte)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        order = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        builder.call(order, [where, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.none(array, types.intp), made


# ask the memory for an element that is needed soon: `fetch(array, index)` in compiled code, of arrays of one dimension
fetch = intrinsic(_fetch)

# entries from which on a second thread saves more than it costs
SIDE_BY_SIDE_FROM: Final = 500_000
MOST_THREADS: Final = 4

Found = TypeVar("Found")


def parts_of(starts: Longs) -> list[tuple[int, int]]:
    """Rows cut into parts with about as many entries each, one a thread: where each begins and ends."""
    entries, rows = int(starts[-1]), len(starts) - 1
    threads = min(MOST_THREADS, os.cpu_count() or 1) if entries >= SIDE_BY_SIDE_FROM else 1
    cuts = np.searchsorted(starts, [entries * part // threads for part in range(1, threads)])
    return list(pairwise([0, *cuts.tolist(), rows]))


def side_by_side(work: Callable[..., Found], parts: Iterable[tuple[Any, ...]]) -> list[Found]:
    """What `work` gives for each part, in their order; every part has a thread of its own if there are several."""
    listed = list(parts)
    if len(listed) == 1:
        return [work(*listed[0])]
    with ThreadPoolExecutor(len(listed)) as pool:
        return [waiting.result() for waiting in [pool.submit(work, *part) for part in listed]]

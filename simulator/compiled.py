"""Compiled functions: loops over shoppers, looks or ties, turned into machine code by Numba.

A function is compiled where a profile asks for it, and then the compiled one is the only implementation of its rule.
It takes plain numbers, arrays and named tuples of them. Compiled code is kept beside its source file and made anew when
that file changes, but not when another one does. Therefore a compiled function calls only functions and reads only
constants of its own file, and the draws, which never change; everything else it is handed. A test checks it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a function at its first call, and keep the machine code for the next process.

    Divisions by zero give infinities as in NumPy. Sums keep their order (no fast-math, no threads).
    """
    return cast(Function, numba.njit(cache=True, error_model="numpy")(function))

"""What was worked out a moment ago, perhaps in another process: a bounded memory of pure functions' results.

As ``lru_cache``, but results can also be handed in. Whatever is not here (any more) is worked out again, to the same end.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ResultCache(Generic[K, V]):
    """``most`` results, the last ones used."""

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._results: OrderedDict[K, V] = OrderedDict()

    def put(self, key: K, value: V) -> V:
        """Remember a result, and return it."""
        self._results[key] = value
        while len(self._results) > self._max_size:
            self._results.popitem(last=False)
        return value

    def get_or_compute(self, key: K, compute: Callable[[], V]) -> V:
        """The result that is remembered, else that of ``make``."""
        try:
            self._results.move_to_end(key)
            return self._results[key]
        except KeyError:
            return self.put(key, compute())

"""What was worked out a moment ago, perhaps in another process: a bounded memory of pure functions' results.

As ``lru_cache``, but results can also be handed in. Whatever is not here (any more) is worked out again, to the same end.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """``most`` results, the last ones used."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[K, V] = OrderedDict()

    def put(self, key: K, value: V) -> V:
        """Remember a result, and return it."""
        self._held[key] = value
        while len(self._held) > self._most:
            self._held.popitem(last=False)
        return value

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The result that is remembered, else that of ``make``."""
        try:
            self._held.move_to_end(key)
            return self._held[key]
        except KeyError:
            return self.put(key, make())

"""Find what is wrong with an archive, and repair it.

``diagnosis`` finds faults and changes nothing; ``fix`` repairs them, under the lock of
the archive and after a copy was made. A damaged file is read with ``btree``, ``wal``
and ``salvage``; rows are repaired by ``orphans``, ``encoding``, ``sealed_versions`` and
``recovered_captures``, the rest by ``indexes`` and ``files``. Nothing that can be read
is thrown away, and ``losses`` names what is lost.
"""

"""The index: all recordings of a camera, in a file of its own; HA-free.

* ``store``: what may be asked of recordings by name, and how those of a change are written.
* ``questions``: what may be asked about ranges of time, with ``wanted`` (which recordings) and ``lengths`` (how long).
* ``counts``: how many began when, to be held against what a camera counts.
* ``rows``: how a recording is written into a row, and read from it.
* ``starters``: who or what started those that Home Assistant has started.
* ``words``: what many recordings have in common, and rows refer to: words, layouts, and disks.
* ``schema``: the tables, and how those of earlier versions become today's.
* ``details``: a recording as text, as version 1 kept all of them.
* ``file``: the file itself: whether it is sound, and how it is locked, bounded, and written.
* ``models``: what is known of a recording.

Whoever keeps more about recordings has tables of its own in the same file, and writes them in the same transactions.
"""

"""Find out what happens to a camera's recordings, and report each event once; HA-free but for the reporter.

A poll goes through these modules:

* ``reporter`` lets the tracker process each poll, and reports to Home Assistant what it has found.
* ``tracker`` puts the parts together, and takes up after a restart what was known before it.
* ``comparison`` holds what is listed against what is known: what is new, and what has ended.
* ``endings`` finds out how a recording has ended, and whether it can be played.
* ``unlisted`` asks for known recordings that are not listed: they are there, over, or removed.
* ``counting`` holds the camera's count of all against what is known, with ``bisection`` of windows of time.
* ``audit`` walks through all recordings, and looks at a part of them each day.
* ``presence`` notes which disks come and go, ``exchange`` and ``cards`` which were put in another's place.

They share:

* ``knowledge``: what is known, with ``doubts`` (what is missing, while it may be the list that is short).
* ``timeline``: when was polled, by clocks that may be set at any time (``clock``).
* ``lookups``: what the camera is asked beside its polls.
* ``ledger``: what is stored of that, and what is to be reported, in the file of the camera's index.
* ``models``: the words for all of it.
"""

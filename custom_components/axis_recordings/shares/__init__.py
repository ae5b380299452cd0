"""Share parts of recordings with people who have no log-in.

* ``shares`` knows all that is shared, by all cameras, and ends it; ``models`` has what is known of one share, and
  ``store`` keeps it over a restart.
* ``copies`` is the folder with what was copied to Home Assistant's disk, and ``copier`` copies what one camera holds.
* ``page`` writes what visitors see, in the ``languages`` that they and we know. ``attempts`` slows down those who guess.
"""

"""What several packages need, and what knows nothing of cameras' recordings.

* What works on its own, and survives what goes wrong: ``supervision``, ``backoff`` (when to try again), ``polling``,
  and ``listeners``.
* Who works, and when: ``context`` (in nobody's name), ``turns`` (a few cameras at a time), ``threads``, and ``answers``
  (how long anybody waits).
* ``lasting`` keeps what outlives a reload, and ``log_in`` asks the owner for another account.
* What people read: ``language``, ``wording``, and ``markdown``.
"""

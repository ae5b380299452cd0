"""Recordings: how they are followed, found, started, stopped and described.

* Followed: ``watch`` polls a camera, with ``poll_state`` from one poll to the next. ``metadata`` is what changes
  slowly: time zone, sources, names of rules.
* Found: ``finder`` looks in the index, or asks the camera by ``search``, page by page. ``days`` and ``extent`` say from
  when to when days and recordings last, and ``succession`` which of them are played one after the other.
* Started, stopped, and removed: ``controller`` does so and knows which are Home Assistant's own (``own``) and who has
  started them (``starters``), ``deadlines`` stops them in time, and ``commands`` lets each command go on to its end.
  ``save_jobs`` counts what is being saved.
* Described: ``part``, ``camera_moment``, and ``media_id`` name them and what is played of them, ``attributes``
  shows them to automations, and ``description`` to a search by words.
"""

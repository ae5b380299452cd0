"""Reads what people type into a search: words, and the time that they mean.

A query is cut into symbols, which a small grammar puts together to a day, a time of day, or a range. The length of a
query is bounded, so that none takes longer than some 15 ms.

* ``asking`` is what the rest of the integration uses: it reads a query in the language of Home Assistant, and helps
  where nothing was found.
* ``query`` joins the steps: ``symbols`` cuts what was typed, with the words of a language (``vocabulary``, from
  languages/*.json) and what is written in digits (``figures``), and ``grammar`` reads the symbols, with ``days``,
  ``months``, ``clocks`` (times of day), ``past`` (how long ago), and ``ranges``. What is left are words, and
  ``description`` says what has to be found of them.
* ``parts`` are what has been read so far and what it means together, and ``spans`` makes ranges of time of it.
  ``countries`` says how dates are written, and on which day a week begins.
"""

"""Reads what people type into a search: words, and the time that they mean.

A query is cut into symbols, which a small grammar puts together to a day, a time of day, or a range. The words
of each language lie in ``languages/``. The length of a query is bounded, so that none takes longer than some 15 ms.
"""

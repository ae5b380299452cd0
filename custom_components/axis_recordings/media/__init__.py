"""The folders and recordings of Home Assistant's media browser.

* ``browse`` lists the folders of a camera, and ``search`` finds recordings in them; ``hint`` helps where it finds none.
* ``paths`` are the names of folders, ``filter`` is what belongs into one, and ``days`` finds those that hold anything.
* ``items`` are what is listed, ``titles`` what that is called, and ``errors`` why a folder does not open.
"""

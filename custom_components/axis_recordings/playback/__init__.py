"""Turn parts of recordings into what browsers and other players play.

A camera exports a stretch of a recording as one file, at about the speed at which it was recorded, and one at a time.
So a recording is cut into segments of two seconds, the same ones whichever export they come from; whoever plays, saves
or views a part of it gets those, from the cache or from an export that begins where they are missing.

* ``player`` is what the rest of the integration uses: clips and originals of one camera, and with ``viewing`` its sessions;
  ``images`` makes thumbnails and snapshots, and ``access`` has what all need (finding recordings, users' places,
  unloading). A ``session`` serves one player with the ``playlist`` of its parts, each of which is a ``played_part``,
  or an ``exact_part`` where nothing else may be seen;
  ``playing_at`` says what the playlist of a camera shows when. ``served_spans`` keeps a clip the same while it is fetched;
  ``single_flight`` makes once what several want. ``messages`` says in the user's words what went wrong (``errors``).
* ``segment_source`` finds and serves the segments of one recording, on its ``timeline``; ``producer`` exports what is
  missing, when the ``export_queue`` calls it, and ``cache`` keeps it. ``timing`` is how long all that waits.
* ``export_stream`` lets a thread read an export while it comes, through a ``pipe`` or, where its index is last, as a
  ``whole_export``. ``reader`` reads it packet by packet (``samples``), after ``headers`` has seen that it announces no
  more than there can be and within the limits of ``memory``; ``frame_order`` sets when frames are shown, by what
  ``picture_order`` and ``picture_headers`` read of H.264 and H.265.
* ``segments`` cuts the packets, and ``fragments`` writes them as fragmented MP4. In what is written, ``decode_time``
  changes when frames are decoded, and ``sound`` hides it (``boxes``). ``clips`` joins segments to one MP4;
  ``image_decoder`` makes a JPEG of one frame. ``codecs`` are those that are played, and those that are decoded, and
  ``codec_names`` what playlists call them.
"""

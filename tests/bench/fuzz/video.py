"""Change a video that a camera sends: its packets, numbers, boxes, or what it is at all."""

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

EBML: Final = b"\x1aE\xdf\xa3"
_BLOCK: Final = 0xA3
_BOXES: Final = (
    *(
        b"ftyp",
        b"moov",
        b"mvhd",
        b"trak",
        b"tkhd",
        b"mdhd",
        b"hdlr",
        b"stbl",
        b"stsd",
        b"avcC",
    ),
    *(
        b"hvcC",
        b"av1C",
        b"stts",
        b"ctts",
        b"stss",
        b"stsc",
        b"stsz",
        b"stco",
        b"co64",
        b"elst",
    ),
    *(
        b"mvex",
        b"trex",
        b"moof",
        b"traf",
        b"tfhd",
        b"tfdt",
        b"trun",
        b"mdat",
        b"esds",
        b"avc1",
    ),
)
# Elements of Matroska whose numbers decide about sizes, times and order.
_ELEMENTS: Final = (
    *(
        b"\x1f\x43\xb6\x75",
        b"\xe7",
        b"\xae",
        b"\xd7",
        b"\x83",
        b"\x86",
        b"\x63\xa2",
        b"\xb0",
    ),
    *(
        b"\xba",
        b"\x2a\xd7\xb1",
        b"\x44\x89",
        b"\x23\xe3\x83",
        b"\xe0",
        b"\xe1",
        b"\x1c\x53\xbb\x6b",
    ),
    *(
        b"\x12\x54\xc3\x67",
        b"\x18\x53\x80\x67",
        b"\xa3",
        b"\x9b",
        b"\x53\xac",
        b"\x6d\x80",
    ),
)
_SDP: Final = (
    b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    b"m=video 47111 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
)
_PLAYLIST: Final = (
    b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:47111/x\n"
)
_DISGUISED: Final = (
    _SDP,
    _PLAYLIST,
    b"ffconcat version 1.0\nfile /etc/hostname\n",
    b"<?xml version='1.0'?><MPD><Period><AdaptationSet/></Period></MPD>",
    b"GIF89a" + bytes(40),
    b"RIFF\x40\0\0\0AVI LIST" + bytes(60),
    b"OggS" + bytes(60),
    b"FLV\1\5\0\0\0\x09" + bytes(60),
    b"G" + bytes(187),
    b"\xff\xd8\xff\xe0" + bytes(60),
    b"<html><body>Please log in.</body></html>",
)


def is_video(body: bytes) -> bool:
    """Return whether a body is a Matroska or MP4 file."""
    return body.startswith(EBML) or body[4:8] == b"ftyp"


def disguise(random: Random, body: bytes) -> bytes:
    """Send something else that FFmpeg knows, maybe behind the head of a video."""
    other = random.choice(_DISGUISED)
    heads = (b"", EBML + b"\x01AAAAAAA\n", EBML, body[: random.randrange(300)])
    return random.choice(heads) + other + random.choice((b"", body))


def field(random: Random, body: bytes) -> bytes:
    """Put odd numbers behind the name of a box or element."""
    names = _ELEMENTS if body.startswith(EBML) else _BOXES
    name = random.choice(names)
    places: list[int] = []
    start = body.find(name)
    while start >= 0 and len(places) < 500:
        places.append(start)
        start = body.find(name, start + 1)
    if not places:
        return body
    place = random.choice(places)
    if name in _BOXES and random.random() < 0.3:
        size = random.choice(
            (0, 1, 7, 8, 0x7FFFFFFF, 0xFFFFFFFF, random.getrandbits(32))
        )
        return body[: max(0, place - 4)] + struct.pack(">I", size) + body[place:]
    place += len(name) + random.choice((0, 0, 1, 2, 4, 8, 12, random.randrange(64)))
    length = random.choice((1, 2, 4, 8))
    value = random.choice(
        (
            bytes(length),
            b"\xff" * length,
            b"\x7f" + b"\xff" * (length - 1),
            random.randbytes(length),
        )
    )
    return body[:place] + value + body[place + length :]


def packets(random: Random, body: bytes) -> bytes:
    """Exchange, repeat, drop or empty packets, or change their times and flags."""
    blocks = _blocks(body)
    if not blocks:
        return body
    parts = [body[start:stop] for start, stop in blocks]
    way = random.randrange(7)
    first = random.randrange(len(parts))
    last = min(len(parts), first + int(random.paretovariate(0.5)))
    if way == 0:
        random.shuffle(parts)
    elif way == 1:
        del parts[first:last]
    elif way == 2:
        times = min(
            random.choice((2, 100, 2000)), 4 * 1024 * 1024 // max(1, len(parts[first]))
        )
        parts[first:first] = [parts[first]] * times
    else:
        for index in range(first if way < 5 else 0, last if way < 5 else len(parts)):
            parts[index] = _changed(random, parts[index], way)
    return body[: blocks[0][0]] + b"".join(parts) + body[blocks[-1][1] :]


def _changed(random: Random, block: bytes, way: int) -> bytes:
    """Change time, flags or content of a SimpleBlock: its id, size, track, time (2 bytes), flags."""
    size = _vint(block, 1)
    if size is None:
        return block
    at = 1 + size[1] + 1
    time = {3: random.getrandbits(16), 5: 0, 6: 0x7FFF}.get(way)
    changed = bytearray(block)
    if time is not None:
        changed[at : at + 2] = time.to_bytes(2)
    elif way == 4:
        changed[at + 2 : at + 3] = bytes([random.getrandbits(8)])
    if random.random() < 0.2:
        place = random.randrange(len(changed))
        changed[place] ^= 1 << random.randrange(8)
    return bytes(changed)


def _blocks(body: bytes) -> list[tuple[int, int]]:
    """Return where SimpleBlocks of a Matroska file begin and end that follow each other."""
    position = body.find(b"\x1f\x43\xb6\x75")
    found: list[tuple[int, int]] = []
    while 0 <= position < len(body):
        if body[position] == _BLOCK and (size := _vint(body, position + 1)):
            stop = position + 1 + size[1] + size[0]
            if stop <= len(body):
                found.append((position, stop))
                position = stop
                continue
        if found:
            break
        position = body.find(bytes([_BLOCK]), position + 1)
    return found


def _vint(body: bytes, position: int) -> tuple[int, int] | None:
    """Return a size of EBML and how many bytes it takes."""
    if position >= len(body) or not (first := body[position]):
        return None
    length = 9 - first.bit_length()
    raw = int.from_bytes(body[position : position + length])
    return raw & ((1 << (7 * length)) - 1), length


WAYS: Final = (field, field, field, packets, packets, disguise)

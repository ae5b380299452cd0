"""What people type or paste as an address."""

import pytest
from yarl import URL

from custom_components.axis_recordings.flow.address import Host, parse_host
from custom_components.axis_recordings.vapix import Address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("camera", Host(host="camera")),
        ("camera.local.", Host(host="camera.local.")),
        ("axis-b8a44f0a1b2c", Host(host="axis-b8a44f0a1b2c")),
        ("front_camera", Host(host="front_camera")),
        ("CAMERA.Local", Host(host="camera.local")),
        ("  camera\t", Host(host="camera")),
        ("küche.local", Host(host="küche.local")),
        ("camera:8080", Host(host="camera", port=8080)),
        ("camera:", Host(host="camera")),
        ("camera/", Host(host="camera")),
        ("192.168.1.5", Host(host="192.168.1.5")),
        ("192.168.1.5:8443", Host(host="192.168.1.5", port=8443)),
        ("192.168.1.5/camera/index.html#/video", Host(host="192.168.1.5")),
        ("2001:db8::5", Host(host="2001:db8::5")),
        ("2001:DB8::5", Host(host="2001:db8::5")),
        ("[2001:db8::5]", Host(host="2001:db8::5")),
        ("[2001:db8::5", Host(host="2001:db8::5")),
        ("[2001:db8::5]:8080", Host(host="2001:db8::5", port=8080)),
        ("fe80::1%eth0", Host(host="fe80::1%eth0")),
        ("http://[fe80::1%25eth0]/", Host(host="fe80::1%eth0", protocol="http")),
        ("http://camera", Host(host="camera", protocol="http")),
        ("HTTPS://Camera", Host(host="camera", protocol="https")),
        ("https://camera:443/", Host(host="camera", port=443, protocol="https")),
        (
            "https://root:pass@192.168.1.5:8443/camera/index.html?a=b#/video",
            Host(host="192.168.1.5", port=8443, protocol="https"),
        ),
        ("https://[2001:db8::5]/", Host(host="2001:db8::5", protocol="https")),
    ],
)
def test_address(text: str, expected: Host) -> None:
    """A name, an IP address, either with a port, or a web address; what follows is passed over."""
    host = parse_host(text)
    assert host == expected
    address = Address(host=host.host, port=host.port or 1, protocol="http")
    assert URL(str(address.url("/"))).host == host.host
    assert parse_host(host.host) == Host(host=host.host), "can be entered again"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "front camera",
        "camera,other",
        "camera:0",
        "camera:99999",
        "camera:http",
        "ftp://camera",
        "rtsp://camera/axis-media/media.amp",
        "https:/camera",
        "https://",
        "://",
        "?",
        "%",
        "...",
        "front..camera",
        "front" * 13,
        "front." * 43,
        "<camera>",
        "[camera]",
        "https://[2001:db8::5",
        "[]@",
        "00:40:8C:12:34:56",
    ],
)
def test_no_address(text: str) -> None:
    """What can't be an address is reported at once."""
    with pytest.raises(ValueError):  # noqa: PT011 - the text is not shown
        parse_host(text)


@pytest.mark.parametrize("text", ["192.168.15", "192.168.1.256", "10", "1.2.3.4.5"])
def test_broken_ip_address(text: str) -> None:
    """A mistyped IP address does not lead to another device."""
    with pytest.raises(ValueError):  # noqa: PT011 - the text is not shown
        parse_host(text)

"""A self-signed certificate, as a camera makes for itself."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    import ssl

VALIDITY = timedelta(days=365)


def load_new_certificate(context: ssl.SSLContext, serial: str, host: str) -> str:
    """Give a server's context a new certificate; return its fingerprint."""
    return load_certificate(context, make_certificate(serial, host))


def make_certificate(serial: str, host: str) -> bytes:
    """Make a certificate and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"axis-{serial.lower()}")]
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - VALIDITY)
        .not_valid_after(now + VALIDITY)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(host)]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def load_certificate(context: ssl.SSLContext, pem: bytes) -> str:
    """Give a server's context a certificate; return its fingerprint (hex SHA-256 of the DER)."""
    # The ssl module takes certificates from files only.
    with TemporaryDirectory() as folder:
        path = Path(folder, "camera.pem")
        path.write_bytes(pem)
        context.load_cert_chain(path)
    certificate = x509.load_pem_x509_certificate(pem)
    return certificate.fingerprint(hashes.SHA256()).hex()


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


# cryptography looks up the class datetime when it first needs it, and keeps it. If that were in a test for
# which time stands still, it would take no other times in the tests after it.
make_certificate("0", "localhost")

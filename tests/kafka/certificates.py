"""Certificates for an hour: an authority, a broker at 127.0.0.1, and a client."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """Two files in PEM."""

    certificate: Path
    key: Path


def authority(folder: Path) -> Certificate:
    made = Certificate(folder / "ca.pem", folder / "ca.key")
    _openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=test CA",
        "-keyout", made.key, "-out", made.certificate,
    )  # fmt: skip
    return made


def signed(folder: Path, name: str, ca: Certificate) -> Certificate:
    """A certificate for `name` at 127.0.0.1, its key in PKCS 8 as Kafka wants it."""
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    request, extensions = folder / f"{name}.csr", folder / f"{name}.ext"
    extensions.write_text("subjectAltName=IP:127.0.0.1\n")
    _openssl(
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
        "-keyout", made.key, "-out", request,
    )  # fmt: skip
    _openssl(
        "x509", "-req", "-in", request, "-CA", ca.certificate, "-CAkey", ca.key,
        "-CAcreateserial", "-days", "1", "-extfile", extensions, "-out", made.certificate,
    )  # fmt: skip
    return made


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)

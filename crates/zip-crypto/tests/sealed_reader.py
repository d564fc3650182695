"""Reads a sealed archive as docs/sealed-format.md specifies it; written from that page alone.

usage: sealed_reader.py ARCHIVE key HEX        the plain archive to standard output
       sealed_reader.py ARCHIVE password TEXT
"""

import hashlib
import hmac
import struct
import sys

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def material(kind, secret, salt, memory, passes, lanes):
    if kind == 0 and secret[0] == "key":
        return bytes.fromhex(secret[1])
    if kind == 1 and secret[0] == "password":
        if memory > 1 << 18 or passes > 16 or lanes > 16:
            sys.exit("more than this reader wants to spend")
        return hash_secret_raw(secret[1].encode(), salt, passes, memory, lanes, 32, Type.ID, 19)
    sys.exit("the other kind of secret is needed")


def unseal(data, secret):
    if data[:8] != b"\x8aPZS\r\n\x1a\n":
        sys.exit("not a sealed archive")
    header = data[:80]
    if len(header) < 80:
        sys.exit("cut off")
    version, kind, zero, frame, memory, passes, lanes, zero_too = struct.unpack_from("<BBHIIIII", header, 8)
    if (version, zero, zero_too) != (1, 0, 0) or not 64 <= frame <= 1 << 24:
        sys.exit("unknown version, or a header that makes no sense")
    salt = header[32:48]
    ikm = material(kind, secret, salt, memory, passes, lanes)
    keys = HKDF(SHA256(), 64, salt, b"pzip sealed archive 1").derive(ikm)
    check = hmac.new(keys[32:], header[:48], hashlib.sha256).digest()
    if not hmac.compare_digest(check, header[48:80]):
        sys.exit("wrong secret, or the header was changed")
    cipher, plain, at, number, last = AESGCM(keys[:32]), [], 80, 0, False
    while not last:
        sealed = data[at : at + frame + 16]
        at += len(sealed)
        last = at == len(data)
        # Only an empty archive has an empty frame.
        if len(sealed) < 16 or (len(sealed) == 16 and number > 0):
            sys.exit(f"cut off in frame {number}")
        plain.append(cipher.decrypt(number.to_bytes(11, "big") + bytes([last]), sealed, header))
        number += 1
    return b"".join(plain)


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        sys.stdout.buffer.write(unseal(file.read(), sys.argv[2:4]))

"""Small members of an archive that is not trusted, whatever its format, in memory only.

Zip (and so wheels) and tar, the latter plain or compressed by gzip, bzip2, xz or `compress` (.Z).
The format is told by content. Nothing is written anywhere, names are only handed on, and no
archive makes more than MAX_ARCHIVE_BYTES of output.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from typing import Iterator, Pattern, Tuple

MAX_MEMBER_BYTES = 1 << 16  # a face has 10,318 bytes, a mangled one a few hundred more
MAX_ARCHIVE_BYTES = 1 << 26  # the faces have 4.1 MB together

BROKEN = (OSError, EOFError, RuntimeError, NotImplementedError, ValueError,
          zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError)


class ArchiveError(Exception):
    """The bytes are no archive, a damaged one, or one too large; the message says which."""


def members(data: bytes, wanted: Pattern[str]) -> Iterator[Tuple[str, bytes]]:
    """Yields name and content of each file whose name `wanted` finds, cut at MAX_MEMBER_BYTES."""
    if len(data) > MAX_ARCHIVE_BYTES:
        raise ArchiveError(f"it is larger than {MAX_ARCHIVE_BYTES >> 20} MiB, which the set is not")
    try:
        if zipfile.is_zipfile(io.BytesIO(data)):
            yield from zip_members(data, wanted)
        else:
            yield from tar_members(inflate(data), wanted)
    except BROKEN as error:
        raise ArchiveError(f"it is neither a whole zip nor a whole tar archive ({error})") from error


def zip_members(data: bytes, wanted: Pattern[str]) -> Iterator[Tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if wanted.search(info.filename):
                with archive.open(info) as member:
                    yield info.filename, member.read(MAX_MEMBER_BYTES)


def tar_members(data: bytes, wanted: Pattern[str]) -> Iterator[Tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            if info.isfile() and wanted.search(info.name):
                member = archive.extractfile(info)
                yield info.name, member.read(MAX_MEMBER_BYTES) if member else b""


def inflate(data: bytes) -> bytes:
    """Undoes the compression that the first bytes tell; stops at MAX_ARCHIVE_BYTES."""
    if data.startswith(b"\x1f\x9d"):
        return inflate_lzw(data)
    for magic, opener in ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open)):
        if data.startswith(magic):
            with opener(io.BytesIO(data)) as stream:
                data = stream.read(MAX_ARCHIVE_BYTES + 1)
            if len(data) > MAX_ARCHIVE_BYTES:
                raise ValueError(f"unpacked it is larger than {MAX_ARCHIVE_BYTES >> 20} MiB")
            break
    return data


def inflate_lzw(data: bytes) -> bytes:
    """Undoes `compress` (.Z): LZW, codes of 9 to 16 bits, least significant bit first.

    Codes come in groups of eight; whatever is left of a group when the width changes or the
    table is cleared is padding.
    """
    if len(data) < 3 or not 9 <= data[2] & 0x1F <= 16:
        raise ValueError("a .Z header that names no code width")
    widest, clears = data[2] & 0x1F, bool(data[2] & 0x80)
    first_free = 257 if clears else 256
    table = [bytes([value]) for value in range(256)] + [b""] * (first_free - 256)
    width, previous = 9, b""
    position = group_start = 3 * 8
    end = len(data) * 8
    out = bytearray()
    while position + width <= end:
        byte, shift = divmod(position, 8)
        code = int.from_bytes(data[byte:byte + 3], "little") >> shift & (1 << width) - 1
        position += width
        cleared = clears and code == 256
        if cleared:
            del table[first_free:]
            previous = b""
        else:
            if code < len(table):
                entry = table[code]
            elif code == len(table) and previous:
                entry = previous + previous[:1]
            else:
                raise ValueError(f"a .Z stream with an impossible code at byte {byte}")
            out += entry
            if len(out) > MAX_ARCHIVE_BYTES:
                raise ValueError(f"unpacked it is larger than {MAX_ARCHIVE_BYTES >> 20} MiB")
            if previous and len(table) < 1 << widest:
                table.append(previous + entry[:1])
            previous = entry
        if cleared or (len(table) == 1 << width and width < widest):
            group = width * 8
            position = group_start + -(-(position - group_start) // group) * group
            group_start = position
            width = 9 if cleared else width + 1
    return bytes(out)

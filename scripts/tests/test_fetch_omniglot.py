"""fetch_omniglot.py on made-up archives with the shape of the real ones; no test leaves this machine."""

import contextlib
import hashlib
import importlib.util
import io
import shutil
import signal
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
from loopback_server import Server  # noqa: E402
from made_up_faces import make_zip  # noqa: E402

REPO = Path(__file__).resolve().parent.parent.parent
SCRIPTS = REPO / "scripts"


def drawings(alphabets):
    return {f"{alphabet}/character{character:02}/{character:04}_{drawing:02}.png": f"{alphabet}{character}{drawing}".encode()
            for alphabet in alphabets for character in (1, 2) for drawing in (1, 2, 3)}


def runs():
    files = {}
    for run in (1, 2):
        for item in (1, 2):
            files[f"run{run:02}/training/class{item:02}.png"] = f"class {run} {item}".encode()
            files[f"run{run:02}/test/item{item:02}.png"] = f"item {run} {item}".encode()
        files[f"run{run:02}/class_labels.txt"] = b"run01/test/item01.png run01/training/class02.png\n"
    return files


SETS = {
    "images_background_small1": drawings(["Greek", "Latin"]),
    "images_background_small2": drawings(["Balinese"]),
    "all_runs": runs(),
    "images_background": drawings(["Japanese_(hiragana)", "Malay_(Jawi_-_Lontara)"]),
    "images_evaluation": drawings(["Atlantean"]),
}


# The archives below the official repository's folder `python`.
OFFICIAL = {name: f"one-shot-classification/{name}.zip" if name == "all_runs" else f"{name}.zip" for name in SETS}


def archive(name, files=None):
    return make_zip(SETS[name] if files is None else files, "" if name == "all_runs" else f"{name}/")


class FetchOmniglot(unittest.TestCase):
    def setUp(self):
        self.top = Path(tempfile.mkdtemp(prefix="fetch test."))
        self.addCleanup(shutil.rmtree, self.top)
        self.datasets = self.top / "repo/datasets"
        self.dest = self.datasets / "omniglot"
        self.zips = self.top / "zips"
        (self.top / "repo/scripts").mkdir(parents=True)
        self.datasets.mkdir()
        self.zips.mkdir()
        for name in ("archive_members.py", "fetch_orl.py", "fetch_omniglot.py"):
            shutil.copy(SCRIPTS / name, self.top / "repo/scripts")
        self.archives = {name: archive(name) for name in SETS}
        self.write_checksums()
        for name, data in self.archives.items():
            (self.zips / f"{name}.zip").write_bytes(data)
        script = self.top / "repo/scripts/fetch_omniglot.py"
        spec = importlib.util.spec_from_file_location("fetch_omniglot_under_test", script)
        self.module = importlib.util.module_from_spec(spec)
        others = {name: sys.modules.pop(name, None) for name in ("fetch_orl", "archive_members")}
        with mock.patch.object(sys, "path", [str(script.parent), *sys.path]):
            spec.loader.exec_module(self.module)
        for name, module in others.items():
            if module is not None:
                sys.modules[name] = module
        self.module.FULL_MD5 = {name: hashlib.md5(self.archives[name]).hexdigest() for name in self.module.FULL}

    def write_checksums(self):
        (self.datasets / "omniglot.sha256").write_text("".join(
            f"{hashlib.sha256(self.archives[name]).hexdigest()}  {name}.zip\n" for name in list(SETS)[:3]))

    def call(self, *words):
        """main() in this process: its code, stdout and stderr."""
        out, err = io.StringIO(), io.StringIO()
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), mock.patch.dict("os.environ", {"no_proxy": "*"}):
                code = self.module.main([str(word) for word in words])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return code, out.getvalue(), err.getvalue()

    def assert_filled(self, names):
        found = {path.relative_to(self.dest).as_posix(): path.read_bytes() for path in self.dest.rglob("*")
                 if path.is_file() and path.name != "SHA256SUMS"}
        self.assertEqual(found, {f"{name}/{file}": data for name in names for file, data in SETS[name].items()})
        self.assertEqual({path.name for path in self.dest.iterdir()}, set(names))

    def use(self, name, data):
        """Makes this the right archive of a set."""
        self.archives[name] = data
        (self.zips / f"{name}.zip").write_bytes(data)
        self.write_checksums()

    def test_a_folder_of_archives_fills_it_and_the_second_run_unpacks_nothing(self):
        code, out, err = self.call("--from", self.zips)
        self.assertEqual(code, 0, out + err)
        self.assertIn("MIT licence", out)
        self.assert_filled(list(SETS)[:3])
        with mock.patch.object(self.module, "take", lambda *_: self.fail("fetched again")):
            code, out, _ = self.call()
        self.assertEqual((code, out.count("already there")), (0, 3))
        self.assertEqual(self.call("--check")[0], 0)

    def test_a_checkout_of_the_official_repository_is_a_source_and_full_adds_two_sets(self):
        for name, place in OFFICIAL.items():
            (self.top / "checkout/python" / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(self.zips / f"{name}.zip", self.top / "checkout/python" / place)
        for folder in (self.top / "checkout", self.top / "checkout/python"):
            code, out, err = self.call("--from", folder, "--full")
            self.assertEqual(code, 0, out + err)
            self.assert_filled(list(SETS))
            shutil.rmtree(self.dest)

    def test_the_official_address_is_asked(self):
        server = Server({f"/python/{OFFICIAL[name]}": data for name, data in self.archives.items()})
        self.addCleanup(server.close)
        code, out, err = self.call("--official-url", server.url + "/python/")
        self.assertEqual(code, 0, out + err)
        self.assert_filled(list(SETS)[:3])

    def test_a_wrong_checksum_is_refused_and_the_other_sets_are_there(self):
        (self.zips / "all_runs.zip").write_bytes(archive("all_runs", {"run01/class_labels.txt": b"other"}))
        code, _, err = self.call("--from", self.zips)
        self.assertEqual(code, 1)
        self.assertIn("all_runs: its sha256 is", err)
        self.assert_filled(list(SETS)[:2])

    def test_missing_archives_and_unreachable_servers_are_told(self):
        (self.zips / "all_runs.zip").unlink()
        self.assertIn("there is no all_runs.zip in", self.call("--from", self.zips)[2])
        code, _, err = self.call("--official-url", "http://127.0.0.1:9/python")
        self.assertEqual(code, 1)
        self.assertIn("refused", err)
        self.assertIn("give their folder with --from", err)
        for name in list(SETS)[:3]:
            self.assertIn(f"/omniglot/raw/master/python/{OFFICIAL[name]}\n", err)

    def test_names_that_lead_out_and_foreign_files_are_never_written(self):
        good = dict(SETS["images_background_small1"])
        for name in ("../../escaped.png", "Greek/character01/../../../escaped.png", "Greek/readme.txt", "/Greek/character01/0001_01.png"):
            good[name] = b"no"
        self.use("images_background_small1", archive("images_background_small1", good))
        code, out, err = self.call("--from", self.zips)
        self.assertEqual(code, 0, out + err)
        self.assert_filled(list(SETS)[:3])
        self.assertFalse(list(self.top.rglob("escaped.png")))

    def test_bombs_are_refused(self):
        one = {"Greek/character01/0001_01.png": bytes(1 << 20)}
        self.use("images_background_small1", archive("images_background_small1", one))
        self.assertIn("larger than the set is", self.call("--from", self.zips)[2])
        self.module.MAX_FILES = 3
        self.use("images_background_small1", archive("images_background_small1"))
        self.assertIn("images_background_small1: unpacked it is larger", self.call("--from", self.zips)[2])
        self.assertFalse((self.dest / "images_background_small1").exists())

    def test_what_is_no_archive_is_told(self):
        self.use("all_runs", b"<html>not found</html>")
        self.assertIn("all_runs: it is neither a whole zip", self.call("--from", self.zips)[2])

    def test_a_changed_file_is_mended_and_a_foreign_one_kept(self):
        self.call("--from", self.zips)
        drawing = self.dest / "all_runs/run01/test/item01.png"
        drawing.write_bytes(b"changed")
        code, _, err = self.call("--check")
        self.assertEqual(code, 1)
        self.assertIn("1 of 10 files are missing or differ (run01/test/item01.png)", err)
        mine = self.dest / "all_runs/mine.txt"
        mine.write_bytes(b"mine")
        code, _, err = self.call("--from", self.zips)
        self.assertEqual(code, 1)
        self.assertIn("mine.txt", err)
        mine.unlink()
        self.assertEqual(self.call("--from", self.zips)[0], 0)
        self.assert_filled(list(SETS)[:3])

    def test_a_stop_leaves_nothing_half_done(self):
        def stopped(*_):
            raise KeyboardInterrupt
        with mock.patch.object(self.module, "take", stopped):
            code, _, err = self.call("--from", self.zips)
        self.assertEqual((code, err), (130, "Stopped; nothing half-done is left.\n"))
        self.assertFalse(self.dest.exists())


class Repository(unittest.TestCase):
    def test_the_checksums_name_the_minimal_sets(self):
        lines = (REPO / "datasets/omniglot.sha256").read_text().splitlines()
        self.assertEqual(sorted(line.split()[1] for line in lines),
                         ["all_runs.zip", "images_background_small1.zip", "images_background_small2.zip"])


if __name__ == "__main__":
    unittest.main()

"""setup.sh against stub tools on a closed PATH: nothing is downloaded, nothing here is touched."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent
REAL_TOOLS = ("awk bash cat chmod cksum cp cut df dirname du env find flock getconf grep head ldd ln mkdir mktemp mv pwd rm "
              "sed sleep sort sync tail tee touch uname wc").split()

# Stands for python3 with pip: "downloads" a small wheel, counts that, and fails on demand.
STUB_PYTHON = """#!{python}
import os, re, sys, time, zipfile
state = {state!r}
words = sys.argv[1:]
switch = lambda name: os.path.exists(os.path.join(state, name))
if switch("python-broken"):
    sys.exit(1)
if words[:1] == ["-c"] and "ctypes" in words[1]:
    sys.exit("libcudart.so.13: cannot open shared object file" if switch("load-fails") else 0)
if words[:1] in (["-c"], ["-"]):
    os.execv({python!r}, [{python!r}, *words])
if words[:2] == ["-m", "venv"] or switch("no-pip"):
    sys.exit(1)
if words[:3] == ["-m", "pip", "--version"]:
    print("pip 24.0 from somewhere"); sys.exit(0)
assert words[:3] == ["-m", "pip", "download"], words
requirement = open(words[words.index("--requirement") + 1]).read()
name, version = re.match(r"(.*)==(\\S+) --hash=sha256:[0-9a-f]{{64}}$", requirement.strip()).groups()
with open(os.path.join(state, "downloads"), "a") as log:
    print(name, file=log)
if switch("slow"):
    time.sleep(0.5)
if os.path.exists(os.path.join(state, "fail-" + name)):
    print(open(os.path.join(state, "fail-" + name)).read()); sys.exit(1)
wheel = os.path.join(words[words.index("--dest") + 1], name.replace("-", "_") + "-" + version + "-py3-none-any.whl")
with zipfile.ZipFile(wheel, "w") as archive:
    files = {{name + "-" + version + ".dist-info/LICENSE": "terms"}}
    if name == "torch":
        for library in "libtorch libtorch_cpu libtorch_cuda libc10 libc10_cuda libtorch_python".split():
            files["torch/lib/" + library + ".so"] = library
        files["torch/include/torch/csrc/api/include/torch/torch.h"] = "// header"
        files["torch/nn/functional.py"] = "# not needed"
        files["../escaped.so"] = files["/escaped.so"] = "never to be written"
    else:
        files["nvidia/cu13/lib/" + {{"nvidia-cuda-runtime": "libcudart.so.13", "nvidia-cuda-cupti": "libcupti.so.13"}}.get(name, name + ".so.1")] = name
    for path, content in files.items():
        archive.writestr(path, content)
"""


class SetupCase(unittest.TestCase):
    """A checkout, a cache and a PATH of its own for each test."""

    def setUp(self):
        self.top = Path(tempfile.mkdtemp(prefix="set up \"test\"."))  # a name that needs quoting
        self.addCleanup(shutil.rmtree, self.top)
        self.repo, self.bin, self.state = self.top / "repo", self.top / "bin", self.top / "state"
        self.cache = self.top / "cache"
        for folder in (self.repo / "scripts", self.bin, self.state):
            folder.mkdir(parents=True)
        for name in ("setup.sh", "install_libtorch.sh", "libtorch.tsv"):
            shutil.copy(SCRIPTS / name, self.repo / "scripts")
        for tool in REAL_TOOLS:
            if shutil.which(tool):
                (self.bin / tool).symlink_to(shutil.which(tool))
        for tool in ("cargo", "c++", "cc"):
            self.stub(tool, "#!/bin/sh\nexit 0\n")
        self.stub("python3", STUB_PYTHON.format(python=sys.executable, state=str(self.state)))
        self.config = self.repo / ".cargo/config.toml"

    def stub(self, name, text):
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def without(self, *tools):
        for tool in tools:
            (self.bin / tool).unlink()

    def switch(self, name, text=""):
        (self.state / name).write_text(text)

    def environment(self, **extra):
        return {"PATH": str(self.bin), "HOME": str(self.top / "home"), "SIAMESE_CACHE": str(self.cache), **extra}

    def command(self, *words):
        return [shutil.which("bash"), str(self.repo / "scripts/setup.sh"), *words]

    def run_setup(self, *words, **extra):
        return subprocess.run(self.command(*words), env=self.environment(**extra), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)

    def succeeds(self, *words, **extra):
        run = self.run_setup(*words, **extra)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        return run.stdout

    def fails(self, pattern, *words, code=1, **extra):
        """Checks the exit code and that one sentence on stderr, and only one, says what `pattern` says."""
        run = self.run_setup(*words, **extra)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        sentences = [line for line in run.stderr.splitlines() if line.startswith("setup: ")]
        self.assertEqual(len(sentences), 1, run.stderr)
        self.assertRegex(sentences[0], pattern)
        return run

    def downloads(self):
        path = self.state / "downloads"
        return path.read_text().split() if path.exists() else []

    def configured(self):
        """LIBTORCH as cargo would read it."""
        text = self.config.read_text()
        try:
            import tomllib
            return tomllib.loads(text)["env"]["LIBTORCH"]
        except ImportError:
            value = re.search(r'^LIBTORCH = "(.*)"$', text, re.M).group(1)
            return value.replace('\\"', '"').replace("\\\\", "\\")

    def own_libtorch(self, version="2.13.0", version_file="version.py"):
        folder = self.top / "own libtorch"
        (folder / "lib").mkdir(parents=True)
        (folder / "include/torch/headeronly").mkdir(parents=True)
        (folder / "lib/libtorch_cpu.so").write_text("library")
        content = {
            "version.py": f"from typing import Optional\n__version__ = '{version}+cu130'\ndebug = False\n",
            "build-version": f"{version}+cpu\n",
            "include/torch/headeronly/version.h": "#pragma once\n" + "".join(
                f"#define TORCH_VERSION_{part} {number}\n"
                for part, number in zip(("MAJOR", "MINOR", "PATCH"), version.split("."))) +
                '#define TORCH_VERSION \\\n  "x"\n',
        }
        if version_file:
            (folder / version_file).write_text(content[version_file])
        return folder


class Usage(SetupCase):
    def test_help_says_sizes_and_place(self):
        text = self.succeeds("--help")
        self.assertRegex(text, r"CPU set \(\d{3} MB to download")
        self.assertIn(str(self.cache), text)

    def test_wrong_usage_exits_with_2(self):
        self.fails("unknown argument '--frobnicate'", "--frobnicate", code=2)
        self.fails("exclude each other", "--cpu", "--cuda", code=2)

    def test_missing_tools_are_named_with_their_cure(self):
        self.without("c++")
        self.fails("no C\\+\\+ compiler; mend with: ", "--cpu")
        self.fails("CXX names .*'nowhere-g\\+\\+ -O2', .*; mend with: unset CXX", "--cpu", CXX="nowhere-g++ -O2")
        self.stub("clang++", "#!/bin/sh\n")
        self.fails("mend with: export CXX=clang\\+\\+", "--cpu")
        self.stub("c++", "#!/bin/sh\n")
        self.without("cargo")
        self.fails("no cargo; mend with: curl .*rustup", "--cpu")
        self.stub("cargo", "#!/bin/sh\n")
        self.without("cc")
        self.fails("no cc, ", "--cpu")
        self.assertEqual(self.downloads(), [])

    def test_python_and_pip_missing_or_broken(self):
        self.switch("no-pip")
        self.fails("neither pip nor a working venv; mend with: ", "--cpu")
        self.switch("python-broken")
        self.fails("python3 does not run .*; mend with: ", "--cpu")
        self.without("python3")
        self.fails("there is no python3.*; mend with: ", "--cpu")

    def test_print_libtorch_prints_the_path_alone_and_installs_nothing(self):
        self.fails("not installed yet; mend with: scripts/setup.sh", "--print-libtorch", "--cpu")
        self.assertEqual(self.downloads(), [])
        self.succeeds("--cpu")
        self.assertEqual(self.succeeds("--print-libtorch", "--cpu"), f"{self.cache}/libtorch-2.13.0-cpu/torch\n")


class OwnLibtorch(SetupCase):
    def test_each_place_of_the_version_is_read(self):
        for place in ("version.py", "build-version", "include/torch/headeronly/version.h"):
            with self.subTest(place):
                folder = self.own_libtorch(version_file=place)
                self.succeeds(LIBTORCH=str(folder))
                self.assertEqual(self.configured(), str(folder))
                shutil.rmtree(folder)
                folder = self.own_libtorch("2.12.1", place)
                self.fails("version 2.12.1, and this project needs 2.13.0; mend with: ", LIBTORCH=str(folder))
                shutil.rmtree(folder)
        self.assertEqual(self.downloads(), [])

    def test_what_lacks_is_named(self):
        self.fails("no such folder", LIBTORCH="/nowhere")
        folder = self.own_libtorch(version_file=None)
        self.fails("its version cannot be told", LIBTORCH=str(folder))
        shutil.rmtree(folder / "include")
        self.fails("no include/torch", LIBTORCH=str(folder))
        (folder / "lib/libtorch_cpu.so").unlink()
        self.fails("no lib/libtorch_cpu.so", LIBTORCH=str(folder))
        self.assertFalse(self.config.exists())

    def test_a_missing_dependency_is_named(self):
        self.stub("ldd", "#!/bin/sh\necho '  libcudart.so.13 => not found'\necho '  libcupti.so.13 => not found'\n")
        self.fails("needs libcudart.so.13, which", LIBTORCH=str(self.own_libtorch()))

    def test_it_stays_chosen_in_a_shell_without_the_variable(self):
        folder = self.own_libtorch()
        self.succeeds(LIBTORCH=str(folder))
        self.assertIn(str(folder), self.succeeds())
        self.assertEqual(self.downloads(), [])

    def test_it_is_left_for_the_cache_when_it_is_gone_or_a_flag_says_so(self):
        folder = self.own_libtorch()
        self.succeeds(LIBTORCH=str(folder))
        self.succeeds("--cpu")
        self.assertEqual(self.configured(), f"{self.cache}/libtorch-2.13.0-cpu/torch")


class Install(SetupCase):
    def setUp(self):
        super().setUp()
        self.folder = self.cache / "libtorch-2.13.0-cpu"

    def leftovers(self):
        return [path.name for path in self.cache.iterdir() if not path.name.endswith(".lock") and path != self.folder]

    def test_first_run_installs_what_a_build_needs_and_nothing_else(self):
        text = self.succeeds("--cpu")
        self.assertRegex(text, r"\d{3} MB to download")
        self.assertIn(str(self.folder), text)
        self.assertEqual(self.configured(), f"{self.folder}/torch")
        self.assertEqual(self.downloads(), ["torch", "nvidia-cuda-runtime", "nvidia-cuda-cupti"])
        self.assertEqual((self.folder / "torch/build-version").read_text(), "2.13.0\n")
        libraries = sorted(path.name for path in self.folder.glob("**/*.so*"))
        self.assertEqual(libraries, ["libc10.so", "libcudart.so.13", "libcupti.so.13", "libtorch.so", "libtorch_cpu.so"])
        self.assertEqual(os.readlink(self.folder / "torch/lib/libtorch.so"), "libtorch_cpu.so")
        self.assertTrue((self.folder / "torch-2.13.0.dist-info/LICENSE").exists())
        self.assertFalse((self.folder / "torch/nn").exists())
        self.assertEqual(list(self.top.glob("**/escaped.so")), [])
        self.assertEqual(self.leftovers(), [])

    def test_second_run_is_instant_and_changes_nothing(self):
        self.succeeds("--cpu")
        before = self.config.stat().st_mtime, self.config.read_text()
        self.switch("python-broken")
        started = time.monotonic()
        text = self.succeeds("--cpu")
        self.assertLess(time.monotonic() - started, 1)
        self.assertEqual(len(text.splitlines()), 1)
        self.assertEqual((self.config.stat().st_mtime, self.config.read_text()), before)
        self.assertEqual(len(self.downloads()), 3)

    def test_a_broken_install_is_replaced(self):
        damages = {
            "no stamp": lambda: (self.folder / ".complete").unlink(),
            "a library gone": lambda: (self.folder / "nvidia/cu13/lib/libcudart.so.13").unlink(),
            "a library cut short": lambda: (self.folder / "torch/lib/libtorch_cpu.so").write_text("lib"),
            "other pins": lambda: (self.folder / ".complete").write_text("1 2\n"),
            "headers gone": lambda: shutil.rmtree(self.folder / "torch/include"),
        }
        self.succeeds("--cpu")
        for name, damage in damages.items():
            with self.subTest(name):
                damage()
                self.assertIn("incomplete or damaged: replacing it", self.succeeds("--cpu"))
                self.assertEqual(len(self.succeeds("--cpu").splitlines()), 1)
        self.assertEqual(self.leftovers(), [])

    def test_a_failed_download_leaves_no_install_and_is_continued(self):
        self.switch("fail-nvidia-cuda-cupti", "ERROR: Connection broken: Temporary failure in name resolution")
        self.fails("index cannot be reached for nvidia-cuda-cupti==.*run scripts/setup.sh again", "--cpu")
        self.assertFalse(self.folder.exists())
        self.assertFalse(self.config.exists())
        (self.state / "fail-nvidia-cuda-cupti").unlink()
        self.succeeds("--cpu")
        self.assertEqual(self.downloads().count("torch"), 1)
        self.assertEqual(self.leftovers(), [])

    def test_stopping_it_leaves_no_install(self):
        self.switch("slow")
        run = subprocess.Popen(self.command("--cpu"), env=self.environment(), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
        # In the middle of a download: bash 5.2 may fail to parse a trap that is due while it expands a substitution.
        while "torch" not in self.downloads():
            self.assertIsNone(run.poll())
            time.sleep(0.01)
        run.terminate()
        _, err = run.communicate(timeout=30)
        self.assertEqual(run.returncode, 130)
        self.assertIn("stopped; run scripts/setup.sh again", err)
        self.assertFalse(self.folder.exists() or self.config.exists())
        self.succeeds("--cpu")

    def test_pip_errors_become_one_sentence(self):
        for words, sentence in {
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE": "not the pinned file",
            "OSError: [Errno 28] No space left on device": "the disk filled up",
            "no such option: --platform": "pip is too old .*mend with: python3 -m pip install --upgrade pip",
            "something else altogether": "pip could not download torch==2.13.0",
        }.items():
            with self.subTest(words):
                self.switch("fail-torch", words)
                self.fails(sentence, "--cpu")

    def test_libraries_that_do_not_load_are_not_installed(self):
        self.switch("load-fails")
        self.fails("does not load \\(libcudart.so.13", "--cpu")
        self.assertFalse(self.folder.exists())

    def test_a_relative_cache_and_a_bare_script_name_work(self):
        run = subprocess.run([shutil.which("bash"), "setup.sh", "--cpu"], env=self.environment(SIAMESE_CACHE="near"),
                             cwd=self.repo / "scripts", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertEqual(self.configured(), f"{self.repo}/scripts/near/libtorch-2.13.0-cpu/torch")

    def test_too_little_disk_is_said_before_downloading(self):
        self.stub("df", "#!/bin/sh\necho head\necho 'disk 1000000 900000 102000 90% /'\n")
        self.fails("has 102 MB free and the install needs 1\\d{3} MB; .*SIAMESE_CACHE=", "--cpu")
        self.assertEqual(self.downloads(), [])

    def test_what_is_staged_already_counts_as_room(self):
        self.switch("fail-nvidia-cuda-cupti", "ERROR: Connection broken: Temporary failure in name resolution")
        self.fails("index cannot be reached", "--cpu")
        (self.state / "fail-nvidia-cuda-cupti").unlink()
        self.stub("df", "#!/bin/sh\necho head\necho 'disk 1000000 900000 200000 90% /'\n")
        self.fails("has 200 MB free and the install needs \\d{3} MB", "--cpu")
        self.stub("du", "#!/bin/sh\necho '470000 staged'\n")
        self.succeeds("--cpu")
        self.assertEqual(self.downloads().count("torch"), 1)

    def test_an_unwritable_cache_is_named(self):
        self.cache.write_text("a file")
        self.fails("cannot be written; choose another with: SIAMESE_CACHE=", "--cpu")

    @unittest.skipUnless(shutil.which("flock"), "flock is not installed")
    def test_two_runs_at_once_install_once(self):
        self.switch("slow")
        runs = [subprocess.Popen(self.command("--cpu"), env=self.environment(), stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True) for _ in range(2)]
        texts = [run.communicate(timeout=60)[0] for run in runs]
        self.assertEqual([run.returncode for run in runs], [0, 0], texts)
        self.assertEqual(len(self.downloads()), 3, texts)
        self.assertEqual(sum("waiting for it" in text for text in texts), 1)

    def test_without_flock_it_works_too(self):
        (self.bin / "flock").unlink(missing_ok=True)
        self.succeeds("--cpu")
        self.assertEqual(self.leftovers(), [])

    def test_other_systems_are_told_that_they_are_not_supported(self):
        self.stub("uname", "#!/bin/sh\necho Darwin\n")
        self.fails("Linux only, and here is Darwin: macOS and Windows are not supported.*--no-default-features", "--cpu")

    def test_an_unpinned_machine_is_told_so(self):
        self.stub("uname", "#!/bin/sh\n[ \"$1\" = -s ] && echo Linux || echo riscv64\n")
        self.fails("no pinned libtorch for Linux on riscv64; set LIBTORCH", "--cpu")
        self.stub("uname", "#!/bin/sh\n[ \"$1\" = -s ] && echo Linux || echo x86_64\n")
        self.stub("getconf", "#!/bin/sh\necho glibc 2.27\n")
        self.fails("needs glibc 2.28 or newer and this system has 2.27", "--cpu")


class Cuda(SetupCase):
    def test_the_cuda_set_keeps_the_cuda_half(self):
        self.succeeds("--cuda")
        folder = self.cache / "libtorch-2.13.0-cuda"
        self.assertEqual(self.configured(), f"{folder}/torch")
        self.assertTrue((folder / "torch/lib/libtorch_cuda.so").exists())
        self.assertFalse((folder / "torch/lib/libtorch_python.so").exists())
        self.assertEqual(len(self.downloads()), 16)

    @unittest.skipIf(os.path.exists("/proc/driver/nvidia/version"), "this machine has an NVIDIA driver of its own")
    def test_the_driver_decides_and_an_old_one_is_named(self):
        self.succeeds()
        self.assertTrue(self.configured().endswith("-cpu/torch"))
        self.stub("nvidia-smi", "#!/bin/sh\n[ \"$1\" = -L ] || echo 580.65.06\n")
        self.succeeds()
        self.assertTrue(self.configured().endswith("-cuda/torch"))
        self.succeeds("--cpu")
        self.assertTrue(self.configured().endswith("-cpu/torch"))
        self.stub("nvidia-smi", "#!/bin/sh\nexit 9\n")
        self.succeeds()
        self.assertTrue(self.configured().endswith("-cpu/torch"))


    @unittest.skipIf(os.path.exists("/proc/driver/nvidia/version"), "this machine has an NVIDIA driver of its own")
    def test_the_cuda_set_is_not_downloaded_for_a_driver_that_cannot_run_it(self):
        self.stub("nvidia-smi", "#!/bin/sh\n[ \"$1\" = -L ] || echo 550.54.15\n")
        run = self.run_setup()
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue(self.configured().endswith("-cpu/torch"))
        self.assertEqual(len(self.downloads()), 3)
        self.assertIn("version 550 and CUDA 13.0 needs 580, so the CPU set is taken", run.stderr)
        self.assertIn("scripts/setup.sh --cuda", run.stderr)
        # Who wants it nevertheless is warned before the download.
        run = self.run_setup("--cuda")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue(self.configured().endswith("-cuda/torch"))
        self.assertIn("version 550 and CUDA 13.0 needs 580", run.stderr)
        # What is there already is used.
        self.config.unlink()
        run = self.run_setup()
        self.assertTrue(self.configured().endswith("-cuda/torch"), run.stderr)


class CargoConfig(SetupCase):
    def write_config(self, text):
        self.config.parent.mkdir(exist_ok=True)
        self.config.write_text(text)

    def test_other_sections_are_kept(self):
        own = "# mine\n[build]\njobs = 2\n"
        self.write_config(own)
        self.succeeds("--cpu")
        once = self.config.read_text()
        self.assertTrue(once.startswith(own))
        self.assertEqual(self.configured(), f"{self.cache}/libtorch-2.13.0-cpu/torch")
        self.succeeds(LIBTORCH=str(self.own_libtorch()))
        self.assertEqual(self.config.read_text().count("[env]"), 1)
        self.succeeds("--cpu")
        self.assertEqual(self.config.read_text(), once)

    def test_an_env_section_of_the_user_is_left_alone(self):
        for own in ('[env]\nRUST_LOG = "info"\n', '[ env ]\n', 'env.LIBTORCH = "/elsewhere"\n', '[env.LIBTORCH]\nvalue = "/x"\n'):
            with self.subTest(own):
                self.write_config(own)
                run = self.fails('add this line to it: LIBTORCH = "', "--cpu")
                self.assertEqual(self.config.read_text(), own)
        line = run.stderr.split("add this line to it: ")[1]
        self.write_config("[env]\n" + line)
        self.succeeds("--cpu")
        self.assertEqual(self.config.read_text(), "[env]\n" + line)

    def test_a_lost_mark_stops_it(self):
        self.succeeds("--cpu")
        lines = self.config.read_text().splitlines()
        self.write_config("\n".join(lines[:-1]) + "\n")
        self.fails("has lost one of the two lines", "--cpu")

    def test_the_old_file_name_is_refused(self):
        self.write_config("")
        self.config.rename(self.config.parent / "config")
        self.fails("\\(the old name\\)", "--cpu")


if __name__ == "__main__":
    unittest.main()

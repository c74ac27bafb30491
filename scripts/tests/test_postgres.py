"""The command and two servers on one database."""

import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from postgres import Server, programs
from surroundings import ROOT, command_siamese

MODEL = ROOT / "assets/demo.safetensors"
FACES = ROOT / "datasets/orl_faces"


class Postgres(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            cls.command = command_siamese()
            cls.folder = tempfile.TemporaryDirectory()
            os.chmod(cls.folder.name, 0o755)
            cls.programs = os.environ.get("GALLERY_TEST_POSTGRES") or programs(cls.folder.name)
            if not FACES.exists():
                raise unittest.SkipTest("the AT&T faces are not there")
            built = subprocess.run([cls.command, "gallery", "info", "postgres://localhost/?gallery=x"], stderr=subprocess.PIPE)
            if b"without the feature" in built.stderr:
                raise unittest.SkipTest("siamese was built without the feature postgres")
        except unittest.SkipTest as why:
            print(f"NOT RUN: the command and the server on PostgreSQL: {why}", file=sys.stderr)
            raise

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def siamese(self, *words, code=0):
        run = subprocess.run([self.command, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(run.returncode, code, run.stdout)
        return run.stdout

    def serve(self, gallery, *more):
        server = subprocess.Popen([self.command, "serve", "--gallery", gallery, "--listen", "127.0.0.1:0", "--json", *more],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        return json.loads(server.stdout.readline())["listening"]

    def until(self, wanted, what):
        """Asks until an answer is as wanted. It waits for minutes before it gives up, so that only a hang fails it."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            found = what()
            if wanted(found):
                return found
            time.sleep(0.02)
        self.fail(f"{found} to the end")

    def test_the_commands(self):
        with Server(self.programs) as database:
            staff, copy = database.address("staff"), Path(self.folder.name) / "copy.db"
            self.siamese("gallery", "info", staff, code=1)
            self.siamese("enroll", "--gallery", staff, "--model", MODEL, "--keep-pictures", "--person", "36", FACES / "s36/1.pgm",
                         FACES / "s36/2.pgm", "--json")
            self.siamese("enroll", "--gallery", staff, "--person", "37", FACES / "s37/1.pgm", "--json")
            seen = json.loads(self.siamese("identify", "--gallery", staff, FACES / "s36/1.pgm", "--json"))
            self.assertIn('"36"', json.dumps(seen))
            self.assertIn("2 people with 3 templates and 2 pictures", self.siamese("gallery", "copy", staff, copy))
            self.assertIn("exists already", self.siamese("gallery", "copy", copy, staff, code=1))
            self.siamese("gallery", "copy", copy, database.address("again"))
            listed = [self.siamese("gallery", "list", place, "--json") for place in (staff, copy, database.address("again"))]
            self.assertEqual(len(set(listed)), 1)
            self.assertIn("Forgotten: 37.", self.siamese("forget", "--gallery", staff, "37"))
            self.assertIn("whole", self.siamese("gallery", "check", staff))
            self.assertIn("written anew", self.siamese("gallery", "compact", staff))
            self.siamese("gallery", "export", staff, Path(self.folder.name) / "out")
            self.siamese("gallery", "import", Path(self.folder.name) / "out", database.address("imported"))
            self.assertIn("gallery=staff", self.siamese("gallery", "info", staff))

    def test_two_servers_follow_each_other_through_a_crash(self):
        with Server(self.programs) as database:
            staff = database.address("staff")
            self.siamese("enroll", "--gallery", staff, "--model", MODEL, "--person", "36", FACES / "s36/1.pgm")
            one, two = self.serve(staff), self.serve(staff)
            self.assertEqual([ask(server, "readyz")[0] for server in (one, two)], [200, 200])

            def size(server):
                # This asks nothing of the database.
                return len(ask(server, "v1/galleries/staff/persons")[1]["persons"])

            added = ask(one, "v1/galleries/staff/persons", {"external_id": "37"})
            self.assertEqual(added[0], 201)
            self.until(lambda people: people == 2, lambda: size(two))
            self.assertEqual(ask(two, f"v1/galleries/staff/persons/{added[1]['number']}", method="DELETE")[0], 204)
            self.until(lambda people: people == 1, lambda: size(one))

            database.end(signal.SIGKILL)
            self.until(lambda status: status == 503, lambda: ask(one, "readyz")[0])
            self.assertEqual(ask(one, "v1/galleries/staff/persons", {"external_id": "38"})[0], 503)
            self.assertEqual(ask(one, "healthz")[0], 200)
            database.start()
            for server in (one, two):
                self.until(lambda status: status == 200, lambda server=server: ask(server, "readyz")[0])
            self.assertEqual(ask(one, "v1/galleries/staff/persons", {"external_id": "39"})[0], 201)
            self.until(lambda people: people == 2, lambda: size(two))

    def test_a_gallery_without_room_in_memory_answers_alike(self):
        with Server(self.programs) as database:
            staff = database.address("staff")
            badges = [FACES / f"s{number}/1.pgm" for number in range(1, 31)]
            for number, badge in enumerate(badges, 1):
                self.siamese("enroll", "--gallery", staff, "--model", MODEL, "--on-duplicate", "allow", "--person", f"s{number}", badge)
            servers = [self.serve(staff), self.serve(staff, "--gallery-memory", "1B"),
                       self.serve(f"{staff}&search=hnsw", "--gallery-memory", "1B")]
            shown = [ask(server, "v1/galleries/staff")[1] for server in servers]
            self.assertEqual([gallery["in_memory"] for gallery in shown], [True, False, False])
            self.assertEqual({gallery["templates"] for gallery in shown}, {30})
            decided = set()
            for picture in [f"s{number}/5.pgm" for number in range(1, 41, 3)]:
                data = base64.b64encode((FACES / picture).read_bytes()).decode()
                answers = [ask(server, "v1/galleries/staff/identify?fpir=0.1&top=3", {"picture": {"data": data}}) for server in servers]
                self.assertEqual(answers[0], answers[1])
                # Among so few HNSW misses nobody.
                self.assertEqual(answers[0], answers[2])
                decided.add(answers[0][1]["decision"])
            self.assertEqual(decided, {"match", "unknown"} | decided)
            added = ask(servers[1], "v1/galleries/staff/persons", {"external_id": "new"})
            self.assertEqual(added[0], 201)
            self.until(lambda people: people == 31, lambda: ask(servers[0], "v1/galleries/staff")[1]["people"])

    def test_an_enrolment_that_is_killed_leaves_nobody_by_half(self):
        with Server(self.programs) as database:
            staff = database.address("staff")
            self.siamese("enroll", "--gallery", staff, "--model", MODEL, "--person", "0", FACES / "s1/1.pgm")
            for moment in (0.1, 0.3, 0.6):
                enrolling = subprocess.Popen([self.command, "enroll", "--gallery", staff, FACES, "--on-duplicate", "allow",
                                              "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(moment)
                enrolling.kill()
                enrolling.wait()
                self.assertIn("whole", self.siamese("gallery", "check", staff))
            self.siamese("enroll", "--gallery", staff, FACES, "--on-duplicate", "allow")
            people = json.loads(self.siamese("gallery", "list", staff, "--json"))
            self.assertEqual(sum(person["templates"] for person in people), 401)


def ask(server, path, document=None, method=None):
    """The status of an answer, and what it says."""
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(server + path, body, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=100) as answer:
            return answer.status, json.loads(answer.read() or "null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or "null")


if __name__ == "__main__":
    unittest.main()

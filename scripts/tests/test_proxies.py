"""The proxies of contrib/ in front of the server: TLS, names of hosts, sign-in, and uploads of 64 MiB."""

import contextlib
import http.client
import json
import os
import random
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from serving import Site
from surroundings import ROOT, command_siamese, program

NAME = "faces.example.org"

def proxy(name, package):
    """The path of a proxy; says by name what is not run for want of it."""
    try:
        return program([name], package)
    except unittest.SkipTest as why:
        print(f"NOT RUN: the server behind {name}: {why}", file=sys.stderr)
        raise


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Proxies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not os.environ.get("SIAMESE_SLOW_TESTS"):
            print("NOT RUN: the server behind proxies: scripts/test.sh --all runs it", file=sys.stderr)
            raise unittest.SkipTest("slow")
        cls.siamese = command_siamese()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        keys = cls.folder / "keys.json"
        made = subprocess.run([cls.siamese, "keys", "add", "--keys", keys, "--scope", "enrol", "--json"], stdout=subprocess.PIPE, check=True)
        cls.key = json.loads(made.stdout)["key"]
        cls.site = Site(cls.siamese, "--gallery", cls.folder / "staff.db", "--model", ROOT / "assets/demo.safetensors",
                        "--keys", keys, "--host", NAME)
        cls.addClassCleanup(cls.site.stop)
        subprocess.run([program(["openssl"], "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", cls.folder / "faces.key",
                        "-out", cls.folder / "faces.pem"], check=True, capture_output=True)

    def start(self, *command):
        """Starts a proxy, and waits until it listens."""
        with open(self.folder / "proxy.log", "w") as log:
            proxy = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"HOME": str(self.folder)})
        self.addCleanup(proxy.wait, 30)
        self.addCleanup(proxy.terminate)
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if proxy.poll() is not None:
                break
            time.sleep(0.05)
        self.fail((self.folder / "proxy.log").read_text())

    def configured(self, name):
        """A configuration of contrib/ with the places of this test."""
        self.port = free_port()
        text = (ROOT / "contrib" / name).read_text()
        for found, wanted in [("127.0.0.1:8080", self.site.place), ("/etc/ssl/faces", f"{self.folder}/faces")]:
            self.assertIn(found, text)
            text = text.replace(found, wanted)
        return text

    def connect(self, name=NAME):
        """As a browser does: the certificate is checked, and the name is the certificate's."""
        context = ssl.create_default_context(cafile=self.folder / "faces.pem")
        context.check_hostname = name == NAME
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection = http.client.HTTPSConnection(name, timeout=60)
        connection.sock = context.wrap_socket(plain, server_hostname=name)
        self.addCleanup(connection.close)
        return connection

    def ask(self, method, path, body=None, headers=None):
        connection = self.connect()
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer, answer.read()

    def upload(self, path, length, headers):
        """Status and body of the answer to so many zeros; curl reads while it sends."""
        with open(self.folder / "zeros", "wb") as zeros:
            zeros.truncate(length)
        answer = self.folder / "answer"
        words = [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
        run = subprocess.run([program(["curl"], "curl"), "--silent", "--show-error", "--max-time", "120", "--cacert", self.folder / "faces.pem",
                              "--resolve", f"{NAME}:{self.port}:127.0.0.1", "--header", "Expect:", "--header", f"Host: {NAME}", *words, "--data-binary", f"@{zeros.name}",
                              "--http1.1", "--output", answer, "--write-out", "%{http_code}", f"https://{NAME}:{self.port}{path}"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return run.stdout, answer.read_bytes() if answer.exists() else b""

    def passes_on(self):
        """What any proxy has to do."""
        answer, page = self.ask("GET", "/")
        self.assertEqual(answer.status, 200)
        self.assertIn(b"siamese", page)
        self.assertIn("max-age", answer.getheader("Strict-Transport-Security"))
        self.assertIn("default-src 'none'", answer.getheader("Content-Security-Policy"))

        origin = {"Origin": f"https://{NAME}", "Content-Type": "application/json"}
        answer, said = self.ask("POST", "/v1/session", json.dumps({"key": self.key}), origin)
        self.assertEqual(answer.status, 200, said)
        cookie = answer.getheader("Set-Cookie")
        for wanted in ("Secure", "HttpOnly", "SameSite=Strict"):
            self.assertIn(wanted, cookie)
        browser = {"Cookie": cookie.split(";")[0], "X-CSRF-Token": json.loads(said)["csrf_token"]}
        answer, said = self.ask("POST", "/v1/session", json.dumps({"key": self.key}), origin | {"Origin": "https://evil.example"})
        self.assertEqual((answer.status, json.loads(said)["code"]), (403, "origin_forbidden"))
        _, said = self.ask("GET", "/v1/galleries", headers={"Host": "evil.example", **browser})
        self.assertNotIn(b"staff", said)

        # Seven graymaps of 9.1 MiB, which are a little less than 64 MiB together.
        draw = random.Random(self.id())
        rows = [b"".join(bytes([draw.randrange(40, 220)]) * 100 for _ in range(29)) * 100 for _ in range(33)]
        large = b"P5 2900 3300 255\n" + b"".join(rows)
        parts = [b'name="external_id"\r\n\r\nlarge'] + [b'name="picture"; filename="x"\r\n\r\n' + large] * 7
        body = b"".join(b"--cut\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--cut--\r\n"
        form = {"Content-Type": "multipart/form-data; boundary=cut", "Origin": f"https://{NAME}", **browser}
        path = "/v1/galleries/staff/enrollments?on_duplicate=allow"
        answer, said = self.ask("POST", path, body, form)
        self.assertEqual(answer.status, 201, said)

        # What is too large is refused, by the server or before it, while it is still being sent.
        for length, by_the_server in [(129 << 19, True), (100 << 20, False)]:
            status, said = self.upload(path, length, form)
            self.assertEqual(status, "413", said)
            if by_the_server:
                self.assertEqual(json.loads(said)["code"], "too_large")

    def test_nginx(self):
        nginx = proxy("nginx", "nginx-light")
        servers = re.sub(r"listen 443 ssl", lambda _: f"listen 127.0.0.1:{self.port} ssl", self.configured("nginx.conf"))
        servers = servers.replace("/var/log/nginx", str(self.folder))
        places = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(f"daemon off;\npid {self.folder}/nginx.pid;\nevents {{}}\nhttp {{\n{places}{servers}\n}}\n")
        self.start(nginx, "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", "stderr")
        self.passes_on()
        self.ask("GET", "/v1/galleries/staff/persons?external_id=a-secret-name")
        for _ in range(200):
            # It writes the line after it has answered.
            log = (self.folder / "siamese.log").read_text()
            if "GET /v1/galleries/staff/persons" in log:
                break
            time.sleep(0.05)
        self.assertIn("GET /v1/galleries/staff/persons", log)
        self.assertNotIn("a-secret-name", log)
        with self.assertRaises(ssl.SSLError):
            self.connect("evil.example")

    def test_caddy(self):
        caddy = proxy("caddy", "caddy")
        text = self.configured("Caddyfile")
        text = f"{{\n\tadmin off\n\tauto_https disable_redirects\n\thttps_port {self.port}\n}}\n" + text
        (self.folder / "Caddyfile").write_text(text)
        self.start(caddy, "run", "--config", self.folder / "Caddyfile", "--adapter", "caddyfile")
        self.passes_on()


if __name__ == "__main__":
    unittest.main()

"""`siamese serve` for tests in Python: started, watched, asked, ended."""

import contextlib
import http.client
import json
import os
import subprocess
import threading
import time
from pathlib import Path


class Site:
    """The server with these arguments, until it is stopped."""

    def __init__(self, siamese, *arguments, listen="127.0.0.1:0"):
        command = [str(word) for word in (siamese, "serve", *arguments, "--listen", listen)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"it did not start: {' '.join(command)}")
        self.address = line.split()[-1]
        self.place = self.address.split("//")[1].rstrip("/")

    def stop(self):
        """Asks it to end, and gives its exit code."""
        self.process.terminate()
        code = self.process.wait(60)
        self.process.stdout.close()
        return code

    def kill(self):
        """Ends it as a loss of power does, for the process at least."""
        self.process.kill()
        self.process.wait(60)
        self.process.stdout.close()

    def processor_s(self):
        """Seconds that it has spent on a processor so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self):
        """What it holds in memory now."""
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def peak_mib(self):
        """The most that it ever held."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
        return 0.0


class Asker:
    """One connection that stays open, and is opened again where it broke."""

    def __init__(self, place, timeout=60):
        self.connection = http.client.HTTPConnection(place, timeout=timeout)

    def ask(self, method, path, body=None, headers=None):
        """The status, and the document if there is one."""
        try:
            self.connection.request(method, path, body, headers or {})
            answer = self.connection.getresponse()
            read = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise
        kind = answer.getheader("content-type") or ""
        return answer.status, json.loads(read) if "json" in kind else read

    def send(self, path, pictures, **texts):
        """A form with pictures, and texts before them."""
        parts = [(f'name="{name}"', text.encode()) for name, text in texts.items()]
        parts += [('name="picture"; filename="x"', picture) for picture in pictures]
        body = b"".join(b"--cut\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts)
        return self.ask("POST", path, body + b"--cut--\r\n", {"Content-Type": "multipart/form-data; boundary=cut"})

    def close(self):
        self.connection.close()


def at_once(number, work):
    """Calls work(0), work(1) and so on, each on a thread; raises what one of them raised."""
    wrong = []

    def guarded(turn):
        try:
            work(turn)
        except BaseException as error:  # for the thread that waits
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=(turn,), daemon=True) for turn in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def wait_ready(place, within=30):
    """Seconds until /readyz says that it is ready."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < within:
        with contextlib.suppress(OSError, http.client.HTTPException):
            asker = Asker(place, timeout=5)
            status, _ = asker.ask("GET", "/readyz")
            asker.close()
            if status == 200:
                return time.perf_counter() - begun
        time.sleep(0.002)
    raise RuntimeError("it is not ready")


def quantile_ms(times, share):
    """A quantile of sorted times in seconds."""
    return 1000 * times[min(int(share * len(times)), len(times) - 1)]

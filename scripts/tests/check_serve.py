"""The server's interface as /openapi.json describes it, checked by schemathesis with requests that it makes up.

usage: check_serve.py SIAMESE PYTHON

SIAMESE is the command; PYTHON one that has what serve_requirements.txt names. Needs nothing else: people are made up.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# What a made-up request may be answered with, though it fits the description: pictures are random bytes, people and
# galleries random names.
CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "400", "401", "403", "404", "409", "412", "413", "422"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "413", "415", "422", "428", "431"]

# Moving a gallery is a job, and where the machine is slow, more are asked for than may wait: 503. Any other failure of the server
# is none of these answers.
[[operations]]
include-name = "POST /v1/galleries/{gallery}/reembed"
checks.not_a_server_error.enabled = false
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404", "409", "413", "422", "503"]

# It takes the address of a new person for one of other things, too.
[phases.stateful.inference]
algorithms = []

[parameters]
"path.gallery" = "made-up"
"""


def main():
    siamese, python = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "schemathesis.toml").write_text(CONFIGURATION)
        server = subprocess.Popen(
            [siamese, "serve", "--gallery", folder / "made-up.db", "--model", ROOT / "assets/demo.safetensors",
             "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().split()[-1]
            command = [python, "-m", "schemathesis.cli", "run", f"{address}openapi.json", "--checks", "all",
                       "--max-examples", "25", "--seed", "1", "--workers", "2", "--exclude-checks", "missing_required_header"]
            result = subprocess.run(command, cwd=folder, timeout=300, check=False)
            ready = server.poll() is None
        finally:
            server.terminate()
            server.wait(60)
    if not ready:
        print("the server ended", file=sys.stderr)
    return result.returncode or int(not ready)


if __name__ == "__main__":
    sys.exit(main())

"""People who come, go and are looked for, and a server that is killed: what it has acknowledged is there.

usage: durable_serve.py SIAMESE [--minutes N] [--kills N] [--connections N] [--model FILE]

Each connection enrols people with two pictures, looks for some, and deletes some. The time is divided by the kills (SIGKILL, in
the middle of the work). After each, the gallery is compared with what was acknowledged: nobody is missing, nobody who was
deleted is back, nobody has half of the pictures. A request that was under way may have happened or not. Fails where anything is
missing, or memory grows by more than a tenth and 20 MiB between the first quarter of a period and its end.
"""

import argparse
import contextlib
import http.client
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from made_up_faces import make_set
from serving import Asker, Site, at_once

ROOT = Path(__file__).resolve().parent.parent.parent
GALLERY = "/v1/galleries/durable"


class Client:
    """What one connection has asked for, and what was acknowledged. Its people are its own."""

    def __init__(self, number, pictures):
        self.number, self.pictures = number, pictures
        self.draw = random.Random(number)
        self.there, self.gone, self.open = {}, set(), None
        self.made = 0
        self.counts = {"enrol": 0, "identify": 0, "delete": 0, "refused": 0}

    def work(self, place, until):
        """Asks until the time is over or the server has gone."""
        asker = Asker(place)
        with contextlib.suppress(OSError, http.client.HTTPException):
            while time.monotonic() < until:
                # Many are deleted, so that the gallery stays as large as it is.
                deletes = 0.35 if len(self.there) > 30 else 0.1
                what = self.draw.choices(["enrol", "identify", "delete"], [0.3, 0.6 - deletes, deletes])[0]
                if what == "identify" or what == "delete" and not self.there:
                    status, _ = asker.send(f"{GALLERY}/identify", [self.draw.choice(self.pictures)])
                    self.note("identify", status, 200)
                elif what == "enrol":
                    self.enrol(asker)
                else:
                    self.delete(asker)
        asker.close()

    def note(self, what, status, *wanted):
        if status not in (*wanted, 503):
            raise RuntimeError(f"{what} was answered with {status}")
        self.counts[what if status in wanted else "refused"] += 1
        return status in wanted

    def enrol(self, asker):
        self.made += 1
        name = f"{self.number}-{self.made}"
        self.open = name
        status, said = asker.send(f"{GALLERY}/enrollments?on_duplicate=allow", self.draw.sample(self.pictures, 2), external_id=name)
        self.open = None
        if self.note("enrol", status, 201):
            self.there[name] = said["person"]

    def delete(self, asker):
        name = self.draw.choice(list(self.there))
        self.open = name
        status, _ = asker.ask("DELETE", f"{GALLERY}/persons/{self.there[name]}")
        self.open = None
        if self.note("delete", status, 204):
            del self.there[name]
            self.gone.add(name)


def found_in(site):
    """Everybody in the gallery with the number of their templates."""
    asker, people, cursor = Asker(site.place), {}, ""
    while cursor is not None:
        _, page = asker.ask("GET", f"{GALLERY}/persons?limit=1000{cursor}")
        for person in page["persons"]:
            _, said = asker.ask("GET", f"{GALLERY}/persons/{person['number']}/templates")
            people[person["external_id"]] = (person["number"], len(said["templates"]))
        cursor = f"&cursor={page['next_cursor']}" if page.get("next_cursor") else None
    asker.close()
    return people


def compare(clients, people):
    """Sentences about what is not as it was acknowledged. Takes over what became of the requests that were under way."""
    wrong = [f"{name} has {templates} of 2 templates" for name, (_, templates) in people.items() if templates != 2]
    for client in clients:
        if client.open in people:
            client.there[client.open] = people[client.open][0]
        elif client.open is not None:
            client.there.pop(client.open, None)
        client.open = None
        wrong += [f"{name} was enrolled and is missing" for name in client.there if name not in people]
        wrong += [f"{name} was deleted and is back" for name in client.gone if name in people]
    known = {name for client in clients for name in client.there}
    return wrong + [f"nobody enrolled {name}" for name in people if name not in known]


def period(args, gallery, clients, seconds):
    """Work of so many seconds, with a kill at its end. Memory after a quarter, and before the kill."""
    site = Site(args.siamese, "--gallery", gallery, "--model", args.model, "--rate", "0")
    until = time.monotonic() + seconds
    early = []

    def work(turn):
        if turn < len(clients):
            return clients[turn].work(site.place, until + 5)
        time.sleep(seconds / 4)
        early.append(site.resident_mib())
        time.sleep(max(until - time.monotonic(), 0))
        early.append(site.resident_mib())
        ended = site.process.poll()
        site.kill()
        if ended is not None:
            raise RuntimeError(f"the server ended by itself with {ended}")

    at_once(len(clients) + 1, work)
    return early


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("siamese")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--model", type=Path, default=ROOT / "assets/demo.safetensors")
    args = parser.parse_args()
    pictures = list(make_set().values())
    clients = [Client(number, pictures) for number in range(args.connections)]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        gallery = Path(folder, "durable.db")
        for kill in range(args.kills):
            early, late = period(args, gallery, clients, 60 * args.minutes / args.kills)
            site = Site(args.siamese, "--gallery", gallery, "--rate", "0")
            try:
                people = found_in(site)
                wrong = compare(clients, people)
            finally:
                ended = site.stop()
            failed |= bool(wrong) or late > 1.1 * early + 20 or ended != 0
            counts = {what: sum(client.counts[what] for client in clients) for what in clients[0].counts}
            print(f"kill {kill + 1}: {len(people)} people are there, {len(wrong)} wrong; acknowledged so far: {counts}; "
                  f"memory {early:.0f} MiB after a quarter, {late:.0f} MiB at the end", *wrong[:5], sep="\n  ", flush=True)
            failed |= min(counts["enrol"], counts["identify"]) == 0
        check = subprocess.run([args.siamese, "gallery", "check", gallery], stdout=subprocess.PIPE, text=True, check=False)
        print(check.stdout.strip())
    return int(failed or check.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())

"""A server and a real browser in front of it, for tests of the page and for pictures of it."""

import shutil
import subprocess
from pathlib import Path

from drawn_faces import draw, svg
from surroundings import program

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium():
    """The path of a Chromium. Says why where there is none."""
    return program(NAMES, "chromium")


def launch(playwright, path, *arguments):
    """A browser with a made-up camera."""
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage", "--use-fake-ui-for-media-stream",
                                                                  *(arguments or ["--use-fake-device-for-media-stream"])])


def film(browser, path, person):
    """Writes what a camera in front of a person sees; gives the arguments that make it the camera of a browser."""
    page = browser.new_page(viewport={"width": 640, "height": 480})
    page.set_content(f'<body style="margin:0;background:#aab4bd;text-align:center">{svg(person, 99, 394, 480)}')
    path.write_bytes(2 * page.screenshot(type="jpeg", quality=90))
    page.close()
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={path}"]


def prepare(siamese, browser, folder, people, strangers, enrolled):
    """Drawn faces, a model that was calibrated on strangers, and a gallery of people who have pictures left over.

    Makes in `folder`: faces, with `enrolled` + 2 pictures of each of `people`; strangers; model.safetensors; staff.db, with the
    first `enrolled` pictures of each.
    """
    draw(browser, folder / "faces", range(people), enrolled + 2)
    draw(browser, folder / "strangers", range(people, people + strangers), enrolled + 2)
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    model = folder / "model.safetensors"
    subprocess.run([siamese, "calibrate", ROOT / "assets/demo.safetensors", "--data", folder / "strangers",
                    "--templates", str(enrolled), "--out", model, "--quiet"], **quiet)
    first = folder / "first"
    for own in (folder / "faces").iterdir():
        (first / own.name).mkdir(parents=True)
        for picture in range(1, enrolled + 1):
            shutil.copy(own / f"{picture}.png", first / own.name)
    subprocess.run([siamese, "enroll", "--gallery", folder / "staff.db", "--model", model, "--keep-pictures",
                    "--on-duplicate", "allow", "--quiet", first], **quiet)

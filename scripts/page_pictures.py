"""Takes the pictures of the server's page in docs/images, in a real browser, with drawn faces of people who do not exist.

    cargo build --release -p siamese-cli --no-default-features
    python3 scripts/page_pictures.py target/release/siamese [--out docs/images]
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "scripts/tests"
sys.path.insert(0, str(TESTS))


def take(siamese, chromium, out):
    from browser import launch, prepare
    from playwright.sync_api import sync_playwright
    from serving import Site

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, contextlib.ExitStack() as stack:
        folder = Path(folder)
        browser = launch(playwright, chromium)
        prepare(siamese, browser, folder, people=20, strangers=60, enrolled=3)
        site = Site(siamese, "--gallery", folder / "staff.db", "--model", folder / "model.safetensors", "--keep-pictures")
        stack.callback(site.stop)
        face = lambda name, picture: folder / "faces" / name / f"{picture}.png"

        def shoot(name, width, scheme, section, do):
            context = browser.new_context(viewport={"width": width, "height": 720}, color_scheme=scheme)
            page = context.new_page()
            page.goto(f"{site.address}#{section}")
            do(page)
            page.evaluate("document.activeElement.blur()")
            height = page.evaluate("Math.ceil(document.querySelector('main').getBoundingClientRect().bottom + scrollY)")
            page.set_viewport_size({"width": width, "height": min(height, 1100)})
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=out / f"page-{name}.png")
            context.close()

        def identify(page):
            page.set_input_files("#identify input[type=file]", face("sofia", 5))
            page.click("#identify form button:text-is('Identify')")
            page.wait_for_selector("#identify li")

        def verify(page):
            page.set_input_files("#verify [data-name=probe] input[type=file]", face("niels", 1))
            page.set_input_files("#verify [data-name=reference] input[type=file]", face("niels", 5))
            page.click("#verify form button:text-is('Compare')")
            page.wait_for_selector("#verify .verdict")

        def people(page):
            page.wait_for_selector("#people li:nth-child(6) img")

        shoot("identify", 1080, "light", "identify", identify)
        shoot("identify-phone", 390, "light", "identify", identify)
        shoot("people-dark", 1080, "dark", "people", people)
        shoot("verify-phone-dark", 390, "dark", "verify", verify)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("siamese", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images")
    args = parser.parse_args()
    if "CHROMIUM" in os.environ:
        args.out.mkdir(parents=True, exist_ok=True)
        return take(args.siamese.resolve(), os.environ["CHROMIUM"], args.out)
    # The same again, by a Python that has what it takes.
    from browser import chromium
    from surroundings import python_with
    again = [python_with(TESTS / "page_requirements.txt"), __file__, args.siamese, "--out", args.out]
    return subprocess.run(again, env=os.environ | {"CHROMIUM": chromium()}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

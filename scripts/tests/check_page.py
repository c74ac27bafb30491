"""The page in a real Chromium, by every way through it.

usage: SIAMESE=COMMAND CHROMIUM=PATH PYTHON -m unittest check_page

PYTHON has what page_requirements.txt names. In every test the console stays free of errors, and every request goes to the server.
"""

import base64
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from browser import film, launch, prepare
from serving import Site

SIAMESE = os.environ["SIAMESE"]
# Forms with files are not shown to Playwright: the page keeps the last one.
RECORD = """const real = fetch;
window.fetch = (address, asked) => {
  if (asked?.body instanceof FormData) window.sent = Object.fromEntries([...asked.body].filter(([, value]) => typeof value === "string"));
  return real(address, asked);
};
window.addresses = new Set();
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (blob) => { const made = createObjectURL(blob); addresses.add(made); return made; };
URL.revokeObjectURL = (made) => { addresses.delete(made); revokeObjectURL(made); };"""
WIDTHS = {"phone": 390, "desktop": 1280}


def setUpModule():
    global playwright, browser, folder, everything, site
    playwright = sync_playwright().start()
    browser = launch(playwright, os.environ["CHROMIUM"])
    everything = tempfile.TemporaryDirectory()
    folder = Path(everything.name)
    prepare(SIAMESE, browser, folder, people=8, strangers=20, enrolled=2)
    (folder / "noise.pgm").write_bytes(b"P5 46 56 255\n" + bytes((x * x * 7 + x * 31) % 251 for x in range(46 * 56)))
    site = Site(SIAMESE, "--gallery", folder / "staff.db", "--model", folder / "model.safetensors", "--keep-pictures")
    expect.set_options(timeout=30_000)


def tearDownModule():
    site.stop()
    browser.close()
    playwright.stop()
    everything.cleanup()


def face(name, picture):
    return folder / "faces" / name / f"{picture}.png"


class Page(unittest.TestCase):
    def open(self, address=None, section="identify", width="desktop", scheme="light", inside=None, **more):
        self.address = address or site.address
        size = {"width": WIDTHS[width], "height": 800}
        context = (inside or browser).new_context(viewport=size, color_scheme=scheme, accept_downloads=True, **more)
        self.addCleanup(context.close)
        self.page = page = context.new_page()
        self.errors, self.requests = [], []
        page.on("console", lambda message: message.type in ("error", "warning") and self.errors.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.add_init_script(RECORD)
        page.goto(f"{self.address}#{section}" if section else self.address)
        return page

    def nothing_is_kept(self):
        """Waits until no picture or file is kept in memory for what is shown already; a hang fails it."""
        for _ in range(600):
            if self.page.evaluate("addresses.size") == 0:
                return
            self.page.wait_for_timeout(100)
        self.fail("addresses of pictures are never given back")

    def refused(self, *statuses):
        """Chromium tells of every refusal; all but these are errors."""
        told = [f"status of {status} " for status in statuses]
        self.errors = [error for error in self.errors if not any(text in error for text in told)]

    def tearDown(self):
        own = (self.address, f"blob:{self.address}", "data:,")
        self.assertEqual([url for url in self.requests if not url.startswith(own)], [])
        self.assertEqual(self.errors, [])

    def choose(self, section, *files, picker="picture"):
        self.page.set_input_files(f"#{section} [data-name={picker}] input[type=file]", files)
        expect(self.page.locator(f"#{section} [data-name={picker}] .framed")).to_have_count(len(files))

    def press(self, section, name):
        self.page.locator(f"#{section} form").get_by_role("button", name=name, exact=True).click()

    def answer(self, section):
        return self.page.locator(f"#{section} .answer").first

    def enrol(self, name, *files):
        self.page.fill("#enrol [name=external_id]", name)
        self.choose("enrol", *files)
        self.press("enrol", "Enrol")

    # ---- decisions

    def test_it_says_who_is_in_a_picture(self):
        self.open()
        self.choose("identify", face("grace", 1))
        self.press("identify", "Identify")
        expect(self.answer("identify").locator(".standing")).to_have_text("Match: grace")
        expect(self.answer("identify")).to_contain_text("8 people were searched")
        expect(self.answer("identify").locator("li")).to_have_count(5)
        first = self.answer("identify").locator("li").first
        expect(first).to_contain_text("grace")
        self.assertGreater(first.locator("img").evaluate("image => image.naturalWidth"), 0)

    def test_it_says_that_it_is_nobody_and_shows_a_graymap(self):
        page = self.open()
        self.choose("identify", folder / "noise.pgm")
        self.assertEqual(page.locator("#identify .framed img").evaluate("image => image.naturalWidth"), 46)
        self.press("identify", "Identify")
        expect(self.answer("identify").locator(".standing")).to_have_text("Nobody of the gallery")

    def test_somebody_can_be_ruled_out(self):
        page = self.open()
        self.choose("identify", face("emmy", 3))
        self.press("identify", "Identify")
        first = self.answer("identify").locator("li").first
        expect(first).to_contain_text("emmy")
        page.get_by_role("button", name="Not this person: emmy").click()
        expect(first).not_to_contain_text("emmy")

    def test_it_compares_two_pictures(self):
        self.open(section="verify")
        for other, said in [(face("ada", 1), "The same person"), (face("alan", 1), "Not the same person")]:
            self.choose("verify", face("ada", 1), picker="probe")
            self.choose("verify", other, picker="reference")
            self.press("verify", "Compare")
            expect(self.answer("verify").locator(".standing")).to_have_text(said)
            expect(self.answer("verify")).to_contain_text(re.compile(r"distance \d\.\d{4}"))
            expect(self.answer("verify")).to_contain_text("of strangers are taken for the same person")

    def test_it_says_that_a_picture_is_missing_or_damaged(self):
        page = self.open()
        self.press("identify", "Identify")
        expect(self.answer("identify")).to_contain_text("No picture")
        (folder / "no-picture.png").write_bytes(b"no picture")
        self.choose("identify", folder / "no-picture.png")
        expect(page.locator("#identify .unseen")).to_contain_text("no-picture.png")
        self.press("identify", "Identify")
        expect(self.answer("identify").locator(".wrong")).to_be_visible()
        self.refused(422)

    # ---- boxes

    def test_a_box_is_drawn_and_sent(self):
        page = self.open()
        self.choose("identify", face("ada", 1))
        image = page.locator("#identify .framed img").bounding_box()
        at = lambda x, y: (image["x"] + x * image["width"], image["y"] + y * image["height"])
        page.mouse.move(*at(0.25, 0.25))
        page.mouse.down()
        page.mouse.move(*at(0.75, 0.75), steps=5)
        page.mouse.up()
        text = page.locator("#identify .numbers input")
        numbers = [int(number) for number in text.input_value().split(",")]
        for number, wanted in zip(numbers, [46, 56, 92, 112], strict=True):
            self.assertAlmostEqual(number, wanted, delta=2)
        expect(page.locator("#identify .box")).to_be_visible()
        self.press("identify", "Identify")
        expect(self.answer("identify").locator("li")).to_have_count(5)
        self.assertEqual(page.evaluate("sent"), {"box": text.input_value()})
        text.fill("0,0,1000,1000")
        self.press("identify", "Identify")
        expect(self.answer("identify").locator(".wrong")).to_be_visible()
        text.fill("")
        expect(page.locator("#identify .box")).to_be_hidden()
        self.press("identify", "Identify")
        expect(self.answer("identify").locator("li")).to_have_count(5)
        self.assertEqual(page.evaluate("sent"), {})
        self.refused(422)

    def test_a_box_is_drawn_with_a_finger(self):
        page = self.open(width="phone", has_touch=True, is_mobile=True)
        self.choose("identify", face("ada", 1))
        draw = """([frame, pointer]) => [["pointerdown", 20, 20], ["pointermove", 90, 120], ["pointerup", 90, 120]].forEach(([type, x, y]) => {
            const { left, top } = frame.getBoundingClientRect();
            frame.setPointerCapture = () => {};
            frame.dispatchEvent(new PointerEvent(type, { pointerType: pointer, button: 0, clientX: left + x, clientY: top + y, bubbles: true }));
        })"""
        frame, text = page.locator("#identify .framed"), page.locator("#identify .numbers input")
        frame.evaluate(f"frame => ({draw})([frame, 'touch'])")
        self.assertEqual(text.input_value(), "")  # a finger scrolls
        page.get_by_role("button", name="Draw a box").tap()
        frame.evaluate(f"frame => ({draw})([frame, 'touch'])")
        self.assertRegex(text.input_value(), r"^\d+,\d+,\d+,\d+$")

    # ---- enrolling

    def test_files_are_enrolled_and_the_person_is_deleted(self):
        page = self.open(section="enrol")
        page.fill("#enrol [name=name]", "<b>Zoe</b> & co.")
        self.choose("enrol", folder / "strangers/sofia-2/1.png", folder / "strangers/sofia-2/2.png", face("ada", 1))
        page.get_by_role("button", name="Remove 1.png").last.click()
        self.page.fill("#enrol [name=external_id]", "zoe")
        self.press("enrol", "Enrol")
        expect(self.answer("enrol").locator(".standing")).to_have_text("zoe is enrolled")
        expect(self.answer("enrol")).to_contain_text("2 new pictures")
        expect(page.locator("#gallery-about")).to_contain_text("staff: 9 people")

        page.get_by_role("link", name="People").click()
        page.get_by_role("button", name="<b>Zoe</b> & co.").click()
        person = page.locator("#person")
        expect(person.locator("h2")).to_have_text("<b>Zoe</b> & co.")
        expect(person.locator("img")).to_have_count(2)
        person.get_by_role("button", name=re.compile("Delete template")).first.click()
        page.locator("#sure").get_by_role("button", name="Delete").click()
        expect(person.locator("img")).to_have_count(1)
        with page.expect_download() as download:
            person.get_by_role("button", name="Export all that is kept").click()
        self.assertIn('"zoe"', Path(download.value.path()).read_text())
        self.nothing_is_kept()
        person.get_by_role("button", name="Delete this person").click()
        page.locator("#sure").get_by_role("button", name="Keep").click()
        expect(person).to_be_visible()
        person.get_by_role("button", name="Delete this person").click()
        page.locator("#sure").get_by_role("button", name="Delete").click()
        expect(person).to_be_hidden()
        expect(page.locator("#gallery-about")).to_contain_text("staff: 8 people")
        page.fill("#people [name=external_id]", "zoe")
        self.press("people", "Find")
        expect(self.answer("people")).to_have_text("There is nobody with this id.")

    def test_a_folder_of_people_is_enrolled(self):
        page = self.open(section="enrol")
        people = folder / "people"
        for name, of in [("p1", "mae"), ("p2", "omar")]:
            (people / name).mkdir(parents=True)
            for picture in (1, 2):
                (people / name / f"{picture}.png").write_bytes((folder / "strangers" / of / f"{picture}.png").read_bytes())
        (people / "p3").mkdir()
        (people / "p3/1.png").write_bytes(b"no picture")
        page.get_by_label("A folder of people").check()
        expect(page.locator("#enrol [name=external_id]")).to_be_hidden()
        page.set_input_files("#enrol [name=folder]", people)
        page.get_by_label("Enrol even if somebody else looks the same").check()
        self.press("enrol", "Enrol")
        expect(self.answer("enrol").locator(".standing")).to_have_text("2 people enrolled")
        expect(self.answer("enrol")).to_contain_text("4 new pictures")
        expect(self.answer("enrol").locator("td.wrong")).to_have_count(1)
        self.refused(422)
        self.forget("p1", "p2")

    def forget(self, *people, key=None):
        """Deletes people by the server that enrolled them, which knows them for certain, and has the others' server take it in."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        at = f"{self.address}v1/galleries/staff/persons"
        for name in people:
            found = self.page.request.get(f"{at}?external_id={name}", headers=headers).json()
            gone = self.page.request.delete(f"{at}/{found['persons'][0]['number']}", headers=headers)
            self.assertEqual(gone.status, 204, gone.text())
        self.assertEqual(self.page.request.get(f"{site.address}v1/galleries/staff").json()["people"], 8)

    def test_the_camera_takes_a_picture(self):
        inside = launch(playwright, os.environ["CHROMIUM"], *film(browser, folder / "film.mjpeg", 30))
        self.addCleanup(inside.close)
        page = self.open(section="enrol", inside=inside)
        page.fill("#enrol [name=external_id]", "camera")
        page.get_by_role("button", name="Pictures: camera").click()
        camera = page.locator("#camera")
        camera.get_by_role("button", name="Take the picture").click()
        expect(camera).to_be_hidden()
        expect(page.locator("#enrol .framed")).to_have_count(1)
        self.assertEqual(page.locator("#enrol .framed img").evaluate("image => [image.naturalWidth, image.naturalHeight]"), [640, 480])
        page.locator("#enrol .numbers input").fill("123,0,394,480")
        self.press("enrol", "Enrol")
        expect(self.answer("enrol").locator(".standing")).to_have_text("camera is enrolled")
        self.forget("camera")

    def test_another_camera_can_be_chosen(self):
        inside = launch(playwright, os.environ["CHROMIUM"], "--use-fake-device-for-media-stream=device-count=2")
        self.addCleanup(inside.close)
        page = self.open(inside=inside)
        page.get_by_role("button", name="Picture: camera").click()
        which, take = page.get_by_label("Which"), page.get_by_role("button", name="Take the picture")
        expect(take).to_be_enabled()
        expect(which.locator("option")).to_have_count(2)
        which.select_option(index=1)
        expect(take).to_be_enabled()
        shown = "document.querySelector('video').srcObject.getVideoTracks()[0].label"
        self.assertEqual(page.evaluate(shown), which.locator("option").nth(1).inner_text())
        take.click()
        expect(page.locator("#identify .framed")).to_have_count(1)

    def test_it_says_that_there_is_no_camera(self):
        page = self.open()
        page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('none')); }")
        page.get_by_role("button", name="Picture: camera").click()
        expect(page.locator("#camera")).to_contain_text("over HTTPS and on localhost alone")
        page.keyboard.press("Escape")
        expect(page.locator("#camera")).to_be_hidden()

    # ---- what there is

    def test_people_are_shown_with_their_pictures(self):
        page = self.open(section="people")
        expect(page.locator("#people .card")).to_have_count(8)
        expect(page.locator("#people .card img")).to_have_count(8)
        self.nothing_is_kept()

    def test_thresholds_are_told_in_words(self):
        self.open(section="thresholds")
        said = self.answer("thresholds")
        expect(said).to_contain_text("Measured on 20 people")
        expect(said).to_contain_text(re.compile(r"In a gallery of \d+, of the strangers who are searched for \d+ of 100 are taken for somebody"))
        expect(said.locator("table")).to_have_count(2)

    def test_health_is_told(self):
        self.open(section="health")
        expect(self.answer("health").locator(".standing")).to_have_text("Ready")
        expect(self.answer("health").locator(".tiles .value").first).to_have_text("8")

    def test_a_gallery_without_calibration_and_pictures_is_told(self):
        bare = folder / "bare.db"
        subprocess.run([SIAMESE, "enroll", "--gallery", bare, "--model", Path(__file__).parents[2] / "assets/demo.safetensors",
                        "--on-duplicate", "allow", "--quiet", folder / "first"], check=True, capture_output=True)
        subprocess.run([SIAMESE, "gallery", "calibrate", "--remove", bare], check=True, capture_output=True)
        other = Site(SIAMESE, "--gallery", bare, "--gallery", folder / "empty.db", "--model", folder / "model.safetensors")
        self.addCleanup(other.stop)
        page = self.open(other.address)
        self.choose("identify", face("ada", 3))
        self.press("identify", "Identify")
        expect(self.answer("identify").locator(".standing")).to_have_text("No decision")
        expect(self.answer("identify").locator(".initials")).to_have_count(5)
        page.goto(f"{other.address}#thresholds")
        expect(self.answer("thresholds").locator(".standing")).to_have_text("Not calibrated")
        page.get_by_label("Gallery").select_option("empty")
        page.goto(f"{other.address}#people")
        expect(self.answer("people")).to_have_text("Nobody is enrolled yet.")

    # ---- jobs and galleries

    def test_an_administrator_makes_moves_and_deletes_galleries(self):
        galleries = folder / "galleries"
        galleries.mkdir()
        # The same model, but for the last bit of a weight: what it makes of a picture is compared with nothing else.
        weights = bytearray((folder / "model.safetensors").read_bytes())
        weights[8 + int.from_bytes(weights[:8], "little")] ^= 1
        (folder / "changed.safetensors").write_bytes(weights)
        other = Site(SIAMESE, "--galleries", galleries, "--model", folder / "model.safetensors",
                     "--model", folder / "changed.safetensors", "--keep-pictures")
        self.addCleanup(other.stop)
        page = self.open(other.address, section="galleries")
        page.fill("#galleries .make [name=name]", "guests")
        page.locator("#galleries .make").get_by_role("button", name="Make it").click()
        expect(page.locator("#galleries .standing")).to_have_text("guests is made")
        expect(page.locator("#galleries tbody tr")).to_have_count(1)
        self.assertTrue((galleries / "guests.db").exists())
        before = page.locator("#galleries tbody td").nth(2).inner_text()
        page.get_by_role("link", name="Enrol").click()
        self.enrol("ada", face("ada", 1))
        expect(self.answer("enrol").locator(".standing")).to_have_text("ada is enrolled")

        page.get_by_role("link", name="Galleries").click()
        page.locator("#galleries .move [name=model]").select_option("changed")
        page.get_by_role("button", name="Move it").click()
        job = page.locator("#jobs tbody tr")
        expect(job).to_have_count(1)
        expect(job).to_contain_text("done, 1 of 1")
        page.get_by_role("link", name="Galleries").click()
        moved = page.locator("#galleries tbody td").nth(2)
        expect(moved).not_to_have_text(before)

        page.get_by_role("button", name="Delete guests").click()
        page.locator("#sure").get_by_role("button", name="Keep").click()
        expect(page.locator("#galleries tbody tr")).to_have_count(1)
        # The page does not know of who came since; the question does.
        asked = page.request.post(f"{other.address}v1/galleries/guests/persons", data={"external_id": "grace"})
        self.assertEqual(asked.status, 201, asked.text())
        page.get_by_role("button", name="Delete guests").click()
        expect(page.locator("#sure")).to_contain_text("guests with 2 people")
        page.locator("#sure").get_by_role("button", name="Delete").click()
        expect(page.locator("#galleries .standing")).to_have_text("guests is deleted")
        expect(page.locator("#galleries tbody tr")).to_have_count(0)
        self.assertEqual(list(galleries.glob("guests.db*")), [])

    def test_jobs_are_shown_with_what_was_refused_and_forgotten(self):
        page = self.open(section="jobs")
        expect(page.locator("#jobs .list")).to_have_text("There is no job.")
        data = lambda picture: {"data": base64.b64encode(picture).decode()}
        strangers = [{"external_id": "j1", "pictures": [data((folder / "strangers/hedy/1.png").read_bytes())]},
                     {"external_id": "j2", "pictures": [data(b"no picture")]}]
        asked = page.request.post(f"{site.address}v1/galleries/staff/enrollments?on_duplicate=allow", data={"people": strangers})
        self.assertEqual(asked.status, 202, asked.text())
        job = page.locator("#jobs tbody tr")
        expect(job).to_contain_text("done, 2 of 2")
        expect(job).to_contain_text("staff")
        page.get_by_role("button", name="What was refused").click()
        expect(self.answer("jobs").locator("tbody")).to_contain_text("person 2, picture 1")
        found = Axe().run(page)
        self.assertEqual(found.violations_count, 0, found.generate_report())
        page.get_by_role("button", name="Forget: Enrol people, staff").click()
        expect(page.locator("#jobs .list")).to_have_text("There is no job.")
        self.forget("j1")

    # ---- keys

    def test_a_key_signs_in(self):
        keys = folder / "keys.json"
        add = lambda scope: subprocess.run([SIAMESE, "keys", "add", "--keys", keys, "--scope", scope, "--json"], check=True,
                                           capture_output=True, text=True).stdout
        look, change = (re.search(r'"key": ?"([^"]+)"', add(scope)).group(1) for scope in ("read", "enrol"))
        other = Site(SIAMESE, "--gallery", folder / "staff.db", "--keys", keys)
        self.addCleanup(other.stop)
        page = self.open(other.address)
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.locator("nav")).to_be_hidden()
        page.get_by_label("Key").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.locator("#sign-in .wrong")).to_contain_text("there is no such key")
        self.refused(401)
        page.get_by_label("Key").fill(look)
        page.keyboard.press("Enter")
        expect(page.locator("#gallery-about")).to_contain_text("staff: 8 people")
        expect(page.get_by_role("link", name="Enrol")).to_be_hidden()
        expect(page.get_by_role("link", name="Galleries")).to_be_hidden()
        page.get_by_role("link", name="People").click()
        page.get_by_role("button", name="grace").click()
        expect(page.get_by_role("button", name="Delete this person")).to_be_hidden()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.get_by_label("Key").fill(change)
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="Enrol")).to_be_visible()
        page.goto(f"{other.address}#enrol")
        self.enrol("with-a-key", folder / "strangers/lise/1.png")
        expect(self.answer("enrol").locator(".standing")).to_have_text("with-a-key is enrolled")
        self.forget("with-a-key", key=change)
        page.context.clear_cookies()
        page.get_by_role("link", name="Health").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        self.refused(401)

    def test_a_server_that_has_gone_is_told_and_may_come_back(self):
        arguments = ("--gallery", folder / "staff.db")
        other = Site(SIAMESE, *arguments)
        page = self.open(other.address)
        self.choose("identify", face("grace", 1))
        other.stop()
        self.press("identify", "Identify")
        expect(self.answer("identify")).to_contain_text("The server does not answer")
        self.errors = [error for error in self.errors if "ERR_CONNECTION" not in error]
        other = Site(SIAMESE, *arguments, listen=other.address.split("//")[1].rstrip("/"))
        self.addCleanup(other.stop)
        self.press("identify", "Identify")
        expect(self.answer("identify").locator(".standing")).to_have_text("Match: grace")

    # ---- for everybody

    def test_the_keyboard_is_enough(self):
        page = self.open(section=None)
        # The browser is told once to hand over its choosers of files, and does so from some moment on: in good time before Enter.
        page.on("filechooser", lambda chooser: None)
        expect(page.locator("#gallery-about")).to_contain_text("staff")
        focused = lambda: page.evaluate("(document.activeElement.ariaLabel ?? '') + document.activeElement.textContent.trim()")
        page.keyboard.press("Tab")
        self.assertEqual(focused(), "Skip to the content")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        self.assertIn("Picture: choose a file", focused())
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Enter")
        chooser.value.set_files(face("grace", 1))
        expect(page.locator("#identify .framed")).to_have_count(1)
        seen = []
        while not (seen and seen[-1] == "Identify") and len(seen) < 10:
            page.keyboard.press("Tab")
            seen.append(focused())
        self.assertEqual([name for name in seen if name in ("Draw a box", "Remove 1.pngRemove", "Identify")], ["Draw a box", "Remove 1.pngRemove", "Identify"])
        page.keyboard.press("Enter")
        expect(self.answer("identify").locator(".standing")).to_have_text("Match: grace")
        page.goto(f"{site.address}#people")
        card = page.get_by_role("button", name="grace")
        card.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#person")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#person")).to_be_hidden()
        expect(card).to_be_focused()

    def with_answers(self):
        """Goes through all sections, each with what it can show."""
        page = self.page
        self.choose("identify", face("grace", 1))
        self.press("identify", "Identify")
        expect(self.answer("identify").locator("li")).to_have_count(5)
        yield "identify"
        page.goto(f"{self.address}#verify")
        for picker in ("probe", "reference"):
            self.choose("verify", face("grace", 1), picker=picker)
        self.press("verify", "Compare")
        expect(self.answer("verify").locator(".verdict")).to_be_visible()
        yield "verify"
        page.goto(f"{self.address}#enrol")
        self.choose("enrol", face("grace", 1), face("grace", 2))
        self.press("enrol", "Enrol")
        expect(self.answer("enrol").locator(".wrong")).to_contain_text("No id")
        yield "enrol"
        page.goto(f"{self.address}#people")
        expect(page.locator("#people .card img").first).to_be_visible()
        yield "people"
        page.locator("#people .card").first.click()
        expect(page.locator("#person img").first).to_be_visible()
        yield "person"
        page.get_by_role("button", name="Delete this person").click()
        yield "sure"
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        for section in ("thresholds", "health"):
            page.goto(f"{self.address}#{section}")
            expect(self.answer(section).locator(".verdict")).to_be_visible()
            yield section
        page.goto(f"{self.address}#galleries")
        expect(page.locator("#galleries table")).to_be_visible()
        yield "galleries"
        page.goto(f"{self.address}#jobs")
        expect(page.locator("#jobs .list p, #jobs .list table").first).to_be_visible()
        yield "jobs"
        page.goto(f"{self.address}#identify")
        page.get_by_role("button", name="Picture: camera").click()
        expect(page.get_by_role("button", name="Take the picture")).to_be_enabled()
        yield "camera"

    def test_nothing_is_wider_than_the_screen_and_nothing_keeps_anybody_out(self):
        axe = Axe()
        for width, scheme in [("desktop", "light"), ("phone", "dark")]:
            self.open(width=width, scheme=scheme)
            for shown in self.with_answers():
                with self.subTest(shown, width=width, scheme=scheme):
                    wide, screen = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
                    self.assertLessEqual(wide, screen)
                    found = axe.run(self.page)
                    self.assertEqual(found.violations_count, 0, found.generate_report())

    def test_signing_in_keeps_nobody_out(self):
        keys = folder / "some-keys.json"
        subprocess.run([SIAMESE, "keys", "add", "--keys", keys], check=True, capture_output=True)
        other = Site(SIAMESE, "--gallery", folder / "staff.db", "--keys", keys)
        self.addCleanup(other.stop)
        page = self.open(other.address, width="phone")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        found = Axe().run(page)
        self.assertEqual(found.violations_count, 0, found.generate_report())


if __name__ == "__main__":
    unittest.main()

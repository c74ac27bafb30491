"""Faces that are drawn, of people who do not exist: each person has features of their own, each picture another pose."""

import random

NAMES = ["Ada", "Grace", "Emmy", "Alan", "Sofia", "Rosa", "Niels", "Chen", "Amara", "Ivan", "Mae", "Omar",
         "Lise", "Hedy", "Paul", "Noor", "Jun", "Eva", "Max", "Ines"]
SKIN = ["#f6d7c3", "#eabf9f", "#d9a27c", "#b97a55", "#8d5637", "#5d3826"]
HAIR = ["#1d1a18", "#4a2f1d", "#86552b", "#c9a05c", "#8d8d90", "#a33f1f", "#e8e4da"]
SHIRT = ["#26547c", "#7b2d3a", "#2f6b4f", "#5a5560", "#c0813a", "#e3e0d8", "#1f2430"]


def svg(person, picture, width=184, height=224):
    """Picture number `picture` of person number `person`."""
    own, pose = random.Random(f"face {person}"), random.Random(f"face {person} pose {picture}")
    skin, hair, shirt = own.choice(SKIN), own.choice(HAIR), own.choice(SHIRT)
    ground = own.choice(["#aab4bd", "#c8ccd0", "#8f9aa5"])
    rx, ry = own.uniform(48, 62), own.uniform(66, 78)
    apart, eye, brow = own.uniform(19, 28), own.uniform(4.5, 7), own.uniform(2.5, 6)
    nose, mouth, lip = own.uniform(14, 26), own.uniform(15, 26), own.uniform(3, 7)
    style, glasses, beard = own.randrange(4), own.random() < 0.35, own.random() < 0.3
    smile, turn, dx, dy = pose.uniform(-3, 11), pose.uniform(-5, 5), pose.uniform(-4, 4), pose.uniform(-4, 4)
    look, light = pose.uniform(-2, 2), pose.uniform(0.93, 1.08)
    top = 112 - ry
    parts = [f'<path d="M10 224q8-52 62-58h40q54 6 62 58z" fill="{shirt}"/>',
             f'<rect x="76" y="150" width="32" height="34" rx="14" fill="{skin}" style="filter:brightness(.85)"/>']
    if style == 1:  # long hair, behind the face
        parts.append(f'<rect x="{92 - rx - 9}" y="{top - 4}" width="{2 * rx + 18}" height="130" rx="52" fill="{hair}"/>')
    parts.append(f'<ellipse cx="92" cy="112" rx="{rx}" ry="{ry}" fill="{skin}"/>')
    for side in (-1, 1):
        parts.append(f'<ellipse cx="{92 + side * rx}" cy="114" rx="7" ry="13" fill="{skin}" style="filter:brightness(.92)"/>')
    if beard:
        parts.append(f'<path d="M{92 - rx} 122q4 66 {rx} 68q{rx - 4}-2 {rx}-68q-14 26-{rx} 24q-{rx - 14} 2-{rx}-24z" fill="{hair}" opacity=".9"/>')
    if style != 3:
        fringe = [18, 26, 34][style]
        parts.append(f'<path d="M{92 - rx - 4} 104q-2-{ry + 6} {rx + 4}-{ry + 8}q{rx + 6} 2 {rx + 4} {ry + 8}q-8-{ry - fringe} -{rx}-{ry - fringe}'
                     f'q-{rx - 8} 2-{rx + 8} {ry - fringe}z" fill="{hair}"/>')
    for side in (-1, 1):
        x = 92 + side * apart
        parts.append(f'<ellipse cx="{x}" cy="104" rx="{eye + 4}" ry="{eye}" fill="#fbfaf7"/>'
                     f'<circle cx="{x + look}" cy="104" r="{eye - .8}" fill="#2b221c"/>'
                     f'<path d="M{x - 12} {91 + side * turn / 9}q12-7 24 0" stroke="{hair if style != 3 else "#3a2c22"}" stroke-width="{brow}" fill="none" stroke-linecap="round"/>')
        if glasses:
            parts.append(f'<rect x="{x - 16}" y="92" width="32" height="25" rx="9" fill="none" stroke="#22262b" stroke-width="3"/>')
    parts.append(f'<path d="M92 108q-{nose / 3} {nose} -7 {nose + 2}q8 5 15 0" stroke="#00000055" stroke-width="2.5" fill="none" stroke-linecap="round"/>')
    parts.append(f'<path d="M{92 - mouth} 154q{mouth} {smile} {2 * mouth} 0" stroke="#8f3a36" stroke-width="{lip}" fill="none" stroke-linecap="round"/>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 184 224">'
            f'<rect width="184" height="224" fill="{ground}"/>'
            f'<g transform="translate({dx} {dy}) rotate({turn} 92 160)" style="filter:brightness({light})">{"".join(parts)}</g></svg>')


def draw(browser, folder, people, pictures):
    """Writes `folder`/NAME/1.png and so on, so many pictures for each of these numbers of people."""
    page = browser.new_page(viewport={"width": 184, "height": 224})
    for person in people:
        own = folder / called(person)
        own.mkdir(parents=True)
        for picture in range(1, pictures + 1):
            page.set_content(f'<body style="margin:0">{svg(person, picture)}')
            page.screenshot(path=own / f"{picture}.png")
    page.close()


def called(person):
    """The id of a person."""
    name, turn = NAMES[person % len(NAMES)].lower(), person // len(NAMES)
    return f"{name}-{turn + 1}" if turn else name

"""What a program does with CompreFace's client for Python, against a server that is given; people are made up.

usage: compreface_client.py PORT KEY FOLDER (of pictures, as made_up_people.py writes them)
"""

import sys
from pathlib import Path

from compreface import CompreFace


def main():
    port, key, folder = sys.argv[1:]
    folder = Path(folder)
    client = CompreFace("http://127.0.0.1", port, {"limit": 0, "det_prob_threshold": 0.8, "status": "true"})
    recognition = client.init_face_recognition(key)
    subjects, faces = recognition.get_subjects(), recognition.get_face_collection()

    assert subjects.add("Grace Hopper") == {"subject": "Grace Hopper"}
    assert subjects.list() == {"subjects": ["Grace Hopper"]}
    assert subjects.update("Grace Hopper", "Grace") == {"updated": True}
    assert subjects.delete("Grace") == {"subject": "Grace"}
    again = subjects.delete("Grace")
    assert again["code"] == 11 and "Grace" in again["message"], again

    people = sorted(path for path in folder.iterdir() if path.is_dir())[:5]
    ids = {}
    for person in people:
        added = faces.add(image_path=str(person / "1.pgm"), subject=person.name)
        assert added["subject"] == person.name, added
        ids[person.name] = added["image_id"]
    listed = faces.list()
    assert listed["total_elements"] == 5 and listed["total_pages"] == 1, listed
    assert {face["subject"]: face["image_id"] for face in listed["faces"]} == ids, listed

    for person in people:
        found = recognition.recognize(image_path=str(person / "2.pgm"),
                                      options={"prediction_count": 2, "face_plugins": "calculator"})
        [face] = found["result"]
        assert face["subjects"][0]["subject"] == person.name and len(face["subjects"]) == 2, found
        assert 0 <= face["subjects"][1]["similarity"] <= face["subjects"][0]["similarity"] <= 1
        assert face["box"]["x_max"] > 0 and face["embedding"]
    picture = (people[0] / "2.pgm").read_bytes()
    assert recognition.recognize(image_path=picture)["result"][0]["subjects"][0]["subject"] == people[0].name

    same = faces.verify(image_path=str(people[0] / "2.pgm"), image_id=ids[people[0].name])["result"][0]["similarity"]
    other = faces.verify(image_path=str(people[1] / "2.pgm"), image_id=ids[people[0].name])["result"][0]["similarity"]
    assert other < same, (other, same)
    none = recognition.recognize(image_path=b"no picture")
    assert none["code"] == 21, none

    verification = client.init_face_verification(key)
    answer = verification.verify(source_image_path=str(people[0] / "1.pgm"), target_image_path=str(people[0] / "2.pgm"))
    [match] = answer["result"][0]["face_matches"]
    assert match["similarity"] > other and answer["result"][0]["source_image_face"]["box"], answer

    assert faces.delete(ids[people[0].name]) == {"image_id": ids[people[0].name], "subject": people[0].name}
    assert faces.delete_all(people[1].name) == {"deleted": 1}
    assert subjects.delete_all() == {"deleted": 5}
    assert faces.list()["faces"] == []

    wrong = CompreFace("http://127.0.0.1", port).init_face_recognition("no-key").get_subjects().list()
    assert "key" in wrong["message"], wrong
    print("as it should be")


if __name__ == "__main__":
    main()

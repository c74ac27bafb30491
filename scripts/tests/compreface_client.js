// What a program does with CompreFace's client for JavaScript, against a server that is given.
//
// usage: node compreface_client.js PORT KEY, in the folder of the pictures; its paths must begin with a dot.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { CompreFace } from "@exadel/compreface-js-sdk";

const [port, key] = process.argv.slice(2);
const client = new CompreFace("http://127.0.0.1", port);
const recognition = client.initFaceRecognitionService(key);
// It adds to an address that it keeps, so each call has a collection of its own.
const faces = () => recognition.getFaceCollection();
const subjects = () => recognition.getSubjects();

const people = readdirSync(".", { withFileTypes: true })
  .filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort().slice(0, 3);

assert.deepEqual(await subjects().add("Grace"), { subject: "Grace" });
assert.deepEqual(await subjects().rename("Grace", "Hopper"), { updated: true });
assert.deepEqual(await subjects().list(), { subjects: ["Hopper"] });
assert.deepEqual(await subjects().delete("Hopper"), { subject: "Hopper" });

const ids = [];
for (const person of people) {
  const added = await faces().add(`./${person}/1.pgm`, person);
  assert.equal(added.subject, person);
  ids.push(added.image_id);
}
assert.equal((await faces().list()).total_elements, people.length);
for (const person of people) {
  const found = await recognition.recognize(`./${person}/2.pgm`, { prediction_count: 1 });
  assert.equal(found.result[0].subjects[0].subject, person);
}
const text = readFileSync(`./${people[0]}/2.pgm`).toString("base64");
assert.equal((await recognition.recognize(text, {})).result[0].subjects[0].subject, people[0]);
const same = await faces().verify(`./${people[0]}/2.pgm`, ids[0], {});
const other = await faces().verify(`./${people[1]}/2.pgm`, ids[0], {});
assert.ok(other.result[0].similarity < same.result[0].similarity);

const verification = client.initFaceVerificationService(key);
const verified = await verification.verify(`./${people[0]}/1.pgm`, `./${people[0]}/2.pgm`, {});
assert.ok(verified.result[0].face_matches[0].similarity > other.result[0].similarity);

assert.equal((await faces().delete(ids[0])).image_id, ids[0]);
assert.equal((await faces().delete_multiple_images([ids[1]])).length, 1);
assert.deepEqual(await faces().delete_all_subject(people[2]), { deleted: 1 });
await assert.rejects(faces().delete(ids[0]), (error) => error.response.status === 404 && error.response.data.code === 11);
assert.deepEqual(await subjects().deleteAll(), { deleted: people.length });
console.log("as it should be");

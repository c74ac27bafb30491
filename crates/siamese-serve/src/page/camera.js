// Pictures from a camera.

import { $, element, wrong } from "./elements.js";

/** Shows the camera and gives the picture that is taken, or null. */
export async function takePicture() {
  const dialog = $("#camera");
  const video = $("video", dialog);
  const which = $("select", dialog);
  const take = $(".take", dialog);
  const answer = $(".answer", dialog);
  let stream = null;
  // Which camera was asked for last: an answer to an earlier question is not used.
  let turn = 0;
  let taken = null;
  const end = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  };
  const begin = async (wanted) => {
    end();
    take.disabled = true;
    answer.replaceChildren();
    try {
      const mine = ++turn;
      const got = await navigator.mediaDevices.getUserMedia({ video: wanted });
      if (mine !== turn) return got.getTracks().forEach((track) => track.stop());
      stream = got;
      video.srcObject = stream;
      await video.play();
      take.disabled = false;
      const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
      const used = stream.getVideoTracks()[0].getSettings().deviceId;
      which.replaceChildren(...cameras.map(({ deviceId, label }, at) => element("option", { value: deviceId, selected: deviceId === used }, label || `Camera ${at + 1}`)));
      which.parentElement.hidden = cameras.length < 2;
    } catch {
      answer.replaceChildren(wrong({ title: "No camera", detail: "There is none, or it was not allowed. A browser gives it to pages over HTTPS and on localhost alone." }));
    }
  };
  which.onchange = () => begin({ deviceId: { exact: which.value } });
  take.onclick = () => {
    const canvas = element("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => {
      taken = blob && new File([blob], "camera.png", { type: "image/png" });
      dialog.close();
    }, "image/png");
  };
  which.parentElement.hidden = true;
  dialog.showModal();
  const closed = new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  begin({ facingMode: "user" });
  await closed;
  turn++;
  end();
  return taken;
}

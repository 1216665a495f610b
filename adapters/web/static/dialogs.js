// The forms of a picture, and the picture itself, large.

import { send } from "./api.js";
import { find, toast } from "./dom.js";

const edit = find("#edit");
const more = find("#more");
const batch = find("#batch");
const viewer = find("#viewer");
let asked; // the form's record
const LARGEST = 5 * 1024 * 1024; // bytes of a batch
let gallery = { pictures: [], index: 0 };

export function openForm(form) {
  asked = form;
  if (form.kind === "edit") openEdit(form);
  if (form.kind === "more") openMore(form);
  if (form.kind === "batch") openBatch();
}

function openEdit(form) {
  const fields = find("form", edit).elements;
  fields.prompt.value = form.prompt;
  fields.flags.value = form.flags;
  edit.returnValue = "";
  edit.showModal();
}

function openMore(form) {
  const fields = find("form", more).elements;
  fields.is_pinned.checked = form.is_pinned;
  fields.tags.value = form.tags;
  fields.formats.value = "";
  const remove = find("[data-delete]", more);
  remove.hidden = !form.can_delete;
  askTwice(remove, false);
  more.returnValue = "";
  more.showModal();
}

function openBatch() {
  find("form", batch).reset();
  batch.returnValue = "";
  batch.showModal();
}

// The file is read here: what is sent is what can be seen and changed in the form.
find("form", batch).elements.file.addEventListener("change", async (event) => {
  const picker = event.target;
  const [file] = picker.files;
  if (!file) return;
  try {
    if (file.size > LARGEST) throw new RangeError();
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    find("form", batch).elements.lines.value = text;
  } catch (error) {
    picker.value = "";
    toast(error instanceof RangeError ? "The file is larger than 5 MiB. Split it."
      : "The file is no text in UTF-8. Save it as UTF-8.");
  }
});

batch.addEventListener("close", () => {
  if (batch.returnValue !== "check") return;
  const { lines, flags, file } = find("form", batch).elements;
  const name = file.files[0]?.name ?? "";
  send({ kind: "batch", lines: lines.value, flags: flags.value, file_name: name });
});

function askTwice(button, isAsked) {
  button.dataset.asked = isAsked ? "yes" : "";
  find("span", button).textContent = isAsked ? "Really delete?" : "Delete";
}

edit.addEventListener("close", () => {
  if (edit.returnValue !== "draw") return;
  const { prompt, flags } = find("form", edit).elements;
  send({ kind: "edited", record: asked.record, prompt: prompt.value, flags: flags.value });
});

more.addEventListener("close", () => {
  const { is_pinned: pinned, tags, formats } = find("form", more).elements;
  const body = { kind: "change", record: asked.record };
  if (more.returnValue === "details") send({ kind: "show", record: asked.record });
  if (more.returnValue !== "save") return;
  if (pinned.checked !== asked.is_pinned) body.is_pinned = pinned.checked;
  if (tags.value.trim() !== asked.tags.trim()) body.tags = tags.value;
  if (formats.value.trim()) body.formats = formats.value;
  if (Object.keys(body).length > 2) send(body);
});

find("[data-delete]", more).addEventListener("click", (event) => {
  const button = event.currentTarget;
  if (!button.dataset.asked) {
    askTwice(button, true);
    return;
  }
  more.close("deleted");
  send({ kind: "change", record: asked.record, is_deleted: true });
});

export function openViewer(pictures, index) {
  gallery = { pictures: pictures.filter((picture) => picture.url), index: 0 };
  gallery.index = Math.max(0, gallery.pictures.indexOf(pictures[index]));
  showLarge();
  viewer.showModal();
}

function showLarge() {
  const picture = gallery.pictures[gallery.index];
  const image = find("img", viewer);
  Object.assign(image, { src: picture.url, alt: picture.alt });
  Object.assign(image, { width: picture.width, height: picture.height });
  find(".prompt", viewer).textContent = picture.prompt;
  find(".facts", viewer).textContent = [`seed ${picture.seed}`, ...picture.facts].join(" · ");
  find("a[download]", viewer).href = picture.url;
}

viewer.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const count = gallery.pictures.length;
  if (!step || count < 2) return;
  gallery.index = (gallery.index + step + count) % count;
  showLarge();
});

// A press beside the sheet or the picture closes it.
for (const dialog of [edit, more, batch, viewer]) {
  dialog.addEventListener("pointerdown", (event) => {
    const isBeside = event.target === dialog || event.target.localName === "figure";
    if (isBeside) dialog.close("cancel");
  });
}

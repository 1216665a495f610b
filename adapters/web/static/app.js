// The page: what the server says is shown, what is clicked is said to the server.

import { listen, read, send } from "./api.js";
import { Composer } from "./composer.js";
import { openForm, openViewer } from "./dialogs.js";
import { dressAvatar, find, toast } from "./dom.js";
import { colourCommand } from "./entries.js";
import { Timeline } from "./timeline.js";

const STATES = { connected: "Live", connecting: "Connecting…" };

const timeline = new Timeline({
  log: find("#log"),
  list: find("#entries"),
  newest: find("#newest"),
  welcome: find("#welcome"),
});
const composer = new Composer(find("#composer"));
const earlier = find("#earlier");

async function load() {
  const state = await read("/api/state");
  composer.catalogue = state.catalogue;
  timeline.reload(state.entries, state.you);
  setEarlier(state.earlier);
  dressAvatar(find("#you .avatar"), state.you);
  find("#you .name").textContent = state.you.name;
  find("#you").hidden = false;
  return state.position;
}

function setEarlier(cursor) {
  earlier.hidden = !cursor;
  earlier.dataset.cursor = cursor ?? "";
}

function showState(state) {
  const pill = find("#connection");
  pill.dataset.state = state;
  pill.textContent = STATES[state];
}

async function say(body) {
  const form = await send(body);
  if (form) openForm(form);
}

// What a click on an element with such a data attribute does.
const CLICKS = {
  action: (button) => press(button),
  cancel: (button) => say({ kind: "cancel", job: button.dataset.cancel }),
  copy: (button) => copy(button.dataset.copy),
  decide: (button) => {
    const { decide, job } = button.dataset;
    say({ kind: "decide", action: decide, job });
  },
  dismiss: (button) => timeline.dismiss(button.closest(".entry").id),
  example: (button) => composer.fill(button.textContent.trim()),
  goto: (button) => goTo(timeline.shown.get(button.dataset.goto)),
  manage: (button) => {
    const { manage, batch } = button.dataset;
    say({ kind: "manage", action: manage, batch });
  },
  next: (button) => turnPage(button),
  open: (button) => enlarge(button),
  parent: (button) => goTo(timeline.ofPicture(button.dataset.parent)),
  show: (button) => say({ kind: "show", record: button.dataset.show }),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const name = Object.keys(CLICKS).find((each) => each in button.dataset);
  if (name) CLICKS[name](button);
});

document.addEventListener("change", (event) => {
  const { choose } = event.target.dataset;
  if (choose) timeline.choose(choose, Number(event.target.value));
});

function press(button) {
  const { action, record } = button.dataset;
  if (action !== "reply") {
    say({ kind: "press", action, record });
    return;
  }
  const { entry, index, picture } = timeline.ofPicture(record);
  composer.reply({ message: entry.id, picture });
  if (index > 0) composer.fill(`same ${index + 1} `); // a message is answered, not a picture
}

function goTo(found) {
  if (found) timeline.goTo(found.element);
  else toast("That picture is further up, or no longer kept.");
}

function turnPage(button) {
  const { next, words } = button.dataset;
  button.remove();
  say(words === undefined
    ? { kind: "history", cursor: next } : { kind: "search", words, cursor: next });
}

function enlarge(button) {
  const { entry } = timeline.shown.get(button.closest(".entry").id);
  const pictures = entry.pictures ?? [entry.note.picture];
  const index = pictures.findIndex((picture) => picture.id === button.dataset.open);
  if (entry.pictures?.length > 1) {
    find(`input[value="${index}"]`, button.closest(".entry")).checked = true;
    timeline.choose(entry.id, index);
  }
  openViewer(pictures, index);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`Seed ${text} is copied.`);
  } catch {
    toast(`The browser does not allow copying. The seed is ${text}.`);
  }
}

earlier.addEventListener("click", async () => {
  try {
    const page = await read(`/api/earlier?cursor=${encodeURIComponent(earlier.dataset.cursor)}`);
    timeline.prepend(page.entries);
    setEarlier(page.earlier);
  } catch {
    toast("Earlier messages could not be loaded. Try again in a moment.");
  }
});

for (const example of document.querySelectorAll("[data-example]")) {
  example.replaceChildren(...colourCommand(example.textContent));
}
listen({
  load,
  onEntry: (entry) => timeline.add(entry),
  onRemoved: (id) => timeline.remove(id),
  onState: showState,
});
if (matchMedia("(hover: hover)").matches) find("#text").focus();

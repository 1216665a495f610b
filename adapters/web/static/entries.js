// One entry of the channel as an element. What is clicked is handled in app.js.

import { clone, dressAvatar, find, icon, make } from "./dom.js";

const FLAG = /(\s)((?:--|—)[A-Za-z-]+)/;

export function renderEntry(entry, { you, known }) {
  const element = RENDER[entry.kind](entry, you, known);
  element.id = entry.id;
  element.dataset.kind = entry.kind;
  const time = find("time", element);
  if (time) {
    const at = new Date(entry.at);
    time.dateTime = entry.at;
    time.title = at.toLocaleString();
    time.textContent = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }
  return element;
}

const RENDER = { ask: renderAsk, batch: renderBatch, note: renderNote, post: renderPost };

function renderAsk(entry, you, known) {
  const element = clone("t-ask");
  dressAvatar(find(".avatar", element), entry.by);
  find(".name", element).textContent = entry.by.id === you.id ? "You" : entry.by.name;
  find(".said", element).append(...colourCommand(entry.text));
  const quote = find(".quote", element);
  if (entry.reply_to) {
    const quoted = known(entry.reply_to);
    const picture = quoted?.pictures[0];
    quote.hidden = false;
    quote.dataset.goto = entry.reply_to;
    find("span", quote).textContent = picture?.prompt ?? "an earlier picture";
    if (picture?.url) find("img", quote).src = picture.url;
    else find("img", quote).remove();
  }
  return element;
}

// `/imagine` and the flags stand out; every piece is a text node.
export function colourCommand(text) {
  return text.split(FLAG).flatMap((piece, index) => {
    if (index % 3 === 2) return [make("b", { className: "flag", textContent: piece })];
    const command = index === 0 && /^\/imagine(?=\s|$)/i.exec(piece);
    if (!command) return [piece];
    const name = make("b", { className: "command", textContent: command[0] });
    return [name, piece.slice(command[0].length)];
  });
}

function renderNote(entry) {
  const element = clone("t-note");
  const { note } = entry;
  const body = find(".body", element);
  element.dataset.note = note.kind;
  if (note.kind === "job") body.append(renderJob(note));
  find("[data-dismiss]", element).hidden = note.kind === "job" && !note.is_final;
  if (note.kind === "text") {
    element.dataset.tone = note.tone;
    body.append(make("p", { className: "words", textContent: note.text }));
  }
  if (note.kind === "batch_offer") body.append(...renderBatchOffer(note));
  if (note.kind === "offer") body.append(...renderOffer(note));
  if (note.kind === "list") body.append(...renderList(note));
  if (note.kind === "detail") body.append(...renderDetail(note));
  return element;
}

function renderJob(note) {
  const element = clone("t-job");
  element.dataset.stage = note.stage;
  find(".text", element).textContent = note.text;
  const cancel = find("[data-cancel]", element);
  cancel.hidden = note.is_final;
  cancel.dataset.cancel = note.job;
  const placeholders = find(".placeholders", element);
  placeholders.hidden = !note.ratio || !["drawing", "posting"].includes(note.stage);
  placeholders.dataset.count = note.count;
  for (let index = 0; index < note.count && !placeholders.hidden; index += 1) {
    const shape = make("div", { className: "placeholder" });
    shape.style.setProperty("--ratio", note.ratio);
    placeholders.append(shape);
  }
  return element;
}

function renderList(note) {
  const tiles = make("div", { className: "tiles" });
  tiles.append(...note.pictures.map((picture) => {
    const tile = make("button", { type: "button", className: "tile" });
    tile.dataset.show = picture.id;
    tile.append(pictureOf(picture), make("span", { textContent: picture.prompt }));
    return tile;
  }));
  const parts = [make("p", { className: "words", textContent: note.title }), tiles];
  if (note.cursor) {
    const next = make("button", { type: "button", className: "quiet", textContent: "More" });
    next.dataset.next = note.cursor;
    if (note.words !== null) next.dataset.words = note.words;
    parts.push(next);
  }
  return parts;
}

function renderOffer(note) {
  const row = make("div", { className: "decide" }, ...note.buttons.map((each) => {
    const button = make("button", {
      type: "button", className: "quiet", textContent: each.label,
    });
    button.dataset.decide = each.action;
    button.dataset.job = note.job;
    return button;
  }));
  const frame = make("div", { className: "pictures" }, frameOf(note.picture));
  return [make("p", { className: "words", textContent: note.text }), frame, row];
}

function renderBatchOffer(note) {
  const row = make("div", { className: "decide" }, ...note.buttons.map((each) => (
    manageButton(note.batch, each, "quiet")
  )));
  return [make("p", { className: "words", textContent: note.text }), row];
}

function manageButton(batch, { action, label }, className = "") {
  const button = make("button", { type: "button", className, textContent: label });
  button.dataset.manage = action;
  button.dataset.batch = batch;
  return button;
}

function renderBatch(entry, you) {
  const element = clone("t-batch");
  const isMine = entry.by.id === you.id;
  element.dataset.state = entry.state;
  find(".for", element).textContent = isMine ? "for you" : `for ${entry.by.name}`;
  find(".title", element).textContent = entry.title;
  const bar = find("progress", element);
  bar.value = entry.percent;
  bar.setAttribute("aria-label", entry.title);
  const words = entry.lines.map((line) => make("p", { textContent: line }));
  find(".words", element).append(...words);
  const actions = find(".actions", element);
  if (isMine) actions.append(...entry.buttons.map((each) => manageButton(entry.batch, each)));
  if (entry.table) actions.append(saveLink(entry.table));
  actions.hidden = !actions.children.length;
  return element;
}

function saveLink(address) {
  const link = make("a", { className: "button", href: address, download: "results.csv" });
  link.append(icon("save"), " Save the table");
  return link;
}

function renderDetail(note) {
  const rows = note.lines.map(([name, value]) => make(
    "div", {}, make("dt", { textContent: name }), make("dd", { textContent: value }),
  ));
  const frame = make("div", { className: "pictures" }, frameOf(note.picture));
  return [frame, make("dl", { className: "lines" }, ...rows)];
}

function renderPost(entry, you, known) {
  const element = clone("t-post");
  const isMine = entry.by.id === you.id;
  find(".for", element).textContent = isMine ? "for you" : `for ${entry.by.name}`;
  find(".badge.private", element).hidden = !entry.is_private;
  const pictures = find(".pictures", element);
  pictures.dataset.count = entry.pictures.length;
  pictures.append(...entry.pictures.map(frameOf));
  showOrigin(find(".origin", element), entry, known);
  showChoice(element, entry);
  choosePicture(element, entry, 0);
  return element;
}

function showOrigin(origin, entry, known) {
  const { parent } = entry.pictures[0];
  if (!parent) return;
  origin.hidden = false;
  origin.dataset.parent = parent;
  const changed = entry.changes.length ? `changed: ${entry.changes.join(", ")}` : "unchanged";
  find("span", origin).textContent = entry.changes.length || isAgain(entry)
    ? `Drawn again, ${changed}` : "From an earlier picture";
}

const isAgain = (entry) => entry.pictures[0].tags.includes("reproduced");

function showChoice(element, entry) {
  const which = find(".which", element);
  which.hidden = entry.pictures.length < 2;
  entry.pictures.forEach((picture, index) => {
    const choice = make("input", { type: "radio", name: `which-${entry.id}`, value: index });
    choice.checked = index === 0;
    choice.dataset.choose = entry.id;
    choice.setAttribute("aria-label", `Picture ${index + 1}`);
    which.append(make("label", {}, choice, make("span", { textContent: index + 1 })));
  });
}

// Caption, facts and buttons speak of one picture: of the one chosen.
export function choosePicture(element, entry, index) {
  const picture = entry.pictures[index];
  element.dataset.chosen = index;
  find(".pictures", element).querySelectorAll(".frame").forEach((frame, each) => {
    frame.classList.toggle("chosen", entry.pictures.length > 1 && each === index);
  });
  find(".caption", element).textContent = picture.prompt;
  const expanded = find(".expanded", element);
  expanded.hidden = !picture.final_prompt;
  find("p", expanded).textContent = picture.final_prompt ?? "";
  find(".facts", element).replaceChildren(...factsOf(picture));
  const actions = find(".actions", element);
  for (const button of picture.buttons) {
    const shown = find(`[data-action="${button.action}"]`, actions);
    shown.dataset.record = picture.id;
    find("span", shown).textContent = button.label;
  }
  find('[data-action="reply"]', actions).dataset.record = picture.id;
}

function factsOf(picture) {
  const seed = make("button", { type: "button", className: "fact seed", title: "Copy the seed" });
  seed.append("seed ", make("b", { textContent: picture.seed }));
  seed.dataset.copy = picture.seed;
  const pinned = picture.is_pinned
    ? [make("span", { className: "fact pinned" }, icon("pin"), " pinned")] : [];
  const facts = picture.facts.map((text) => make("span", { className: "fact", textContent: text }));
  const tags = picture.tags.map((tag) => (
    make("span", { className: "fact tag", textContent: `#${tag}` })
  ));
  return [seed, ...pinned, ...facts, ...tags];
}

function frameOf(picture) {
  const frame = make("button", { type: "button", className: "frame" });
  frame.style.setProperty("--ratio", `${picture.width} / ${picture.height}`);
  frame.style.setProperty("--shape", picture.width / picture.height);
  frame.dataset.open = picture.id;
  frame.disabled = !picture.url;
  frame.append(pictureOf(picture));
  return frame;
}

function pictureOf(picture) {
  if (!picture.url) {
    return goneNote(picture.is_safe ? "No picture is kept here."
      : "Ideogram’s safety check held this picture back.");
  }
  const image = make("img", {
    src: picture.url, alt: picture.alt, width: picture.width, height: picture.height,
  });
  image.addEventListener("error", () => {
    image.closest("button")?.setAttribute("disabled", "");
    image.replaceWith(goneNote("This picture is no longer kept."));
  });
  return image;
}

function goneNote(text) {
  const element = clone("t-gone");
  element.textContent = text;
  return element;
}

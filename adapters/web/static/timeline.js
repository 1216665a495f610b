// The channel as it stands: every entry once, in the order of time.

import { find } from "./dom.js";
import { choosePicture, renderEntry } from "./entries.js";

const NEAR = 160; // pixels from the end that count as "reading the newest"

export class Timeline {
  constructor({ log, list, newest, welcome }) {
    Object.assign(this, { log, list, newest, welcome });
    this.shown = new Map(); // id to {entry, element, time}
    this.dismissed = new Set();
    this.you = { id: "", name: "" };
    newest.addEventListener("click", () => this.toEnd());
    log.addEventListener("scroll", () => { if (this.isAtEnd()) newest.hidden = true; });
    // Pictures and fonts may still move things while the newest is being read.
    new ResizeObserver(() => { if (this.follows) this.toEnd(); }).observe(list);
    log.addEventListener("scroll", () => { this.follows = this.isAtEnd(); });
    this.follows = true;
  }

  reload(entries, you) {
    this.you = you;
    this.shown.clear();
    this.list.replaceChildren();
    for (const entry of entries) this.place(entry);
    this.tidy();
    this.toEnd();
  }

  add(entry) {
    const isNew = !this.shown.has(entry.id);
    const follows = this.isAtEnd();
    const isMine = entry.kind === "ask" && entry.by.id === this.you.id;
    if (!this.place(entry)) return;
    this.tidy();
    if (follows || isMine) this.toEnd();
    else if (isNew) this.newest.hidden = false;
  }

  prepend(entries) {
    const below = this.log.scrollHeight - this.log.scrollTop;
    this.follows = false;
    for (const entry of entries) this.place(entry);
    this.tidy();
    this.log.scrollTop = this.log.scrollHeight - below;
  }

  remove(id) {
    this.shown.get(id)?.element.remove();
    this.shown.delete(id);
    this.tidy();
  }

  dismiss(id) {
    this.dismissed.add(id);
    this.remove(id);
  }

  entry(id) {
    return this.shown.get(id)?.entry;
  }

  // The post that shows a picture, and which of its pictures it is.
  ofPicture(record) {
    for (const { entry, element } of this.shown.values()) {
      const index = entry.pictures?.findIndex((picture) => picture.id === record) ?? -1;
      if (index >= 0) return { entry, element, index, picture: entry.pictures[index] };
    }
    return undefined;
  }

  choose(id, index) {
    const { entry, element } = this.shown.get(id);
    choosePicture(element, entry, index);
  }

  place(entry) {
    if (this.dismissed.has(entry.id) && !this.endsAnew(entry)) return false;
    const old = this.shown.get(entry.id);
    if (old && old.entry.rev >= entry.rev) return false;
    const context = { you: this.you, known: (id) => this.entry(id) };
    const element = renderEntry(entry, context);
    const placed = { entry, element, time: Date.parse(entry.at) };
    if (old) old.element.replaceWith(element);
    else this.insert(placed);
    this.shown.set(entry.id, placed);
    return true;
  }

  // A dismissed note comes back when its job fails.
  endsAnew(entry) {
    return entry.note?.kind === "job" && entry.note.stage === "failed";
  }

  insert(placed) {
    let after = this.list.lastElementChild;
    while (after && this.shown.get(after.id)?.time > placed.time) {
      after = after.previousElementSibling;
    }
    if (after) after.after(placed.element);
    else this.list.prepend(placed.element);
  }

  tidy() {
    this.welcome.hidden = this.shown.size > 0;
    let day = "";
    for (const element of this.list.children) {
      const own = new Date(this.shown.get(element.id)?.time).toDateString();
      if (own === day) delete element.dataset.day;
      else element.dataset.day = dayLabel(own);
      day = own;
    }
  }

  isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd() {
    this.follows = true;
    this.newest.hidden = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  goTo(element) {
    element.scrollIntoView({ block: "center" });
    element.classList.remove("found");
    requestAnimationFrame(() => element.classList.add("found"));
    find("button, a", element)?.focus({ preventScroll: true });
  }
}

function dayLabel(day) {
  const today = new Date();
  if (day === today.toDateString()) return "Today";
  today.setDate(today.getDate() - 1);
  if (day === today.toDateString()) return "Yesterday";
  return new Date(day).toLocaleDateString([], { day: "numeric", month: "long", year: "numeric" });
}

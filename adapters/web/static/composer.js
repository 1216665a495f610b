// The message box: sends, suggests, and knows which picture is being answered.

import { send } from "./api.js";
import { openForm } from "./dialogs.js";
import { find, make } from "./dom.js";
import { suggest } from "./suggest.js";

const HIGHEST = 220; // pixels, then the text scrolls
const PLACEHOLDER = "/imagine a fox in a suit";

export class Composer {
  constructor(form) {
    this.form = form;
    this.text = find("textarea", form);
    this.list = find("#suggestions", form);
    this.replying = find("#replying", form);
    this.catalogue = { commands: [], options: [] };
    this.items = [];
    this.active = -1;
    this.replyTo = null;
    this.said = []; // for the arrow up
    form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.text.addEventListener("input", () => this.changed());
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("blur", () => this.close());
    // Pressing on a suggestion must not take the focus from the text.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.pick(Number(row.dataset.index));
    });
    find("[data-close]", this.replying).addEventListener("click", () => this.reply(null));
  }

  fill(text) {
    this.text.value = text;
    this.text.focus();
    this.changed();
  }

  // Answer a picture; null ends it.
  reply(target) {
    this.replyTo = target?.message ?? null;
    this.replying.hidden = !target;
    const image = find("img", this.replying);
    image.hidden = !target?.picture.url;
    if (target?.picture.url) {
      image.src = target.picture.url;
      image.alt = target.picture.alt;
    }
    this.text.placeholder = target ? "same --ar 9:16" : PLACEHOLDER;
    this.text.focus();
    this.changed();
  }

  // The box is free at once, for the next message; a message that was not taken comes back.
  async submit() {
    const text = this.text.value.trim();
    if (!text) return;
    const replyTo = this.replyTo;
    this.said.push(text);
    this.text.value = "";
    if (replyTo) this.reply(null);
    this.changed();
    const answer = await send({ kind: "say", text, reply_to: replyTo });
    if (answer === undefined && !this.text.value) this.fill(text);
    if (answer) openForm(answer);
  }

  key(event) {
    if (event.isComposing) return;
    const isOpen = !this.list.hidden;
    const keys = {
      ArrowDown: () => isOpen && this.move(1),
      ArrowUp: () => (isOpen ? this.move(-1) : this.recall()),
      Tab: () => isOpen && !event.shiftKey && this.pick(Math.max(this.active, 0)),
      Escape: () => (isOpen ? this.close() : this.replyTo && this.reply(null)),
      Enter: () => this.enter(event),
    };
    const done = keys[event.key]?.();
    if (done !== false && done !== null && event.key in keys) event.preventDefault();
  }

  enter(event) {
    if (event.shiftKey) return false;
    if (!this.list.hidden && this.active >= 0) this.pick(this.active);
    else this.submit();
    return true;
  }

  recall() {
    if (this.text.value || !this.said.length) return false;
    this.fill(this.said.at(-1));
    return true;
  }

  changed() {
    this.grow();
    const before = this.text.value.slice(0, this.text.selectionStart);
    const found = suggest(before, this.catalogue, { isReply: this.replyTo !== null });
    this.items = found.items;
    this.active = found.isNeeded && found.items.length ? 0 : -1;
    this.list.replaceChildren(...this.items.map((item, index) => {
      const row = make("li", { id: `suggestion-${index}` });
      row.setAttribute("role", "option");
      row.dataset.index = index;
      row.append(make("b", { textContent: item.label }), make("span", { textContent: item.help }));
      return row;
    }));
    this.list.hidden = this.items.length === 0;
    this.mark();
  }

  move(step) {
    const count = this.items.length;
    this.active = (this.active + step + (this.active < 0 && step < 0 ? 1 : 0) + count) % count;
    this.mark();
    return true;
  }

  mark() {
    [...this.list.children].forEach((row, index) => {
      row.setAttribute("aria-selected", String(index === this.active));
      if (index === this.active) row.scrollIntoView({ block: "nearest" });
    });
    this.text.setAttribute("aria-expanded", String(!this.list.hidden));
    if (this.active >= 0) this.text.setAttribute("aria-activedescendant", `suggestion-${this.active}`);
    else this.text.removeAttribute("aria-activedescendant");
  }

  pick(index) {
    const item = this.items[index];
    const rest = this.text.value.slice(this.text.selectionStart);
    const text = this.text.value.slice(0, item.from) + item.insert;
    this.text.value = text + rest;
    this.text.setSelectionRange(text.length, text.length);
    this.text.focus();
    this.changed();
    return true;
  }

  close() {
    this.list.hidden = true;
    this.active = -1;
    this.mark();
    return true;
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, HIGHEST)}px`;
    this.text.style.overflowY = this.text.scrollHeight > HIGHEST ? "auto" : "hidden";
  }
}

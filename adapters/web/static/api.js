// The server: reading, sending once, and listening.

import { newEvent, toast } from "./dom.js";

const TRIES = 6;
const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export async function read(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

// Send until there is an answer: the event's id stays, so it is carried out once.
// Gives the form to open, or null; undefined when it was not taken.
export async function send(body) {
  const message = JSON.stringify({ event: newEvent(), ...body });
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    let answer;
    try {
      answer = await fetch("/api/send", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: message,
      });
      if (answer.ok) return (await answer.json()).form;
    } catch {
      answer = undefined; // the network, or a server that is starting again
    }
    if (answer && answer.status !== 503) {
      toast(await answer.text());
      return undefined;
    }
    if (answer) toast(await answer.text());
    await wait(500 * 2 ** attempt);
  }
  toast("The bot cannot be reached. Your message was not sent.");
  return undefined;
}

// Listen to the channel. `load` fetches everything anew and gives the position to go on
// from; a page out of sight lets go of its connection, since browsers have few of them.
export function listen({ load, onEntry, onRemoved, onState }) {
  let source;
  let away;

  const open = (position) => {
    source?.close();
    source = new EventSource(`/events?after=${encodeURIComponent(position)}`);
    source.addEventListener("open", () => onState("connected"));
    source.addEventListener("entry", (event) => onEntry(JSON.parse(event.data)));
    source.addEventListener("removed", (event) => onRemoved(JSON.parse(event.data).id));
    source.addEventListener("reset", start);
    source.addEventListener("error", () => {
      onState("connecting");
      if (source.readyState === EventSource.CLOSED) setTimeout(start, 2000);
    });
  };

  const start = async () => {
    source?.close();
    source = undefined;
    try {
      open(await load());
    } catch {
      onState("connecting");
      setTimeout(start, 2000);
    }
  };

  document.addEventListener("visibilitychange", () => {
    clearTimeout(away);
    if (document.hidden) away = setTimeout(() => { source?.close(); source = null; }, 60000);
    else if (source === null) start();
  });
  return start();
}

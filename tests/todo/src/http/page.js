"use strict";
// Sends what the person does to the API, and keeps the page's two changing parts fresh. The markup comes
// from the server, escaped; nothing is put together here.

const message = document.getElementById("message");
const form = document.getElementById("add");
const title = document.getElementById("title");
// The id of the todo being added: kept until it is confirmed, so that a second try never adds it twice.
let pending = null;

function exchange(id, fresh) {
  const before = document.getElementById(id);
  if (!fresh) return;
  if (!before) {
    document.querySelector("main").append(fresh);
  } else if (before.outerHTML !== fresh.outerHTML) {
    const focused = document.activeElement && document.activeElement.id;
    before.replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus();
  }
}

function localTimes(part) {
  for (const time of part.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime).toLocaleTimeString();
  }
}

async function refresh() {
  try {
    const answer = await fetch("/fragment");
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    localTimes(fresh);
    exchange("status", fresh.getElementById("status"));
    exchange("list", fresh.getElementById("list"));
  } catch {
    message.textContent = "The app does not answer.";
  }
}

async function send(method, path, body) {
  const options = { method, headers: {} };
  if (body) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  message.textContent = "";
  let told = "";
  let confirmed = false;
  try {
    const answer = await fetch(path, options);
    confirmed = answer.ok;
    if (!answer.ok) told = explain(await answer.json());
  } catch {
    told = "The app does not answer.";
  }
  await refresh();
  message.textContent = told;
  return confirmed;
}

function explain({ error, outcome }) {
  if (outcome === "unknown") return "Nobody can say yet whether this was saved. Trying again is safe.";
  if (outcome === "not_applied") return `Not saved: ${error}`;
  return error;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = title.value.trim();
  if (!text) return;
  if (!pending || pending.title !== text) {
    pending = { title: text };
    if (crypto.randomUUID) pending.id = crypto.randomUUID();
  }
  const button = form.querySelector("button");
  button.disabled = true;
  const confirmed = await send("POST", "/api/todos", pending);
  button.disabled = false;
  if (confirmed) {
    pending = null;
    title.value = "";
  }
  title.focus();
});

document.addEventListener("change", (event) => {
  const item = event.target.closest("li[data-id]");
  if (item) send("PATCH", `/api/todos/${item.dataset.id}`, { done: event.target.checked });
});

document.addEventListener("click", (event) => {
  const item = event.target.closest(".delete")?.closest("li[data-id]");
  if (item) send("DELETE", `/api/todos/${item.dataset.id}`);
});

async function keepFresh() {
  for (;;) {
    await new Promise((wake) => setTimeout(wake, 2000));
    if (!document.hidden) await refresh();
  }
}

localTimes(document);
keepFresh();

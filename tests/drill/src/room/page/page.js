"use strict";
// What the drill says is text; only its own drawing is markup.
const by = (id) => document.getElementById(id);
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined && text !== null) element.textContent = text;
  return element;
};
const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };
const token = document.querySelector("meta[name=stage-token]").content;
let now = null;

const length = (ms) => ms < 1000 ? `${ms} ms` : ms < 60000 ? `${(ms / 1000).toFixed(ms < 9950 ? 2 : 1)} s`
  : `${Math.floor(ms / 60000)} min ${String(Math.round(ms % 60000 / 1000)).padStart(2, "0")} s`;
const ago = (at) => {
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
  return seconds < 1 ? "now" : seconds < 90 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
};
const clock = (at) => new Date(at).toTimeString().slice(0, 8);
const count = (number) => number.toLocaleString("en-US");

/* The bar at the bottom: which command a button stands for, and what came of the last one. */
function stands(button) {
  const text = by("stands"), does = button.dataset.does;
  const command = /^(aws|failoverctl|echo|kill|pg_ctl|kubectl) /.test(does);
  say(text, button.dataset.blocked ? `${button.dataset.blocked} It stands for: ${does}` : does);
  text.className = "set" + (command && !button.dataset.blocked ? "" : " words");
}
function said(text, bad) { const output = by("said"); say(output, text); output.className = bad ? "bad" : ""; }

async function press(button) {
  stands(button);
  if (button.dataset.blocked) return said(button.dataset.blocked, true);
  button.classList.add("busy");
  said(`${button.textContent} …`, false);
  try {
    const answer = await fetch(`/act/${button.dataset.id}`, { method: "POST", headers: { "x-stage-token": token } });
    const body = await answer.json();
    said(body.said || body.error, !answer.ok);
  } catch {
    said("The drill does not answer: it has ended, or is about to.", true);
  }
  button.classList.remove("busy");
}

const buttons = new Map();
function button(spec) {
  let one = buttons.get(spec.id);
  if (!one) {
    one = { button: make("button", spec.tone), row: null, code: null };
    one.button.type = "button";
    one.button.dataset.id = spec.id;
    one.button.addEventListener("click", () => press(one.button));
    for (const event of ["pointerenter", "focus"]) one.button.addEventListener(event, () => stands(one.button));
    const place = document.querySelector(`[data-buttons=${spec.place}]`);
    if (place.classList.contains("commands")) {
      one.row = make("li");
      one.code = make("code");
      one.row.append(one.button, one.code);
    }
    place.append(one.row || one.button);
    buttons.set(spec.id, one);
  }
  const { button: element, row, code } = one;
  say(element, spec.label);
  element.title = spec.does;
  element.dataset.does = spec.does;
  element.dataset.blocked = spec.blocked || "";
  element.setAttribute("aria-disabled", String(Boolean(spec.blocked)));
  (row || element).hidden = spec.hidden;
  if (code) say(code, spec.does);
}

/* A Region. */
function shell(section) {
  const city = section.dataset.region;
  const head = make("div", "head"), list = make("dl"), parts = {};
  parts.name = make("h2"); parts.name.id = `${city}-name`;
  parts.id = make("code"); parts.role = make("span", "pill role");
  head.append(parts.name, parts.id, parts.role);
  const row = (name, value) => { list.append(make("dt", "", name), value); return value; };
  parts.database = row("database", make("dd"));
  parts.says = row("RDS here", make("dd"));
  parts.app = row("app", make("dd"));
  parts.alarms = row("alarms", make("dd", "chips"));
  for (const job of ["follow", "failover"]) {
    const cell = row(job, make("dd", "decided")), summary = make("p"), checks = make("ul", "checks");
    cell.append(summary, checks);
    parts[job] = { summary, checks, said: null };
  }
  const place = make("div", "buttons");
  place.dataset.buttons = city;
  section.append(head, list, place);
  return parts;
}
const shells = {};
for (const section of document.querySelectorAll("[data-region]")) shells[section.dataset.region] = { section, ...shell(section) };

function pills(cell, wanted) {
  const text = JSON.stringify(wanted);
  if (cell.dataset.shows === text) return;
  cell.dataset.shows = text;
  cell.replaceChildren(...wanted.flatMap(([className, words, title]) => {
    const pill = make("span", className === "soft" ? "soft" : `pill ${className}`, words);
    if (title) pill.title = title;
    return [pill, document.createTextNode(" ")];
  }));
}

const TONES = { unchanged: "", publish: "good", started: "good", failed: "bad", error: "bad", "no policy": "" };
function decided(part, answer) {
  const text = JSON.stringify(answer);
  if (part.said === text) return;
  part.said = text;
  if (!answer) return part.summary.replaceChildren(make("span", "soft", "has not run yet"));
  const tone = TONES[answer.decision];
  part.at = make("span", "soft", "");
  part.atMs = answer.at;
  part.summary.replaceChildren(make("span", `pill ${tone === undefined ? "warm" : tone}`, answer.decision), " ", part.at, " ",
    make("span", "soft", answer.reason || ""));
  part.checks.replaceChildren(...(answer.checks || []).map((check) => {
    const item = make("li", check.pass ? "" : "not"), name = make("code", "", check.name);
    item.title = `${check.name}: ${check.value}`;
    item.tabIndex = 0;
    item.append(make("span", "sign-text", check.pass ? "✓" : "✗"), name, make("span", "value", check.value));
    return item;
  }));
}

function region(state) {
  const parts = shells[state.city.toLowerCase()];
  parts.section.className = `card region${state.role === "writer" ? " writer" : ""}${state.dark ? " dark" : ""}`;
  say(parts.name, state.city); say(parts.id, state.id);
  const role = state.dark ? "cut off" : state.role;
  say(parts.role, role);
  parts.role.className = `pill role ${state.dark ? "bad" : state.role === "writer" ? "good" : state.role === "detached" ? "warm" : ""}`;
  const servers = { running: ["good", "running"], down: ["bad", "down"], unreachable: ["bad", "unreachable"], frozen: ["bad", "frozen"] };
  const database = [servers[state.server], ["soft", `${state.status} · instance ${state.instance || "none"} · ${state.engine}`]];
  if (!state.synchronized) database.push(["warm", "does not follow"]);
  if (state.paused) database.push(["warm", "replication paused"]);
  if (state.lag_ms !== null) database.push([state.lag_ms > 5000 ? "bad" : "soft", `lag ${length(state.lag_ms)}`]);
  pills(parts.database, database);
  pills(parts.says, [state.stale ? ["warm", `${state.says}, stale`, "What its own RDS endpoint says is behind the truth"] : ["soft", `says ${state.says}`]]);
  const apps = { running: ["good", "running"], killed: ["bad", "killed"], broken: ["bad", "wrong password"], unreachable: ["bad", "unreachable"] };
  pills(parts.app, [apps[state.app], state.healthy ? ["soft", "Route 53 calls it healthy"] : ["bad", "unhealthy"]]);
  pills(parts.alarms, state.alarms.map((alarm) => [
    alarm.state === "ALARM" ? "bad" : alarm.state === "OK" ? "good" : "warm",
    `${alarm.name.replace(/^todo-/, "")}${alarm.state === "OK" ? "" : `: ${alarm.state}`}${alarm.by_hand ? " (by hand)" : ""}`,
    `${alarm.what}: ${alarm.state}`,
  ]));
  decided(parts.follow, state.follow);
  decided(parts.failover, state.failover);
}

/* What leads where: a knob for each, which slides when it is published anew. */
const tracks = {};
function track(id, what, city, detail, writer) {
  if (!tracks[id]) {
    const item = make("li", "track"), about = make("div", "about"), rail = make("div", "rail");
    const parts = { item, what: make("span", "what"), detail: make("span", "detail"), knob: make("span", "knob") };
    about.append(parts.what, parts.detail);
    rail.append(make("span", "end seoul", "Seoul"), make("span", "end osaka", "Osaka"), parts.knob);
    item.append(about, rail);
    item.dataset.track = id;
    by("tracks").append(item);
    tracks[id] = parts;
  }
  const parts = tracks[id];
  say(parts.what, what); say(parts.detail, detail || "");
  say(parts.knob, city || "nowhere");
  parts.item.dataset.city = city || "nowhere";
  parts.knob.className = `knob ${(city || "nowhere").toLowerCase()}${writer && city && city !== writer ? " apart" : ""}`;
}

function between(state) {
  // It is read soon after the stage is up.
  const published = state.published || {}, { between: switches, writer } = state;
  const epoch = (it) => it && it.epoch !== null && it.epoch !== undefined ? `epoch ${it.epoch}` : "";
  track("users", "Users are led to the app in", published.users, "todo.example.com", null);
  track("writer", "Aurora's writer is in", writer, switches.moving || "todo", null);
  track("record", "Writer record, Route 53", published.record && published.record.city, epoch(published.record), writer);
  track("dns", "Resolvers answer", published.dns && published.dns.city, published.dns && published.dns.address, writer);
  for (const parameter of published.parameters || []) {
    const city = parameter.region === "ap-northeast-2" ? "Seoul" : "Osaka";
    track(`parameter-${city.toLowerCase()}`, `Writer parameter in ${city}`, parameter.city, epoch(parameter), writer);
  }
  const held = (published.parameters || []).map((it) => it.hold).find(Boolean);
  const states = [
    ["failover mode", switches.mode, ""],
    ["hold", held ? "set" : "not set", held ? "warm" : ""],
    ["RDS events", switches.events, switches.events === "delivered" ? "" : "bad"],
    ["replication", switches.paused ? "paused" : "streams", switches.paused ? "bad" : ""],
    ["Osaka → Seoul", switches.network_cut ? "cut" : "carries", switches.network_cut ? "bad" : ""],
    ["cut services", switches.cut.join(", ") || "none", switches.cut.length ? "bad" : ""],
  ];
  const text = JSON.stringify(states), list = by("states");
  if (list.dataset.shows === text) return;
  list.dataset.shows = text;
  list.replaceChildren(...states.map(([name, value, className]) => {
    const pair = make("div");
    pair.append(make("dt", "", name), make("dd", className, value));
    return pair;
  }));
}

function writes(state) {
  by("rate").replaceChildren(`${state.per_second}/s `, make("small", "", `${count(state.acknowledged)} done, ${count(state.failed)} failed`));
  if (state.over) by("over").replaceChildren(`${length(state.over.ms)} `, make("small", "over", ago(state.over.ended)));
  else say(by("over"), "none yet");
  say(by("longest"), state.longest_ms ? length(state.longest_ms) : "–");
  say(by("lost"), count(state.lost));
  by("lost-tile").classList.toggle("bad", state.lost > 0);
}

/* A text in parts: what leads to a page about a move can be followed. */
function linked(text) {
  return text.split(/(http:\/\/127\.0\.0\.1:\d+\/\S+\.html)/).map((part, at) => {
    if (at % 2 === 0) return part;
    const link = make("a", "", part);
    link.href = part;
    link.target = "_blank";
    return link;
  });
}

function terminal(typed) {
  const text = JSON.stringify(typed), box = by("terminal");
  if (box.dataset.shows === text) return;
  box.dataset.shows = text;
  if (!typed.length) return box.replaceChildren(make("p", "soft", "Nothing was typed yet."));
  box.replaceChildren(...typed.slice().reverse().map((one) => {
    const pre = make("pre");
    pre.append(make("span", "typed", `$ ${one.typed}\n`), ...linked(`${one.said}\n`),
      make("span", one.code === 0 ? "exit" : "exit bad", `[${one.exit}, ${length(one.took_ms)}]`));
    return pre;
  }));
  box.scrollTop = 0;
}

function mail(messages) {
  const text = JSON.stringify(messages), list = by("mail");
  if (list.dataset.shows === text) return;
  list.dataset.shows = text;
  if (!messages.length) return list.replaceChildren(make("li", "soft", "None."));
  list.replaceChildren(...messages.map((one) => {
    const item = make("li"), details = make("details");
    const pre = make("pre");
    pre.append(...linked(one.message));
    details.append(make("summary", "", `${clock(one.at)} ${one.subject}`), pre);
    item.append(details);
    return item;
  }));
}

function saved(report) {
  const place = document.querySelector("[data-buttons=room]");
  let link = by("report");
  if (!report) return link && link.remove();
  if (!link) {
    link = make("a", "", "");
    link.id = "report";
    link.target = "_blank";
    place.prepend(link);
  }
  link.href = report.html;
  link.title = report.file;
  say(link, `Report of ${clock(report.at)}`);
}

function banner(text) { const element = by("banner"); say(element, text || ""); element.hidden = !text; document.body.classList.toggle("waits", Boolean(text)); }

function snapshot(state) {
  now = state;
  document.body.dataset.state = state.state;
  if (state.state !== "up") {
    for (const { button: element } of buttons.values()) {
      const reset = element.dataset.id === "reset" && state.state === "failed";
      element.dataset.blocked = reset ? "" : "The stage is being set up: wait for it.";
      element.setAttribute("aria-disabled", String(!reset));
    }
    return banner(state.says);
  }
  banner("");
  say(by("pace"), `played ${state.pace}`);
  state.regions.forEach(region);
  for (const spec of state.buttons) button(spec);
  between(state);
  writes(state.writes);
  terminal(state.typed);
  mail(state.messages);
  saved(state.saved);
  tick();
}

/* What goes on between two messages. */
function tick() {
  if (!now || now.state !== "up") return;
  const since = now.writes.out_since;
  say(by("out"), since === null ? "none" : length(Math.max(0, Date.now() - since)));
  by("out-tile").classList.toggle("bad", since !== null);
  const over = document.querySelector("#over small");
  if (over && now.writes.over) say(over, ago(now.writes.over.ended));
  for (const parts of Object.values(shells)) for (const job of ["follow", "failover"]) {
    if (parts[job].at) say(parts[job].at, ago(parts[job].atMs));
  }
}
setInterval(tick, 200);

let scrolledTo = null;
function strip(drawn) {
  if (!drawn) return;
  const place = by("strip"), old = place.querySelector(".drawing");
  // Where somebody scrolled it, it stays; else it goes along with the present.
  const moved = old && scrolledTo !== null && Math.abs(old.scrollLeft - scrolledTo) > 4;
  const left = old ? old.scrollLeft : 0, focused = old && old === document.activeElement;
  place.innerHTML = drawn.svg;
  const fresh = place.querySelector(".drawing"), plot = fresh.querySelector(".plot").getBoundingClientRect();
  const present = fresh.scrollWidth - plot.width * (1 - drawn.now) + 24;
  fresh.scrollLeft = moved ? left : Math.max(0, present - fresh.clientWidth);
  if (!moved) scrolledTo = fresh.scrollLeft;
  if (focused) fresh.focus({ preventScroll: true });
  const text = JSON.stringify(drawn.lines), list = by("lines");
  if (list.dataset.shows === text) return;
  list.dataset.shows = text;
  list.replaceChildren(...drawn.lines.map((line) => {
    const item = make("li", line.kind);
    item.append(make("span", "at", clock(line.at)), make("span", "what", ""));
    item.lastChild.append(make("span", "lane", `${line.lane.replace("ap-northeast-2", "Seoul").replace("ap-northeast-3", "Osaka")}: `), line.text);
    return item;
  }));
}

const feed = new EventSource("/events");
feed.addEventListener("snapshot", (event) => snapshot(JSON.parse(event.data)));
feed.addEventListener("strip", (event) => strip(JSON.parse(event.data)));
feed.addEventListener("error", () => banner("The drill does not answer: it has ended, or this machine is very busy. The page goes on when it does."));

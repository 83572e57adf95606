// The table with the phones: puts them there, hears what changed, and remembers how they stood.

import { startClock } from "./clock.js";
import { h, toast } from "./dom.js";
import { startFaults } from "./faults.js";
import { Phone } from "./phone.js";
import * as state from "./state.js";
import * as time from "./time.js";

const MOST_PHONES = 6;
const stage = document.querySelector(".stage");
const tabs = document.querySelector(".tabs");
const more = document.querySelector(".more-phones");
const phones = [];
let active = 0;

const table = {
  changed() {
    keep();
    drawTabs();
    follow();
  },
  remove(phone) {
    phones.splice(phones.indexOf(phone), 1);
    phone.node.remove();
    activate(Math.min(active, phones.length - 1));
  },
  look(file) {
    const viewer = document.querySelector("#viewer");
    const image = viewer.querySelector("img");
    image.src = file.href;
    image.alt = file.name;
    viewer.showModal();
  },
};

function keep() {
  state.keepLayout(phones.map((phone) => phone.slot), active);
}

function put(slot) {
  const phone = new Phone(slot, table);
  phones.push(phone);
  stage.insertBefore(phone.node, more);
  return phone;
}

function activate(place) {
  active = Math.max(0, place);
  phones.forEach((phone, at) => {
    phone.node.classList.toggle("active", at === active);
    phone.away.hidden = phones.length === 1;
  });
  more.hidden = phones.length >= MOST_PHONES;
  keep();
  drawAll();
}

function add() {
  const taken = new Set(phones.map((phone) => phone.slot.person));
  const free = state.info.people.find((one) => !taken.has(one.id)) || state.info.people[0];
  put({ person: free.id, platform: state.info.platforms[0].name, open: "private" });
  activate(phones.length - 1);
  follow();
  phones.at(-1).node.scrollIntoView({ inline: "end", block: "nearest" });
}

function drawTabs() {
  const marked = phones.map((phone, at) => {
    const who = state.person(phone.slot.person);
    const waiting = state.info.platforms.some(({ name }) => state.unreadOn(name, phone.slot.person));
    const group = phone.talk()?.group;
    return h("button", { type: "button", role: "tab", "data-person": who.id, "aria-selected": String(at === active), tabindex: at === active ? "0" : "-1", onclick: () => activate(at) },
      group ? phone.talk().title : who.name, waiting && at !== active ? h("i", { class: "dot" }) : null);
  });
  const plus = phones.length < MOST_PHONES ? [h("button", { type: "button", class: "plus", "aria-label": "加一部手机", onclick: add }, "＋")] : [];
  const held = tabs.contains(document.activeElement);
  tabs.replaceChildren(...marked, ...plus);
  if (held) tabs.querySelector("[aria-selected=true]")?.focus();
}

function drawAll() {
  for (const phone of phones) phone.draw();
  drawTabs();
}

// Fetch what the phones on the table show, on both platforms: the other one may have a dot.
function follow() {
  const people = new Set(phones.map((phone) => phone.slot.person));
  for (const person of people) {
    for (const { name } of state.info.platforms) if (!state.talks(name, person)) fetchOne(name, person);
  }
}

function fetchOne(platform, person) {
  state.refresh(platform, person).catch((error) => toast(error.message));
}

function listen() {
  const line = document.querySelector(".line");
  const say = (how, text) => {
    line.dataset.state = how;
    line.lastElementChild.textContent = text;
  };
  const source = new EventSource("/sandbox/events");
  source.addEventListener("open", () => {
    say("on", "已连接");
    for (const person of new Set(phones.map((phone) => phone.slot.person))) {
      for (const { name } of state.info.platforms) fetchOne(name, person);
    }
  });
  source.addEventListener("error", () => say("off", "断开了，正在重连"));
  source.addEventListener("clock", (event) => {
    time.setTime(JSON.parse(event.data));
    drawAll();
  });
  source.addEventListener("talk", (event) => {
    const { platform, person } = JSON.parse(event.data);
    if (phones.some((phone) => phone.slot.person === person)) fetchOne(platform, person);
  });
}

async function start() {
  try {
    await state.learn();
  } catch (error) {
    toast(error.message);
    setTimeout(start, 2000);
    return;
  }
  const { slots, active: last } = state.layout();
  for (const slot of slots.slice(0, MOST_PHONES)) put(slot);
  state.watch((platform, person) => {
    for (const phone of phones) if (phone.slot.person === person) phone.draw();
    drawTabs();
  });
  startFaults(state.info.platforms, state.info.killable);
  startClock(() => phones.forEach((phone) => phone.tick()))();
  more.addEventListener("click", add);
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) activate((active + step + phones.length) % phones.length);
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && drawAll());
  const viewer = document.querySelector("#viewer");
  viewer.addEventListener("click", () => viewer.close());
  activate(Math.min(last, slots.length - 1));
  listen();
}

start();

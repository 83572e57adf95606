// One message as a phone shows it.

import { card, settled } from "./card.js";
import { h, icon } from "./dom.js";
import { safe } from "./safe.js";
import * as time from "./time.js";

const BESIDE_THE_TIME = new Set(["已编辑", "不可转发"]);

// `hands`: press(bubble, data, values, key), quote(bubble), look(file); `chosen`: what was picked in the card's lists.
export function bubbleNode(bubble, { platform, group, hands, chosen }) {
  const notes = bubble.note.split("　").filter((note) => note && note !== settled(bubble));
  const beside = platform === "telegram" ? notes.filter((note) => BESIDE_THE_TIME.has(note)) : [];
  const under = notes.filter((note) => !beside.includes(note)).join("　");
  const bare = !bubble.html && !bubble.card && bubble.files.length === 1 && isPicture(bubble.files[0]);
  const body = bubble.card
    ? card(bubble, chosen, (data, values, pressed) => hands.press(bubble, data, values, pressed))
    : h("div", { class: `bubble${bare ? " bare" : ""}` }, ...bubble.files.map((file) => fileNode(file, hands.look)));
  if (!bubble.card) {
    const text = h("div", { class: bubble.html ? "text" : "text late" }, safe(bubble.html), stamp(bubble, beside));
    if (bubble.html || !bare) body.append(text);
    else body.append(h("div", { class: "over" }, stamp(bubble, beside)));
  }
  const stack = h("div", { class: "stack" }, group && !bubble.mine && h("p", { class: "author" }, bubble.author), body);
  if (bubble.keys.length && !bubble.card) stack.append(keys(bubble, hands));
  if (under) stack.append(h("p", { class: "note" }, under));
  return h(
    "li",
    { class: `msg ${bubble.mine ? "mine" : "theirs"}`, "data-id": bubble.id, title: time.full(bubble.at) },
    platform === "wecom" || (group && !bubble.mine) ? avatar(bubble.author, bubble.mine) : null,
    stack,
    replyKey(bubble, hands),
  );
}

function stamp(bubble, notes) {
  return h(
    "span",
    { class: "stamp" },
    notes.map((note) => h("i", { title: note }, note === "不可转发" ? icon("lock") : note)),
    h("time", {}, time.hour(bubble.at)),
    bubble.mine && icon("ticks"),
  );
}

function keys(bubble, hands) {
  const rows = bubble.keys.map((row) =>
    h("div", { class: "key-row" }, row.map((key) =>
      h("button", {
        class: "key", type: "button", "data-press": key.data,
        onclick: (event) => hands.press(bubble, key.data, {}, event.currentTarget),
      }, key.label))));
  return h("div", { class: "keys" }, rows);
}

function replyKey(bubble, hands) {
  return h("button", {
    class: "reply", type: "button", "aria-label": "引用这条来回复", title: "引用", onclick: () => hands.quote(bubble),
  }, icon("reply"));
}

export const isPicture = (file) => /^image\/(png|jpe?g|gif|webp)$/.test(file.mime || "");

function fileNode(file, look) {
  if (isPicture(file)) {
    return h("button", { class: "picture", type: "button", "aria-label": `看大图：${file.name}`, onclick: () => look(file) },
      h("img", { src: file.href, alt: file.name, loading: "lazy" }));
  }
  const [, ending = ""] = /\.([a-z0-9]{1,5})$/i.exec(file.name) || [];
  return h("a", { class: "file", href: file.href, download: file.name },
    h("span", { class: `ending ${kind(ending)}`, "aria-hidden": "true" }, ending.toUpperCase() || "?"),
    h("span", { class: "name" }, file.name, h("small", {}, "点开下载")));
}

function kind(ending) {
  if (/^(xlsx?|csv)$/i.test(ending)) return "table";
  if (/^(pdf)$/i.test(ending)) return "paper";
  return "other";
}

const TINTS = 6;

export function avatar(name, mine = false, what = "") {
  const tint = [...name].reduce((sum, sign) => sum + sign.codePointAt(0), 0) % TINTS;
  const bot = what === "bot" || (!what && /掌柜|机器人|bot$/i.test(name) && !mine);
  const inside = bot ? icon("store") : what === "group" ? icon("people") : [...name.trim()].at(-1) || "?";
  return h("span", { class: `avatar ${bot ? "bot" : what === "group" ? "crowd" : `tint-${tint}`}`, "aria-hidden": "true" }, inside);
}

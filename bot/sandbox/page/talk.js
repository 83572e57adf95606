// An open talk: its bubbles, kept in place while they change, and where the reader stands in them.

import { avatar, bubbleNode } from "./bubble.js";
import { h, icon } from "./dom.js";
import * as time from "./time.js";

const NEAR = 90; // pixels from the end that still count as being at the end
const PAUSE = 300; // seconds after which WeCom shows the time again
const LONG_PRESS = 480;

export class TalkView {
  constructor(hands) {
    this.hands = hands;
    this.nodes = new Map(); // bubble id → { node, mark }
    this.chosen = new Map(); // bubble id → what was picked in its lists
    this.ghosts = []; // what is being sent, or was not
    this.name = null;
    this.list = h("ol", { class: "bubbles" });
    this.scroller = h("div", { class: "scroller", role: "log", tabindex: "0", "aria-label": "消息", onscroll: () => this.scrolled() }, this.list);
    this.more = h("button", { class: "to-end", type: "button", "aria-label": "到最新的消息", hidden: true, onclick: () => this.toEnd(true) }, icon("down"), h("span", {}));
    this.node = h("div", { class: "talk" }, this.scroller, this.more);
    this.longPress();
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.scroller);
    this.list.addEventListener("load", () => this.atEnd && this.toEnd(), true);
  }

  show(platform, name, talk) {
    const fresh = this.name !== name;
    if (fresh) {
      this.name = name;
      this.nodes.clear();
      this.list.replaceChildren();
      this.atEnd = true;
      this.unseen = 0;
    }
    const arrived = this.draw(platform, talk);
    if (this.atEnd) this.toEnd();
    else this.unseen += fresh ? 0 : arrived;
    this.showMore();
  }

  draw(platform, talk) {
    const order = [];
    let arrived = 0;
    let before = null;
    for (const bubble of talk.bubbles) {
      const mark = JSON.stringify(bubble);
      const old = this.nodes.get(bubble.id);
      if (old?.mark !== mark) {
        const node = this.make(platform, talk, bubble);
        if (old) keepFocus(old.node, node);
        else if (!bubble.mine) arrived += 1;
        this.nodes.set(bubble.id, { node, mark });
      }
      const { node } = this.nodes.get(bubble.id);
      order.push(...this.between(platform, before, bubble));
      node.classList.toggle("follows", follows(before, bubble));
      order.push(node);
      before = bubble;
    }
    const now = new Set(talk.bubbles.map((bubble) => bubble.id));
    for (const id of this.nodes.keys()) if (!now.has(id)) this.nodes.delete(id);
    this.settleGhosts(talk);
    order.push(...this.ghosts.filter((ghost) => ghost.name === this.name).map((ghost) => ghost.node));
    if (!order.length) order.push(this.empty(talk));
    arrange(this.list, order);
    return arrived;
  }

  empty(talk) {
    this.blank ??= h("li", { class: "empty" });
    this.blank.replaceChildren(avatar(talk.title, false, talk.group ? "group" : "bot"),
      h("p", {}, talk.group ? `${talk.title}，还没有人说话` : "还没有消息，点下面一句试试"));
    return this.blank;
  }

  make(platform, talk, bubble) {
    if (!this.chosen.has(bubble.id)) this.chosen.set(bubble.id, {});
    return bubbleNode(bubble, { platform, group: talk.group, hands: this.hands, chosen: this.chosen.get(bubble.id) });
  }

  // The day, or in WeCom the time where there was a pause. Nodes are kept, so that nothing flickers.
  between(platform, before, bubble) {
    const newDay = !before || time.day(before.at) !== time.day(bubble.at);
    const paused = platform === "wecom" && (!before || bubble.at - before.at > PAUSE);
    if (!newDay && !paused) return [];
    const today = time.day(bubble.at) === time.day(time.now());
    const said = platform === "telegram" ? (today ? "今天" : time.date(bubble.at)) : today ? time.hour(bubble.at) : time.full(bubble.at);
    const id = `before ${bubble.id}`;
    this.chips ??= new Map();
    const chip = this.chips.get(id) || h("li", { class: "day" }, h("span", {}));
    this.chips.set(id, chip);
    if (chip.firstChild.textContent !== said) chip.firstChild.textContent = said;
    return [chip];
  }

  // A line on its way. It goes when the talk shows it, or stays as not sent, to be tried again.
  ghost(name, text, platform, again) {
    const known = new Set(this.nodes.keys());
    const state = h("p", { class: "note", role: "status" }, "正在发送…");
    const node = h("li", { class: "msg mine ghost", "aria-busy": "true" }, platform === "wecom" ? avatar("我", true) : null,
      h("div", { class: "stack" }, h("div", { class: "bubble" }, h("div", { class: "text" }, text)), state));
    const ghost = { name, text, node, known, sent: false };
    ghost.fail = () => {
      node.classList.add("failed");
      node.removeAttribute("aria-busy");
      state.replaceChildren("没有发出去 · ",
        h("button", { type: "button", class: "plain", onclick: () => (this.dropGhost(ghost), again()) }, "重发"), " · ",
        h("button", { type: "button", class: "plain", onclick: () => this.dropGhost(ghost) }, "删掉"));
    };
    ghost.done = () => this.dropGhost(ghost);
    this.ghosts.push(ghost);
    if (name === this.name) {
      this.blank?.remove();
      this.list.append(node);
      this.toEnd();
    }
    return ghost;
  }

  dropGhost(ghost) {
    this.ghosts = this.ghosts.filter((one) => one !== ghost);
    ghost.node.remove();
  }

  settleGhosts(talk) {
    for (const ghost of this.ghosts.filter((one) => one.name === this.name && !one.node.classList.contains("failed"))) {
      if (talk.bubbles.some((bubble) => bubble.mine && !ghost.known.has(bubble.id))) this.dropGhost(ghost);
    }
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.atEnd) this.unseen = 0;
    this.showMore();
  }

  toEnd(smoothly = false) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smoothly && !calm ? "smooth" : "instant" });
    this.atEnd = true;
  }

  showMore() {
    this.more.hidden = this.atEnd;
    this.more.lastChild.textContent = this.unseen ? String(this.unseen) : "";
  }

  // A long touch on a bubble quotes it, as on the real phones.
  longPress() {
    let timer = 0;
    const stop = () => clearTimeout(timer);
    this.list.addEventListener("pointerdown", (event) => {
      const item = event.target.closest(".msg[data-id]");
      if (event.pointerType === "mouse" || !item || event.target.closest("button, a, select, input, label")) return;
      timer = setTimeout(() => this.hands.quoteById(item.dataset.id), LONG_PRESS);
    });
    for (const name of ["pointerup", "pointercancel", "pointermove"]) this.list.addEventListener(name, stop);
  }
}

function follows(before, bubble) {
  return Boolean(before) && before.mine === bubble.mine && before.author === bubble.author && bubble.at - before.at < PAUSE;
}

// Put exactly these nodes into the list, moving none that already stands right.
function arrange(list, order) {
  const wanted = new Set(order);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  order.forEach((node, place) => {
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] || null);
  });
}

function keepFocus(old, node) {
  const held = old.contains(document.activeElement) ? document.activeElement.dataset.press : undefined;
  old.replaceWith(node);
  if (held === undefined) return;
  const again = [...node.querySelectorAll("[data-press]")].find((key) => key.dataset.press === held);
  (again || node.closest(".screen")?.querySelector("textarea"))?.focus({ preventScroll: true });
}

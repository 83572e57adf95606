// One phone on the table: whose it is, on which platform, its list of chats or one open talk.

import * as api from "./api.js";
import { avatar } from "./bubble.js";
import { Composer } from "./composer.js";
import { h, icon, toast } from "./dom.js";
import { words } from "./safe.js";
import * as state from "./state.js";
import { TalkView } from "./talk.js";
import * as time from "./time.js";

const GROUP_TIPS = { telegram: ["查 8000"], wecom: ["@掌柜 查 8000"] };

// `table`: changed() keeps the layout, remove(phone), look(file).
export class Phone {
  constructor(slot, table) {
    this.slot = slot;
    this.table = table;
    this.view = new TalkView({
      press: (bubble, data, values, key) => this.press(bubble.id, data, values, key),
      quote: (bubble) => this.composer.quote(bubble),
      quoteById: (id) => this.composer.quote(this.talk().bubbles.find((bubble) => bubble.id === id)),
      look: (file) => table.look(file),
    });
    this.composer = new Composer({
      say: (text, quotes) => this.say(text, quotes),
      drop: (file) => this.drop(file),
      tap: (key) => this.press("", key.data, {}, null),
    });
    this.build();
    this.dropping();
  }

  build() {
    this.owner = h("select", { "aria-label": "谁的手机", onchange: () => this.become({ person: this.owner.value }) },
      state.info.people.map((one) => h("option", { value: one.id }, `${one.name} · ${one.post}`)));
    this.sides = state.info.platforms.map(({ name, title }) =>
      h("button", { type: "button", role: "radio", "data-side": name, onclick: () => this.become({ platform: name }) }, title, h("i", { class: "dot", hidden: true })));
    const sides = h("div", { class: "sides", role: "radiogroup", "aria-label": "平台", onkeydown: (event) => this.sideKeys(event) }, this.sides);
    this.away = h("button", { class: "round away", type: "button", "aria-label": "收起这部手机", title: "收起这部手机", onclick: () => this.table.remove(this) }, icon("close"));
    this.hour = h("span", { class: "hour" });
    this.bar = h("header", { class: "bar" });
    this.chats = h("ul", { class: "chats", "aria-label": "会话" });
    this.flash = h("p", { class: "flash", role: "status", hidden: true });
    this.screen = h("div", { class: "screen" },
      h("div", { class: "status", "aria-hidden": "true" }, this.hour, h("i", { class: "island" }), h("span", { class: "signs" }, icon("signal"), icon("wifi"), icon("battery"))),
      this.bar, this.chats, this.view.node, this.composer.node, h("i", { class: "home" }), this.flash,
      h("div", { class: "landing", "aria-hidden": "true" }, icon("file"), h("b", {}, "松手就发")));
    this.node = h("article", { class: "phone" },
      h("header", { class: "owner" }, h("span", { class: "pick" }, this.owner, icon("down")), sides, this.away),
      h("div", { class: "device" }, this.screen));
  }

  get spot() {
    return { platform: this.slot.platform, person: this.slot.person };
  }

  talks() {
    return state.talks(this.slot.platform, this.slot.person) || [];
  }

  // The talk that is open: by its id, or the first of the kind wanted where nothing was opened yet.
  talk() {
    const { open } = this.slot;
    if (!open) return undefined;
    const talks = this.talks();
    return talks.find((talk) => talk.id === open) || talks.find((talk) => talk.group === (open === "group")) || talks[0];
  }

  become(change) {
    const group = this.talk()?.group;
    Object.assign(this.slot, change, this.slot.open ? { open: group ? "group" : "private" } : {});
    this.table.changed();
    this.draw();
  }

  open(talk) {
    this.slot.open = talk?.id ?? null;
    this.table.changed();
    this.draw();
    // On a touch screen the keyboard would cover what she came to read.
    if (talk && matchMedia("(hover: hover)").matches) this.composer.field.focus({ preventScroll: true });
    else if (!talk) this.chats.querySelector("button")?.focus();
  }

  // Draw everything from the state; cheap, since bubbles that did not change stay as they are.
  draw() {
    const { platform, person } = this.slot;
    const who = state.person(person);
    const talk = this.talk();
    this.node.dataset.platform = platform;
    this.node.dataset.person = person;
    this.node.dataset.known = String(Boolean(state.talks(platform, person)));
    this.node.setAttribute("aria-label", `${who.name}的手机`);
    this.owner.value = person;
    for (const side of this.sides) {
      const on = side.dataset.side === platform;
      side.setAttribute("aria-checked", String(on));
      side.tabIndex = on ? 0 : -1;
      side.querySelector(".dot").hidden = on || !state.unreadOn(side.dataset.side, person);
    }
    this.tick();
    this.screen.classList.toggle("in-talk", Boolean(talk));
    if (talk) this.drawTalk(platform, talk);
    else this.drawChats(platform, person);
  }

  drawTalk(platform, talk) {
    if (this.visible()) state.markSeen(platform, this.slot.person, talk);
    const name = `${state.key(platform, this.slot.person)}/${talk.id}`;
    const elsewhere = this.talks().filter((one) => one !== talk).reduce((sum, one) => sum + state.unread(platform, this.slot.person, one), 0);
    this.node.dataset.talk = talk.id;
    this.setBar(`talk ${talk.id} ${talk.title} ${elsewhere}`, () => [
      h("button", { class: "back", type: "button", "aria-label": elsewhere ? `所有会话，${elsewhere} 条未读` : "所有会话", onclick: () => this.open(null) },
        icon("back"), elsewhere ? h("b", { class: "badge" }, String(elsewhere)) : null),
      h("div", { class: "title" }, h("h2", {}, talk.title), h("p", {}, talk.group ? "群聊" : platform === "telegram" ? "机器人" : "")),
      avatar(talk.title, false, talk.group ? "group" : "bot"),
    ]);
    this.view.show(platform, name, talk);
    this.composer.show(platform, { name, group: talk.group, menu: talk.menu }, talk.bubbles.some((bubble) => bubble.mine) ? [] : this.tips(platform, talk));
  }

  drawChats(platform, person) {
    delete this.node.dataset.talk;
    this.setBar(`chats ${platform}`, () => [h("div", { class: "title" }, h("h2", {}, platform === "telegram" ? "对话" : "消息"))]);
    this.chats.replaceChildren(...this.talks().map((talk) => {
      const last = talk.bubbles.at(-1);
      const waiting = state.unread(platform, person, talk);
      return h("li", {}, h("button", { type: "button", "data-talk": talk.id, onclick: () => this.open(talk) },
        avatar(talk.title, false, talk.group ? "group" : "bot"),
        h("span", { class: "what" }, h("b", {}, talk.title), h("span", {}, last ? saying(last, talk) : "还没有消息")),
        h("span", { class: "when" }, h("time", {}, last ? time.brief(last.at) : ""), waiting ? h("b", { class: "badge", "aria-label": `${waiting} 条未读` }, String(waiting)) : null)));
    }));
  }

  setBar(mark, make) {
    const name = `${this.slot.platform} ${mark}`;
    if (this.bar.dataset.mark === name) return;
    const held = this.bar.contains(document.activeElement);
    this.bar.dataset.mark = name;
    this.bar.replaceChildren(...make());
    if (held) this.bar.querySelector("button")?.focus();
  }

  tips(platform, talk) {
    return talk.group ? GROUP_TIPS[platform] : state.person(this.slot.person).tips;
  }

  tick() {
    this.hour.textContent = time.hour(time.now());
  }

  visible() {
    return this.node.isConnected && this.node.getClientRects().length > 0 && document.visibilityState === "visible";
  }

  async say(text, quotes) {
    const spot = { ...this.spot, talk: this.talk().id };
    await this.send(text, () => api.say(spot, text, quotes), () => this.say(text, quotes));
  }

  async drop(file) {
    const spot = { ...this.spot, talk: this.talk().id };
    await this.send(file.name || "图片", () => api.drop(spot, file), () => this.drop(file));
  }

  async send(text, act, again) {
    const { platform, person } = this.slot;
    const ghost = this.view.ghost(this.view.name, text, platform, again);
    try {
      this.flashUp((await act()).flash);
      await state.refresh(platform, person);
      ghost.done();
    } catch (error) {
      ghost.fail();
      toast(error.message);
    }
  }

  async press(bubble, data, values, key) {
    const { platform, person } = this.slot;
    if (key?.classList.contains("busy")) return;
    key?.classList.add("busy");
    try {
      this.flashUp((await api.press({ ...this.spot, talk: this.talk().id }, bubble, data, values)).flash);
      await state.refresh(platform, person);
    } catch (error) {
      toast(error.message);
    } finally {
      key?.classList.remove("busy");
    }
  }

  flashUp(text) {
    if (!text) return;
    clearTimeout(this.fading);
    this.flash.textContent = text;
    this.flash.hidden = false;
    this.fading = setTimeout(() => { this.flash.hidden = true; }, 2600);
  }

  sideKeys(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = this.sides.findIndex((side) => side.dataset.side === this.slot.platform);
    const next = this.sides[(at + step + this.sides.length) % this.sides.length];
    next.click();
    next.focus();
  }

  // Files may be dropped anywhere on an open talk.
  dropping() {
    const over = (on) => this.screen.classList.toggle("over-it", on && Boolean(this.talk()));
    this.screen.addEventListener("dragover", (event) => {
      event.preventDefault();
      over(true);
    });
    this.screen.addEventListener("dragleave", (event) => this.screen.contains(event.relatedTarget) || over(false));
    this.screen.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      if (this.talk()) this.composer.dropAll(event.dataTransfer.files);
    });
  }
}

function saying(bubble, talk) {
  const said = words(bubble.html) || bubble.card?.main_title?.title || (bubble.files[0] ? `[文件] ${bubble.files[0].name}` : "");
  return talk.group && !bubble.mine ? `${bubble.author}：${said}` : said;
}

// The line at the bottom of a talk: what is typed, quoted, dropped; the menu; and what one may try first.

import { h, icon, toast } from "./dom.js";
import { words } from "./safe.js";

const MOST_FILE = 20 * 1024 * 1024;
const TAKEN = 229; // the key code of a key that an input method has taken

// `act`: say(text, quotes), drop(file), tap(key); drafts and quotes belong to a talk and are kept across a switch.
export class Composer {
  constructor(act) {
    this.act = act;
    this.drafts = new Map();
    this.talk = null;
    this.build();
  }

  build() {
    this.field = h("textarea", {
      rows: "1", enterkeyhint: "send", "aria-label": "输入消息", maxlength: "4096", autocomplete: "off", spellcheck: "false",
      onkeydown: (event) => this.typed(event), oninput: () => this.changed(), onpaste: (event) => this.pasted(event),
    });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", onchange: () => this.picked() });
    this.attach = h("button", { class: "tool attach", type: "button", "aria-label": "发文件", title: "发文件", onclick: () => this.picker.click() });
    this.menuKey = h("button", {
      class: "tool menu-key", type: "button", "aria-label": "菜单", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => this.toggleMenu(),
    }, icon("menu"), h("span", {}, "菜单"));
    this.send = h("button", { class: "send", type: "button", "aria-label": "发送", disabled: true, onclick: () => this.submit() }, icon("plane"), h("span", {}, "发送"));
    this.tips = h("div", { class: "tips", role: "group", "aria-label": "可以先试这几句" });
    this.strip = h("div", { class: "quoting", hidden: true });
    this.menu = h("div", { class: "menu", role: "menu", hidden: true, onkeydown: (event) => this.menuKeys(event) });
    this.node = h("footer", { class: "composer" }, this.menu, this.tips, this.strip,
      h("div", { class: "row" }, this.menuKey, this.attach, this.field, this.send, this.picker));
  }

  // Show this talk's line. `tips` only before she has said anything.
  show(platform, talk, tips) {
    if (this.talk !== talk.name) {
      this.talk = talk.name;
      this.field.value = this.draft.text;
      this.toggleMenu(false);
      this.changed();
      this.showQuote();
    }
    this.fit();
    this.attach.replaceChildren(icon(platform === "wecom" ? "plus-circle" : "clip"));
    this.field.placeholder = platform === "telegram" ? "消息" : talk.group ? "@掌柜 它才听得到" : "";
    this.showTips(tips);
    this.showMenu(talk.menu);
  }

  get draft() {
    if (!this.drafts.has(this.talk)) this.drafts.set(this.talk, { text: "", quotes: null });
    return this.drafts.get(this.talk);
  }

  showTips(tips) {
    const now = tips.join("\n");
    if (this.tips.dataset.now === now) return;
    this.tips.dataset.now = now;
    this.tips.hidden = !tips.length;
    this.tips.replaceChildren(...tips.map((tip) => h("button", { class: "tip", type: "button", onclick: () => this.act.say(tip, null) }, tip)));
  }

  showMenu(keys) {
    this.menuKey.hidden = !keys.length;
    const now = JSON.stringify(keys);
    if (this.menu.dataset.now === now) return;
    this.menu.dataset.now = now;
    this.menu.replaceChildren(...keys.map((key) => h("button", {
      class: "entry", type: "button", role: "menuitem", "data-press": key.data,
      onclick: () => {
        this.toggleMenu(false);
        this.act.tap(key);
      },
    }, key.label)));
  }

  toggleMenu(open = this.menu.hidden) {
    this.menu.hidden = !open;
    this.menuKey.setAttribute("aria-expanded", String(open));
    if (open) this.menu.querySelector("button")?.focus();
  }

  menuKeys(event) {
    const entries = [...this.menu.children];
    const at = entries.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) entries[(at + step + entries.length) % entries.length].focus();
    if (event.key === "Escape") {
      this.toggleMenu(false);
      this.menuKey.focus();
    }
    if (step || event.key === "Escape") event.preventDefault();
  }

  quote(bubble) {
    this.draft.quotes = bubble;
    this.showQuote();
    this.field.focus();
  }

  showQuote() {
    const { quotes } = this.draft;
    this.strip.hidden = !quotes;
    if (!quotes) return;
    const text = words(quotes.html) || quotes.card?.main_title?.title || quotes.files[0]?.name || "";
    this.strip.replaceChildren(
      h("div", {}, h("b", {}, quotes.mine ? "我" : quotes.author), h("span", {}, text.slice(0, 80))),
      h("button", { class: "tool", type: "button", "aria-label": "不引用了", onclick: () => this.unquote() }, icon("close")),
    );
  }

  unquote() {
    this.draft.quotes = null;
    this.showQuote();
    this.field.focus();
  }

  typed(event) {
    const composing = event.isComposing || event.keyCode === TAKEN;
    if (event.key === "Enter" && !event.shiftKey && !composing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.draft.quotes) {
      this.unquote();
    }
  }

  changed() {
    this.draft.text = this.field.value;
    this.send.disabled = !this.field.value.trim();
    this.node.classList.toggle("filled", !this.send.disabled);
    this.fit();
  }

  fit() {
    this.field.style.height = "auto";
    if (this.field.scrollHeight > 0) this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 116)}px`;
  }

  submit() {
    const text = this.field.value.trim();
    if (!text) return;
    const quotes = this.draft.quotes?.id ?? null;
    this.field.value = "";
    this.draft.quotes = null;
    this.showQuote();
    this.changed();
    this.act.say(text, quotes);
  }

  picked() {
    this.dropAll(this.picker.files);
    this.picker.value = "";
  }

  pasted(event) {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    this.dropAll(event.clipboardData.files);
  }

  dropAll(files) {
    for (const file of files) {
      if (file.size > MOST_FILE) toast(`${file.name} 太大了：最多 20 MB。`);
      else this.act.drop(file);
    }
  }
}

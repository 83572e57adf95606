// WeCom template cards, drawn from the JSON that was sent.

import { h } from "./dom.js";

// `chosen` (question → options) is kept by the phone, so that a pick outlives the card being drawn anew.
export function card(bubble, chosen, press) {
  const told = bubble.card;
  const parts = [source(told), titles(told), picture(told), emphasis(told), quote(told), subtitle(told), facts(told)];
  parts.push(...asked(told, chosen), ...links(told));
  const buttons = told.button_list || [];
  const submit = told.submit_button;
  const words = settled(bubble);
  if (words) parts.push(h("div", { class: "card-keys" }, h("button", { class: "card-key", type: "button", disabled: true }, words)));
  else if (buttons.length) parts.push(h("div", { class: `card-keys${buttons.length > 2 ? " many" : ""}` }, buttons.map((one) => button(one, chosen, press))));
  else if (submit) parts.push(h("div", { class: "card-keys" }, button({ ...submit, style: 1 }, chosen, press)));
  parts.push(corner(bubble, chosen, press));
  return h("div", { class: "card", "data-kind": told.card_type }, parts.filter(Boolean));
}

// What stands on the card's greyed buttons once it was answered.
export function settled(bubble) {
  return bubble.card && bubble.keys.flat().find((key) => key.data === "")?.label;
}

// The menu of the card's corner.
function corner(bubble, chosen, press) {
  const entries = bubble.keys.flat().filter((key) => key.data.startsWith("menu:"));
  return entries.length > 0 && h("div", { class: "card-menu" }, entries.map((key) => h("button", {
    class: "card-key", type: "button", "data-press": key.data, onclick: (event) => press(key.data, {}, event.currentTarget),
  }, key.label)));
}

function source({ source: from }) {
  if (!from?.desc) return null;
  const colour = ["grey", "black", "red", "green"][from.desc_color ?? 0];
  return h("p", { class: `card-source ${colour}` }, from.desc);
}

function titles({ main_title: main }) {
  if (!main?.title && !main?.desc) return null;
  return h("div", { class: "card-title" }, main.title && h("h3", {}, main.title), main.desc && h("p", {}, main.desc));
}

function picture({ card_image: image }) {
  if (!image?.url) return null;
  const local = image.url.startsWith("/") || image.url.startsWith(location.origin);
  return local ? h("img", { class: "card-picture", src: image.url, alt: "" }) : h("div", { class: "card-picture", role: "img", "aria-label": "卡片图片" });
}

function emphasis({ emphasis_content: strong }) {
  return strong && h("div", { class: "card-strong" }, h("b", {}, strong.title || ""), h("span", {}, strong.desc || ""));
}

function quote({ quote_area: area }) {
  return area && h("blockquote", { class: "card-quote" }, area.title && h("b", {}, area.title), area.quote_text || "");
}

function subtitle({ sub_title_text: text }) {
  return text && h("p", { class: "card-text" }, text);
}

function facts({ horizontal_content_list: rows = [], vertical_content_list: blocks = [] }) {
  if (!rows.length && !blocks.length) return null;
  return h("dl", { class: "card-facts" },
    rows.map((row) => h("div", {}, h("dt", {}, row.keyname), h("dd", {}, row.value || ""))),
    blocks.map((row) => h("div", { class: "tall" }, h("dt", {}, row.title), h("dd", {}, row.desc || ""))));
}

function asked({ button_selection: one, select_list: several = [], checkbox }, chosen) {
  const lists = [...(one ? [one] : []), ...several].map((list) => select(list, chosen));
  return checkbox ? [...lists, boxes(checkbox, chosen)] : lists;
}

function select(list, chosen) {
  const name = list.question_key;
  chosen[name] ??= list.selected_id ? [list.selected_id] : list.option_list?.[0] ? [list.option_list[0].id] : [];
  const options = (list.option_list || []).map((option) =>
    h("option", { value: option.id, selected: chosen[name].includes(option.id) }, option.text));
  return h("label", { class: "card-select" }, h("span", {}, list.title || "请选择"),
    h("select", { disabled: Boolean(list.disable), onchange: (event) => { chosen[name] = [event.target.value]; } }, options));
}

function boxes(list, chosen) {
  const name = list.question_key;
  const many = list.mode === 1;
  chosen[name] ??= (list.option_list || []).filter((option) => option.is_checked).map((option) => option.id);
  const pick = (id, on) => {
    chosen[name] = many ? (on ? [...chosen[name], id] : chosen[name].filter((one) => one !== id)) : [id];
  };
  const group = `q${Math.random().toString(36).slice(2)}`;
  return h("fieldset", { class: "card-boxes", disabled: Boolean(list.disable) },
    h("legend", {}, many ? "可多选" : "选一项"),
    (list.option_list || []).map((option) => h("label", {},
      h("input", {
        type: many ? "checkbox" : "radio", name: group, value: option.id, checked: chosen[name].includes(option.id),
        onchange: (event) => pick(option.id, event.target.checked),
      }), h("span", {}, option.text))));
}

function links({ jump_list: jumps = [] }) {
  return jumps.map((jump) => {
    const safe = /^https?:\/\//i.test(jump.url || "");
    return h(safe ? "a" : "p", { class: "card-link", href: safe ? jump.url : null, target: "_blank", rel: "noopener noreferrer" }, jump.title);
  });
}

function button(told, chosen, press) {
  if (told.type === 1) {
    const safe = /^https?:\/\//i.test(told.url || "");
    return h("a", { class: "card-key", href: safe ? told.url : null, target: "_blank", rel: "noopener noreferrer" }, told.text);
  }
  return h("button", {
    class: `card-key style-${told.style || 1}`, type: "button", "data-press": told.key,
    onclick: (event) => press(told.key, { ...chosen }, event.currentTarget),
  }, told.text);
}

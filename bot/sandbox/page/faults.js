// Bad days on order: what can be made to go wrong, in words of the shop.

import * as api from "./api.js";
import { h, toast } from "./dom.js";

const ORDERS = {
  telegram: [
    ["平台超时", "下一条发出去没有回音，也没有送到", { kind: "hang", method: "send*" }],
    ["送到了却没回音", "下一条送到了，但掌柜不知道", { kind: "lost", method: "send*" }],
    ["限流 60 秒", "一分钟里发消息都被挡回", { kind: "429", method: "send*", seconds: 60, retry_after: 60 }],
    ["服务器出错", "下一条发送得到 500", { kind: "500", method: "send*" }],
    ["断网 20 秒", "收和发的连接都断掉", { kind: "reset", seconds: 20 }],
    ["重复投递", "你下一条消息会送给掌柜两次", { kind: "duplicate" }],
    ["乱序投递", "等着的消息顺序颠倒", { kind: "shuffle" }],
  ],
  wecom: [
    ["平台超时", "应用的下一条没有回音，也没有送到", { kind: "hang", path: "message/send" }],
    ["送到了却没回音", "应用的下一条送到了，但掌柜不知道", { kind: "lost", path: "message/send" }],
    ["限流 60 秒", "应用一分钟里发不出去（45009）", { kind: "45009", path: "message/send", seconds: 60 }],
    ["服务器出错", "应用的下一条得到 502 网页", { kind: "http502-html", path: "message/send" }],
    ["凭证失效", "应用的 access_token 马上作废", { kind: "token" }],
    ["重复投递", "你发给应用的下一条会送两次", { kind: "duplicate", path: "callback/app" }],
    ["长连接断开", "智能机器人掉线一次，要自己连回来", { kind: "kick" }],
    ["长连接不回执", "智能机器人的下一帧没有回执", { kind: "mute", path: "ws/aibot_*" }],
  ],
  bot: [["杀掉机器人", "进程马上没了，像断电；一秒后自己再起来", { kind: "kill" }]],
};

export function startFaults(platforms, killable) {
  const places = killable ? [...platforms, { name: "bot", title: "掌柜" }] : platforms;
  const sheet = document.querySelector("#faults");
  const give = async (platform, [label, , order]) => {
    try {
      await api.fault({ platform: platform.name, ...order });
      toast(`${platform.title}：${label}，已经安排`, "good");
    } catch (error) {
      toast(error.message);
    }
  };
  const lists = places.map((platform) =>
    h("section", { "data-platform": platform.name }, h("h3", {}, platform.title),
      h("div", { class: "faults" }, (ORDERS[platform.name] || []).map((order) =>
        h("button", { type: "button", class: "fault", onclick: () => give(platform, order) }, h("b", {}, order[0]), h("span", {}, order[1]))))));
  sheet.querySelector(".fault-lists").replaceChildren(...lists);
  document.querySelector(".break").addEventListener("click", () => sheet.showModal());
  sheet.querySelector(".calm").addEventListener("click", async () => {
    try {
      for (const { name } of platforms) await api.fault({ platform: name, clear: true });
      toast("两边都恢复正常了", "good");
    } catch (error) {
      toast(error.message);
    }
  });
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
}

// What the page knows: who has phones, what they show, what has been read, and which phones stand on the table.

import * as api from "./api.js";
import { setTime, setZone } from "./time.js";

const LAYOUT = "zhanggui.phones";
const SEEN = "zhanggui.seen";
const FIRST = [
  { person: "xiaowang", platform: "telegram", open: "private" },
  { person: "dianzhang", platform: "wecom", open: "private" },
  { person: "xiaoli", platform: "wecom", open: "group" },
];

export const info = { people: [], platforms: [], zone: "Asia/Shanghai", killable: false };
const shown = new Map(); // "platform/person" → talks
const loading = new Map(); // "platform/person" → the fetch under way, and whether it is already stale
const seen = read(SEEN, {});
const watchers = new Set();

export const key = (platform, person) => `${platform}/${person}`;
export const talks = (platform, person) => shown.get(key(platform, person));
export const person = (id) => info.people.find((one) => one.id === id);
export const watch = (callback) => watchers.add(callback);

export async function learn() {
  const told = await api.phones();
  Object.assign(info, { people: told.people, platforms: told.platforms, zone: told.zone, killable: told.killable });
  setZone(told.zone);
  setTime(told.time);
}

// Fetch one phone; asked again meanwhile, fetch once more afterwards, so that the last word is never missed.
export async function refresh(platform, owner) {
  const name = key(platform, owner);
  if (loading.has(name)) {
    loading.set(name, true);
    return;
  }
  do {
    loading.set(name, false);
    try {
      shown.set(name, (await api.phone(platform, owner)).talks);
    } catch (error) {
      loading.delete(name);
      throw error;
    }
    for (const callback of watchers) callback(platform, owner);
  } while (loading.get(name));
  loading.delete(name);
}

export function unread(platform, owner, talk) {
  const last = seen[`${key(platform, owner)}/${talk.id}`];
  const from = talk.bubbles.findIndex((bubble) => bubble.id === last);
  return talk.bubbles.slice(from + 1).filter((bubble) => !bubble.mine).length;
}

export function unreadOn(platform, owner) {
  return (talks(platform, owner) || []).reduce((sum, talk) => sum + unread(platform, owner, talk), 0);
}

export function markSeen(platform, owner, talk) {
  const last = talk.bubbles.at(-1)?.id;
  const name = `${key(platform, owner)}/${talk.id}`;
  if (last === undefined || seen[name] === last) return false;
  seen[name] = last;
  write(SEEN, seen);
  return true;
}

// The phones on the table. What was remembered is taken only as far as it still makes sense.
export function layout() {
  const kept = read(LAYOUT, null);
  const slots = (Array.isArray(kept?.slots) ? kept.slots : FIRST).filter(
    (slot) => person(slot?.person) && info.platforms.some((one) => one.name === slot.platform),
  );
  const first = { person: info.people[0]?.id, platform: info.platforms[0]?.name, open: "private" };
  return { slots: slots.length ? slots : [first], active: Number(kept?.active) || 0 };
}

export const keepLayout = (slots, active) => write(LAYOUT, { slots, active });

function read(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

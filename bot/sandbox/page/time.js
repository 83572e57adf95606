// The sandbox's time, said in the chain's time zone.

let ahead = 0; // milliseconds the sandbox is ahead of this browser
let offset = 0; // seconds the sandbox is ahead of real time
let zone = "Asia/Shanghai";
const makers = new Map();

export function setTime(time) {
  ahead = time.now * 1000 - Date.now();
  offset = time.offset;
}

export function setZone(name) {
  zone = name;
  makers.clear();
}

export const now = () => (Date.now() + ahead) / 1000;
export const shifted = () => offset;

function parts(moment) {
  if (!makers.has(zone)) {
    makers.set(zone, new Intl.DateTimeFormat("zh-CN", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "2-digit", minute: "2-digit", weekday: "short",
    }));
  }
  const found = makers.get(zone).formatToParts(new Date(moment * 1000));
  return Object.fromEntries(found.map(({ type, value }) => [type, value]));
}

const two = (number) => String(number).padStart(2, "0");

export function hour(moment) {
  const { hour: hours, minute } = parts(moment);
  return `${hours}:${minute}`;
}

export function day(moment) {
  const { year, month, day: date } = parts(moment);
  return `${year}-${two(month)}-${two(date)}`;
}

export function date(moment) {
  const { year, month, day: date_, weekday } = parts(moment);
  const years = year === parts(now()).year ? "" : `${year}年`;
  return `${years}${month}月${date_}日 ${weekday}`;
}

export function brief(moment) {
  if (day(moment) === day(now())) return hour(moment);
  if (day(moment) === day(now() - 86400)) return "昨天";
  const { month, day: date_ } = parts(moment);
  return `${month}月${date_}日`;
}

export function full(moment) {
  return `${date(moment)} ${hour(moment)}`;
}

// How far the sandbox is from real time: 快 1 天 2 小时.
export function distance() {
  const minutes = Math.round(Math.abs(offset) / 60);
  if (minutes < 1) return "";
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const said = [days && `${days} 天`, hours && `${hours} 小时`, rest && !days && `${rest} 分`].filter(Boolean);
  return `${offset > 0 ? "快" : "慢"} ${said.join(" ")}`;
}

// The sandbox's own API. A refusal is an Error in the server's words.

const LOST = "连不上沙盒。它还开着吗？看看启动它的那个窗口。";

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(LOST);
  }
  const told = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(told.error || `没有办成（${response.status}）。`);
  return told;
}

function post(act, body) {
  return ask(`/sandbox/${act}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

export const phones = () => ask("/sandbox/phones");
export const phone = (platform, person) => ask(`/sandbox/phones/${platform}/${encodeURIComponent(person)}`);
export const say = (spot, text, quotes) => post("say", { ...spot, text, quotes });
export const press = (spot, bubble, data, values = {}) => post("press", { ...spot, bubble, data, values });
export const turn = (how) => post("clock", how);
export const fault = (order) => post("faults", order);

export function drop(spot, file) {
  const query = new URLSearchParams({ ...spot, name: file.name || "图片.png" });
  return ask(`/sandbox/drop?${query}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });
}

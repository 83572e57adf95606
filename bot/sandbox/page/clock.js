// The clock bar: what time it is in the sandbox, and hands to move it.

import * as api from "./api.js";
import { toast } from "./dom.js";
import * as time from "./time.js";

const HOUR = 3600;
const DAY = 24 * HOUR;
const STOPS = ["08:30", "10:00", "18:00", "20:30"]; // when the day's messages come

export function startClock(onTick) {
  const bar = document.querySelector(".clock");
  const [face, field] = [bar.querySelector(".face"), bar.querySelector(".when input")];
  const shift = bar.querySelector(".shift");
  const steps = {
    hour: () => ({ forward: HOUR }),
    day: () => ({ forward: DAY }),
    stop: () => ({ to: nextStop().at }),
    now: () => ({ reset: true }),
  };

  const nextStop = () => {
    const hour = STOPS.find((one) => one > time.hour(time.now()));
    const on = time.day(time.now() + (hour ? 0 : DAY));
    return { at: `${on}T${hour ?? STOPS[0]}`, label: `${hour ? "到" : "明早"} ${(hour ?? STOPS[0]).replace(/^0/, "")}` };
  };
  const show = () => {
    bar.querySelector("[data-step=stop]").textContent = nextStop().label;
    bar.querySelector(".date").textContent = time.date(time.now());
    bar.querySelector(".hour").textContent = time.hour(time.now());
    shift.textContent = time.distance();
    shift.hidden = !shift.textContent;
    if (document.activeElement !== field) field.value = `${time.day(time.now())}T${time.hour(time.now())}`;
    onTick();
  };
  const turn = async (how) => {
    try {
      time.setTime(await api.turn(how));
      show();
    } catch (error) {
      toast(error.message);
    }
  };

  for (const button of bar.querySelectorAll("[data-step]")) button.addEventListener("click", () => turn(steps[button.dataset.step]()));
  field.addEventListener("change", () => field.matches(":valid") && field.value && !field.dataset.typing && turn({ to: field.value }));
  // While she types digit by digit each change is a date of its own: wait for Enter or for leaving the field.
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") field.blur();
    else if (event.key !== "Tab") field.dataset.typing = "yes";
  });
  field.addEventListener("click", () => field.showPicker?.());
  field.addEventListener("blur", () => {
    const typed = field.dataset.typing;
    delete field.dataset.typing;
    if (typed && field.value && field.matches(":valid")) turn({ to: field.value });
  });
  face.addEventListener("click", () => {
    const open = bar.classList.toggle("open");
    face.setAttribute("aria-expanded", String(open));
  });
  document.addEventListener("pointerdown", (event) => {
    if (bar.contains(event.target)) return;
    bar.classList.remove("open");
    face.setAttribute("aria-expanded", "false");
  });
  setInterval(show, 1000);
  return show;
}

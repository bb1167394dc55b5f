// The classroom's stage: two markets side by side, played from the days that the server sends ahead.

const BATCH = 4; // days asked for at a time
const AHEAD = 10; // days to have in hand
const LONGEST_STEP = 0.1; // seconds; a tab that was hidden goes on where it was

export function render({ model }) {
  const root = document.createElement("div");
  root.className = "board";
  root.innerHTML = MARKUP;
  const find = (name) => root.querySelector(`[data-part=${name}]`);
  const sides = [...root.querySelectorAll(".side")].map((section) => ({
    section,
    scene: new Scene(...section.querySelectorAll("canvas")),
    frames: [],
  }));
  const play = { clock: 0, isOn: false, until: null, last: 0, asked: 0, applied: 0, drawn: 0, seen: 0, since: 0 };
  let world = null;
  let texts = model.texts;

  const speed = () => Number(find("speed").value);
  const known = () => sides[0].frames.length;

  function start(next) {
    world = next;
    for (const side of sides) {
      side.frames = [];
      side.scene.show(world);
    }
    play.asked = 0;
    find("time").max = world.days;
    root.dataset.people = world.n;
    root.dataset.known = 0;
    seek(0);
    ask();
    if (play.isOn) wake();
  }

  function ask() {
    if (!world || play.asked > known() || known() >= world.days || known() > play.clock + AHEAD) return;
    play.asked = known() + BATCH;
    model.send_msg({ world: world.id, from: known(), days: BATCH });
  }

  model.on("msg:custom", (message) => {
    const data = message.data ?? message;
    if (!world || data.world !== world.id || data.from !== known()) return;
    for (const pair of data.days) pair.forEach((frame, i) => sides[i].frames.push(prepared(frame, world.waves)));
    root.dataset.known = known();
    ask();
    wake();
  });

  // Everything that happened before `day`, at once.
  function seek(day) {
    play.clock = Math.min(day, known());
    play.applied = play.clock;
    for (const side of sides) {
      side.scene.reset();
      for (const frame of side.frames.slice(0, Math.floor(play.clock))) {
        for (const event of frame.events) side.scene.apply(event, 0, true, 0);
      }
      side.scene.drawStill();
    }
    tell();
    wake();
  }

  function advance(seconds, now) {
    const limit = Math.min(play.until ?? world.days, known());
    const clock = Math.min(play.clock + seconds * speed(), limit);
    for (const side of sides) {
      for (let day = Math.floor(play.applied); day < Math.min(Math.ceil(clock), side.frames.length); day++) {
        for (const event of side.frames[day].events) {
          const at = day + event.at;
          if (at >= play.applied && at < clock) side.scene.apply(event, now, false, 1 / speed() / world.waves);
        }
      }
    }
    const isNewDay = Math.floor(clock) > Math.floor(play.clock);
    play.clock = play.applied = clock;
    if (isNewDay) tell();
    if (clock === play.until || clock === world.days) pause();
    ask();
  }

  let isAwake = false;
  function wake() {
    if (isAwake) return;
    isAwake = true;
    play.last = performance.now() / 1000;
    play.since = play.last;
    play.seen = 0;
    requestAnimationFrame(frame);
  }

  function frame(milliseconds) {
    const now = milliseconds / 1000;
    if (play.isOn && world) advance(Math.max(Math.min(now - play.last, LONGEST_STEP), 0), now);
    play.last = now;
    const isMoving = sides.map((side) => side.scene.world && side.scene.drawMoving(now)).some(Boolean);
    measure(now);
    isAwake = play.isOn || isMoving;
    if (isAwake) requestAnimationFrame(frame);
  }

  function measure(now) {
    root.dataset.frames = ++play.drawn;
    play.seen++;
    if (now - play.since < 1) return;
    root.dataset.fps = (play.seen / (now - play.since)).toFixed(1);
    play.since = now;
    play.seen = 0;
  }

  // Counters and curves as of the last whole day.
  function tell() {
    if (!world) return;
    const day = Math.floor(play.clock);
    root.dataset.day = day;
    find("time").value = day;
    const part = day <= world.campaign[0] ? texts.before : day <= world.campaign[1] ? texts.during : texts.after;
    find("day").textContent = `${texts.day_of.replace("{day}", day).replace("{days}", world.days)} · ${part}`;
    for (const side of sides) {
      const counters = day ? side.frames[day - 1].counters : null;
      for (const cell of side.section.querySelectorAll("dd")) cell.textContent = shown(cell.dataset.count, counters);
    }
    const reached = sides.map((side) => side.frames.slice(0, day).map((frame) => frame.counters.reach));
    drawCurves(find("curves"), world, reached, [texts.with_short, texts.without_short], texts.campaign);
  }

  function announce() {
    const words = sides.map((side, i) => {
      const cells = [...side.section.querySelectorAll("dl > div")];
      return `${[texts.with_title, texts.without_title][i]}: ${cells.map((c) => c.innerText.replace("\n", " ")).join(", ")}`;
    });
    find("spoken").textContent = `${find("day").textContent}. ${words.join(". ")}`;
  }

  function go(until = null) {
    if (!world) return;
    if (play.clock >= world.days) seek(0);
    play.until = until;
    play.isOn = true;
    label();
    wake();
  }

  function pause() {
    play.isOn = false;
    play.until = null;
    label();
    announce();
  }

  function label() {
    for (const element of root.querySelectorAll("[data-text]")) element.textContent = texts[element.dataset.text];
    for (const element of root.querySelectorAll("[data-title]")) element.title = texts[element.dataset.title];
    named(find("play"), play.isOn ? PAUSE : PLAY, play.isOn ? texts.pause : texts.play);
    named(find("step"), STEP, texts.step);
    named(find("restart"), RESTART, texts.restart);
    find("pace").textContent = `${speed()} ${texts.days_a_second}`;
    find("time").setAttribute("aria-label", texts.time);
    root.dataset.playing = play.isOn;
  }

  find("play").onclick = () => (play.isOn ? pause() : go());
  find("step").onclick = () => go(Math.floor(play.clock) + 1);
  find("restart").onclick = () => seek(0);
  find("speed").oninput = label;
  find("time").oninput = (event) => {
    pause();
    seek(Number(event.target.value));
  };
  root.addEventListener("keydown", (event) => {
    if (event.target.tagName === "INPUT" || event.target.tagName === "BUTTON") return;
    if (event.key === " ") find("play").click();
    else if (event.key === "ArrowRight") find("step").click();
    else if (event.key === "Home") find("restart").click();
    else return;
    event.preventDefault();
  });

  function fit() {
    for (const side of sides) {
      const box = side.section.querySelector(".net");
      if (!box.clientWidth) return;
      const room = Math.max(window.innerHeight - 440, 240);
      box.style.height = `${Math.round(Math.min(box.clientWidth, room))}px`;
      side.scene.fit(box.clientWidth, box.clientHeight);
    }
    tell();
    wake();
  }

  const watcher = new ResizeObserver(fit);
  watcher.observe(root);
  window.addEventListener("resize", fit);
  model.on("remove", () => {
    watcher.disconnect();
    window.removeEventListener("resize", fit);
    play.isOn = false;
  });
  model.on("texts", () => {
    texts = model.texts;
    label();
    tell();
  });
  model.on("world", () => model.world.n && start(model.world));
  label();
  if (model.world.n) start(model.world);
  return root;
}

// A day's frame with its events in the order in which they happen, each `at` a share of the day.
function prepared(frame, waves) {
  const events = [];
  const add = (list, width, make) => {
    for (let i = 0; i < list.length; i += width) events.push(make(...list.slice(i, i + width)));
  };
  const at = (wave) => (wave + 1) / (waves + 1);
  add(frame.flights, 4, (from, to, wave, isRead) => ({ kind: "flight", at: wave / (waves + 1), from, to, isRead }));
  add(frame.joins, 3, (person, wave, inviter) => ({ kind: "join", at: at(wave), person, inviter }));
  add(frame.buys, 2, (person, wave) => ({ kind: "buy", at: at(wave), person }));
  add(frame.opens, 4, (person, wave, group, size) => ({ kind: "open", at: at(wave), person, group, size }));
  add(frame.members, 3, (person, wave, group) => ({ kind: "member", at: at(wave), person, group }));
  add(frame.ends, 3, (group, wave, isFilled) => ({ kind: "end", at: at(wave), group, isFilled }));
  events.sort((a, b) => a.at - b.at); // stable: of one wave, joins come before groups and groups before their ends
  return { counters: frame.counters, events };
}

function shown(name, counters) {
  if (!counters || counters[name] === null) return "—";
  const value = counters[name];
  if (name === "reach") return `${(100 * value).toFixed(1)} %`;
  if (name === "k") return value.toFixed(2);
  const whole = Math.round(value).toLocaleString("en");
  return name === "subsidy" || name === "discounts" ? `¥${whole}` : whole;
}

// A button with a sign, drawn since not every font has it, and a word.
function named(button, sign, word) {
  button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${sign}"/></svg>`;
  button.append(word);
}

const PLAY = "M3 1l11 7-11 7z";
const PAUSE = "M3 2h4v12H3zM9 2h4v12H9z";
const STEP = "M2 2l8 6-8 6zM11 2h3v12h-3z";
const RESTART = "M14 2l-8 6 8 6zM2 2h3v12H2z";

const COUNTERS = ["reach", "k", "orders", "opened", "filled", "lapsed", "discounts", "subsidy"];

const SIDE = (name) => `
  <section class="side">
    <h3 data-text="${name}_title"></h3>
    <div class="net" tabindex="0" role="img" data-title="picture"><canvas></canvas><canvas></canvas></div>
    <dl>${COUNTERS.map((c) => `<div data-title="${c}_help"><dt data-text="${c}"></dt><dd data-count="${c}">—</dd></div>`).join("")}</dl>
  </section>`;

const MARKUP = `
  <div class="bar">
    <button data-part="play" class="main"></button>
    <button data-part="step"></button>
    <button data-part="restart"></button>
    <label><span data-text="speed"></span> <input data-part="speed" type="range" min="0.5" max="10" step="0.5" value="2"></label>
    <span class="pace" data-part="pace"></span>
    <input class="time" data-part="time" type="range" min="0" max="1" step="1" value="0">
    <output data-part="day"></output>
  </div>
  <div class="sides">${SIDE("with")}${SIDE("without")}</div>
  <ul class="legend">
    <li><svg viewBox="0 0 16 16"><circle cx="8" cy="8" r="5" fill="#fff" stroke="#8a8a8a"/></svg><span data-text="is_prospect"></span></li>
    <li><svg viewBox="0 0 16 16"><circle cx="8" cy="8" r="5" fill="#8a8a8a"/></svg><span data-text="is_member"></span></li>
    <li><svg viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="#0072B2"/></svg><span data-text="has_joined"></span></li>
    <li><svg viewBox="0 0 16 16"><path d="M1 8h10" stroke="#333" stroke-width="2"/><path d="M10 6h4v4h-4z" fill="#333"/></svg><span data-text="is_invited"></span></li>
    <li><svg viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke="#E69F00"/><path d="M8 2a6 6 0 0 1 0 12" fill="none" stroke="#E69F00" stroke-width="3"/></svg><span data-text="is_open"></span></li>
    <li><svg viewBox="0 0 16 16"><path d="M2 8l4 5 8-10" fill="none" stroke="#009E73" stroke-width="2.5"/></svg><span data-text="is_filled"></span></li>
    <li><svg viewBox="0 0 16 16"><path d="M3 3l10 10M3 13L13 3" stroke="#D55E00" stroke-width="2.5"/></svg><span data-text="is_lapsed"></span></li>
  </ul>
  <h4 data-text="reached"></h4>
  <canvas class="curves" data-part="curves"></canvas>
  <div class="spoken" data-part="spoken" aria-live="polite"></div>`;

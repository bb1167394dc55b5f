// Time and everything one can press: the same rule for mouse, finger and keyboard.

const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16]; // days per second
const WORDS = {
  en: {
    day: (day) => `Day ${day}`, wave: (wave) => `wave ${wave}`,
    phases: ["before the campaign", "campaign", "after the campaign"],
    speed: (speed) => `${speed} ${speed === 1 ? "day" : "days"}/s`,
    play: "Play", pause: "Pause",
    cascade: (now, size, steps, day) =>
      `${size} people, ${now} so far, ${steps} ${steps === 1 ? "step" : "steps"}, from day ${day}`,
    states: ["not joined", "invited, not joined", "member, has not bought yet", "has bought", "brought by a friend"],
    person: (name) => `Person ${name}`, friends: (n) => `${n} friends`,
    by: (name, day) => `brought by person ${name} on day ${day}`, brings: (n) => `has brought ${n}`,
    tree: (n) => `cascade of ${n}`,
    status: (s) => `${s.day}, ${s.phase}. New buyers: ${s.adopters}, ${s.reach} of all prospects, ${s.brought} brought by friends. K so far: ${s.k}. ` +
      `Invitations: ${s.invitations}. Groups filled: ${s.filled}, lapsed: ${s.lapsed}, open: ${s.open}. ` +
      `Subsidy: ${s.subsidy} yuan.`,
  },
  zh: {
    day: (day) => `第 ${day} 天`, wave: (wave) => `第 ${wave} 轮`,
    phases: ["活动前", "活动期", "活动后"],
    speed: (speed) => `每秒 ${speed} 天`,
    play: "播放", pause: "暂停",
    cascade: (now, size, steps, day) => `共 ${size} 人，已有 ${now} 人，${steps} 代，始于第 ${day} 天`,
    states: ["未加入", "已被邀请，未加入", "会员，尚未购买", "已购买", "由好友带来"],
    person: (name) => `用户 ${name}`, friends: (n) => `${n} 位好友`,
    by: (name, day) => `第 ${day} 天由用户 ${name} 带来`, brings: (n) => `已带来 ${n} 人`,
    tree: (n) => `所在裂变链 ${n} 人`,
    status: (s) => `${s.day}，${s.phase}。新买家 ${s.adopters} 人，占潜在用户 ${s.reach}，其中好友带来 ${s.brought} 人。K 值 ${s.k}。` +
      `邀请 ${s.invitations} 次。成团 ${s.filled}，未成团 ${s.lapsed}，拼团中 ${s.open}。补贴 ${s.subsidy} 元。`,
  },
};

const byId = (id) => document.getElementById(id);
const slider = byId("time"), playButton = byId("play"), card = byId("card");
let moment = run.campaign[0] * run.waves, isPlaying = false, speed = 2, chosen = -1, person = -1, lastFrame = 0;
let words = WORDS.en;

function lasting() {
  return Math.max(1, 0.7 * SPEEDS[speed] * run.waves);
}

function dayOf(time) {
  return Math.min(run.days - 1, Math.floor(time / run.waves));
}

const count = (value) => Math.round(value).toLocaleString("en");

function facts() {
  const day = dayOf(moment), whole = Math.floor(moment / run.waves); // days that are over
  const k = whole > 0 ? run.k[whole - 1] : null;
  const adopters = soFar("adopters", moment), opened = soFar("groups_opened", moment);
  const filled = soFar("groups_filled", moment), lapsed = soFar("groups_lapsed", moment);
  const won = soFar("bargains_settled", moment), failed = soFar("bargains_lapsed", moment);
  return {
    day: words.day(day),
    phase: words.phases[day < run.campaign[0] ? 0 : day < run.campaign[1] ? 1 : 2],
    k: k === null ? "—" : k.toFixed(2),
    reach: run.nProspects ? ((100 * adopters) / run.nProspects).toFixed(1) + "%" : "—",
    adopters: count(adopters), brought: count(soFar("brought", moment)), joins: count(soFar("joins", moment)),
    invitations: count(soFar("invitations", moment)),
    filled: count(filled), lapsed: count(lapsed), open: count(opened - filled - lapsed),
    bargained: count(won), failed: count(failed), bargaining: count(soFar("bargains_opened", moment) - won - failed),
    subsidy: count(total.subsidy_fen[whole] / 100),
  };
}

function show() {
  drawStage(moment, lasting(), chosen);
  const now = facts();
  for (const field of document.querySelectorAll("[data-fact]")) field.textContent = now[field.dataset.fact];
  slider.value = Math.floor(moment);
  slider.setAttribute("aria-valuetext", `${now.day}, ${words.wave(Math.floor(moment) % run.waves)}`);
  byId("needle").style.left = `${(100 * moment) / run.ticks}%`;
  run.cascades.forEach((cascade, i) => {
    const text = words.cascade(cascadeSize(cascade.root, moment), cascade.size, cascade.steps, cascade.day);
    byId("cascade-" + i).textContent = text;
  });
  showCard();
}

function nameOf(someone) {
  return run.people.row ? run.people.row[someone] : someone;
}

function showCard() {
  card.hidden = person < 0;
  if (person < 0) return;
  const brings = run.brought.from.filter((from, i) => from === person && run.brought.t[i] < moment).length;
  const lines = [words.states[stateOf(person, moment)], words.friends(run.people.friends[person])];
  if (first.brought[person] < moment) {
    lines.push(words.by(nameOf(inviter[person]), dayOf(first.brought[person])));
  }
  if (brings) lines.push(words.brings(brings));
  if (chosen >= 0) lines.push(words.tree(cascadeSize(chosen, moment)));
  byId("card-name").textContent = words.person(nameOf(person));
  byId("card-lines").textContent = lines.join(" · ");
}

// Told to screen readers when time stands still; while playing it would never end.
function tell() {
  if (!isPlaying) byId("status").textContent = words.status(facts());
}

function seek(time) {
  moment = Math.min(run.ticks, Math.max(0, time));
  show();
  tell();
}

function play(on) {
  if (on && moment >= run.ticks) moment = 0;
  isPlaying = on;
  lastFrame = 0;
  document.documentElement.classList.toggle("playing", on);
  playButton.setAttribute("aria-label", on ? words.pause : words.play);
  tell();
  if (on) requestAnimationFrame(frame);
}

function frame(time) {
  if (!isPlaying) return;
  const passed = lastFrame ? Math.min(0.1, (time - lastFrame) / 1000) : 0;
  lastFrame = time;
  moment = Math.min(run.ticks, moment + passed * SPEEDS[speed] * run.waves);
  show();
  if (moment >= run.ticks) play(false); else requestAnimationFrame(frame);
}

function step(ticks) {
  play(false);
  seek((ticks > 0 ? Math.floor(moment) : Math.ceil(moment)) + ticks);
}

function setSpeed(level) {
  speed = Math.min(SPEEDS.length - 1, Math.max(0, level));
  byId("speed").textContent = words.speed(SPEEDS[speed]);
  byId("slower").disabled = speed === 0;
  byId("faster").disabled = speed === SPEEDS.length - 1;
}

function choose(newRoot, newPerson) {
  chosen = newRoot;
  person = newPerson;
  run.cascades.forEach((cascade, i) =>
    byId("cascade-" + i).setAttribute("aria-pressed", String(cascade.root === chosen)));
  show();
}

function setLanguage(language) {
  words = WORDS[language];
  document.documentElement.lang = language;
  for (const labelled of document.querySelectorAll("[data-en]")) {
    labelled.setAttribute("aria-label", labelled.dataset[language]);
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  playButton.setAttribute("aria-label", isPlaying ? words.pause : words.play);
  setSpeed(speed);
  show();
  tell();
}

// The strip above the slider: invitations of every day as bars, and the share of prospects reached as a line.
function drawStrip() {
  const strip = byId("strip"), pen = strip.getContext("2d");
  const w = strip.clientWidth, h = strip.clientHeight;
  strip.width = w * devicePixelRatio;
  strip.height = h * devicePixelRatio;
  pen.scale(devicePixelRatio, devicePixelRatio);
  const at = (day) => (w * day) / run.days;
  pen.fillStyle = colour.link;
  pen.fillRect(at(run.campaign[0]), 0, at(run.campaign[1]) - at(run.campaign[0]), h);
  const sent = Array.from({ length: run.days }, (_, day) =>
    total.invitations[(day + 1) * run.waves] - total.invitations[day * run.waves]);
  const most = Math.max(1, ...sent);
  pen.fillStyle = colour.invited;
  sent.forEach((n, day) => pen.fillRect(at(day), h - (h * n) / most, Math.max(1, at(1) - 1), (h * n) / most));
  pen.strokeStyle = colour.brought;
  pen.lineWidth = 2;
  pen.beginPath();
  const all = Math.max(1, total.adopters[run.ticks]);
  for (let day = 0; day <= run.days; day++) pen.lineTo(at(day), h - 2 - (h - 4) * (total.adopters[day * run.waves] / all));
  pen.stroke();
}

function resize() {
  fitStage();
  drawStrip();
  show();
}

const KEYS = {
  " ": () => play(!isPlaying),
  ArrowRight: (event) => step(event.shiftKey ? run.waves : 1),
  ArrowLeft: (event) => step(event.shiftKey ? -run.waves : -1),
  Home: () => { play(false); seek(0); },
  End: () => { play(false); seek(run.ticks); },
  "+": () => setSpeed(speed + 1), "=": () => setSpeed(speed + 1), "-": () => setSpeed(speed - 1),
  Escape: () => choose(-1, -1),
};

document.addEventListener("keydown", (event) => {
  const isPress = event.key === " " && event.target.closest("button, summary") && event.target !== playButton;
  if (event.ctrlKey || event.metaKey || event.altKey || isPress || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key](event);
});
playButton.addEventListener("click", () => play(!isPlaying));
playButton.addEventListener("keyup", (event) => { if (event.key === " ") event.preventDefault(); });
byId("back").addEventListener("click", () => step(-1));
byId("forward").addEventListener("click", () => step(1));
byId("slower").addEventListener("click", () => setSpeed(speed - 1));
byId("faster").addEventListener("click", () => setSpeed(speed + 1));
slider.addEventListener("input", () => { play(false); seek(Number(slider.value)); });
stage.addEventListener("pointerdown", (event) => {
  const box = stage.getBoundingClientRect();
  const found = personAt(event.clientX - box.left, event.clientY - box.top, event.pointerType === "touch" ? 24 : 14);
  const isInCascade = found >= 0 && (inviter[found] >= 0 || run.brought.from.includes(found));
  choose(isInCascade ? root[found] : -1, found);
});
run.cascades.forEach((cascade, i) => byId("cascade-" + i).addEventListener("click", () =>
  choose(chosen === cascade.root ? -1 : cascade.root, chosen === cascade.root ? -1 : cascade.root)));
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => setLanguage(button.dataset.language));
}
addEventListener("resize", resize);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", resize);

fitStage();
drawStrip();
setLanguage((location.hash.slice(1) || navigator.language).startsWith("zh") ? "zh" : "en");

// The stage: people, links and what goes on between them, drawn for a moment.

const stage = document.getElementById("stage");
const backdrop = document.createElement("canvas");
let colour = {}, width = 0, height = 0, radius = 3, x = [], y = [];

const MARGIN = 18;

// Fit the stage to its box, and draw the links, which never change, once.
function fitStage() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["paper", "ink", "quiet", "link", "member", "buyer", "brought", "invited", "group", "filled"]) {
    colour[name] = style.getPropertyValue("--" + name).trim();
  }
  width = stage.clientWidth;
  height = stage.clientHeight;
  for (const canvas of [stage, backdrop]) {
    canvas.width = width * devicePixelRatio;
    canvas.height = height * devicePixelRatio;
    canvas.getContext("2d").setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  }
  x = run.people.x.map((place) => MARGIN + (place / 4095) * (width - 2 * MARGIN));
  y = run.people.y.map((place) => MARGIN + (place / 4095) * (height - 2 * MARGIN));
  radius = Math.min(7, Math.max(2, 0.22 * Math.sqrt((width * height) / run.n)));
  const pen = backdrop.getContext("2d");
  pen.strokeStyle = colour.link;
  pen.lineWidth = run.n > 600 ? 0.5 : 0.8;
  pen.beginPath();
  run.links.forEach((friends, person) => friends.forEach((friend) => line(pen, person, friend)));
  pen.stroke();
}

function line(pen, a, b) {
  pen.moveTo(x[a], y[a]);
  pen.lineTo(x[b], y[b]);
}

function circle(pen, cx, cy, r) {
  pen.moveTo(cx + r, cy);
  pen.arc(cx, cy, r, 0, 2 * Math.PI);
}

function diamond(pen, cx, cy, r) {
  pen.moveTo(cx, cy - r);
  pen.lineTo(cx + r, cy);
  pen.lineTo(cx, cy + r);
  pen.lineTo(cx - r, cy);
  pen.closePath();
}

// Draw a moment. `lasting`: how long, in ticks, a flight and the end of a deal are to be seen; `chosen`: the root of
// the cascade that stands out, or -1.
function drawStage(moment, lasting, chosen) {
  const pen = stage.getContext("2d");
  pen.globalAlpha = 1;
  pen.fillStyle = colour.paper;
  pen.fillRect(0, 0, width, height);
  pen.drawImage(backdrop, 0, 0, width, height);
  drawCascades(pen, moment, chosen);
  drawPeople(pen, moment, chosen);
  drawDeals(pen, moment, lasting, chosen);
  drawInvitations(pen, moment, lasting, chosen);
}

function shade(person, chosen) {
  return chosen < 0 || root[person] === chosen ? 1 : 0.18;
}

function drawCascades(pen, moment, chosen) {
  pen.strokeStyle = colour.brought;
  const n = countBefore(run.brought.t, moment);
  for (let i = 0; i < n; i++) {
    const stands = chosen >= 0 && root[run.brought.to[i]] === chosen;
    pen.globalAlpha = chosen < 0 ? 0.75 : stands ? 1 : 0.12;
    pen.lineWidth = stands ? 3 : 1.8;
    pen.beginPath();
    line(pen, run.brought.from[i], run.brought.to[i]);
    pen.stroke();
  }
}

const LOOK = [ // shape, size, fill and outline of a person in each state
  { shape: circle, size: 0.8, fill: "paper", outline: "quiet", line: 1 },
  { shape: circle, size: 1.0, fill: "paper", outline: "invited", line: 2.4 },
  { shape: circle, size: 1.0, fill: "member", outline: null },
  { shape: circle, size: 1.05, fill: "buyer", outline: null },
  { shape: diamond, size: 1.9, fill: "brought", outline: "paper", line: 1 },
];

function drawPeople(pen, moment, chosen) {
  const inState = LOOK.map(() => [[], []]);
  for (let person = 0; person < run.n; person++) {
    inState[stateOf(person, moment)][shade(person, chosen) < 1 ? 0 : 1].push(person);
  }
  inState.forEach((groups, state) => {
    const look = LOOK[state];
    groups.forEach((people, isBright) => {
      pen.globalAlpha = isBright ? 1 : 0.18;
      pen.beginPath();
      for (const person of people) look.shape(pen, x[person], y[person], look.size * radius);
      pen.fillStyle = colour[look.fill];
      pen.fill();
      if (look.outline) {
        pen.strokeStyle = colour[look.outline];
        pen.lineWidth = look.line;
        pen.stroke();
      }
    });
  });
  if (chosen >= 0) {
    pen.globalAlpha = 1;
    pen.strokeStyle = colour.ink;
    pen.lineWidth = 2;
    pen.beginPath();
    circle(pen, x[chosen], y[chosen], 2.3 * radius + 2);
    pen.stroke();
  }
}

// Groups and bargains: a ring round the opener that closes as they fill, bursts when full, and crumbles when they lapse.
function drawDeals(pen, moment, lasting, chosen) {
  const end = countBefore(run.opened, moment);
  for (let i = countBefore(run.opened, moment - run.longestDeal - lasting); i < end; i++) {
    const deal = run.deals[i];
    const over = moment - deal.end;
    if (over > lasting) continue;
    const bright = shade(deal.who, chosen);
    const fading = over > 0 ? 1 - over / lasting : 1;
    const isFilled = over > 0 && deal.fate === 1, isLapsed = over > 0 && deal.fate === 0;
    const r = radius * 2 + 3 + (isFilled ? 10 * (1 - fading) : 0);
    const share = Math.min(1, taken(deal, moment) / deal.size);
    pen.globalAlpha = bright * fading;
    pen.strokeStyle = isFilled ? colour.filled : isLapsed ? colour.quiet : colour.group;
    pen.lineWidth = 1.4;
    pen.beginPath();
    for (const seat of deal.seats) if (seat[0] < moment && seat[1] >= 0) line(pen, deal.who, seat[1]);
    pen.stroke();
    pen.lineWidth = isFilled ? 4 : 3.2;
    pen.setLineDash(isLapsed ? [2, 4] : []);
    pen.beginPath();
    pen.arc(x[deal.who], y[deal.who], r, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * (isLapsed ? 1 : share));
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 0.35 * bright * fading;
    pen.lineWidth = 1;
    pen.beginPath();
    circle(pen, x[deal.who], y[deal.who], r);
    pen.stroke();
  }
}

// Invitations fly from friend to friend: those that are not read fade half-way, those that lead to a purchase glow.
function drawInvitations(pen, moment, lasting, chosen) {
  const { t, from, to, fate } = run.invitations;
  const end = countBefore(t, moment + 1);
  for (let i = countBefore(t, moment + 1 - lasting); i < end; i++) {
    const way = Math.min(1, (moment + 1 - t[i]) / lasting);
    const a = from[i], b = to[i], isAccepted = fate[i] === ACCEPTED, isRead = fate[i] >= READ;
    const share = isRead ? way : 0.6 * way;
    const px = x[a] + (x[b] - x[a]) * share, py = y[a] + (y[b] - y[a]) * share;
    pen.globalAlpha = Math.max(shade(a, chosen), shade(b, chosen)) * (isRead ? 1 : 1 - way);
    pen.strokeStyle = pen.fillStyle = isAccepted ? colour.brought : isRead ? colour.invited : colour.quiet;
    pen.lineWidth = isAccepted ? 2 : 1;
    pen.beginPath();
    pen.moveTo(x[a], y[a]);
    pen.lineTo(px, py);
    pen.stroke();
    pen.beginPath();
    circle(pen, px, py, isAccepted ? 4 : 2.5);
    pen.fill();
  }
}

// The person nearest to a place on the stage, or -1 if nobody is near.
function personAt(px, py, reach) {
  let nearest = -1, least = reach * reach;
  for (let person = 0; person < run.n; person++) {
    const distance = (x[person] - px) ** 2 + (y[person] - py) ** 2;
    if (distance < least) [nearest, least] = [person, distance];
  }
  return nearest;
}

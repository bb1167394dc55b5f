// One market drawn: who stands where, who has joined, open groups, and what flies and flashes for a moment.

const INK = "#333333";
const PROSPECT = "#8a8a8a"; // hollow
const MEMBER = "#8a8a8a"; // filled
const JOINED = "#0072B2"; // the colours of Okabe and Ito, told apart with every kind of colour blindness
const OPEN = "#E69F00";
const FILLED = "#009E73";
const LAPSED = "#D55E00";
const FLASH = 0.9; // seconds
const SHORTEST_FLIGHT = 0.35; // seconds

class Scene {
  constructor(still, moving) {
    this.still = still;
    this.moving = moving;
    this.world = null;
  }

  show(world) {
    this.world = world;
    this.reset();
  }

  reset() {
    this.state = new Uint8Array(this.world.n); // 0 prospect, 1 member from the start, 2 joined while we watch
    for (const person of this.world.joined) this.state[person] = 1;
    this.brought = []; // pairs inviter, joiner
    this.groups = new Map();
    this.flights = [];
    this.flashes = [];
    this.drawStill();
  }

  // The canvases as large as the box they stand in.
  fit(width, height) {
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.still, this.moving]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.width = width;
    this.height = height;
    if (this.world) this.drawStill();
  }

  x(person) {
    return this.width / 2 + (this.world.places[2 * person] / 1000) * this.reach();
  }

  y(person) {
    return this.height / 2 + (this.world.places[2 * person + 1] / 1000) * this.reach();
  }

  reach() {
    return Math.max(Math.min(this.width, this.height) / 2 - 14, 10);
  }

  size() {
    return Math.min(Math.max((this.reach() / Math.sqrt(this.world.n)) * 0.4, 2), 7);
  }

  drawStill() {
    if (!this.width) return;
    const pen = this.still.getContext("2d");
    pen.clearRect(0, 0, this.width, this.height);
    pen.strokeStyle = "#000000";
    pen.globalAlpha = Math.min(0.12, 150 / Math.max(this.world.links.length / 2, 1) + 0.025);
    pen.lineWidth = 0.7;
    pen.beginPath();
    for (let i = 0; i < this.world.links.length; i += 2) {
      pen.moveTo(this.x(this.world.links[i]), this.y(this.world.links[i]));
      pen.lineTo(this.x(this.world.links[i + 1]), this.y(this.world.links[i + 1]));
    }
    pen.stroke();
    pen.globalAlpha = 1;
    for (const [inviter, joiner] of this.brought) this.drawBrought(inviter, joiner);
    for (let person = 0; person < this.world.n; person++) this.drawPerson(person);
  }

  drawPerson(person) {
    const pen = this.still.getContext("2d");
    const state = this.state[person];
    pen.beginPath();
    pen.arc(this.x(person), this.y(person), this.size() * (state === 2 ? 1.25 : 1), 0, 2 * Math.PI);
    pen.fillStyle = state === 0 ? "#ffffff" : state === 1 ? MEMBER : JOINED;
    pen.fill();
    if (state === 0) {
      pen.strokeStyle = PROSPECT;
      pen.lineWidth = 1;
      pen.stroke();
    }
  }

  drawBrought(inviter, joiner) {
    const pen = this.still.getContext("2d");
    pen.strokeStyle = JOINED;
    pen.lineWidth = 1.6;
    line(pen, this.x(inviter), this.y(inviter), this.x(joiner), this.y(joiner));
  }

  // Something happens at `now` (seconds); when `quiet` only what lasts is kept.
  apply(event, now, quiet, seconds) {
    const flash = (kind, person, extra = {}) => {
      if (!quiet) this.flashes.push({ kind, person, start: now, ...extra });
    };
    if (event.kind === "flight" && !quiet) {
      const lasts = Math.max(seconds, SHORTEST_FLIGHT);
      this.flights.push({ from: event.from, to: event.to, isRead: event.isRead, start: now, lasts });
    } else if (event.kind === "join") {
      this.state[event.person] = 2;
      if (event.inviter >= 0) this.brought.push([event.inviter, event.person]);
      if (!quiet && event.inviter >= 0) this.drawBrought(event.inviter, event.person);
      if (!quiet) this.drawPerson(event.person);
      flash("join", event.person);
    } else if (event.kind === "buy") {
      flash("buy", event.person);
    } else if (event.kind === "open") {
      this.groups.set(event.group, { opener: event.person, size: event.size, members: [] });
    } else if (event.kind === "member") {
      this.groups.get(event.group)?.members.push(event.person);
    } else if (event.kind === "end") {
      const group = this.groups.get(event.group);
      this.groups.delete(event.group);
      if (group) flash(event.isFilled ? "filled" : "lapsed", group.opener, { members: group.members });
    }
  }

  // Draws what moves; whether anything is still moving.
  drawMoving(now) {
    if (!this.width) return false;
    const pen = this.moving.getContext("2d");
    pen.clearRect(0, 0, this.width, this.height);
    for (const group of this.groups.values()) this.drawGroup(pen, group);
    this.flights = this.flights.filter((flight) => now < flight.start + flight.lasts);
    for (const flight of this.flights) this.drawFlight(pen, flight, now);
    this.flashes = this.flashes.filter((flash) => now < flash.start + FLASH);
    for (const flash of this.flashes) this.drawFlash(pen, flash, (now - flash.start) / FLASH);
    return this.flights.length + this.flashes.length > 0;
  }

  drawGroup(pen, group) {
    const [x, y, size] = [this.x(group.opener), this.y(group.opener), this.size()];
    pen.strokeStyle = OPEN;
    pen.lineWidth = 1.2;
    for (const member of group.members) line(pen, x, y, this.x(member), this.y(member));
    pen.lineWidth = 1;
    ring(pen, x, y, size + 4, 1);
    pen.lineWidth = 3.5; // the arc is as long as the group is full
    ring(pen, x, y, size + 4, (1 + group.members.length) / group.size);
  }

  drawFlight(pen, flight, now) {
    const way = Math.min((now - flight.start) / flight.lasts, 1);
    const [x0, y0, x1, y1] = [this.x(flight.from), this.y(flight.from), this.x(flight.to), this.y(flight.to)];
    const [x, y] = [x0 + (x1 - x0) * way, y0 + (y1 - y0) * way];
    const back = Math.max(way - 0.35, 0);
    pen.strokeStyle = flight.isRead ? INK : PROSPECT;
    pen.lineWidth = flight.isRead ? 1.6 : 1;
    pen.setLineDash(flight.isRead ? [] : [3, 3]);
    line(pen, x0 + (x1 - x0) * back, y0 + (y1 - y0) * back, x, y);
    pen.setLineDash([]);
    if (!flight.isRead) return;
    pen.fillStyle = INK;
    pen.fillRect(x - 2, y - 2, 4, 4);
  }

  drawFlash(pen, flash, age) {
    const [x, y, size] = [this.x(flash.person), this.y(flash.person), this.size()];
    pen.globalAlpha = 1 - age;
    pen.lineWidth = 2.5;
    if (flash.kind === "buy") {
      pen.strokeStyle = INK;
      pen.lineWidth = 1;
      ring(pen, x, y, size + 8 * age, 1);
    } else if (flash.kind === "join") {
      pen.strokeStyle = JOINED;
      ring(pen, x, y, size + 12 * age, 1);
    } else if (flash.kind === "filled") {
      pen.strokeStyle = FILLED;
      for (const member of flash.members) line(pen, x, y, this.x(member), this.y(member));
      ring(pen, x, y, size + 4 + 10 * age, 1);
      tick(pen, x, y - size - 9);
    } else {
      pen.strokeStyle = LAPSED;
      cross(pen, x, y, size + 4);
    }
    pen.globalAlpha = 1;
  }
}

function line(pen, x0, y0, x1, y1) {
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}

function ring(pen, x, y, radius, share) {
  pen.beginPath();
  pen.arc(x, y, radius, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.min(share, 1));
  pen.stroke();
}

function cross(pen, x, y, half) {
  line(pen, x - half, y - half, x + half, y + half);
  line(pen, x - half, y + half, x + half, y - half);
}

function tick(pen, x, y) {
  pen.beginPath();
  pen.moveTo(x - 5, y);
  pen.lineTo(x - 1, y + 4);
  pen.lineTo(x + 6, y - 5);
  pen.stroke();
}

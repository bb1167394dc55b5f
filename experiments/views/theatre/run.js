"use strict";
// What happened in the run, from the page's data: ready to be asked for any moment.
// A moment is a number of ticks since the start; an event of tick t has happened at every moment above t.

const run = JSON.parse(document.getElementById("data").textContent);
run.n = run.people.x.length;
run.ticks = run.days * run.waves;

function summed(steps) {
  let sum = 0;
  return steps.map((step) => (sum += step));
}

for (const events of [run.joins, run.sales, run.invitations, run.brought]) events.t = summed(events.t);
run.deals.sort((a, b) => a.open - b.open);
run.opened = run.deals.map((deal) => deal.open);
run.longestDeal = Math.max(0, ...run.deals.map((deal) => deal.end - deal.open));

// How many of these ascending times lie below a moment.
function countBefore(times, moment) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < moment) low = middle + 1; else high = middle;
  }
  return low;
}

// When each person first joined, read an invitation, bought, was brought; and by whom, and from which root.
const NOT_JOINED = 0, INVITED = 1, MEMBER = 2, BUYER = 3, BROUGHT = 4;
const READ = 1, ACCEPTED = 2;
const first = {};
for (const name of ["joined", "invited", "bought", "brought"]) first[name] = new Float64Array(run.n).fill(Infinity);
const inviter = new Int32Array(run.n).fill(-1);

first.joined.fill(-1);
for (const person of run.people.prospects) first.joined[person] = Infinity;
run.joins.who.forEach((person, i) => { first.joined[person] = run.joins.t[i]; });
run.invitations.to.forEach((person, i) => {
  if (run.invitations.fate[i] >= READ) first.invited[person] = Math.min(first.invited[person], run.invitations.t[i]);
});
run.sales.who.forEach((person, i) => { first.bought[person] = Math.min(first.bought[person], run.sales.t[i]); });
run.brought.to.forEach((person, i) => {
  first.brought[person] = run.brought.t[i];
  inviter[person] = run.brought.from[i];
});

function stateOf(person, moment) {
  if (first.brought[person] < moment) return BROUGHT;
  if (first.bought[person] < moment) return BUYER;
  if (first.joined[person] < moment) return MEMBER;
  return first.invited[person] < moment ? INVITED : NOT_JOINED;
}

function rootOf(person) {
  while (inviter[person] >= 0) person = inviter[person];
  return person;
}

const root = Int32Array.from({ length: run.n }, (_, person) => rootOf(person));

function cascadeSize(ofRoot, moment) {
  let size = 1;
  for (const person of run.brought.to) size += root[person] === ofRoot && first.brought[person] < moment;
  return size;
}

// Running totals over the whole market: total[name][k] = what happened in the first k ticks (days for the subsidy).
const total = {};
for (const [name, counts] of Object.entries(run.counts)) total[name] = [0, ...summed(counts)];

function soFar(name, moment) {
  return total[name][Math.ceil(moment)];
}

// The seats taken in a deal: people of a group with its opener, per cent of a bargain.
function taken(deal, moment) {
  const n = deal.seats.filter((seat) => seat[0] < moment).length;
  if (deal.kind === "group") return 1 + n;
  return n ? deal.seats[n - 1][2] : 0;
}

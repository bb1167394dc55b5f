// The two curves below the markets: prospects reached, day by day.

const SIDES = [
  { color: "#0072B2", dash: [] },
  { color: "#9A9A9A", dash: [6, 4] },
];

// `reached` holds a list per market of shares by day; `labels` the names of the markets.
function drawCurves(canvas, world, reached, labels, campaign) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !world) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.font = "13px Helvetica, Arial, sans-serif";
  const box = { left: 44, right: width - 150, top: 20, bottom: height - 22 };
  const top = niceTop(Math.max(...reached.flat(), 0.02));
  const x = (day) => box.left + ((box.right - box.left) * day) / (world.days - 1);
  const y = (share) => box.bottom - ((box.bottom - box.top) * share) / top;
  pen.fillStyle = "#F2F2EF";
  pen.fillRect(x(world.campaign[0]), box.top, x(world.campaign[1] - 1) - x(world.campaign[0]), box.bottom - box.top);
  pen.fillStyle = "#333333";
  pen.textAlign = "center";
  pen.fillText(campaign, x((world.campaign[0] + world.campaign[1]) / 2), 13);
  pen.textBaseline = "middle";
  for (let i = 0; i <= 2; i++) {
    pen.strokeStyle = "#dddddd";
    line(pen, box.left, y((top * i) / 2), box.right, y((top * i) / 2));
    pen.textAlign = "right";
    pen.fillText(`${+((100 * top * i) / 2).toFixed(1)} %`, box.left - 6, y((top * i) / 2));
  }
  pen.textAlign = "center";
  for (let day = 0; day < world.days; day += 20) pen.fillText(day, x(day), box.bottom + 12);
  const ends = reached.map((shares) => (shares.length ? y(shares[shares.length - 1]) : box.bottom));
  const places = Math.abs(ends[0] - ends[1]) < 16 ? [Math.min(ends[0], box.bottom - 8) - 8, Math.min(ends[0], box.bottom - 8) + 8] : ends;
  reached.forEach((shares, side) => {
    pen.strokeStyle = SIDES[side].color;
    pen.setLineDash(SIDES[side].dash);
    pen.lineWidth = 2.5;
    pen.beginPath();
    shares.forEach((share, day) => (day ? pen.lineTo(x(day), y(share)) : pen.moveTo(x(day), y(share))));
    pen.stroke();
    pen.setLineDash([]);
    if (!shares.length) return;
    pen.textAlign = "left";
    const percent = (100 * shares[shares.length - 1]).toFixed(1);
    pen.fillText(`${percent} % ${labels[side]}`, Math.min(x(shares.length - 1), box.right) + 6, places[side]);
  });
}

// The end of an axis that holds `share`: 2, 5, 10, 20, ... per cent.
function niceTop(share) {
  for (const top of [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8]) if (share <= top) return top;
  return 1;
}

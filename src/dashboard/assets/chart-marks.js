const MISS_RADIUS = 3.5;
/** Lines nearer to one another hide what lies between them. */
const START_GAP = 24;

/** A dashed line where the clock stands: left of it is known, right of it is forecast. */
const drawNow = (plot, { colours, now }) => {
  const { ctx, bbox } = plot;
  const { min, max } = plot.scales.x;
  if (now === null || now / 1000 < min || now / 1000 > max) return;
  const x = Math.round(plot.valToPos(now / 1000, 'x', true)) + 0.5;
  const ratio = window.devicePixelRatio;
  ctx.strokeStyle = colours.now;
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = colours.axis;
  ctx.font = `${11 * ratio}px ${getComputedStyle(plot.root).fontFamily}`;
  // Above the lines of the grid, which would strike it through.
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  ctx.fillText('now', x, bbox.top - 4 * ratio);
};

/** A faint line where each forecast begins, where frames have several of them. */
const drawStarts = (plot, { colours, frame: { starts = [] } }) => {
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio;
  if (starts.length * START_GAP * ratio > bbox.width) return;
  ctx.strokeStyle = colours.start;
  ctx.lineWidth = ratio;
  ctx.beginPath();
  for (const time of starts) {
    const x = Math.round(plot.valToPos(time / 1000, 'x', true)) + 0.5;
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
  }
  ctx.stroke();
};

const drawMisses = (plot, { colours, frame }) => {
  const { ctx } = plot;
  const ratio = window.devicePixelRatio;
  ctx.strokeStyle = colours.miss;
  ctx.fillStyle = colours.paper;
  ctx.lineWidth = 1.5 * ratio;
  for (const index of frame.misses) {
    const x = plot.valToPos(frame.times[index] / 1000, 'x', true);
    const y = plot.valToPos(frame.actual[index], 'y', true);
    ctx.beginPath();
    ctx.arc(x, y, MISS_RADIUS * ratio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  }
};

/** What lies over the lines. `view` holds what is shown now: frame, colours and the clock. */
export const drawMarks = (plot, view) => {
  if (view.frame === null) return;
  plot.ctx.save();
  drawStarts(plot, view);
  drawNow(plot, view);
  drawMisses(plot, view);
  plot.ctx.restore();
};
